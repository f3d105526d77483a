"""Sheets of images, and how they change."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_helpers.plots.style import WIDTH


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
