"""Make the student of the page "Try it": ``python docs/_static/make_try.py``.

It needs the extras ``train`` and ``examples``, and about two minutes. The chapters' names are the classes, so that the
page reads them from the file.
"""

import re
from pathlib import Path

import numpy as np
import simple_icd_10_cm

from skdistill import DistilledTextClassifier
from skdistill.datasets import load_icd10_chapters

FILE = Path(__file__).with_name("try.skd")
MAX_BYTES = 29_800


def name_of(chapter):
    """Return the name of a chapter without its range of codes, such as "(A00-B99)"."""
    return re.sub(r" \([^)]*\)$", "", simple_icd_10_cm.get_description(chapter))


icd = load_icd10_chapters()
names = {chapter: name_of(chapter) for chapter in icd.target_names}
y, y_test = (np.array([names[chapter] for chapter in target]) for target in (icd.target, icd.target_test))
clf = DistilledTextClassifier(random_state=0).fit(icd.data, y)
student = clf.extract("auxiliary", max_bytes=MAX_BYTES, X=icd.data)
accuracy = round(student.score(icd.data_test, y_test), 3)
student.save(FILE, metadata={"data": "ICD-10-CM, chapters 1 to 21", "accuracy": accuracy})
print(f"{FILE.stat().st_size:,} bytes, accuracy {accuracy}")
