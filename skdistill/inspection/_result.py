"""The result of a report: numbers of variants, verdicts, and tables of them."""

from __future__ import annotations

import warnings
from html import escape
from typing import Any

import numpy as np
from sklearn.exceptions import FitFailedWarning

from ._tables import format_number, html_table, markdown_table
from ._verdict import compare

#: The columns of the table of variants, with their titles and decimals.
COLUMNS = {
    "accuracy": ("accuracy", 4),
    "log_loss": ("log loss", 4),
    "calibration_error": ("calibration error", 4),
    "n_parameters": ("parameters", 0),
    "n_bytes": ("bytes", 0),
    "microseconds": ("µs per document", 1),
    "fit_time": ("seconds to fit", 2),
}
_NAMES = {
    "main_alone": "main alone",
    "auxiliary_alone": "auxiliary alone",
    "label_smoothing": "main, label smoothing",
}
_TIMES = ("microseconds", "fit_time")


class DistillationReport:
    """What the networks of an estimator gain from each other and from a teacher.

    ``distillation_report`` makes it. It shows its tables in a notebook, and can be pickled.

    Attributes
    ----------
    arms_ : dict of str to dict
        For each variant, in the order of the table, its numbers, averaged over splits and seeds: ``accuracy``
        (multilabel: subset accuracy), ``log_loss`` (multilabel: averaged over the labels), ``calibration_error``,
        the scores of ``scoring``, ``n_parameters``, ``n_bytes`` (of the arrays of the extracted classifier,
        without the vocabulary), and the medians of ``microseconds`` per document, all test rows at once and after
        a first prediction, and of ``fit_time`` in seconds;
        ``n_failed`` measurements, and ``error``, the first message of these or None. NaN where something
        cannot be measured.
    verdict_ : dict of str to Verdict or None
        ``"main"`` and ``"auxiliary"``: each network against itself alone; ``"label_smoothing"``: the main network
        against itself with smoothed labels. A verdict has a ``word``, ``effect``, ``interval``, ``p_value`` and
        ``n_splits``. None where fewer than 2 splits have both scores.
    scores_ : dict of str to dict
        For each variant an array of shape (n_splits, n_repeats) for each number of ``arms_``.
    agreement_ : list of dict
        For pairs of networks (``reference``, ``network``) their ``agreement``, ``fidelity`` and ``churn`` on the
        test rows, see ``skdistill.metrics``; averaged. With several repeats also for each network and itself
        with another seed, whose ``reference`` is "another seed".
    layers_ : list of dict
        For each ``layer`` of each ``network`` how far training moved it from its initial weights, relative to
        their norm, in the estimator (``change``) and alone (``change_alone``), and the ``angle`` between both
        changes in degrees; averaged. Without linear paths. NaN for the relative change of biases, which start
        at 0, and for the angle where unlabelled text gives the estimator other features. Empty with
        ``share_embedding`` and for networks of callables.
    moved_ : dict of str to dict
        For each network the tokens and n-grams whose vectors moved most in the estimator, and how far, in the
        first fit.
    metric_ : str
        The score of the verdicts.
    seeds_ : list of int
        The ``random_state`` of the fits, one for each repeat.

    See Also
    --------
    distillation_report : Makes it.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier
    >>> from skdistill.inspection import distillation_report
    >>> texts, labels = ["good food", "bad food", "a good film", "a bad film"] * 5, ["pos", "neg"] * 10
    >>> classifier = DistilledTextClassifier(max_iter=2, random_state=0)
    >>> report = distillation_report(classifier, texts, labels, cv=2)
    >>> print(report.verdict_["main"])
    NO DIFFERENCE: accuracy +0.0000, 95 % interval +0.0000 to +0.0000 (main against main alone, 2 splits)
    >>> report.to_frame().index[:2].tolist()
    ['main_alone', 'auxiliary_alone']
    >>> report.to_markdown()[:28]
    '- **main**: NO DIFFERENCE: a'
    """

    @classmethod
    def _from_splits(cls, found, names, metric, seeds, score_names, test_ratio):
        """Return the report of what ``measure_split`` returned for each split."""
        repeats = [results for results, _ in found]
        _raise_if_all_failed(repeats)
        report = cls()
        report.metric_, report.seeds_ = metric, seeds
        report.scores_ = {name: _arrays(repeats, name, score_names) for name in names}
        report.arms_ = {name: _means(arrays) for name, arrays in report.scores_.items()}
        for name, arm in report.arms_.items():
            errors = [result["errors"][name] for results in repeats for result in results if name in result["errors"]]
            arm |= {"n_failed": len(errors), "error": errors[0] if errors else None}
        report.verdict_ = _verdicts(report.scores_, metric, test_ratio)
        report.agreement_ = _agreements(repeats, [between for _, between in found])
        report.layers_ = _layers([result["layers"] for results in repeats for result in results])
        report.moved_ = repeats[0][0]["moved"]
        _warn_of_failures(report.arms_, len(repeats) * len(seeds))
        return report

    def to_frame(self) -> Any:
        """Return the numbers of the variants as a pandas DataFrame.

        Returns
        -------
        frame : pandas.DataFrame
            A row per variant.

        See Also
        --------
        to_markdown : The whole report as text.
        """
        import pandas as pd

        return pd.DataFrame.from_dict(self.arms_, orient="index")

    def to_markdown(self) -> str:
        """Return the report in Markdown: verdicts, variants, agreement and changes of weights.

        Returns
        -------
        text : str
            Paragraphs and tables.

        See Also
        --------
        to_frame : The numbers of the variants as a DataFrame.
        """
        parts = ["\n".join(f"- **{name}**: {text}" for name, text in self._verdict_texts())]
        parts += [f"{title}\n\n{markdown_table(header, rows)}" for title, header, rows in self._tables()]
        return "\n\n".join([*parts, *(f"{title}: {text}" for title, text in self._moved_texts())]) + "\n"

    def _repr_html_(self):
        parts = [f"<p><b>{name}</b>: {escape(text)}</p>" for name, text in self._verdict_texts()]
        parts += [f"<p>{escape(title)}</p>{html_table(header, rows)}" for title, header, rows in self._tables()]
        return "".join([*parts, *(f"<p>{escape(title)}: {escape(text)}</p>" for title, text in self._moved_texts())])

    def __repr__(self):
        return "\n".join(f"{name}: {text}" for name, text in self._verdict_texts()) or "DistillationReport()"

    def _verdict_texts(self):
        missing = "no verdict, because fewer than 2 splits have both scores"
        return [(name, str(verdict or missing)) for name, verdict in getattr(self, "verdict_", {}).items()]

    def _tables(self):
        """Yield the title, the header and the rows of each table that has rows."""
        scores = {name: (name, 4) for name in next(iter(self.arms_.values())) if name not in COLUMNS}
        columns = {name: column for name, column in (COLUMNS | scores).items() if name not in ("n_failed", "error")}
        yield (
            "Variants, averaged over splits and seeds",
            ["variant", *(title for title, _ in columns.values())],
            [[_label(name, arm), *_cells(arm, columns)] for name, arm in self.arms_.items()],
        )
        for title, found, texts, numbers in (
            ("Predictions of networks, compared", self.agreement_, 2, {"agreement": 4, "fidelity": 4, "churn": 4}),
            ("Changes from the initial weights", self.layers_, 2, {"change": 3, "change_alone": 3, "angle": 1}),
        ):
            if found:
                header = [name.replace("_", " ") for name in found[0]]
                rows = [
                    [*list(row.values())[:texts], *_cells(row, {k: (k, d) for k, d in numbers.items()})]
                    for row in found
                ]
                yield title, header, rows

    def _moved_texts(self):
        for name, moved in self.moved_.items():
            yield f"Moved most in {name}", ", ".join(f"{feature} ({move:.2f})" for feature, move in moved.items())


