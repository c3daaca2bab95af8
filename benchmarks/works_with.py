"""Run the classifier in tools that people put around a text classifier.

    python benchmarks/works_with.py [ROW ...]

Each row is one short function, which gets an unfitted classifier and asserts that predictions are right. It runs
with skdistill and, for comparison, with TF-IDF and logistic regression. Prints a Markdown table. The exit status
is 1 if a row that should work fails with skdistill. Rows whose package is missing are skipped; all packages are
in the extra: pip install 'skdistill[works-with]'.
"""

import argparse
import platform
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from sklearn.base import clone
from tools import containers, explanations, labels, scikit_learn, serving
from tools.given import LINEAR, LINEAR_COLUMN, OURS


class Row(NamedTuple):
    """A line of the table."""

    tool: str  # name of the distribution
    what: str
    function: Callable[[Any], None]
    recipe: str = ""  # what the function does that the tool's own examples do not
    column: bool = False  # whether the tool passes on a table of one column
    broken: bool = False  # whether it is known not to work


IDS = "token ids (`TextTokenizer`) or TF-IDF before the wrapper"
SKLEARN = "scikit-learn"
ROWS = [
    Row(SKLEARN, "`Pipeline`, `FunctionTransformer`", scikit_learn.pipeline),
    Row(SKLEARN, '`ColumnTransformer` that selects `["text"]`', scikit_learn.column_transformer, column=True),
    Row(
        SKLEARN,
        "text beside numbers: `StackingClassifier`",
        scikit_learn.text_and_numbers,
        "a selecting step per member",
    ),
    Row(SKLEARN, "`ColumnTransformer`, `set_output` pandas, polars", scikit_learn.set_output, column=True),
    Row(SKLEARN, "`BaggingClassifier`", scikit_learn.bagging, column=True),
    Row(SKLEARN, "`AdaBoostClassifier`", scikit_learn.ada_boost, column=True),
    Row(SKLEARN, "`VotingClassifier`, soft", scikit_learn.voting),
    Row(SKLEARN, "`StackingClassifier(n_jobs=2)`", scikit_learn.stacking),
    Row(SKLEARN, "`CalibratedClassifierCV`: sigmoid, temperature", scikit_learn.calibrated),
    Row(SKLEARN, "`TunedThresholdClassifierCV`, `FixedThresholdClassifier`", scikit_learn.tuned_threshold),
    Row(SKLEARN, "`MultiOutputClassifier`", scikit_learn.multi_output),
    Row(SKLEARN, "`OneVsRestClassifier`", scikit_learn.one_vs_rest),
    Row(SKLEARN, "`SelfTrainingClassifier`", scikit_learn.self_training, IDS),
    Row(SKLEARN, "`OneVsOneClassifier`", scikit_learn.one_vs_one, IDS),
    Row(SKLEARN, "`ClassifierChain`", scikit_learn.classifier_chain, IDS),
    Row(SKLEARN, "`GridSearchCV(n_jobs=2)`, `HalvingGridSearchCV`", scikit_learn.searches),
    Row(SKLEARN, "`learning_curve`, `permutation_test_score`", scikit_learn.curves),
    Row(SKLEARN, "`permutation_importance` on a frame", scikit_learn.permutation_importance, column=True),
    Row(SKLEARN, "metadata routing of `sample_weight`", scikit_learn.routing),
    Row(SKLEARN, "`ConfusionMatrixDisplay`, `RocCurveDisplay`", scikit_learn.displays),
    Row("imbalanced-learn", "`RandomOverSampler`, `RandomUnderSampler`", labels.samplers, column=True),
    Row("imbalanced-learn", "`BalancedBaggingClassifier`", labels.balanced_bagging, column=True),
    Row("imbalanced-learn", "`EasyEnsembleClassifier`", labels.easy_ensemble, column=True),
    Row("cleanlab", "`CleanLearning`", labels.clean_learning, "X as a Series or array, y as 0, 1, …"),
    Row("cleanlab", "`find_label_issues`", labels.label_issues, "y as 0, 1, …"),
    Row("lime", "`LimeTextExplainer`", explanations.lime_text),
    Row("shap", "`Explainer`", explanations.shap_text, '`shap.maskers.Text(r"\\W+")`'),
    Row("eli5", "`TextExplainer`", explanations.eli5_text),
    Row("cloudpickle", "pickle, cloudpickle", serving.pickled),
    Row("joblib", '`load(mmap_mode="r")`', serving.mapped),
    Row("skops", "`dumps`, `loads`", serving.skops_file, "`trusted=`; empty for TF-IDF"),
    Row("fastapi", "an endpoint", serving.fast_api),
    Row("gunicorn", "`--preload`, two workers", serving.gunicorn_workers),
    Row(
        "mlflow-skinny",
        "`mlflow.sklearn`, `mlflow.pyfunc`",
        serving.ml_flow,
        "`skops_trusted_types=`; empty for TF-IDF",
    ),
    Row("optuna", "a study over `cross_val_score`", serving.optuna_study),
    Row("scikit-optimize", "`BayesSearchCV`", serving.bayes_search),
    Row("distributed", "joblib's backend dask, two processes", serving.dask_workers),
    Row("pandas", "`Series`", containers.pandas_column),
    Row("polars", "`Series`", containers.polars_column),
    Row("pyarrow", "`Array`, `ChunkedArray`", containers.arrow_column),
    Row("datasets", "column of a `Dataset`", containers.datasets_column),
    Row("numpy", "arrays of objects, str, `StringDType`", containers.numpy_strings),
    Row("polars", "`DataFrame` of one column, pandas too", containers.one_column_frames, column=True),
    Row("skrub", "data operations: `skb.apply`", containers.skrub_data_ops),
    Row("fairlearn", "`MetricFrame`", labels.fairness_metrics),
    Row("fairlearn", "`ExponentiatedGradient`", labels.fairness_reductions, column=True),
    Row("mapie", "split and cross conformal sets", labels.conformal_sets, "X as an array of objects"),
    Row("small-text", "`PoolBasedActiveLearner`", labels.small_text_learner),
    Row(
        "scikit-activeml",
        "`UncertaintySampling`",
        labels.active_ml,
        "row numbers as X, texts looked up in a first step",
    ),
    Row("yellowbrick", "`ConfusionMatrix`", labels.yellowbrick_matrix, "`force_model=True`"),
    Row("modAL-python", "`ActiveLearner`", labels.modal_learner, broken=True),
    Row("scikit-plot", "`plot_roc`", labels.scikit_plot, broken=True),
    Row("skl2onnx", "`to_onnx`", labels.onnx, broken=True),
]


