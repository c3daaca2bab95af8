"""A small classifier of text that passes every check, and relatives with one fault each.

``BROKEN`` names, for each relative, the checks that its fault must fail.
"""

import os
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_consistent_length, check_is_fitted

BROKEN = {}


def fails(*checks):
    """Enter a class in ``BROKEN``."""

    def enter(cls):
        BROKEN[cls] = checks
        return cls

    return enter


def elements(values):
    """Return the elements of a column of any library as a list."""
    for method in ("to_pylist", "tolist", "to_list"):
        if hasattr(values, method):
            return getattr(values, method)()
    return list(values)


class Words(ClassifierMixin, BaseEstimator):
    """Naive Bayes on words between spaces."""

    def __init__(self, alpha=1.0, class_weight=None, random_state=None):
        self.alpha = alpha
        self.class_weight = class_weight
        self.random_state = random_state

    def read(self, X):
        """Return the documents as a list of str."""
        if isinstance(X, str):
            raise TypeError("X must be a list of documents, not one str.")
        if np.ndim(X) == 2:
            X = np.asarray(X)[:, 0]
        texts = [text.decode() if isinstance(text, bytes) else text for text in elements(X)]
        for row, text in enumerate(texts):
            if not isinstance(text, str):
                raise ValueError(f"Row {row} of X is no str: {text!r}.")
        return [text.replace("\x00", " ") for text in texts]

    def read_labels(self, y):
        if y is None:
            raise ValueError("y is None.")
        if isinstance(y, list) and any(value is None or value != value for value in y):
            raise ValueError("A label is missing.")
        y = column_or_1d(elements(y) if hasattr(y, "to_pylist") else y, warn=True)
        check_classification_targets(y)
        if y.dtype.kind == "O" and any(value is None or value != value for value in y):
            raise ValueError("A label is missing.")
        return y

    def weights_of(self, sample_weight, texts):
        return _check_sample_weight(sample_weight, np.empty((len(texts), 1)))

    def fit(self, X, y, sample_weight=None):
        texts, y = self.read(X), self.read_labels(y)
        check_consistent_length(texts, y)
        self.vectorizer_ = CountVectorizer(analyzer=str.split)
        counts = self.vectorizer_.fit_transform(texts)
        self.model_ = MultinomialNB(alpha=self.alpha).fit(counts, y, self.weights_of(sample_weight, texts))
        self.classes_ = self.model_.classes_
        return self

    def scores(self, texts):
        """Return a score per document and class."""
        return self.model_.predict_joint_log_proba(self.vectorizer_.transform(texts))

    def predict_proba(self, X):
        check_is_fitted(self)
        texts = self.read(X)
        if not texts:
            return np.empty((0, len(self.classes_)))
        scores = self.scores(texts)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X):
        return np.log(self.predict_proba(X))

    def decision_function(self, X):
        scores = self.scores(self.read(X))
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict(self, X):
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]


# Containers


@fails("check_documents_in_pandas_series", "check_cross_validation")
class SortsByIndex(Words):
    def read(self, X):
        return super().read(X.sort_index() if hasattr(X, "sort_index") and X.ndim == 1 else X)


@fails("check_fit_pairs_by_position")
class PairsByIndex(Words):
    def fit(self, X, y, sample_weight=None):
        return super().fit(X, y.loc[X.index] if hasattr(X, "loc") and hasattr(y, "loc") else y, sample_weight)


@fails("check_documents_in_arrays", "check_predict_keeps_its_input")
class WritesIntoArrays(Words):
    def read(self, X):
        if isinstance(X, np.ndarray) and X.dtype == object and X.size:
            X[0] = X[0] + " "
        return super().read(X)


@fails("check_documents_in_a_list_of_numpy_str")
class WantsExactlyStr(Words):
    def read(self, X):
        if isinstance(X, list) and any(isinstance(text, np.str_) for text in X):
            raise TypeError("TextInputSequence must be str")
        return super().read(X)


