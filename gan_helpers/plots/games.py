"""Games that one can see whole: on a line, and in the plane."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from scipy.special import expit

from gan_helpers.checks import check_array, check_kinds, check_rate
from gan_helpers.plots.style import DISCRIMINATOR, GENERATOR, NEUTRAL, REAL


def show_line_game(
    ax: Axes,
    x: np.ndarray,
    *,
    real: np.ndarray,
    fake: np.ndarray,
    probability: np.ndarray | None = None,
) -> None:
    """Draw a game on a line: both densities from below, and D(x) on a scale from 0 to 1.

    The labels are "real data", "generator" and "D(x)"; densities have no scale of their own.

    Args:
        ax: where to draw.
        x: places on the line, shape (n,), rising.
        real, fake: the two densities there, 0 or more.
        probability: D(x) there, 0 to 1: that x is real.

    Raises:
        ValueError: for other shapes, or what is not finite.
    """
    check_kinds(Axes, ax=ax)
    x = check_array("x", x, ("n",), least=2)
    real = check_array("real", real, (len(x),))
    fake = check_array("fake", fake, (len(x),))
    ax.fill_between(x, real, color=REAL, alpha=0.25, linewidth=0)
    ax.plot(x, real, color=REAL, linewidth=1.2, label="real data")
    ax.plot(x, fake, color=GENERATOR, label="generator")
    ax.set(yticks=[], xlim=(x[0], x[-1]), ylim=(0, 2.2 * np.max(real)))
    if probability is not None:
        probability = check_array("probability", probability, (len(x),))
        scale = ax.twinx()
        scale.plot(x, probability, color=DISCRIMINATOR, linewidth=1.4)
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

    Raises:
        ValueError: for other shapes, or what is not finite.
    """
    check_kinds(Axes, ax=ax)
    limit = check_rate(limit=limit)
    if discriminator is not None:
        check_kinds(Callable, discriminator=discriminator)
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
    dot: dict[str, Any] = {"s": 3, "linewidths": 0, "alpha": 0.7}
    if real is not None:
        ax.scatter(*check_array("real", real, ("n", 2)).T, color=REAL, **dot)
    if fake is not None:
        ax.scatter(*check_array("fake", fake, ("n", 2)).T, color=GENERATOR, **dot)
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", xticks=[], yticks=[])
    ax.grid(visible=False)
