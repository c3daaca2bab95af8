"""Checks that scikit-learn's own tools take the estimator: Pipeline, searches, ensembles."""

from unittest import SkipTest

import numpy as np
import sklearn
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from ._models import assert_same_fit, fit, import_or_skip, outputs, seeded
from ._task import EXAMPLE


def check_pipeline(name, estimator, task=EXAMPLE):
    """Check that the estimator as the last step of a Pipeline, cloned with it, gives what it gives alone.

    References
    ----------
    ibayer/fastFM#44, scikit-learn/scikit-learn#20055
    """
    pipeline = make_pipeline(FunctionTransformer(), estimator)
    found, expected = (outputs(fit(each, task), task.texts) for each in (pipeline, estimator))
    assert_same_fit(estimator, task, found, expected, "a Pipeline")


def check_cross_validation(name, estimator, task=EXAMPLE):
    """Check that cross_val_predict on a shuffled Series equals fits by hand, because folds index by position.

    References
    ----------
    dnouri/nolearn#7, scikit-learn/scikit-learn#16427
    """
    pandas = import_or_skip("pandas")
    folds = list(StratifiedKFold(2).split(task.texts, task.numbered()))
    labels = np.asarray(task.labels)
    by_hand = np.empty(len(labels), dtype=labels.dtype)
    for train, test in folds:
        by_hand[test] = fit(estimator, task.rows(train)).predict([task.texts[row] for row in test])
    index = np.random.default_rng(0).permutation(len(labels))
    series = pandas.Series(task.texts, index=index, dtype=object)
    found = cross_val_predict(seeded(estimator), series, labels, cv=folds)
    assert_same_fit(estimator, task, {"predict": np.asarray(found)}, {"predict": by_hand}, "cross_val_predict")


def check_grid_search(name, estimator, task=EXAMPLE):
    """Check that GridSearchCV fits, scores and predicts, because it needs clone, set_params and score together.

    References
    ----------
    scikit-learn/scikit-learn#16427, EpistasisLab/tpot#739
    """
    task.numbered()
    search = GridSearchCV(seeded(estimator), {}, cv=2, error_score="raise").fit(task.texts, task.labels)
    assert np.isfinite(search.best_score_), "GridSearchCV has no score"
    expected = outputs(fit(estimator, task), task.texts)
    assert_same_fit(estimator, task, {"predict": search.predict(task.texts)}, {"predict": expected["predict"]}, "it")


def check_ensemble(name, estimator, task=EXAMPLE):
    """Check that VotingClassifier of two equal members predicts what they predict, on labels it has encoded.

    References
    ----------
    scikit-learn/scikit-learn#8710, imoscovitz/wittgenstein#7
    """
    task.numbered()
    members = [("first", seeded(estimator)), ("second", seeded(estimator))]
    found = VotingClassifier(members).fit(task.texts, task.labels).predict(task.texts)
    expected = outputs(fit(estimator, task), task.texts)["predict"]
    assert_same_fit(estimator, task, {"predict": np.asarray(found)}, {"predict": expected}, "a VotingClassifier")


def check_global_configuration(name, estimator, task=EXAMPLE):
    """Check that predictions are the same under scikit-learn's global configuration, because notebooks set it.

    References
    ----------
    scikit-learn/scikit-learn#26253, scikit-learn/scikit-learn#30937
    """
    expected = outputs(fit(estimator, task), task.texts)
    refused = None
    for settings in ({"enable_metadata_routing": True}, {"transform_output": "pandas"}):
        with sklearn.config_context(**settings):
            try:
                found = outputs(fit(estimator, task), task.texts)
            except (ImportError, ValueError) as error:
                refused = f"{settings}: {str(error)[:80]}"
                continue
        assert_same_fit(estimator, task, found, expected, f"a fit with {settings}")
    if refused:
        raise SkipTest(f"refused with {refused}")
