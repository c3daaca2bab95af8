"""Draw the diagrams of the guide, choose.png and concepts.png: ``python docs/pictures/draw.py``."""

from pathlib import Path

import matplotlib.pyplot as plt

FOLDER = Path(__file__).parent
QUESTION, ANSWER, NOTE = "#fff3d6", "#dcebfa", "0.35"


def box(axes, x, y, text, color, width=2.5, height=0.8, **style):
    """Draw a box around a text, centred at a point."""
    rectangle = plt.Rectangle((x - width / 2, y - height / 2), width, height, fc=color, ec="0.4", lw=0.8)
    axes.add_patch(rectangle)
    axes.text(x, y, text, ha="center", va="center", **{"fontsize": 9.5, **style})


def arrow(axes, start, end, text="", offset=(0, 0), **style):
    """Draw an arrow, with a text beside its middle."""
    shape = {"arrowstyle": "-|>", "color": "0.3", "lw": 1.2, "shrinkA": 0, "shrinkB": 0, **style}
    axes.annotate("", end, start, arrowprops=shape)
    middle = [(a + b) / 2 + c for a, b, c in zip(start, end, offset)]
    axes.text(*middle, text, fontsize=8.5, color=NOTE, ha="center", va="center")


def blank(axes, width, height):
    """Prepare axes in which a unit has the same length in both directions."""
    axes.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    axes.axis("off")


def draw_choice():
    """Draw the questions that lead to the six situations of the page "Does it help, and what do I choose?"."""
    figure, axes = plt.subplots(figsize=(9.4, 5.4), layout="constrained")
    blank(axes, 12.4, 7.1)
    box(axes, 6.2, 6.6, "How many texts have labels?", QUESTION, 3.6)
    arrow(axes, (4.6, 6.2), (2.0, 5.3), "none", (-0.6, 0.1))
    arrow(axes, (6.2, 6.2), (6.2, 5.3), "5 to 100 per class", (1.2, 0))
    arrow(axes, (7.8, 6.2), (10.4, 5.3), "all", (0.45, 0.1))
    box(axes, 2.0, 4.9, "Is there a large model\nthat can classify them?", QUESTION, 2.9)
    box(axes, 6.2, 4.9, "Is there a teacher, and\nunlabelled text?", QUESTION, 2.9)
    box(axes, 10.4, 4.9, "Is there a model that is\nmore accurate, but slow?", QUESTION, 2.9)
    arrow(axes, (2.0, 4.5), (2.0, 3.1), "yes", (-0.3, 0))
    arrow(axes, (5.9, 4.5), (5.1, 3.1), "yes", (-0.35, 0))
    arrow(axes, (6.6, 4.5), (7.5, 3.1), "no", (0.3, 0))
    arrow(axes, (10.1, 4.5), (9.55, 3.1), "no", (-0.3, 0))
    arrow(axes, (10.7, 4.5), (11.4, 3.1), "yes", (0.35, 0))
    small = {"width": 1.95, "height": 1.1, "fontsize": 9}
    box(axes, 2.0, 2.55, "2  teach from its\nanswers, y=None", ANSWER, **small)
    box(axes, 4.7, 2.55, "1  teacher and\nX_unlabeled", ANSWER, **small)
    box(axes, 7.1, 2.55, "3  word vectors", ANSWER, **small)
    box(axes, 9.3, 2.55, "4  mutual\nlearning", ANSWER, **small)
    box(axes, 11.4, 2.55, "5  teacher with\nsmall weight", ANSWER, **small)
    for x in (2.0, 4.7, 7.1, 9.3, 11.4):
        arrow(axes, (x, 2.0), (6.2 + (x - 6.2) * 0.42, 1.25))
    box(axes, 6.2, 0.85, "Must the file be smaller than 1 MB?   6  compress it: max_bytes=30_000", ANSWER, 7.2)
    figure.savefig(FOLDER / "choose.png", dpi=110)


TRANSFERS = {"none": "", "to_main": "<", "to_auxiliary": ">", "mutual": "<>", "ensemble": "mean"}
SCHEDULES = {
    "joint": [("main", 0, 6, 1), ("auxiliary", 0, 6, 0)],
    "alternating": [("main", x, 1, 1) for x in (1, 3, 5)] + [("auxiliary", x, 1, 0) for x in (0, 2, 4)],
    "sequential": [("main", 0, 3, 1), ("auxiliary", 3, 3, 0)],
}


def draw_transfer(axes, name, direction):
    """Draw which network learns from which; arrows point to the network that learns."""
    blank(axes, 4, 3)
    axes.set_title(f'"{name}"', fontsize=10)
    box(axes, 0.85, 0.75, "main", ANSWER, 1.5, 0.8)
    box(axes, 3.15, 0.75, "auxiliary", ANSWER, 1.5, 0.8)
    if direction == "mean":
        box(axes, 2, 2.2, "mean of both", QUESTION, 2.2, 0.7)
        arrow(axes, (1.7, 1.85), (1.0, 1.15))
        arrow(axes, (2.3, 1.85), (3.0, 1.15))
    if ">" in direction:
        arrow(axes, (1.6, 0.9), (2.4, 0.9))
    if "<" in direction:
        arrow(axes, (2.4, 0.6), (1.6, 0.6))


def draw_schedule(axes, name, spans):
    """Draw when each network is trained."""
    axes.set_title(f'"{name}"', fontsize=10)
    for network, start, length, row in spans:
        axes.add_patch(plt.Rectangle((start, row), length, 0.7, fc=ANSWER, ec="0.4", lw=0.8))
        if length > 1 or start < 2:
            axes.text(start + length / 2, row + 0.35, network, ha="center", va="center", fontsize=8)
    axes.set(xlim=(-0.1, 6.1), ylim=(-0.2, 1.9), yticks=[], xticks=[])
    axes.set_xlabel("epochs →" if name != "joint" else "epochs (each step trains both) →", fontsize=8.5)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)


def draw_concepts():
    """Draw the five transfers and the three schedules."""
    figure = plt.figure(figsize=(9.4, 3.9), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[1.15, 1])
    above.suptitle("transfer: the arrow points to the network that learns", fontsize=10, color=NOTE)
    for axes, (name, direction) in zip(above.subplots(1, 5), TRANSFERS.items()):
        draw_transfer(axes, name, direction)
    below.suptitle("schedule: when each network is trained", fontsize=10, color=NOTE)
    for axes, (name, spans) in zip(below.subplots(1, 3), SCHEDULES.items()):
        draw_schedule(axes, name, spans)
    figure.savefig(FOLDER / "concepts.png", dpi=110)


if __name__ == "__main__":
    draw_choice()
    draw_concepts()
