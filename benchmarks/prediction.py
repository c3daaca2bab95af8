"""Time predictions of the extracted default network on one thread.

    python benchmarks/prediction.py [--folder FOLDER] [--data NAME] [--rounds 7]

Against fastText (dim 64, word bigrams, character n-grams of lengths 3 and 4; its input is
lower-cased and freed of newlines beforehand), TF-IDF with a linear SVM, and the same
network in Keras from text, so that tokenising counts. The default data set is ag_news_part
if there is a folder, else ICD-10. Measures all test texts at once, then one at a time.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

from accuracy import linear
from threadpoolctl import threadpool_limits
from timing import alternate, load_one, parser, report, seconds, versions

from skdistill import DistilledTextClassifier

OURS = "skdistill, extracted"
KERAS = "Keras"
# Keras' default of 32 documents per batch, and a size that is faster for many documents.
KERAS_BATCHES = {KERAS: 32, "Keras, batches of 256": 256}


def one_thread():
    """Limit TensorFlow to one thread; must be called before its first operation."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def line(text):
    """Return a text in the form that fastText expects."""
    return " ".join(text.lower().split())


def train_fasttext(texts, labels):
    """Train a fastText classifier with the features of the default network."""
    import fasttext

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        names = ["__label__" + str(label).replace(" ", "_") for label in labels]
        rows = [f"{name} {line(text)}\n" for name, text in zip(names, texts)]
        path.write_text("".join(rows), encoding="utf-8")
        return fasttext.train_supervised(str(path), dim=64, wordNgrams=2, minn=3, maxn=4, thread=1, epoch=5, verbose=0)


def predictors(texts, labels):
    """Return functions from texts to predictions, one per trained classifier."""
    classifier = DistilledTextClassifier(random_state=0).fit(texts, labels)
    model, tokenizer = classifier.to_keras(), classifier.tokenizer_
    return {
        OURS: classifier.extract("main").predict,
        "fastText": train_fasttext(texts, labels).predict,
        "TF-IDF + linear SVM": linear().fit(texts, labels).predict,
    } | {
        name: lambda X, size=size: model.predict(tokenizer.transform(X), batch_size=size, verbose=0)
        for name, size in KERAS_BATCHES.items()
    }


def bulk(predict, texts):
    """Return the microseconds per document, all at once."""
    return 1e6 * seconds(lambda: predict(texts)) / len(texts)


def single(predict, texts):
    """Return the median microseconds of one document per call."""
    taken = []
    for text in texts:
        began = time.perf_counter()
        predict([text])
        taken.append(1e6 * (time.perf_counter() - began))
    return median(taken)


def compare(title, measure, predicts, texts_of, rounds):
    """Print a measure of all predictors, after a warm-up round."""
    functions = {
        name: lambda name=name, predict=predict: measure(predict, texts_of[name]) for name, predict in predicts.items()
    }
    alternate(functions, 1)
    report(title, alternate(functions, rounds), OURS, "µs")


def main():
    made = parser(__doc__, data=None, rounds=7)
    arguments = made.parse_args()
    arguments.data = arguments.data or ("ag_news_part" if arguments.folder else "icd10")
    texts, labels, test, _ = load_one(arguments)
    one_thread()
    print(versions(), f"\n{arguments.data}: {len(test)} test texts")
    predicts = predictors(texts, labels)
    texts_of = {name: test for name in predicts} | {"fastText": [line(text) for text in test]}
    with threadpool_limits(1):
        compare("All documents at once, per document", bulk, predicts, texts_of, arguments.rounds)
        few = {name: documents[: 20 if name in KERAS_BATCHES else 300] for name, documents in texts_of.items()}
        compare("One document per call", single, predicts, few, arguments.rounds)


if __name__ == "__main__":
    main()
