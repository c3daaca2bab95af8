"""The command line: ``skdistill predict FILE < texts`` and ``skdistill info FILE``.

It needs numpy alone, and pyarrow for files of rows.
"""

import argparse
import json
import os
import sys
from itertools import islice

from ._tables import READ, WRITTEN, predict_table
from ._version import __version__
from .runtime import LoadError, load

#: Lines that are predicted together.
_LINES = 2048
_EXIT_ERROR = 1
_DESCRIPTION = "Predict with a model that skdistill saved, and show what a file holds."


def main(arguments=None):
    """Run the command line, and return the exit status.

    Parameters
    ----------
    arguments : list of str or None, default=None
        If None, the arguments of the process.

    Returns
    -------
    status : int
        0, or 1 if a file cannot be loaded or read. Wrong arguments exit with 2.
    """
    options = _parser().parse_args(arguments)
    try:
        predictor = load(options.file)
        options.run(predictor, options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, such as head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or flushing at exit fails again
    except (OSError, ImportError, ValueError) as error:
        print(f"skdistill: {_message(error, options.file)}", file=sys.stderr)
        return _EXIT_ERROR
    return 0


def _message(error, path):
    """Return what an error says, with the file that it is about."""
    if isinstance(error, OSError):
        return f"{error.filename or path}: {error.strerror or error}"
    return f"{path}: {error}" if isinstance(error, LoadError) else str(error)


def _parser():
    parser = argparse.ArgumentParser("skdistill", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    predict = commands.add_parser("predict", help="a label for each line of the standard input, or each row of a file")
    predict.add_argument("--proba", action="store_true", help="probabilities by label: JSON Lines, or more columns")
    predict.add_argument("--input", metavar="ROWS", help=f"a file of rows: {', '.join(READ)}")
    predict.add_argument("--column", default="text", help="its column of texts (default: text)")
    predict.add_argument("--output", metavar="ROWS", help=f"the same rows with predictions: {' or '.join(WRITTEN)}")
    predict.set_defaults(run=_predict)
    info = commands.add_parser("info", help="what a file holds, as JSON")
    info.set_defaults(run=_info)
    for command in (predict, info):
        command.add_argument("file", metavar="FILE", help="written by save")
    return parser


def _predict(predictor, options):
    """Predict the rows of a file, or the lines of the standard input."""
    if (options.input is None) != (options.output is None):
        raise ValueError("--input and --output go together: a file of rows is written to another one.")
    if options.input is None:
        _predict_lines(predictor, _write_probabilities if options.proba else _write_labels)
    else:
        predict_table(
            predictor, options.input, options.output, column=options.column, with_probabilities=options.proba
        )


def _predict_lines(predictor, write):
    """Write a line for each line of the standard input."""
    # Bytes that are not valid UTF-8 pass through unchanged.
    for stream in (sys.stdin, sys.stdout):
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    sys.stdin.reconfigure(newline="\n")  # a carriage return inside a text does not end it
    while lines := list(islice(sys.stdin, _LINES)):
        write(predictor, [line.removesuffix("\n").removesuffix("\r") for line in lines])
        sys.stdout.flush()


def _write_labels(predictor, texts):
    """Write the label of each text; of multilabel targets all labels that apply, separated by tabs."""
    labels = predictor.predict(texts)
    if labels.ndim == 2:
        names = predictor.classes_.tolist()
        rows = [[name for name, applies in zip(names, row) if applies] for row in labels.tolist()]
    else:
        rows = [[label] for label in labels.tolist()]
    sys.stdout.writelines("\t".join(map(str, row)) + "\n" for row in rows)


def _write_probabilities(predictor, texts):
    """Write the probabilities of each text as a JSON object by label."""
    names = list(map(str, predictor.classes_.tolist()))
    for row in predictor.predict_proba(texts).tolist():
        sys.stdout.write(json.dumps(dict(zip(names, row))) + "\n")


def _info(predictor, options):
    """Write what a file holds as a JSON object."""
    print(json.dumps(predictor.describe(), indent=2))


if __name__ == "__main__":
    sys.exit(main())