def _label(name, arm):
    failed = f" ({arm['n_failed']} failed: {arm['error']})" if arm["n_failed"] else ""
    return _NAMES.get(name, name) + failed


def _cells(numbers, columns):
    return [format_number(numbers[name], digits) for name, (_, digits) in columns.items()]


def _raise_if_all_failed(repeats):
    results = [result for each in repeats for result in each]
    if not any(result["variants"] for result in results):
        raise ValueError(f"No variant could be fitted. The first error: {next(iter(results[0]['errors'].values()))}")


def _arrays(repeats, name, score_names):
    """Return an array of shape (n_splits, n_repeats) for each number of a variant; NaN where a fit failed."""
    columns = list(dict.fromkeys([*COLUMNS, *score_names]))
    return {
        column: np.array(
            [[result["variants"].get(name, {}).get(column, np.nan) for result in results] for results in repeats]
        )
        for column in columns
    }


def _means(arrays):
    # Of times the median: the first fit of a process imports TensorFlow and compiles its step.
    return {name: _mean(array, np.median if name in _TIMES else np.mean) for name, array in arrays.items()}


def _mean(values, mean=np.mean):
    """Return the mean of the numbers that are not NaN; NaN if there is none."""
    values = np.asarray(values, dtype=np.float64)
    values = values[~np.isnan(values)]
    return float(mean(values)) if len(values) else np.nan


def _verdicts(scores, metric, test_ratio):
    """Return the verdicts by name; scores are averaged over the seeds of a split first."""
    pairs = {"main": ("main", "main_alone"), "auxiliary": ("auxiliary", "auxiliary_alone")}
    pairs["label_smoothing"] = ("main", "label_smoothing")
    verdicts = {}
    for name, (variant, baseline) in pairs.items():
        if variant in scores:
            differences = (scores[variant][metric] - scores[baseline][metric]).mean(axis=1)
            verdicts[name] = compare(variant, baseline, metric, differences, test_ratio)
    return verdicts


def _agreements(repeats, between_seeds):
    found = {}
    for results in repeats:
        for result in results:
            for pair, numbers in result["pairs"].items():
                found.setdefault(pair, []).append(numbers)
    for between in between_seeds:
        for name, numbers in between.items():
            found.setdefault(("another seed", name), []).extend(numbers)
    return [
        {
            "reference": one,
            "network": other,
            **dict(zip(("agreement", "fidelity", "churn"), np.mean(numbers, 0).tolist())),
        }
        for (one, other), numbers in found.items()
    ]


def _layers(fits):
    """Return the changes of each layer, averaged over the fits."""
    found = {}
    for changes in fits:
        for role, layers in changes.items():
            for layer, numbers in layers.items():
                found.setdefault((role, layer), []).append(numbers)
    return [
        {"network": role, "layer": layer} | {name: _mean([each[name] for each in numbers]) for name in numbers[0]}
        for (role, layer), numbers in found.items()
    ]


def _warn_of_failures(arms, n_fits):
    for name, arm in arms.items():
        if arm["n_failed"]:
            warnings.warn(
                f"{arm['n_failed']} of {n_fits} measurements of {name} failed. The first error: {arm['error']}",
                FitFailedWarning,
                stacklevel=4,
            )
