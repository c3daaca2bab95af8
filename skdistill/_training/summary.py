"""What a verbose fit prints before training."""

from ..runtime.summary import count


def fit_summary(*, rows, n_classes, agreement, features, chosen):
    """Return the lines that describe the data and settings of a fit.

    Parameters
    ----------
    rows : dict of str to int
        Numbers of rows by what they are, such as ``{"labelled": 90}``; those of 0 are left out.
    n_classes : int
    agreement : float or None
        ``Rows.teacher_agreement``.
    features : dict of str to list of str
        By role, what the network reads, such as ``["24 tokens", "30 n-grams"]``.
    chosen : dict of str to object
        Values of parameters that may be "auto", by name.

    Returns
    -------
    lines : list of str
    """
    numbers = ", ".join(f"{n:,} {what}" for what, n in rows.items() if n)
    agrees = "" if agreement is None else f"; the teacher agrees with {agreement:.0%} of the labels"
    networks = "; ".join(f"{role}: {', '.join(facts)}" for role, facts in features.items())
    values = ", ".join(
        f"{name}={value:.3g}" if type(value) is float else f"{name}={value}" for name, value in chosen.items()
    )
    return [f"Rows: {numbers}; {count(n_classes, 'class')}{agrees}", f"Features of {networks}; {values}"]
