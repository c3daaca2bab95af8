"""Real text to try things on.

Owns the data sets. It must not know estimators.
"""

import numpy as np
from sklearn.utils import Bunch

# "Codes for special purposes": a handful of codes, most of them provisional.
_LEFT_OUT = "22"
_LONGEST_CODE = 5


def load_icd10_chapters():
    """Medical phrases and their chapter of ICD-10-CM, the classification of diseases.

    The text comes with the package ``simple-icd-10-cm`` (MIT), in the extra
    ``examples``; the classification is published by the CDC. A training phrase
    describes a category or subcategory whose code has at most 5 characters without
    the dot; the test phrases are the inclusion terms of all categories and
    subcategories, less those that equal a training phrase. Chapter 22 is left out.

    Returns
    -------
    data : Bunch
        ``data``, ``target``: training phrases (list of 26,626 str) and their chapters
        (ndarray of str); ``data_test``, ``target_test``: 12,573 of them;
        ``target_names``: the 21 chapters; ``DESCR``.

    Raises
    ------
    ImportError
        Without ``simple-icd-10-cm``.

    Examples
    --------
    >>> from skdistill.datasets import load_icd10_chapters
    >>> icd = load_icd10_chapters()
    >>> icd.data[0], str(icd.target[0])
    ('Cholera', '1')
    """
    try:
        import simple_icd_10_cm as icd
    except ImportError as error:
        raise ImportError(
            "load_icd10_chapters needs simple-icd-10-cm. Install it with: pip install 'skdistill[examples]'"
        ) from error
    codes = [(code, chapter) for code, chapter in _codes(icd) if chapter != _LEFT_OUT]
    train = [(icd.get_description(code), chapter) for code, chapter in codes if len(code) <= _LONGEST_CODE]
    known = {phrase for phrase, _ in train}
    test = [(term, chapter) for code, chapter in codes for term in icd.get_inclusion_term(code) if term not in known]
    return Bunch(
        **_columns(train, "data", "target"),
        **_columns(test, "data_test", "target_test"),
        target_names=sorted({chapter for _, chapter in codes}, key=int),
        DESCR=load_icd10_chapters.__doc__,
    )


def _codes(icd):
    """Every category and subcategory with its chapter."""
    for code in icd.get_all_codes(with_dots=False):
        if icd.is_category_or_subcategory(code):
            yield code, icd.get_ancestors(code)[-1]


def _columns(rows, data, target):
    phrases, chapters = zip(*rows)
    return {data: list(phrases), target: np.array(chapters)}
