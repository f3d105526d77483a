"""Figures in the book's one visual language.

Real data, generator and discriminator keep their colours in every figure. They are three colours
of Okabe and Ito's palette, which readers with any common colour blindness can tell apart.
"""

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from scipy.special import expit

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


def half_steps() -> Figure:
    """Draw a training step's two halves: what is computed, and which network the loss moves."""
    lowest = {"discriminator": 0.0, "generator": 0.95}  # only the former is shown real data
    figure, axes = plt.subplots(2, 1, figsize=(WIDTH, 3.4), height_ratios=(2.3, 1.35))
    for ax, moving in zip(axes, lowest, strict=True):
        ax.set(xlim=(0.1, 10.1), ylim=(lowest[moving], 2.3))
        ax.set_axis_off()
        ax.set_title(f"the {moving} moves", loc="left", fontweight="bold")
        _box(ax, 0.2, 1.05, "noise", NEUTRAL, filled=False)
        _box(ax, 2.2, 1.05, "generator", GENERATOR, filled=moving == "generator")
        _box(ax, 4.7, 1.05, "fakes", GENERATOR, filled=False)
        _box(ax, 6.4, 1.05, "discriminator", DISCRIMINATOR, filled=moving == "discriminator")
        _box(ax, 9.0, 1.05, "loss", NEUTRAL, filled=False)
        ends = [(1.2, 2.2), (4.0, 4.7), (5.7, 6.4), (8.4, 9.0)]
        for start, end in ends:
            _arrow(ax, (start, 1.35), (end, 1.35), NEUTRAL)
        if moving == "discriminator":
            _box(ax, 4.7, 0.05, "real", REAL, filled=False)
            _arrow(ax, (5.7, 0.4), (6.5, 1.0), NEUTRAL)
            _arrow(ax, (9.4, 1.7), (7.4, 1.7), DISCRIMINATOR, bend=0.45)
        else:
            _arrow(ax, (9.4, 1.7), (7.4, 1.7), GENERATOR, bend=0.45)
            _arrow(ax, (7.4, 1.7), (3.1, 1.7), GENERATOR, bend=0.2)
    return figure


def _box(ax: Axes, x: float, y: float, text: str, color: str, *, filled: bool) -> None:
    width = {"generator": 1.8, "discriminator": 2.0}.get(text, 1.0)
    style = "round,pad=0,rounding_size=0.12"
    face = color if filled else "white"
    ax.add_patch(FancyBboxPatch((x, y), width, 0.6, boxstyle=style, ec=color, fc=face, lw=1.5))
    ink = "white" if filled else color
    ax.text(x + width / 2, y + 0.3, text, ha="center", va="center", color=ink)


def _arrow(ax: Axes, start: tuple, end: tuple, color: str, *, bend: float = 0.0) -> None:
    """A straight arrow for values, or a bent and dashed one for slopes going back."""
    style = {"connectionstyle": f"arc3,rad={bend}", "linestyle": "--" if bend else "-"}
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=12, color=color, lw=1.5, **style
        )
    )


def show_line_game(
    ax: Axes,
    x: np.ndarray,
    *,
    real: np.ndarray,
    fake: np.ndarray,
    judged: np.ndarray | None = None,
) -> None:
    """Draw a game on a line: both densities from below, and D(x) on a scale from 0 to 1.

    The labels are "real data", "generator" and "D(x)"; densities have no scale of their own.

    Args:
        ax: where to draw.
        x: places on the line, shape (n,), rising.
        real, fake: the two densities there, 0 or more.
        judged: D(x) there, 0 to 1.
    """
    ax.fill_between(x, real, color=REAL, alpha=0.25, linewidth=0)
    ax.plot(x, real, color=REAL, linewidth=1.2, label="real data")
    ax.plot(x, fake, color=GENERATOR, label="generator")
    ax.set(yticks=[], xlim=(x[0], x[-1]), ylim=(0, 2.2 * np.max(real)))
    if judged is not None:
        scale = ax.twinx()
        scale.plot(x, judged, color=DISCRIMINATOR, linewidth=1.4)
        ax.plot([], [], color=DISCRIMINATOR, label="D(x)")  # for the legend of the first axes
        scale.axhline(0.5, color=NEUTRAL, linestyle=":", linewidth=1)
        scale.set(ylim=(0, 1.02), yticks=[0, 0.5, 1], yticklabels=["0", "½", "1"])
        scale.grid(visible=False)


def show_plane_game(
    ax: Axes,
    *,
    real: np.ndarray | None = None,
    fake: np.ndarray | None = None,
    discriminator: Callable[[np.ndarray], np.ndarray] | None = None,
    limit: float = 2.4,
) -> None:
    """Draw a game in the plane: real points, generated points, and D(x) as the ground's colour.

    Args:
        ax: where to draw.
        real, fake: points, shape (n, 2).
        discriminator: from points, shape (n, 2), to logits, shape (n, 1); the ground is white
            where D(x) is 0 and green where it is 1.
        limit: the axes reach from -limit to limit.
    """
    if discriminator is not None:
        line = np.linspace(-limit, limit, 160)
        places = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
        logits = np.asarray(discriminator(places.astype("float32"))).reshape(160, 160)
        # Steps of a tenth: smooth shades would make a file three times as large.
        ax.contourf(
            line,
            line,
            expit(logits),
            levels=np.linspace(0, 1, 11),
            cmap=LinearSegmentedColormap.from_list("discriminator", ["white", DISCRIMINATOR]),
            alpha=0.6,
        )
    dot = {"s": 3, "linewidths": 0, "alpha": 0.7}
    if real is not None:
        ax.scatter(*np.asarray(real).T, color=REAL, **dot)
    if fake is not None:
        ax.scatter(*np.asarray(fake).T, color=GENERATOR, **dot)
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", xticks=[], yticks=[])
    ax.grid(visible=False)


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