@fails(
    "check_documents_in_numpy_string_dtype",
    "check_documents_in_tuples",
    "check_documents_in_polars_series",
    "check_documents_in_arrow_arrays",
    "check_documents_in_datasets_columns",
    "check_documents_in_one_column_tables",
    "check_documents_in_typed_pandas_series",
)
class ReversesWhatItDoesNotKnow(Words):
    def read(self, X):
        is_known = isinstance(X, (list, str)) or str(getattr(X, "dtype", "")) in ("object", "str", "string")
        return super().read(X) if (is_known and np.ndim(X) == 1) or isinstance(X, str) else super().read(X)[::-1]


@fails("check_documents_as_bytes", "check_missing_documents", "check_fit_refuses_missing_documents")
class TurnsEverythingIntoStr(Words):
    def read(self, X):
        return [str(text) for text in elements(X)] if isinstance(X, list) else super().read(X)


# Documents


@fails("check_empty_documents")
class DividesByTheNumberOfWords(Words):
    def scores(self, texts):
        lengths = np.array([len(text.split()) for text in texts], dtype=float)
        with np.errstate(invalid="ignore", divide="ignore"):
            return super().scores(texts) * (lengths / lengths)[:, None]


@fails("check_unknown_documents")
class NeedsAKnownWord(Words):
    def scores(self, texts):
        known = self.vectorizer_.transform(texts).sum(axis=1)
        if any(text.split() and not count for text, count in zip(texts, np.ravel(known))):
            raise KeyError("no word is known")
        return super().scores(texts)


@fails("check_long_documents", "check_fit_on_unusual_documents")
class HasPositionsForFewWords(Words):
    def read(self, X):
        texts = super().read(X)
        if any(len(text.split()) > 512 for text in texts):
            raise IndexError("index 512 is out of range")
        return texts


@fails("check_line_ends")
class ReadsTheFirstLine(Words):
    def read(self, X):
        return [text.split("\n")[0] for text in super().read(X)]


@fails("check_a_single_text", "check_fit_refuses_a_single_text")
class TakesCharactersForDocuments(Words):
    def read(self, X):
        return super().read(list(X) if isinstance(X, str) else X)


@fails("check_no_documents")
class PredictsForNobody(Words):
    def predict(self, X):
        return super().predict(list(X) or [""])


@fails("check_fit_refuses_no_documents")
class FitsNothing(Words):
    def fit(self, X, y, sample_weight=None):
        return super().fit(X, y, sample_weight) if len(X) else self


@fails("check_errors_name_the_row")
class NamesTheRowOfAnother(Words):
    def read(self, X):
        try:
            return super().read(X)
        except ValueError as error:
            raise ValueError("Row 0 of X is no str.") from error


@fails("check_scripts")
class KnowsTheBasicPlane(Words):
    def read(self, X):
        texts = super().read(X)
        if any(0xFFFF < ord(character) < 0x10FFFF for text in texts for character in text):
            raise ValueError("unknown character")
        return texts


@fails("check_right_to_left")
class RefusesOverrides(Words):
    def read(self, X):
        texts = super().read(X)
        if any("\u202e" in text for text in texts):
            raise ValueError("unknown character")
        return texts


@fails("check_special_characters")
class StopsAtNul(Words):
    def read(self, X):
        X = super().read(
            [text.replace("\x00", "\x1a") for text in X] if isinstance(X, list) and type(X[0]) is str else X
        )
        return [text.split("\x1a")[0] for text in X]


@fails("check_lone_surrogates", "check_fit_on_unicode")
class WritesUtf8(Words):
    def read(self, X):
        return [text.encode("utf-8").decode() for text in super().read(X)]


# Invariances


@fails("check_one_document_at_a_time", "check_subset_invariance")
class SubtractsTheMeanOfTheBatch(Words):
    def scores(self, texts):
        scores = super().scores(texts)
        return scores - scores.mean(axis=0)


@fails("check_order_invariance")
class SortsByLength(Words):
    def scores(self, texts):
        return super().scores(sorted(texts, key=lambda text: len(text) > 60))


