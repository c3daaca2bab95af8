"""After a process is killed, by SIGKILL or in the middle of a write, files are whole and a later run works."""

import json
import os
import signal
import subprocess
import sys
import time

import joblib
import numpy as np
import pytest
from saved_factory import TEXTS, saved_models

import skdistill
from skdistill import LoadError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL"),
]

#: Saves a classifier over another one in a process for each moment. It is killed before an event of some kind, or
#: as soon as a file would be larger than a number of bytes, so that what was written of it remains.
SAVE = """
import os, resource, signal, sys
import skdistill

def save(classifier, path, moment):
    if moment.isdigit():
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(moment),) * 2)
    else:
        sys.addaudithook(lambda event, arguments: event == moment and os.kill(os.getpid(), signal.SIGKILL))
    classifier.save(path, metadata="new")

classifier = skdistill.load(sys.argv[1])
for path in sys.argv[2:]:
    process = os.fork()
    if not process:
        save(classifier, path, os.path.basename(os.path.dirname(path)))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"""
MOMENTS = ["open", "0", "1000", "9000", "os.chmod", "os.rename"]
FILES = saved_models()

#: A search in some processes, whose teacher keeps its answers and its probabilities in a folder.
SEARCH = """
import sys, time
from sklearn.model_selection import GridSearchCV
from skdistill import DistilledTextClassifier, TextBag
from skdistill.teachers import FunctionTeacher

def ask(text):
    time.sleep(0.01)
    return {"neg": 0.1, "pos": 0.9} if "good" in text else {"neg": 0.8, "pos": 0.2}

if __name__ == "__main__":
    texts = [f"a {word} film {i} " + "and so on " * 500 for i in range(20) for word in ("good", "bad")]
    teacher = FunctionTeacher(ask, ["neg", "pos"], memory=f"{sys.argv[1]}/answers.jsonl")
    classifier = DistilledTextClassifier(
        TextBag(8), auxiliary=None, teacher=teacher, teacher_memory=f"{sys.argv[1]}/cache", max_iter=1, random_state=0
    )
    search = GridSearchCV(classifier, {"teacher_weight": [0.5]}, cv=2, n_jobs=int(sys.argv[2]), refit=False)
    search.fit(texts, ["pos", "neg"] * 20)
    print(search.cv_results_["mean_test_score"].tolist())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Folders of the name of a moment, with a file over which a classifier was being saved at that moment."""
    folder = tmp_path_factory.mktemp("killed")
    (folder / "new.skd").write_bytes(FILES["fitted"])
    paths = [folder / moment / "model.skd" for moment in MOMENTS]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(FILES["bag"])
    ended = subprocess.run([sys.executable, "-c", SAVE, folder / "new.skd", *paths], capture_output=True, text=True)
    assert set(map(int, ended.stdout.split())) == {-signal.SIGKILL, -signal.SIGXFSZ}, ended.stderr
    return folder


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_classifier_that_is_being_saved(moment, folder):
    path = folder / moment / "model.skd"
    assert path.read_bytes() == FILES["bag"]
    left = [file for file in path.parent.iterdir() if file != path]
    assert len(left) == (moment != "open")
    for file in left:
        assert file.name.startswith(".skdistill-")
        if moment.isdigit():
            assert file.stat().st_size == int(moment)
            with pytest.raises(LoadError):
                skdistill.load(file)
        else:  # whole, but not yet in its place
            assert skdistill.load(file).predict(TEXTS).shape == (len(TEXTS),)
    classifier = skdistill.load(folder / "new.skd")
    classifier.save(path)
    np.testing.assert_array_equal(skdistill.load(path).predict_proba(TEXTS), classifier.predict_proba(TEXTS))


def start_search(folder, n_jobs):
    (folder / "search.py").write_text(SEARCH)
    command = [sys.executable, folder / "search.py", folder, str(n_jobs)]
    # In a session of its own, so that the processes of the search can be killed with it.
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for(condition, search):
    while not condition():
        assert search.poll() is None, search.stderr.read()
        time.sleep(0.01)


def lines_of(path):
    """Return the whole lines of a file that may be missing."""
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


def cached(folder):
    return list(folder.rglob("output.pkl"))


def test_a_search_in_processes_with_the_memories_of_a_teacher(tmp_path):
    pytest.importorskip("tensorflow")
    answers, cache = tmp_path / "answers.jsonl", tmp_path / "cache"
    moments = [lambda: len(lines_of(answers)) > 9, lambda: cached(cache)]
    for moment in moments:
        with start_search(tmp_path, n_jobs=2) as search:
            wait_for(moment, search)
            os.killpg(search.pid, signal.SIGKILL)
    before = lines_of(answers)
    with start_search(tmp_path, n_jobs=1) as search:
        scores, errors = search.communicate()
    assert search.returncode == 0, errors
    assert np.isfinite(json.loads(scores)).all()
    records = [json.loads(line) for line in lines_of(answers)]
    assert len({record["text"] for record in records}) == 40  # the rows of two folds
    assert all(record["probabilities"]["pos"] == (0.9 if "good" in record["text"] else 0.2) for record in records)
    texts = {json.loads(line)["text"] for line in before}
    assert sum(record["text"] in texts for record in records) == len(before)  # none of them was asked again
    for file in cached(cache):
        assert joblib.load(file) is not None
