"""Configuration of the site: ``sphinx-build -W --keep-going docs docs/_build/html``.

The build needs no network: inventories of other projects are in ``inventories``, and nothing is loaded from a CDN.
"""

import json
import re
from pathlib import Path

import skdistill
from skdistill._version import SITE

ROOT = Path(__file__).resolve().parent.parent

#: While ``SITE`` is empty, what needs it is left out: "Edit this page", the repository's icon, the list of versions,
#: the cards of Open Graph. The site is https://OWNER.github.io/NAME/, the repository https://github.com/OWNER/NAME.
owner, name = re.fullmatch(r"https://([\w-]+)\.github\.io/([\w-]+)/", SITE).groups() if SITE else ("", "")
REPOSITORY = f"https://github.com/{owner}/{name}" if SITE else ""
#: Older versions whose sites are kept, in folders of these names beside the pages of the newest one.
OLDER_VERSIONS = []

project, author = "skdistill", "the skdistill developers"
copyright = f"2026, {author}"
version = release = skdistill.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinxcontrib.bibtex",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]
nitpicky = True

# Attributes that numpydoc takes for references.
nitpick_ignore = [("py:obj", "classes_"), ("py:obj", "calibration_errors")]
suppress_warnings = ["config.cache"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"

autodoc_typehints = "none"
autosummary_generate = True
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# Version 1 of the format is plain text: name, type and page.
intersphinx_mapping = {"sklearn": ("https://scikit-learn.org/stable/", "inventories/sklearn.inv")}

#: Examples that take seconds run in each build. The others are run by hand; they show a picture of docs/pictures.
RUN = ["temperature", "training_curves", "tuning", "multilabel", "chinese", "llm_answers", "transfer_set"]

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": rf"plot_({'|'.join(RUN)})\.py",
    "within_subsection_order": "FileNameSortKey",
    "backreferences_dir": "api/backreferences",
    "doc_module": ("skdistill",),
    "show_memory": False,
    "min_reported_time": 1e6,
    "download_all_examples": False,
    "show_signature": False,
    "capture_repr": ("_repr_html_",),
    "abort_on_example_error": True,
}

html_theme = "pydata_sphinx_theme"
html_title = "skdistill"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_depth": 3,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"install": [], "faq": [], "compare": [], "zh": [], "index": [], "try": []}

if SITE:
    # Cards of links in messengers and on social networks: a title, the first sentences, a picture.
    extensions.append("sphinxext.opengraph")
    ogp_site_url, ogp_site_name, ogp_type = SITE, "skdistill", "website"
    ogp_image, ogp_image_alt = f"{SITE}_images/first_picture.png", "Accuracy against time per document"
    ogp_social_cards = {"enable": False}
    html_baseurl = SITE
    html_context = {"github_user": owner, "github_repo": name, "github_version": "main", "doc_path": "docs"}
    html_theme_options |= {
        "github_url": REPOSITORY,
        "use_edit_page_button": True,
        "check_switcher": False,
        "switcher": {"json_url": f"{SITE}versions.json", "version_match": version},
        "navbar_end": ["version-switcher", "theme-switcher", "navbar-icon-links"],
    }

#: What links to files outside of docs/ become on the site.
EXAMPLES = re.compile(r"\]\((?:\.\./)*(?:\.\./)examples(?:/(plot_\w+)\.py)?\)")
OTHER_FILES = re.compile(r"\[([^\]\[]+)\]\((?:\.\./)+(\w+\.\w+)\)")
INCLUDE = re.compile(r"```\{include\} \.\./\.\./(\w+\.md)\n```\n")
SHOWN = {"SECURITY.md": "/about/security.md", "CHANGELOG.md": "/about/changelog.md"}
PICTURE = re.compile(r'^# sphinx_gallery_thumbnail_path = "(.+)"', re.MULTILINE)


def change_source(app, docname, source):
    """Point links to other files of the repository to the pages that show them; show pictures of examples."""
    text = INCLUDE.sub(lambda include: (ROOT / include[1]).read_text().replace("](docs/", "](/"), source[0])
    text = EXAMPLES.sub(lambda link: f"](/auto_examples/{link[1] or 'index'}.rst)", text)
    source[0] = show_picture(docname, OTHER_FILES.sub(lambda link: link_to(*link.groups()), text))


def link_to(text, name):
    """Return a link to the page that shows a file, or to the repository, or only the text."""
    if name in SHOWN:
        return f"[{text}]({SHOWN[name]})"
    return f"[{text}]({REPOSITORY}/blob/main/{name})" if REPOSITORY else text


def show_picture(docname, text):
    """Put the stored picture of an example that is not run before its code."""
    script = ROOT / "examples" / f"{Path(docname).name}.py"
    picture = PICTURE.search(script.read_text()) if docname.startswith("auto_examples/plot_") else None
    if picture is None:
        return text
    before, code, after = text.partition(".. GENERATED FROM PYTHON")
    return f"{before}.. image:: /{picture[1]}\n   :alt: The picture that the script draws\n\n{code}{after}"


def find_public_name(app, env, node, content):
    """Resolve references of docstrings to public names of the package, such as ``TextBag``."""
    if node.get("refdomain") == "py":
        name = f"skdistill.{node['reftarget']}"
        return env.domains["py"].resolve_xref(env, node["refdoc"], app.builder, "obj", name, node, content)


def is_skipped(app, kind, name, obj, skip, options):
    """Leave out what scikit-learn adds to estimators; its documentation refers to its own pages."""
    is_request = name.startswith("set_") and name.endswith("_request")
    return True if is_request or str(getattr(obj, "__module__", "")).startswith("sklearn.") else None


def write_versions(app, exception):
    """Write the list from which readers choose another version."""
    if SITE and exception is None:
        newest = {"name": f"{version} (newest)", "version": version, "url": SITE, "preferred": True}
        older = [{"version": name, "url": f"{SITE}{name}/"} for name in OLDER_VERSIONS]
        Path(app.outdir, "versions.json").write_text(json.dumps([newest, *older]))


def setup(app):
    app.connect("build-finished", write_versions)
    app.connect("autodoc-skip-member", is_skipped)
    app.connect("source-read", change_source)
    app.connect("missing-reference", find_public_name)
