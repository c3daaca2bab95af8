"""Time a grid search in workers of joblib, whose TensorFlow has the threads of OMP_NUM_THREADS or one per core.

    python benchmarks/workers.py [--folder FOLDER] [--data NAME] [--rounds 3] [--n-jobs 2]

joblib sets OMP_NUM_THREADS in its workers to the cores that each may use, and a fit passes it on to TensorFlow.
TensorFlow's own variables have precedence: the other side sets them to what it would start by itself.
"""

import os

from sklearn.model_selection import GridSearchCV
from timing import alternate, load_one, parser, report, run_python, versions

from skdistill import DistilledTextClassifier

OURS, OTHER = "as many threads as OMP_NUM_THREADS says", "a thread per core in each worker"
GRID = {"auxiliary_weight": [0.3, 1, 2, 3]}


def main():
    made = parser(__doc__, rounds=3)
    made.add_argument("--n-jobs", type=int, default=2)
    made.add_argument("--search", action="store_true", help="search in this process")
    arguments = made.parse_args()
    texts, labels, *_ = load_one(arguments)
    if arguments.search:
        search = GridSearchCV(
            DistilledTextClassifier(random_state=0), GRID, cv=2, n_jobs=arguments.n_jobs, refit=False
        )
        search.fit(texts, labels)
        return
    print(versions(), f"\n{arguments.data}: {len(texts)} training texts, 8 fits in {arguments.n_jobs} workers")
    given = {"--folder": arguments.folder, "--data": arguments.data, "--n-jobs": arguments.n_jobs}
    options = [f"{name}={value}" for name, value in given.items() if value is not None]

    def search_with(threads):
        names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
        environment = dict.fromkeys(names, str(os.cpu_count())) if threads == OTHER else {}
        return run_python(__file__, *options, "--search", environment=environment)[0]

    functions = {side: lambda side=side: search_with(side) for side in (OURS, OTHER)}
    report("Seconds of the search, whole process", alternate(functions, arguments.rounds), OURS)


if __name__ == "__main__":
    main()
