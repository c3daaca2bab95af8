"""Text that every test can read: no download, no data file."""

import numpy as np
import pytest
from hypothesis import settings

# No test fails because the machine was busy.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

GOOD = ["good", "fine", "lovely", "superb", "bright"]
BAD = ["bad", "poor", "awful", "dreary", "dull"]
PLAIN = ["a", "the", "film", "plot", "music", "was", "very", "and", "it", ","]


def documents(n_rows=120, n_classes=2, seed=0):
    """Short reviews: two words of the class among five plain ones."""
    generator = np.random.default_rng(seed)
    labels = np.arange(n_rows) % n_classes
    lexicon = [GOOD, BAD, ["noun", "verb", "clause", "syntax", "mood"]]
    texts = [
        " ".join(generator.permutation([*generator.choice(lexicon[label], 2), *generator.choice(PLAIN, 5)]))
        for label in labels
    ]
    return texts, np.array(["good", "bad", "other"])[labels]


@pytest.fixture(scope="session")
def reviews():
    """(texts, labels) of two classes."""
    return documents()


@pytest.fixture(scope="session")
def three_classes():
    """(texts, labels) of three classes."""
    return documents(n_classes=3)


@pytest.fixture(scope="session")
def fitted(reviews):
    """A classifier of the reviews."""
    pytest.importorskip("tensorflow")
    from skdistill import DistilledTextClassifier

    return DistilledTextClassifier(random_state=0, max_iter=5).fit(*reviews)
