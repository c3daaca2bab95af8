"""The texts and labels of all rows, the two classifiers that are compared, and what rows assert."""

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill import DistilledTextClassifier, TextTokenizer

NOUNS = ["food", "film", "music", "hotel", "book", "game"]
PAIRS = [("good", "bad"), ("great", "awful"), ("lovely", "boring"), ("fine", "poor")]
TEXTS = [f"a {word} {noun}" for noun in NOUNS for pair in PAIRS for word in pair]
LABELS = np.array(["pos", "neg"] * 24)
NUMBERS = np.array([1, 0] * 24)
TOPICS = np.where([text.endswith(("film", "book", "music")) for text in TEXTS], "art", "other")
FRAME = pd.DataFrame({"text": TEXTS, "stars": [5, 1] * 24})
COLUMN = FRAME[["text"]].to_numpy()  # of shape (48, 1)
FEW = np.r_[0:48:2, 1:17:2]  # 24 rows of "pos" and 8 of "neg"
NEW = ["a good song", "a bad song"]
NEW_FRAME = pd.DataFrame({"text": NEW, "stars": [5, 1]})
NEW_COLUMN = NEW_FRAME[["text"]].to_numpy()

OURS = DistilledTextClassifier(max_iter=3, batch_size=8, learning_rate_init=0.03, random_state=0)
LINEAR = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10))
LINEAR_COLUMN = make_pipeline(FunctionTransformer(np.ravel), *clone(LINEAR))


def right(predicted, expected=("pos", "neg")):
    """Assert that the labels of NEW are right."""
    assert list(np.ravel(predicted)) == list(expected), f"predicted {predicted}"


def equal(value, expected):
    """Assert that a value is the expected one."""
    assert value == expected, f"{value} is not {expected}"


def parameter_of(clf):
    """Return the name of a parameter to search over."""
    return "logisticregression__C" if isinstance(clf, Pipeline) else "learning_rate_init"


def in_two_parts(clf):
    """Return a transformer from texts to numbers, and a classifier of these numbers."""
    if isinstance(clf, Pipeline):
        return clf[:-1], clf[-1]
    return TextTokenizer(), clone(clf).set_params(tokenizer="precomputed")


def deployed(clf):
    """Return a fitted classifier in the form in which one deploys it."""
    fitted = clf.fit(TEXTS, LABELS)
    return fitted.extract("auxiliary") if hasattr(fitted, "extract") else fitted