@fails("check_repeated_prediction")
class DropsWordsAtRandom(Words):
    def scores(self, texts):
        return super().scores(texts) + np.random.default_rng().normal(size=(len(texts), len(self.classes_)))


@fails("check_equal_documents")
class DropsDuplicates(Words):
    def scores(self, texts):
        return super().scores(list(dict.fromkeys(texts)))


@fails("check_many_documents")
class LosesTheLastBatch(Words):
    def scores(self, texts):
        return super().scores(texts if len(texts) < 100 else texts[: len(texts) // 100 * 100])


# What methods say of each other


@fails("check_probabilities")
class ReturnsPowers(Words):
    def predict_proba(self, X):
        return 2 * super().predict_proba(X)


@fails("check_predictions_are_the_most_probable")
class ReversesColumns(Words):
    def predict_proba(self, X):
        return super().predict_proba(X)[:, ::-1]

    def predict(self, X):
        return self.classes_[super().predict_proba(X).argmax(axis=1)]


@fails("check_log_probabilities")
class TakesTheLogarithmToBase2(Words):
    def predict_log_proba(self, X):
        return np.log2(self.predict_proba(X))


@fails("check_decision_function")
class RanksBackwards(Words):
    def decision_function(self, X):
        return -super().decision_function(X)


@fails("check_two_classes")
class DecidesInTwoColumns(Words):
    def decision_function(self, X):
        return self.scores(self.read(X))


@fails("check_score", "check_grid_search")
class ScoresNan(Words):
    def score(self, X, y):
        return np.nan


@fails("check_learning")
class ShufflesLabels(Words):
    def fit(self, X, y, sample_weight=None):
        return super().fit(X, np.sort(np.asarray(y)), sample_weight) if len(X) == len(y) else super().fit(X, y)


# Labels


@fails("check_string_labels")
class CutsLabels(Words):
    def predict(self, X):
        predicted = super().predict(X)
        return predicted.astype("U5") if predicted.dtype.kind in "UO" else predicted


@fails("check_labels_with_spaces")
class EndsLabelsAtSpaces(Words):
    def read_labels(self, y):
        y = super().read_labels(y)
        return np.array([value.split()[0] for value in y]) if y.dtype.kind in "UO" else y


@fails("check_integer_labels", "check_ensemble")
class PredictsStrings(Words):
    def predict(self, X):
        return super().predict(X).astype(str)


@fails("check_classes_are_sorted")
class KeepsTheOrderOfAppearance(Words):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        order = [self.classes_.tolist().index(value) for value in dict.fromkeys(np.ravel(y).tolist())]
        self.order_, self.classes_ = order, self.classes_[order]
        return self

    def scores(self, texts):
        return super().scores(texts)[:, self.order_]


@fails("check_a_class_of_one_row")
class DropsRareClasses(Words):
    def fit(self, X, y, sample_weight=None):
        values, counts = np.unique(np.asarray(y, dtype=str), return_counts=True)
        if 1 in counts:
            rows = np.flatnonzero(np.asarray(y, dtype=str) != values[counts == 1][0])
            X, y = [X[row] for row in rows], np.asarray(y)[rows]
        return super().fit(X, y, sample_weight)


@fails("check_one_class")
class InventsASecondClass(Words):
    def predict(self, X):
        return np.array(["other"] * len(X)) if len(self.classes_) == 1 else super().predict(X)


@fails("check_no_labels")
class FitsWithoutLabels(Words):
    def fit(self, X, y=None, sample_weight=None):
        return super().fit(X, [0] * len(X) if y is None else y, sample_weight)


@fails("check_numbers_of_documents_and_labels")
class ZipsRows(Words):
    def fit(self, X, y, sample_weight=None):
        n_rows = len(X) if y is None else min(len(X), len(y))
        return super().fit(X[:n_rows], y if y is None else y[:n_rows], sample_weight)


@fails("check_continuous_labels")
class RoundsLabels(Words):
    def read_labels(self, y):
        return super().read_labels(np.round(y) if isinstance(y, np.ndarray) and y.dtype.kind == "f" else y)


@fails("check_labels_in_pandas")
class LearnsUnusedCategories(Words):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        if hasattr(y, "cat"):
            self.classes_ = np.array(y.cat.categories)
        return self


@fails("check_nullable_labels")
class ReadsNullableLabelsAsStr(Words):
    def read_labels(self, y):
        return super().read_labels(y.astype(str).to_numpy() if str(getattr(y, "dtype", "")) == "Int64" else y)


@fails("check_labels_in_polars_and_arrow", "check_labels_in_one_column")
class SortsLabelsInOtherContainers(Words):
    def read_labels(self, y):
        if np.ndim(y) == 2:
            return super().read_labels(np.sort(np.asarray(y), axis=0))
        is_known = isinstance(y, (list, np.ndarray)) or hasattr(y, "iloc") or y is None
        return super().read_labels(y if is_known else sorted(elements(y)))


@fails("check_missing_labels", "check_missing_labels_in_lists")
class NamesMissingLabels(Words):
    def read_labels(self, y):
        return np.array([str(value) for value in y])


# Weights


@fails("check_unit_weights")
class CountsRowsTwice(Words):
    def weights_of(self, sample_weight, texts):
        return super().weights_of(sample_weight, texts) * (1 if sample_weight is None else 2)


@fails("check_weights_in_containers")
class SortsWeightsByIndex(Words):
    def weights_of(self, sample_weight, texts):
        return super().weights_of(
            sample_weight.sort_index() if hasattr(sample_weight, "sort_index") else sample_weight, texts
        )


@fails("check_heavy_rows", "check_invalid_weights")
class IgnoresWeights(Words):
    def weights_of(self, sample_weight, texts):
        return np.ones(len(texts))


@fails("check_class_weights_of_absent_classes")
class WantsExactlyItsClasses(Words):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        if self.class_weight and set(self.class_weight) != set(self.classes_.tolist()):
            raise ValueError("class_weight names other classes")
        return self


# Parameters


@fails("check_clone")
class ChangesAParameterInInit(Words):
    def __init__(self, alpha=1.0, class_weight=None, random_state=None):
        super().__init__(float(alpha) + 1, class_weight, random_state)


@fails("check_set_params")
class ForgetsSelf(Words):
    def set_params(self, **parameters):
        super().set_params(**parameters)


@fails("check_unknown_parameters")
class TakesAnyParameter(Words):
    def set_params(self, **parameters):
        return super().set_params(**{key: value for key, value in parameters.items() if key in self.get_params()})


@fails("check_fit_keeps_parameters")
class WritesDefaults(Words):
    def fit(self, X, y, sample_weight=None):
        self.class_weight = self.class_weight or {}
        return super().fit(X, y, sample_weight)


@fails("check_fit_returns_self")
class ReturnsNothing(Words):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)


@fails("check_fitted_attributes")
class SetsAPublicName(Words):
    def fit(self, X, y, sample_weight=None):
        self.trained = True
        return super().fit(X, y, sample_weight)


@fails("check_predict_before_fit")
class RaisesAttributeError(Words):
    def predict(self, X):
        self.classes_  # noqa: B018
        return super().predict(X)


@fails("check_is_fitted_after_fit", "check_pipeline")
class HidesThatItIsFitted(Words):
    def __sklearn_is_fitted__(self):
        return False

    def predict_proba(self, X):
        scores = self.scores(self.read(X))
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


@fails("check_is_classifier")
class IsNoClassifier(Words):
    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.estimator_type = None
        return tags


@fails("check_fit_is_repeatable", "check_global_generators")
class DrawsFromTheGlobalGenerator(Words):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        self.noise_ = np.random.normal(size=len(self.classes_))
        return self

    def scores(self, texts):
        return super().scores(texts) + self.noise_


@fails("check_refit_equals_fit")
class KeepsItsVocabulary(Words):
    def fit(self, X, y, sample_weight=None):
        known = getattr(self, "known_", [])
        self.known_ = [*known, *self.read(X)]
        super().fit(X, y, sample_weight)
        self.model_.class_log_prior_ = self.model_.class_log_prior_ + len(known) * np.arange(len(self.classes_))
        return self


# State


@fails("check_pickle")
class HoldsALambda(Words):
    def fit(self, X, y, sample_weight=None):
        self.function_ = lambda text: text
        return super().fit(X, y, sample_weight)


@fails("check_deepcopy")
class CannotBeCopied(Words):
    def __deepcopy__(self, memo):
        raise TypeError("cannot be copied")


@fails("check_read_only_memory_map")
class WritesIntoItsArrays(Words):
    def scores(self, texts):
        self.model_.feature_log_prob_ *= 1
        return super().scores(texts)


@fails("check_threads")
class KeepsTheBatch(Words):
    def scores(self, texts):
        self.batch_ = texts
        time.sleep(0.002)
        return super().scores(self.batch_)


@fails("check_processes")
class KnowsItsProcess(Words):
    def fit(self, X, y, sample_weight=None):
        self.process_ = os.getpid()
        return super().fit(X, y, sample_weight)

    def scores(self, texts):
        return super().scores(texts) * (1 if os.getpid() == self.process_ else -1)


@fails("check_prediction_changes_nothing")
class LearnsFromPrediction(Words):
    def scores(self, texts):
        self.seen_ = [*getattr(self, "seen_", []), *texts]
        return super().scores(texts)


@fails("check_fit_keeps_its_input")
class StripsInPlace(Words):
    def fit(self, X, y, sample_weight=None):
        if isinstance(X, list) and X:
            X[0] = f" {X[0]}"
        return super().fit(X, y, sample_weight)


@fails("check_fit_reads_read_only_labels")
class WritesIntoLabels(Words):
    def fit(self, X, y, sample_weight=None):
        if isinstance(y, np.ndarray) and y.size:
            y[0] = y[0]
        return super().fit(X, y, sample_weight)


# The process


@fails("check_global_configuration")
class FollowsTheConfiguration(Words):
    def predict(self, X):
        return super().predict(X)[:: -1 if sklearn.get_config()["transform_output"] == "pandas" else 1]


class _Acts(Words):
    """Acts on the process in each fit."""

    def fit(self, X, y, sample_weight=None):
        self._act()
        return super().fit(X, y, sample_weight)


@fails("check_nothing_is_printed")
class Prints(_Acts):
    def _act(self):
        print("epoch 1")


@fails("check_nothing_is_printed")
class PrintsBelowPython(_Acts):
    def _act(self):
        os.write(1, b"epoch 1\n")


@fails("check_no_warnings")
class Warns(_Acts):
    def _act(self):
        warnings.warn("use another argument", FutureWarning, stacklevel=2)


@fails("check_warning_filters")
class IgnoresWarnings(_Acts):
    def _act(self):
        warnings.filterwarnings("ignore", message="of everybody")


@fails("check_logging")
class ConfiguresLogging(_Acts):
    def _act(self):
        import logging

        logging.getLogger().addHandler(logging.NullHandler())


@fails("check_global_generators")
class SeedsNumpy(_Acts):
    def _act(self):
        np.random.seed(0)


@fails("check_global_settings")
class SilencesNumpy(_Acts):
    def _act(self):
        np.seterr(divide="raise")


@fails("check_no_files")
class WritesAFile(_Acts):
    def _act(self):
        Path("cache_dir").mkdir()


@fails("check_no_threads_left")
class LeavesAThread(_Acts):
    def _act(self):
        threading.Timer(3, int).start()


@fails("check_representations")
class ShowsItsVocabulary(Words):
    def __repr__(self):
        return "Words(" + " ".join(getattr(getattr(self, "vectorizer_", None), "vocabulary_", [])) * 100 + ")"
