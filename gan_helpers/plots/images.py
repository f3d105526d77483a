"""Sheets of images, and how they change."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_helpers.checks import check_counts, check_kinds, check_numbers
from gan_helpers.checks.arrays import as_array, check_pictures
from gan_helpers.data.scaling import HALF_A_GREY_LEVEL
from gan_helpers.plots.style import WIDTH


def show_image(ax: Axes, image: np.ndarray, *, low: float = -1.0, high: float = 1.0) -> None:
    """Draw one image: a grey one with ink dark on white, a coloured one in its colours.

    Always on the fixed scale from `low` to `high`: Matplotlib's automatic scale would stretch a
    nearly flat image to full contrast. Values outside are drawn as its ends.

    Args:
        ax: where to draw.
        image: shape (height, width), or (height, width, 1 or 3).
        low, high: of a grey image what is white and what is black; of a coloured one what is none
            and what is all of each colour.

    Raises:
        ValueError: for anything else, or NaN.
    """
    check_kinds(Axes, ax=ax)
    check_numbers(low=low, high=high)
    if not low < high:
        raise ValueError(f"low must be below high; given {low!r} and {high!r}.")
    image = as_array(image)
    if image.ndim not in (2, 3):
        raise ValueError(
            "image must be one image, shape (height, width) or (height, width, 1 or 3); given "
            f"{image.dtype} of shape {image.shape}."
        )
    image = check_pictures("image", image[None] if image.ndim == 3 else image[None, ..., None])[0]
    if image.shape[2] == 1:
        image = image[..., 0]
    else:  # which Matplotlib does not scale
        image, low, high = ((image - low) / (high - low)).clip(0, 1), 0, 1
    ax.imshow(image, cmap="gray_r", vmin=low, vmax=high, interpolation="nearest")
    ax.set_axis_off()


def tile(images: np.ndarray, *, columns: int, gap: int = 2) -> np.ndarray:
    """Lay images out in rows on one white sheet.

    Args:
        images: shape (n, height, width) or (n, height, width, 1 or 3), -1 to 1.
        columns: images per row.
        gap: white pixels between neighbours.

    Returns:
        One image, -1 to 1: shape (height, width), or (height, width, 3) of coloured ones.

    Raises:
        ValueError: for anything else.
    """
    reach = 1 + HALF_A_GREY_LEVEL
    images = check_pictures("images", images, low=-reach, high=reach)
    check_counts(columns=columns)
    check_counts(gap=gap, at_least=0)
    n, height, width, channels = images.shape
    rows = -(-n // columns)
    white = -1.0 if channels == 1 else 1.0  # no ink, or all of each colour
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, channels), white)
    for place, image in enumerate(images):
        top, left = place // columns * (height + gap), place % columns * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet[..., 0] if channels == 1 else sheet


def film_strip(pictures: Sequence[np.ndarray], titles: Sequence[str], *, columns: int) -> Figure:
    """Draw sheets of images side by side, one per moment, so that time runs to the right.

    Args:
        pictures: arrays of images as for `tile`, all of one shape, of the same latent vectors.
        titles: one per picture.
        columns: images per row within one picture.

    Raises:
        ValueError: for anything else.
    """
    check_kinds((Sequence, np.ndarray), pictures=pictures, titles=titles)
    check_kinds(str, **{f"titles[{i}]": title for i, title in enumerate(titles)})
    if len(pictures) == 0 or len(pictures) != len(titles):
        raise ValueError(
            f"titles must be as many as pictures, one at least; given {len(titles)} and "
            f"{len(pictures)}."
        )
    sheets = [tile(images, columns=columns) for images in pictures]
    height, width = sheets[0].shape[:2]
    figure, axes = plt.subplots(
        1, len(sheets), figsize=(WIDTH, WIDTH / len(sheets) * height / width + 0.35)
    )
    for ax, sheet, title in zip(np.atleast_1d(axes), sheets, titles, strict=True):
        show_image(ax, sheet)
        ax.set_title(title)
    return figure
