"""Time a grid search over the source article's two networks against one network in SciKeras.

    python benchmarks/grid_search.py [--folder FOLDER] [--data NAME] [--rounds 3] [--candidates 9] [--epochs 10]

Each side runs in a separate process, whose whole time counts: imports, loading, 3 folds of
each candidate with their scores, no refit. skdistill searches 3 ``auxiliary_weight`` x 3
sizes of the auxiliary network, from text. SciKeras searches as many learning rates of the
main network alone, on ids that are padded once, with the ``steps_per_execution`` given by
``--steps``: 8 was the fastest of 1, 8 and 32; larger numbers trace ``predict`` again.

scikit-learn 1.6 and later do not recognise the estimators of SciKeras 0.13 as classifiers:
``_scikeras`` adds the tags, so that folds are stratified and the default score is accuracy.
"""

import article
import numpy as np
from sklearn.model_selection import GridSearchCV, ParameterGrid
from timing import alternate, load_one, parser, report, run_python, versions

FOLDS = 3


def search(estimator, grid, X, y, n_candidates):
    """Search the first candidates of a grid."""
    points = [{name: [value] for name, value in point.items()} for point in ParameterGrid(grid)]
    GridSearchCV(estimator, points[:n_candidates], cv=FOLDS, refit=False, error_score="raise").fit(X, y)


def ours(texts, labels, arguments):
    """Search weights of the auxiliary loss and sizes of the auxiliary network, for both networks."""
    grid = {
        "auxiliary_weight": [0.1, 1, 3],
        "auxiliary": [article.bag(32)],
        "auxiliary__units": [8, 16, 32],
    }
    search(article.pair(max_iter=arguments.epochs), grid, texts, labels, arguments.candidates)


def scikeras(texts, labels, arguments):
    """Search learning rates of the main network alone."""
    y = np.unique(labels, return_inverse=True)[1]
    estimator = _scikeras()(
        article.network,
        model__units=article.UNITS["main"],
        model__n_classes=int(y.max()) + 1,
        optimizer="adam",
        loss="sparse_categorical_crossentropy",
        compile__steps_per_execution=arguments.steps,
        compile__jit_compile=False,
        batch_size=article.BATCH,
        epochs=arguments.epochs,
        verbose=0,
    )
    grid = {"optimizer__learning_rate": np.geomspace(1e-4, 1e-2, 9).tolist()}
    search(estimator, grid, article.tokenizer().fit_transform(texts), y, arguments.candidates)


def _scikeras():
    from scikeras.wrappers import KerasClassifier
    from sklearn.utils import ClassifierTags

    class TaggedKerasClassifier(KerasClassifier):
        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
            return tags

    return TaggedKerasClassifier


SIDES = {"skdistill, pair": ours, "SciKeras, main network alone": scikeras}


def main():
    made = parser(__doc__, rounds=3)
    made.add_argument("--candidates", type=int, default=9)
    made.add_argument("--epochs", type=int, default=10)
    made.add_argument("--steps", type=int, default=8)
    made.add_argument("--side", choices=SIDES, help="run this side only, in this process")
    arguments = made.parse_args()
    texts, labels, *_ = load_one(arguments)
    if arguments.side:
        return SIDES[arguments.side](texts, labels, arguments)
    n_fits = arguments.candidates * FOLDS
    print(versions(), f"\n{arguments.data}: {len(texts)} training texts, {n_fits} fits of {arguments.epochs} epochs")
    options = [f"--{name}={value}" for name, value in vars(arguments).items() if value is not None]
    functions = {side: lambda side=side: run_python(__file__, *options, "--side", side)[0] / n_fits for side in SIDES}
    report("Seconds per fit", alternate(functions, arguments.rounds), next(iter(SIDES)))


if __name__ == "__main__":
    main()
