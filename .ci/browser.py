"""Open the built site in a browser: ``python .ci/browser.py HTML [PICTURES]``.

A headless Chromium reads pages from a server on 127.0.0.1. On each page nothing may be missing, nothing may come from
elsewhere, and the console has no unknown message. On a window as wide as a phone nothing is cut off. The search
finds "LLM". The HTML representation of a classifier is one of the pages. With a folder PICTURES, screenshots are
written there.
"""

import html
import re
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

PAGES = [
    "index.html",
    "quickstart.html",
    "try.html",
    "guide/choose.html",
    "guide/verdict.html",
    "benchmarks/index.html",
    "api/generated/skdistill.DistilledTextClassifier.html",
    "auto_examples/plot_training_curves.html",
    "zh.html",
    "representation.html",
]
#: What the theme, and scikit-learn's HTML of a fitted estimator, write into the console.
KNOWN = re.compile(r"\[PST\]|Got invalid theme mode|Expected copy-paste icon is missing")
PHONE = 390
#: A page of that width inside another one, because the windows of Chromium cannot be so narrow.
PHONE_PAGE = """<!doctype html><title>phone</title><body style="margin: 0">
<iframe src="/{page}" style="border: 0; width: {width}px; height: 844px"></iframe>
<script>
onload = () => {{
    const page = document.querySelector("iframe").contentDocument.documentElement;
    document.title = "width " + page.scrollWidth;
}};
</script>"""


class Handler(SimpleHTTPRequestHandler):
    """Serve the site and the pages in a phone's width, and note what is missing."""

    def __init__(self, *arguments, missing, **options):
        self.missing = missing
        super().__init__(*arguments, **options)

    def do_GET(self):
        if not self.path.startswith("/phone/"):
            return super().do_GET()
        body = PHONE_PAGE.format(page=self.path.removeprefix("/phone/"), width=PHONE).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        if str(code) == "404" and not self.path.endswith("favicon.ico"):
            self.missing.append(self.path)

    def log_message(self, *arguments):
        pass


def find_browser():
    """Return the path of a browser, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


def read(browser, url, *options, width=1280):
    """Return the DOM of a page after its scripts ran, and the messages in its console."""
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"]
        # Names of other hosts are not looked up: a page that needs them fails here.
        command += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", f"--user-data-dir={profile}"]
        command += [f"--window-size={width},1000", "--virtual-time-budget=10000", "--hide-scrollbars", *options, url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    messages = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, [message for message in messages if not KNOWN.search(message)]


def write_representation(folder):
    """Write the HTML representation of a classifier, as a notebook shows it."""
    from skdistill import DistilledTextClassifier, TextBag

    classifier = DistilledTextClassifier(TextBag(hidden=(32,)), auxiliary_units=16, max_iter=5)
    page = f"<!doctype html><meta charset=utf-8><title>classifier</title>{classifier._repr_html_()}"
    (folder / "representation.html").write_text(page)


def check_page(browser, address, page):
    """Return what is wrong with a page on a desk and on a phone."""
    document, errors = read(browser, f"{address}/{page}", "--dump-dom")
    outside = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(https?://(?!127\.)[^"]+)"', document)
    faults = errors + [f"{url} is loaded from elsewhere" for url in outside]
    phone, _ = read(browser, f"{address}/phone/{page}", "--dump-dom")
    width = re.search(r"<title>width (\d+)", phone)
    if not width or int(width[1]) > PHONE:
        faults.append(f"is {width and width[1]} pixels wide on a phone of {PHONE}")
    if len(document) < 500:
        faults.append("is empty")
    return [f"{page}: {fault}" for fault in faults]


def check_search(browser, address):
    """Return what is wrong with the search."""
    document, errors = read(browser, f"{address}/search.html?q=LLM", "--dump-dom")
    found = re.findall(r'<a href="([^"]+)"[^>]*>', document.partition('id="search-results"')[2])
    return errors if any("big_teachers" in link for link in found) else [*errors, f"LLM is found only in {found}"]


def main(folder, pictures=None):
    browser = find_browser()
    if browser is None:
        print("SKIPPED: there is no Chromium here")
        return
    folder, missing = Path(folder).resolve(), []
    write_representation(folder)
    pages = [page for page in PAGES if (folder / page).exists()]
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder, missing=missing))
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    faults = [fault for page in pages for fault in check_page(browser, address, page)]
    faults += check_search(browser, address)
    for page in pages if pictures else []:
        name = f"{Path(pictures).resolve()}/{Path(page).stem}-{Path(page).parent.name or 'site'}"
        for url, width in ((f"{address}/{page}", 1280), (f"{address}/phone/{page}", 500)):
            read(browser, url, f"--screenshot={name}-{width}.png", width=width)
    server.shutdown()
    sys.exit("\n".join(html.unescape(fault) for fault in [*faults, *(f"missing: {path}" for path in missing)]) or None)


if __name__ == "__main__":
    main(*sys.argv[1:])
