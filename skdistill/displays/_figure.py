"""What all displays share: matplotlib, imported when something is drawn; axes; styles; text.

Colours are those of Okabe and Ito, which colour-blind readers tell apart. Markers and line styles differ
as well, so that a print in grey can be read.
"""

from math import ceil

import numpy as np

from ._estimators import class_name

BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, GREY, BLACK = "#E69F00", "#56B4E9", "#767676", "#000000"

#: The style of each network's curve, and of a teacher's.
STYLES = {
    "main": {"color": BLUE, "marker": "o", "linestyle": "-"},
    "auxiliary": {"color": VERMILION, "marker": "s", "linestyle": "--"},
    "ensemble": {"color": GREEN, "marker": "^", "linestyle": ":"},
    "teacher": {"color": PURPLE, "marker": "D", "linestyle": "-."},
}
_OTHER_STYLES = [*STYLES.values(), {"color": ORANGE, "marker": "v", "linestyle": "-"}]

# Fill and hatching of bars.
_BARS = (
    (BLUE, ""),
    (ORANGE, "///"),
    ("#FFFFFF", "..."),
    (SKY, "xxx"),
    (GREEN, "\\\\\\"),
    (PURPLE, "+++"),
    (GREY, "---"),
    (BLACK, "ooo"),
)


def style_of(name, number):
    """Return the style of a curve: by its name or, for any other name, by its number."""
    return STYLES.get(name, _OTHER_STYLES[number % len(_OTHER_STYLES)])


def import_pyplot(display):
    """Return ``matplotlib.pyplot``, or raise an ImportError that says how to install it.

    Parameters
    ----------
    display : object or type
        The display that draws, or its class.

    Returns
    -------
    pyplot : module
    """
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            f"{class_name(display)} needs matplotlib. Install it with: pip install 'skdistill[plot]'"
        ) from error
    return pyplot


def make_axes(display, ax, n_panels=1, *, n_columns=1, panel_size=(6.4, 4.4), height_ratios=None):
    """Return the axes of the panels of a display.

    Parameters
    ----------
    display : object
        The display that draws.
    ax : Axes, sequence of Axes or None
        If None, a new figure. One Axes for several panels is divided, as in scikit-learn's
        ``PartialDependenceDisplay``.
    n_panels, n_columns : int
    panel_size : pair of float
        Width and height in inches, in a new figure.
    height_ratios : sequence of float or None, default=None
        Relative heights of the rows.

    Returns
    -------
    axes : ndarray of shape (n_panels,), object

    Raises
    ------
    ValueError
        If there are not as many axes as panels, or one Axes cannot be divided.
    """
    pyplot = import_pyplot(display)
    n_columns = min(n_columns, n_panels)
    n_rows = ceil(n_panels / n_columns)
    if ax is None:
        figure = pyplot.figure(figsize=(panel_size[0] * n_columns, panel_size[1] * n_rows), layout="constrained")
        grid = figure.add_gridspec(n_rows, n_columns, height_ratios=height_ratios)
    elif np.ndim(ax) or isinstance(ax, (list, tuple)) or n_panels == 1:
        return _checked(ax, n_panels)
    else:
        if ax.get_subplotspec() is None:
            raise ValueError(f"ax must be in a grid of subplots to be divided into {n_panels} panels. Got {ax!r}.")
        ax.set_axis_off()
        figure = ax.figure
        grid = ax.get_subplotspec().subgridspec(n_rows, n_columns, height_ratios=height_ratios)
    axes = np.empty(n_panels, dtype=object)
    for number in range(n_panels):
        axes[number] = figure.add_subplot(grid[divmod(number, n_columns)])
    return axes


def _checked(ax, n_panels):
    axes = np.asarray(ax, dtype=object).ravel()
    if len(axes) != n_panels:
        raise ValueError(f"ax must be one Axes, or an Axes for each of the {n_panels} panels. Got {len(axes)} axes.")
    return axes


def short_line(text, most=40, end=0):
    """Return a text on one line, shortened.

    Matplotlib reads formulas between dollar signs, unless it is given ``parse_math=False``.

    Parameters
    ----------
    text : object
    most : int, default=40
        The most characters.
    end : int, default=0
        How many characters of the end are kept of a text that is too long.

    Returns
    -------
    text : str
    """
    text = " ".join(str(text).split())
    if len(text) > most:
        text = f"{text[: most - end - 1]}…{text[len(text) - end :]}"
    return text


def draw_bars(ax, names, values):
    """Draw a group of horizontal bars for each name, from top to bottom.

    Parameters
    ----------
    ax : Axes
    names : list of str, of length n_names
    values : array-like of shape (n_groups, n_names)
        The lengths of the bars.

    Returns
    -------
    bars : list of BarContainer
        Those of each group.
    """
    places, thickness = np.arange(len(names)), 0.8 / len(values)
    bars = []
    for number, lengths in enumerate(values):
        color, hatch = _BARS[number % len(_BARS)]
        offset = (number - (len(values) - 1) / 2) * thickness
        style = {"color": color, "hatch": hatch, "edgecolor": BLACK, "linewidth": 0.6}
        bars.append(ax.barh(places + offset, lengths, thickness, **style))
    ax.set_yticks(places, names, fontsize="small", parse_math=False)
    ax.set_ylim(len(names) - 0.4, -0.6)
    return bars
