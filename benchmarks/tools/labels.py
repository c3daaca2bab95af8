"""Sampling of rare classes, label errors, fairness, confidence and active learning."""

import numpy as np
import pandas as pd
from sklearn.ensemble import AdaBoostClassifier
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from .given import (
    COLUMN,
    FEW,
    FRAME,
    LABELS,
    NEW,
    NEW_COLUMN,
    NEW_FRAME,
    NOUNS,
    NUMBERS,
    TEXTS,
    deployed,
    equal,
    right,
)


def samplers(clf):
    from imblearn.over_sampling import RandomOverSampler
    from imblearn.pipeline import make_pipeline
    from imblearn.under_sampling import RandomUnderSampler

    for sampler in (RandomOverSampler(random_state=0), RandomUnderSampler(random_state=0)):
        right(make_pipeline(sampler, clf).fit(FRAME[["text"]].iloc[FEW], LABELS[FEW]).predict(NEW_FRAME[["text"]]))


def balanced_bagging(clf):
    from imblearn.ensemble import BalancedBaggingClassifier

    model = BalancedBaggingClassifier(clf, n_estimators=3, random_state=0)
    right(model.fit(COLUMN[FEW], LABELS[FEW]).predict(NEW_COLUMN))


def easy_ensemble(clf):
    from imblearn.ensemble import EasyEnsembleClassifier

    model = EasyEnsembleClassifier(2, AdaBoostClassifier(clf, n_estimators=2), random_state=0)
    right(model.fit(COLUMN[FEW], LABELS[FEW]).predict(NEW_COLUMN))


def clean_learning(clf):
    from cleanlab.classification import CleanLearning

    noisy = np.where(np.isin(np.arange(48), [0, 11]), 1 - NUMBERS, NUMBERS)  # rows 0 and 11 are wrong
    found = CleanLearning(clf, seed=0, cv_n_folds=3).fit(pd.Series(TEXTS), noisy).get_label_issues()
    equal(set(found.index[found["is_label_issue"]]), {0, 11})


def label_issues(clf):
    from cleanlab.filter import find_label_issues

    noisy = np.where(np.isin(np.arange(48), [0, 11]), 1 - NUMBERS, NUMBERS)
    probabilities = cross_val_predict(clf, TEXTS, noisy, cv=3, method="predict_proba")
    equal(set(np.flatnonzero(find_label_issues(noisy, probabilities, filter_by="predicted_neq_given"))), {0, 11})


def fairness_metrics(clf):
    from fairlearn.metrics import MetricFrame
    from sklearn.metrics import accuracy_score

    predicted = cross_val_predict(clf, TEXTS, LABELS, cv=3)
    topics = [text.split()[-1] for text in TEXTS]
    frame = MetricFrame(metrics=accuracy_score, y_true=LABELS, y_pred=predicted, sensitive_features=topics)
    equal(frame.by_group.to_dict(), dict.fromkeys(NOUNS, 1))


def fairness_reductions(clf):
    from fairlearn.reductions import DemographicParity, ExponentiatedGradient

    groups = np.arange(48) // 2 % 2
    model = ExponentiatedGradient(clf, DemographicParity(), max_iter=2)
    model.fit(FRAME[["text"]], NUMBERS, sensitive_features=groups)
    right(model.predict(NEW_FRAME[["text"]], random_state=0), [1, 0])


def conformal_sets(clf):
    from mapie.classification import CrossConformalClassifier, SplitConformalClassifier

    texts, new = np.array(TEXTS, dtype=object), np.array(NEW, dtype=object)
    fitted = clf.fit(TEXTS[:24], LABELS[:24])
    split = SplitConformalClassifier(fitted, confidence_level=0.9).conformalize(texts[24:], LABELS[24:])
    cross = CrossConformalClassifier(clf, confidence_level=0.9, cv=3).fit_conformalize(texts, LABELS)
    for model in (split, cross):
        labels, sets = model.predict_set(new)
        right(labels)
        equal(sets.shape, (2, 2, 1))


def small_text_learner(clf):
    from small_text import LeastConfidence, PoolBasedActiveLearner, SklearnClassifierFactory, SklearnDataset

    dataset = SklearnDataset(np.array(TEXTS, dtype=object), NUMBERS)
    learner = PoolBasedActiveLearner(SklearnClassifierFactory(clf, 2), LeastConfidence(), dataset)
    learner.initialize_data(np.arange(16), NUMBERS[:16])
    learner.update(NUMBERS[learner.query(num_samples=8)])
    right(learner.classifier.model.predict(NEW), [1, 0])


def active_ml(clf):
    from skactiveml.classifier import SklearnClassifier
    from skactiveml.pool import UncertaintySampling

    rows, known = np.arange(48)[:, None], np.where(np.arange(48) < 16, NUMBERS, np.nan)  # NaN: not labelled yet
    texts_of = FunctionTransformer(lambda rows: [TEXTS[row] for row in rows.ravel()])
    model = SklearnClassifier(make_pipeline(texts_of, clf), classes=[0, 1], random_state=0)
    asked = UncertaintySampling(random_state=0).query(rows, known, model, batch_size=8)
    known[asked] = NUMBERS[asked]
    right(model.fit(rows, known).predict(rows[40:]), NUMBERS[40:])


def modal_learner(clf):
    from modAL.models import ActiveLearner

    texts = np.array(TEXTS, dtype=object)
    learner = ActiveLearner(clf, X_training=texts[:16], y_training=LABELS[:16])
    asked, _ = learner.query(texts[16:])
    learner.teach(texts[16:][asked], LABELS[16:][asked])
    right(learner.predict(NEW))


def yellowbrick_matrix(clf):
    import matplotlib
    from yellowbrick.classifier import ConfusionMatrix

    matplotlib.use("agg")
    matrix = ConfusionMatrix(clf.fit(TEXTS, LABELS), classes=["neg", "pos"], is_fitted=True, force_model=True)
    equal(matrix.score(TEXTS, LABELS), 1)
    equal(matrix.confusion_matrix_.tolist(), [[24, 0], [0, 24]])


def scikit_plot(clf):
    import scikitplot

    scikitplot.metrics.plot_roc(LABELS, clf.fit(TEXTS, LABELS).predict_proba(TEXTS))


def onnx(clf):
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import StringTensorType

    to_onnx(deployed(clf), initial_types=[("X", StringTensorType([None, 1]))])
