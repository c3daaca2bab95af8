"""Meta-estimators, searches and displays of scikit-learn."""

import operator

import numpy as np
from sklearn import config_context
from sklearn.compose import make_column_transformer
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from .given import (
    COLUMN,
    FRAME,
    LABELS,
    LINEAR,
    NEW,
    NEW_COLUMN,
    NEW_FRAME,
    NUMBERS,
    TEXTS,
    TOPICS,
    equal,
    in_two_parts,
    parameter_of,
    right,
)


def pipeline(clf):
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    right(make_pipeline(lower, clf).fit(TEXTS, LABELS).predict([text.upper() for text in NEW]))


def column_transformer(clf):
    select = make_column_transformer(("passthrough", ["text"]))
    right(make_pipeline(select, clf).fit(FRAME, LABELS).predict(NEW_FRAME))


def text_and_numbers(clf):
    text = make_pipeline(FunctionTransformer(operator.itemgetter("text")), clf)
    numbers = make_pipeline(FunctionTransformer(operator.itemgetter(["stars"])), LogisticRegression())
    both = StackingClassifier([("text", text), ("numbers", numbers)], cv=3)
    right(both.fit(FRAME, LABELS).predict(NEW_FRAME))


def set_output(clf):
    vectorizer, _ = in_two_parts(clf)
    for library in ("pandas", "polars"):
        columns = make_column_transformer((vectorizer, ["text"]), ("passthrough", ["stars"]))
        table = columns.set_output(transform=library).fit_transform(FRAME)
        equal(type(table).__module__.split(".")[0], library)
        equal(list(table[table.columns[-1]]), list(FRAME["stars"]))


def bagging(clf):
    bagged = BaggingClassifier(clf, n_estimators=3, random_state=0)
    right(bagged.fit(FRAME[["text"]], LABELS).predict(NEW_FRAME[["text"]]))


def ada_boost(clf):
    boosted = AdaBoostClassifier(clf, n_estimators=3, random_state=0)
    right(boosted.fit(COLUMN, LABELS).predict(NEW_COLUMN))


def voting(clf):
    vote = VotingClassifier([("first", clf), ("second", LINEAR)], voting="soft")
    right(vote.fit(TEXTS, LABELS).predict(NEW))


def stacking(clf):
    stacked = StackingClassifier([("first", clf), ("second", LINEAR)], cv=3, n_jobs=2)
    right(stacked.fit(TEXTS, LABELS).predict(NEW))


def calibrated(clf):
    from sklearn.calibration import CalibratedClassifierCV

    right(CalibratedClassifierCV(clf, cv=3).fit(TEXTS, LABELS).predict(NEW))
    right(CalibratedClassifierCV(clf, method="temperature", cv=3).fit(TEXTS, LABELS).predict(NEW))


def tuned_threshold(clf):
    from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV

    right(TunedThresholdClassifierCV(clf, cv=3).fit(TEXTS, LABELS).predict(NEW))
    strict = FixedThresholdClassifier(clf, threshold=0.9999, pos_label="pos").fit(TEXTS, LABELS)
    right(strict.predict(NEW), ["neg", "neg"])


def multi_output(clf):
    from sklearn.multioutput import MultiOutputClassifier

    model = MultiOutputClassifier(clf).fit(TEXTS, np.column_stack([LABELS, TOPICS]))
    right(model.predict(["a good film", "a bad hotel"]), ["pos", "art", "neg", "other"])


def one_vs_rest(clf):
    from sklearn.multiclass import OneVsRestClassifier

    model = OneVsRestClassifier(clf).fit(TEXTS + ["a red car", "a blue car"] * 8, [*LABELS, *["none"] * 16])
    right(model.predict([*NEW, "a red car"]), ["pos", "neg", "none"])


def self_training(clf):
    from sklearn.semi_supervised import SelfTrainingClassifier

    vectorizer, on_numbers = in_two_parts(clf)
    labels = np.where(np.arange(48) % 6 < 4, NUMBERS, -1)  # -1: no label
    model = make_pipeline(vectorizer, SelfTrainingClassifier(on_numbers))
    right(model.fit(TEXTS, labels).predict(NEW), [1, 0])


def one_vs_one(clf):
    from sklearn.multiclass import OneVsOneClassifier

    vectorizer, on_numbers = in_two_parts(clf)
    model = make_pipeline(vectorizer, OneVsOneClassifier(on_numbers))
    model.fit(TEXTS + ["a red car", "a blue car"] * 8, [*LABELS, *["none"] * 16])
    right(model.predict([*NEW, "a red car"]), ["pos", "neg", "none"])


def classifier_chain(clf):
    from sklearn.multioutput import ClassifierChain

    vectorizer, on_numbers = in_two_parts(clf)
    chain = make_pipeline(vectorizer, ClassifierChain(on_numbers))
    chain.fit(TEXTS, np.column_stack([NUMBERS, TOPICS == "art"]))
    right(chain.predict(["a good film", "a bad hotel"]), [1, 1, 0, 0])


def searches(clf):
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401 (the import makes HalvingGridSearchCV importable)
    from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV

    grid = {parameter_of(clf): [0.01, 0.1]}
    right(GridSearchCV(clf, grid, cv=3, n_jobs=2).fit(TEXTS, LABELS).predict(NEW))
    right(HalvingGridSearchCV(clf, grid, cv=3, min_resources=24, random_state=0).fit(TEXTS, LABELS).predict(NEW))


def curves(clf):
    from sklearn.model_selection import learning_curve, permutation_test_score

    sizes, _, scores = learning_curve(clf, TEXTS, LABELS, cv=3, train_sizes=[0.5, 1.0], shuffle=True, random_state=0)
    equal((list(sizes), scores.mean(axis=1)[-1]), ([16, 32], 1))
    score, _, p_value = permutation_test_score(clf, TEXTS, LABELS, cv=3, n_permutations=9, random_state=0)
    equal((score, round(p_value, 3)), (1, 0.1))


def permutation_importance(clf):
    from sklearn.inspection import permutation_importance

    model = make_pipeline(make_column_transformer(("passthrough", ["text"])), clf).fit(FRAME, LABELS)
    text, stars = permutation_importance(model, FRAME, LABELS, n_repeats=3, random_state=0).importances_mean
    assert text > 0.3
    assert stars == 0


def routing(clf):
    rows = np.arange(48) < 16  # their labels are wrong, and weigh nothing
    with config_context(enable_metadata_routing=True):
        (clf[-1] if isinstance(clf, Pipeline) else clf).set_fit_request(sample_weight=True)
        weights = {"sample_weight": np.where(rows, 0.0, 1.0)}
        predicted = cross_val_predict(clf, TEXTS, np.where(rows, "neg", LABELS), cv=3, params=weights)
    equal(list(predicted[rows]), list(LABELS[rows]))


def displays(clf):
    import matplotlib
    from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay

    matplotlib.use("agg")
    fitted = clf.fit(TEXTS, LABELS)
    equal(ConfusionMatrixDisplay.from_estimator(fitted, TEXTS, LABELS).confusion_matrix.tolist(), [[24, 0], [0, 24]])
    equal(RocCurveDisplay.from_estimator(fitted, TEXTS, LABELS).roc_auc, 1)
