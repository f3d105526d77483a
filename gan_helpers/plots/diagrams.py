"""Diagrams of what is computed from what."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from gan_helpers.plots.style import DISCRIMINATOR, GENERATOR, NEUTRAL, REAL, WIDTH


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


def _box(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    color: str,
    *,
    filled: bool,
    width: float | None = None,
) -> None:
    width = width or {"generator": 1.8, "discriminator": 2.0}.get(text, 1.0)
    style = "round,pad=0,rounding_size=0.12"
    face = color if filled else "white"
    ax.add_patch(FancyBboxPatch((x, y), width, 0.6, boxstyle=style, ec=color, fc=face, lw=1.5))
    ink = "white" if filled else color
    ax.text(x + width / 2, y + 0.3, text, ha="center", va="center", color=ink)


def _arrow(ax: Axes, start: tuple, end: tuple, color: str, *, bend: float = 0.0) -> None:
    """A straight arrow for values, or a bent and dashed one for gradients going back."""
    style: dict[str, Any] = {
        "connectionstyle": f"arc3,rad={bend}",
        "linestyle": "--" if bend else "-",
    }
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=12, color=color, lw=1.5, **style
        )
    )


# Of each family: boxes from left to right, (text, kind, width). A kind is what is drawn at random,
# what is learned, what is data, or what lies between.
_SCHEMES: dict[str, list[tuple[str, str, float]]] = {
    "GAN": [
        ("noise", "drawn", 1.2),
        ("generator", "learned", 1.9),
        ("image", "data", 1.2),
        ("discriminator", "learned", 2.2),
        ("real or fake?", "between", 2.0),
    ],
    "autoencoder": [
        ("image", "data", 1.2),
        ("encoder", "learned", 1.9),
        ("code", "between", 1.2),
        ("decoder", "learned", 1.9),
        ("image", "data", 1.2),
    ],
    "VAE": [
        ("image", "data", 1.2),
        ("encoder", "learned", 1.9),
        ("mean, spread", "between", 2.0),
        ("code", "drawn", 1.0),
        ("decoder", "learned", 1.9),
        ("image", "data", 1.2),
    ],
    "autoregressive": [
        ("pieces so far", "data", 2.0),
        ("network", "learned", 1.9),
        ("probabilities", "between", 2.1),
        ("next piece", "drawn", 1.8),
    ],
    "diffusion": [
        ("noisy image", "drawn", 1.9),
        ("network", "learned", 1.9),
        ("its noise", "between", 1.6),
        ("less noisy image", "data", 2.4),
    ],
    "flow": [
        ("noise", "drawn", 1.2),
        ("invertible network", "learned", 2.7),
        ("image", "data", 1.2),
    ],
}
GAP = 0.45  # between two boxes
_BACK = {"autoregressive": "again, one piece longer", "diffusion": "again, many times"}


def family_schemes() -> Figure:
    """Draw what is computed from what in each family of generative models, a row each."""
    figure, axes = plt.subplots(len(_SCHEMES), 1, figsize=(WIDTH, 5.6))
    colors = {"drawn": NEUTRAL, "learned": GENERATOR, "data": REAL, "between": "black"}
    for ax, (name, boxes) in zip(axes, _SCHEMES.items(), strict=True):
        ax.set(xlim=(0, 12), ylim=(0, 1.5))
        ax.set_axis_off()
        ax.text(0.0, 1.3, name, fontweight="bold", va="center")
        x = 0.1
        for place, (text, kind, width) in enumerate(boxes):
            if place:
                _arrow(ax, (x - GAP, 0.5), (x, 0.5), NEUTRAL)
                if name == "flow":
                    _arrow(ax, (x, 0.5), (x - GAP, 0.5), NEUTRAL)
            color = DISCRIMINATOR if text == "discriminator" else colors[kind]
            _box(ax, x, 0.2, text, color, filled=kind == "learned", width=width)
            x += width + GAP
        ax.text(x - GAP + 0.1, 0.5, _BACK.get(name, ""), color=NEUTRAL, va="center", style="italic")
    return figure
