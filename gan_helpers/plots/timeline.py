"""The history of generative models, a row a work and a column a family."""

import itertools
from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect, withStroke

from gan_helpers.checks import check_kinds
from gan_helpers.data.timeline import FAMILIES, Work
from gan_helpers.plots.style import NEUTRAL

# Okabe and Ito's palette. The columns tell the families apart without colours, and markers too.
LOOKS = {
    "latent": ("#E69F00", "s"),
    "autoregressive": ("#0072B2", "o"),
    "energy": ("#CC79A7", "^"),
    "adversarial": ("#D55E00", "D"),
    "flow": ("#56B4E9", "v"),
    "diffusion": ("#009E73", "P"),
}
NAMES = {family: family for family in FAMILIES}  # of columns
NAMES |= {"latent": "latent variables", "energy": "energy-based"}
# In inches: narrow and high, so that on a phone, where the picture shrinks to four fifths, its
# letters still have ten pixels.
WIDTH, ROW, HEAD = 4.4, 0.16, 1.0
FIRST, STEP, TEXT = 0.62, 0.25, 2.16  # the first column, from one to the next, where names begin
# Around the line of a column, so that other lines pass behind it.
BEHIND: list[AbstractPathEffect] = [withStroke(linewidth=5.5, foreground="white")]
PAUSE = 10  # years without a row that are marked by a gap


def timeline_figure(works: Sequence[Work]) -> Figure:
    """Draw works from top to bottom in the order given, with a mark in each family's column.

    Rows are equally high, whatever the time between them; a pause of ten years or more is marked
    by its length. The black line that joins a work's marks passes behind the columns between them.

    Args:
        works: as `gan_helpers.data.timeline.load_timeline` gives them, at least one.

    Raises:
        ValueError: for what are no works, none, works out of order or of an unknown family.
    """
    check_kinds(Sequence, works=works)
    for work in works:
        check_kinds(Work, work=work)
        if unknown := set(work.kinds) - FAMILIES.keys():
            raise ValueError(f"families must be of {[*FAMILIES]}; given {sorted(unknown)}.")
    if not works or list(works) != sorted(works, key=lambda work: work.months):
        raise ValueError("works must be at least one, in the order of time.")

    heights, pauses = [0.0], []
    for before, work in itertools.pairwise(works):
        pause = work.year - before.year
        if pause >= PAUSE:
            pauses.append((heights[-1] + 0.95, pause))
        heights.append(heights[-1] + (1.9 if pause >= PAUSE else 1))

    high = HEAD + ROW * (heights[-1] + 1.2)
    figure = plt.figure(figsize=(WIDTH, high), layout="none")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDTH), ylim=(high - HEAD, -HEAD))  # inches, downwards from the first row
    ax.set_axis_off()
    columns = {family: FIRST + STEP * i for i, family in enumerate(FAMILIES)}
    for family, x in columns.items():
        color = LOOKS[family][0]
        ax.text(x - 0.03, -0.12, NAMES[family], rotation=50, rotation_mode="anchor", fontsize=9)
        own = [ROW * y for y, work in zip(heights, works, strict=True) if family in work.kinds]
        if own:
            (line,) = ax.plot([x, x], [own[0], own[-1]], color=color, linewidth=2.2, zorder=2)
            line.set_path_effects(BEHIND)

    shown = None
    for y, work in zip(heights, works, strict=True):
        y, places = ROW * y, sorted(columns[family] for family in work.kinds)
        if work.year != shown:
            ax.text(0.05, y, str(work.year), va="center", fontsize=9, color=NEUTRAL)
        shown = work.year
        ax.plot([places[-1], TEXT - 0.05], [y, y], color="#cccccc", linewidth=0.7, zorder=0)
        ax.plot([places[0], places[-1]], [y, y], color="black", linewidth=1.2, zorder=1)
        for family in work.kinds:
            color, marker = LOOKS[family]
            ax.plot(columns[family], y, marker, color=color, ms=6.5, mec="black", mew=0.7, zorder=3)
        ax.text(TEXT, y, work.name, va="center", fontsize=9)
    for y, pause in pauses:
        ax.text(
            TEXT, ROW * y, f"{pause} years", va="center", fontsize=9, color=NEUTRAL, style="italic"
        )
    return figure
