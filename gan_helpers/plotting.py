"""Figures in the book's one visual language.

Real data, generator and discriminator keep their colours in every figure. They are three colours
of Okabe and Ito's palette, which readers with any common colour blindness can tell apart.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

REAL = "#0072B2"  # blue
GENERATOR = "#D55E00"  # vermilion
DISCRIMINATOR = "#009E73"  # bluish green
NEUTRAL = "#555555"

WIDTH = 8.0  # inches, the width of the text column


def use_book_style() -> None:
    """Set Matplotlib's defaults for the book: quiet axes, readable sizes, sharp figures."""
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("retina")
    plt.rcParams.update(
        {
            "figure.figsize": (WIDTH, 3.0),
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "font.size": 10,
            "axes.titlesize": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#dddddd",
            "grid.linewidth": 0.6,
            "lines.linewidth": 1.8,
            "legend.frameon": False,
        }
    )


def show_image(ax: Axes, image: np.ndarray, *, low: float = -1.0, high: float = 1.0) -> None:
    """Draw one grey image of shape (height, width) or (height, width, 1), ink dark on white.

    Always on the fixed scale from `low` to `high`: Matplotlib's automatic scale would stretch a
    nearly flat image to full contrast.
    """
    ax.imshow(np.squeeze(image), cmap="gray_r", vmin=low, vmax=high, interpolation="nearest")
    ax.set_axis_off()


def tile(images: np.ndarray, *, columns: int, gap: int = 2) -> np.ndarray:
    """Lay images out in rows on one white sheet.

    Args:
        images: shape (n, height, width, 1), -1 to 1.
        columns: images per row.
        gap: white pixels between neighbours.

    Returns:
        One image of shape (height, width), -1 to 1.
    """
    n, height, width, _ = images.shape
    rows = -(-n // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), -1.0)
    for place, image in enumerate(images):
        top, left = place // columns * (height + gap), place % columns * (width + gap)
        sheet[top : top + height, left : left + width] = image[..., 0]
    return sheet


def film_strip(pictures: Sequence[np.ndarray], titles: Sequence[str], *, columns: int) -> Figure:
    """Draw sheets of images side by side, one per moment, so that time runs to the right.

    Args:
        pictures: arrays of shape (n, height, width, 1), -1 to 1, of the same latent vectors.
        titles: one per picture.
        columns: images per row within one picture.
    """
    sheets = [tile(images, columns=columns) for images in pictures]
    height, width = sheets[0].shape
    figure, axes = plt.subplots(
        1, len(sheets), figsize=(WIDTH, WIDTH / len(sheets) * height / width + 0.35)
    )
    for ax, sheet, title in zip(np.atleast_1d(axes), sheets, titles, strict=True):
        show_image(ax, sheet)
        ax.set_title(title)
    return figure


def training_curves(steps: Sequence[int], history: dict[str, Sequence[float]]) -> Figure:
    """Draw a GAN's losses and the discriminator's accuracies against the number of steps.

    Args:
        steps: the number of steps at the end of each stretch that the means are over.
        history: `discriminator_loss`, `generator_loss` (nats), `accuracy_on_real` and
            `accuracy_on_fake` (0 to 1), as in the history that `GAN.fit` returns.
    """
    figure, (losses, accuracies) = plt.subplots(1, 2, figsize=(WIDTH, 2.8))
    losses.plot(steps, history["discriminator_loss"], color=DISCRIMINATOR, label="discriminator")
    losses.plot(steps, history["generator_loss"], color=GENERATOR, label="generator")
    chance = {"color": NEUTRAL, "linestyle": ":", "linewidth": 1}
    losses.axhline(2 * np.log(2), **chance)
    losses.axhline(np.log(2), **chance)
    losses.set(xlabel="steps", ylabel="loss in nats", ylim=(0, None), title="Losses")
    losses.legend()
    accuracies.plot(steps, history["accuracy_on_real"], color=REAL, label="on real images")
    accuracies.plot(steps, history["accuracy_on_fake"], color=GENERATOR, label="on fake images")
    accuracies.axhline(0.5, **chance)
    accuracies.set(
        xlabel="steps", ylabel="share judged correctly", ylim=(0, 1.02), title="Discriminator"
    )
    accuracies.legend()
    return figure


def evaluations_chart(evaluations: Mapping) -> Figure:
    """Draw each figure of some generators: a dot, its interval, and a line where real images are.

    Shares are drawn from 0 to 1, each other figure on a scale of its own.

    Args:
        evaluations: `gan_helpers.metrics.Evaluation` by the generator's name, from top to bottom.
    """
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
