"""Time the preparation of features: from texts to the n-grams that a fit of a bag reads, stage by stage.

    python benchmarks/preparation.py --folder FOLDER [--data nsmc_ko] [--rows N] [--characters]
                                     [--before CHECKOUT] [--rounds 5]

Reads ``train.csv`` or ``train.csv.gz``. Words with n-grams of two words and of 3 and 4 characters; or
characters, as for Korean and Chinese, with n-grams of up to three. ``--before`` measures another
checkout of skdistill in turn, and tells whether its vocabularies and features are equal. Each
measurement has a process of its own, which prepares 1,000 rows first.
"""

import hashlib
import json
import resource
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
from data import read
from timing import alternate, parser, report, run_python, versions

from skdistill import TextTokenizer
from skdistill._training.features import MAX_FEATURES, learn_vocabulary, read_features
from skdistill.text.tokens import Tokens

NOW, BEFORE = "this version", "before"
CLOCKS = {"wall": time.perf_counter, "CPU": time.process_time}


def prepare(texts, characters):
    """Return the seconds of each stage by each clock, and the arrays that the stages made."""
    moments = {"": {name: clock() for name, clock in CLOCKS.items()}}

    def ended(stage):
        moments[stage] = {name: clock() for name, clock in CLOCKS.items()}

    ngrams, subwords = (3, ()) if characters else (2, (3, 4))
    tokenizer = TextTokenizer(analyzer="char" if characters else "word").fit(texts)
    ended("fit the tokenizer")
    tokens = Tokens.of_tokenizer(tokenizer)
    sequences = tokens.sequences(texts)
    ended("look up ids")
    spellings = list(tokens.vocabulary)
    kinds = {"ngrams": ngrams, "subwords": subwords, "max_features": MAX_FEATURES}
    vocabulary = learn_vocabulary(sequences, tokens.n_tokens, spellings, **kinds)
    ended("learn n-grams")
    features = read_features(vocabulary, sequences)
    ended("read features")
    taken = {
        clock: {stage: moments[stage][clock] - moments[start][clock] for start, stage in pairwise(moments)}
        for clock in CLOCKS
    }
    keys = vocabulary.ngram_index.keys, vocabulary.subword_index.keys
    return taken, [np.array(spellings), sequences.ids, sequences.offsets, sequences.letters, *keys, *features]


def digest(arrays):
    """Return a hash of some arrays, their types and their shapes."""
    hashed = hashlib.sha256()
    for array in arrays:
        hashed.update(f"{array.dtype} {array.shape}".encode())
        hashed.update(np.ascontiguousarray(array))
    return hashed.hexdigest()


def measure_here(arguments):
    """Print the measurement that this process was started for."""
    texts, _ = read(next((Path(arguments.folder) / arguments.data).glob("train.csv*")))
    texts = texts[: arguments.rows]
    prepare(texts[:1000], arguments.characters)
    taken, arrays = prepare(texts, arguments.characters)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # kilobytes on Linux
    print(json.dumps({"seconds": taken, "peak": peak, "digest": digest(arrays), "rows": len(texts)}))


def show(runs):
    """Print the seconds of each stage and in total, the peak memory, and whether the results are equal."""
    for clock in CLOCKS:
        for stage in runs[NOW][0]["seconds"][clock]:
            numbers = {name: [run["seconds"][clock][stage] for run in each] for name, each in runs.items()}
            report(f"{stage}, {clock} seconds", numbers, NOW)
        numbers = {name: [sum(run["seconds"][clock].values()) for run in each] for name, each in runs.items()}
        report(f"in total, {clock} seconds", numbers, NOW)
    print()
    for name, each in runs.items():
        print(f"{name}: {each[0]['rows']} rows, peak {median(run['peak'] for run in each):.2f} GB with the texts")
    if BEFORE in runs:
        equal = len({run["digest"] for each in runs.values() for run in each}) == 1
        print("vocabularies and features are", "equal" if equal else "NOT equal")


def main():
    made = parser(__doc__, data="nsmc_ko")
    made.add_argument("--rows", type=int, help="only the first rows")
    made.add_argument("--characters", action="store_true", help="characters are the tokens, not words")
    made.add_argument("--before", help="folder of another checkout of skdistill")
    made.add_argument("--measure", action="store_true", help="measure once, in this process")
    arguments = made.parse_args()
    if not arguments.folder:
        made.error("--folder is needed")
    if arguments.measure:
        measure_here(arguments)
        return
    options = ["--measure", "--folder", arguments.folder, "--data", arguments.data]
    options += ["--rows", arguments.rows] if arguments.rows else []
    options += ["--characters"] if arguments.characters else []
    checkouts = {NOW: None} | ({BEFORE: arguments.before} if arguments.before else {})
    print(versions())
    functions = {
        name: lambda checkout=checkout: json.loads(run_python(__file__, *options, checkout=checkout)[1])
        for name, checkout in checkouts.items()
    }
    show(alternate(functions, arguments.rounds))


if __name__ == "__main__":
    main()
