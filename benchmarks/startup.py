"""Time a process that loads an extracted classifier and predicts one document.

    python benchmarks/startup.py [--folder FOLDER] [--data NAME] [--rounds 9]

Against a process that only imports sklearn.linear_model. Whole processes are timed, so that
the start of Python cancels out. Prints whether TensorFlow or Keras was imported.
"""

import pickle
import tempfile
from pathlib import Path
from statistics import median

from timing import alternate, load_one, parser, report, run_python, versions

from skdistill import DistilledTextClassifier

PREDICT = """
import pickle, sys
import skdistill
with open(sys.argv[1], "rb") as file:
    classifier = pickle.load(file)
classifier.predict([sys.argv[2]])
print(sorted({"tensorflow", "keras"} & set(sys.modules)))
"""
OURS, REFERENCE = "import, unpickle, predict", "import sklearn.linear_model"


def main():
    arguments = parser(__doc__, rounds=9).parse_args()
    texts, labels, test, _ = load_one(arguments)
    print(versions())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "classifier.pickle"
        classifier = DistilledTextClassifier(max_iter=1, random_state=0).fit(texts, labels)
        path.write_bytes(pickle.dumps(classifier.extract("main")))
        functions = {
            OURS: lambda: run_python("-c", PREDICT, path, test[0])[0],
            REFERENCE: lambda: run_python("-c", REFERENCE)[0],
        }
        _, imported = run_python("-c", PREDICT, path, test[0])
        alternate(functions, 1)  # fills the file cache
        numbers = alternate(functions, arguments.rounds)
    report("Seconds per process", numbers, OURS)
    differences = [ours - reference for ours, reference in zip(numbers[OURS], numbers[REFERENCE])]
    print(f"  median difference {median(differences):.3f} s; imported of TensorFlow and Keras: {imported.strip()}")


if __name__ == "__main__":
    main()
