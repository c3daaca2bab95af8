"""The data set is the one that the documentation describes."""

import pytest

from skdistill.datasets import load_icd10_chapters


def test_icd10_has_the_rows_that_were_promised():
    pytest.importorskip("simple_icd_10_cm")
    icd = load_icd10_chapters()
    assert (len(icd.data), len(icd.target)) == (26_626, 26_626)
    assert (len(icd.data_test), len(icd.target_test)) == (12_573, 12_573)
    assert set(icd.target) == set(icd.target_test) == set(icd.target_names)
    assert icd.target_names == [str(number) for number in range(1, 22)]
    assert not set(icd.data) & set(icd.data_test)