def outcome(row, clf, recipe):
    """Return what a row came to, and whether it worked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            row.function(clone(clf))
    except Exception as error:  # whatever a tool raises is what the table reports
        reason = str(error).split("\n")[0].split(". ")[0].split(" (/")[0]
        return f"does not work: {type(error).__name__}: {reason[:120]}", False
    return recipe or "works", True


def run(row):
    """Return the line of the table, and whether the row failed although it should work."""
    start = time.perf_counter()
    recipe = "with a recipe" if row.recipe else ""
    ours, works = outcome(row, OURS, recipe)
    theirs, _ = outcome(row, LINEAR_COLUMN if row.column else LINEAR, "with `np.ravel`" if row.column else recipe)
    print(f"{row.function.__name__}: {ours} ({time.perf_counter() - start:.1f} s)", file=sys.stderr)
    line = f"| {row.tool} {version(row.tool)} | {row.what} | {ours} | {theirs} | {row.recipe} |"
    return line, not (works or row.broken)


def is_installed(distribution):
    """Whether a package is there."""
    try:
        return bool(version(distribution))
    except PackageNotFoundError:
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = {row.function.__name__: row for row in ROWS}
    parser.add_argument("rows", nargs="*", metavar="ROW", help="names of functions; default: all")
    chosen = parser.parse_args().rows or list(names)
    if unknown := sorted(set(chosen) - set(names)):
        parser.error(f"no row is called {', '.join(unknown)}; the rows are {', '.join(names)}")
    print(f"Python {platform.python_version()}, TensorFlow {version('tensorflow')}, {time.strftime('%Y-%m-%d')}\n")
    print("| tool | what | skdistill | TF-IDF + logistic regression | recipe |\n|---|---|---|---|---|")
    failed, skipped = [], []
    for name in chosen:
        if not is_installed(names[name].tool):
            skipped.append(names[name].tool)
            continue
        line, fails = run(names[name])
        print(line, flush=True)
        failed += [name] * fails
    print(f"\nskipped, not installed: {', '.join(skipped) or 'none'}; failed: {', '.join(failed) or 'none'}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
