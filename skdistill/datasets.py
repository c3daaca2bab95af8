"""Text data sets to try a classifier on."""

import numpy as np
from sklearn.utils import Bunch

__all__ = ["load_icd10_chapters"]

# "Codes for special purposes": a handful of codes, most of them provisional.
_EXCLUDED_CHAPTER = "22"
_MAX_CODE_LENGTH = 5


def load_icd10_chapters() -> Bunch:
    """Load medical phrases and their chapters of ICD-10-CM, the classification of diseases.

    The text is that of the package ``simple-icd-10-cm`` (MIT), which the extra
    ``examples`` installs; the classification is published by the CDC. Nothing is
    downloaded. A training phrase describes a category or subcategory whose code has at
    most 5 characters without the dot. The test phrases are the inclusion terms of all
    categories and subcategories, without those that equal a training phrase. Chapter 22
    is left out.

    Returns
    -------
    data : Bunch
        With the attributes:

        data, data_test : list of str
            26,626 training phrases and 12,573 test phrases.
        target, target_test : ndarray of str
            The chapter of each phrase, "1" to "21".
        target_names : list of str
            The 21 chapters.
        DESCR : str
            This description.

    Raises
    ------
    ImportError
        If ``simple-icd-10-cm`` is not installed.

    See Also
    --------
    sklearn.datasets.fetch_20newsgroups : Longer texts, which are downloaded.

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
    codes = [(code, chapter) for code, chapter in _codes(icd) if chapter != _EXCLUDED_CHAPTER]
    train = [(icd.get_description(code), chapter) for code, chapter in codes if len(code) <= _MAX_CODE_LENGTH]
    known = {phrase for phrase, _ in train}
    test = [(term, chapter) for code, chapter in codes for term in icd.get_inclusion_term(code) if term not in known]
    return Bunch(
        **_columns(train, "data", "target"),
        **_columns(test, "data_test", "target_test"),
        target_names=sorted({chapter for _, chapter in codes}, key=int),
        DESCR=load_icd10_chapters.__doc__,
    )


def _codes(icd):
    """Yield every category and subcategory with its chapter."""
    for code in icd.get_all_codes(with_dots=False):
        if icd.is_category_or_subcategory(code):
            yield code, icd.get_ancestors(code)[-1]


def _columns(rows, data, target):
    """Return the phrases and their chapters, under the names ``data`` and ``target``."""
    phrases, chapters = zip(*rows)
    return {data: list(phrases), target: np.array(chapters)}
