"""What the judge says of generators.

Both charts take evaluations by a generator's name, and raise a ValueError for anything else.
"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from gan_helpers.checks import check_kinds
from gan_helpers.plots.style import GENERATOR, NEUTRAL, REAL, WIDTH


def evaluations_chart(evaluations: Mapping) -> Figure:
    """Draw each figure of some generators: a dot, its interval, and a line where real images are.

    Shares are drawn from 0 to 1, each other figure on a scale of its own.

    Args:
        evaluations: `gan_helpers.metrics.Evaluation` by the generator's name, from top to bottom.
    """
    _check(evaluations, "estimates")
    estimates = {name: evaluation.estimates() for name, evaluation in evaluations.items()}
    figures = list(next(iter(estimates.values())))
    places = range(len(evaluations))[::-1]
    rows = -(-len(figures) // 3)
    figure, axes = plt.subplots(
        rows, 3, figsize=(WIDTH, rows * (0.75 + 0.25 * len(evaluations))), sharey=True
    )
    for ax, name in zip(axes.flat, figures, strict=False):
        for place, of_one in zip(places, estimates.values(), strict=True):
            estimate = of_one[name]
            ax.plot([estimate.low, estimate.high], [place, place], color=GENERATOR, linewidth=3)
            ax.plot(estimate.value, place, "o", color=GENERATOR, markersize=5)
            ax.axvline(estimate.real, color=REAL, linewidth=1.2)
        ax.set_title(f"{estimate.label}\n({estimate.better} is better)", fontsize=9)
        ax.set(yticks=places, yticklabels=evaluations, ylim=(-0.6, len(evaluations) - 0.4))
        ax.margins(x=0.15)
        if estimate.limits == (0.0, 1.0):  # shares, all on one scale
            ax.set_xlim(0, 1)
    for ax in axes.flat[len(figures) :]:
        ax.set_axis_off()
    return figure


def class_shares_chart(evaluations: Mapping) -> Figure:
    """Draw how often the judge sees each class in each generator's images, and equal shares.

    Args:
        evaluations: `gan_helpers.metrics.Evaluation` by the generator's name, from left to right.
    """
    _check(evaluations, "class_shares")
    figure, axes = plt.subplots(
        1, len(evaluations), figsize=(WIDTH, 2.2), sharey=True, squeeze=False
    )
    for ax, (name, evaluation) in zip(axes[0], evaluations.items(), strict=True):
        shares = evaluation.class_shares
        ax.bar(range(len(shares)), shares, color=GENERATOR)
        ax.axhline(1 / len(shares), color=NEUTRAL, linestyle=":", linewidth=1)
        ax.set(title=name, xlabel="class", xticks=range(len(shares)))
        ax.grid(axis="x", visible=False)
    axes[0, 0].set_ylabel("share of images")
    return figure


def _check(evaluations: Mapping, needed: str) -> None:
    check_kinds(Mapping, evaluations=evaluations)
    if not evaluations or not all(hasattr(e, needed) for e in evaluations.values()):
        raise ValueError(
            "evaluations must be a dictionary of `gan_helpers.metrics.Evaluation` by name, one at "
            f"least; given {evaluations!r}."
        )
