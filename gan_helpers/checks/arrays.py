"""What is no array of numbers, or no tensor, of a given shape."""

import numpy as np
import tensorflow as tf


def check_array(
    name: str,
    given,
    shape: tuple[int | str | None, ...] | None = None,
    *,
    dtype: type = np.floating,
    least: int = 1,
    finite: bool = True,
) -> np.ndarray:
    """Numbers as an array, after a look at shape and values.

    Args:
        name: what was given, for the error.
        given: an array, or what becomes one: a list of numbers, a tensor.
        shape: of each axis its length, or a letter where it may have any. Not looked at if None.
        dtype: `np.floating` takes numbers of any kind and gives floating-point ones, as float64
            unless they are already; `np.integer` takes integers alone, and leaves them as they
            are.
        least: the fewest along the first axis.
        finite: whether NaN and infinity are refused.

    Raises:
        ValueError: for another shape or kind of numbers, too few, NaN or infinity.
    """
    array = as_array(given)
    whole = dtype is np.integer
    kinds = "iu" if whole else "iuf"
    wanted = "integers" if whole else "finite numbers"
    if shape is not None:
        wanted += f" of shape ({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
    fits = array.dtype.kind in kinds and (
        shape is None
        or (
            array.ndim == len(shape)
            and all(isinstance(b, str) or a == b for a, b in zip(array.shape, shape, strict=True))
        )
    )
    if not fits or array.size == 0:
        raise ValueError(
            f"{name} must be {wanted}; given {_kind(given)}{array.dtype} of shape {array.shape}."
        )
    if array.ndim and len(array) < least:
        raise ValueError(f"{name}: at least {least} are needed; given {len(array)}.")
    if whole:
        return array
    if finite and not np.isfinite(array).all():
        raise ValueError(f"{name} must be {wanted}; given values that are NaN or infinite.")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def check_pictures(name: str, given, *, low: float = -np.inf, high: float = np.inf) -> np.ndarray:
    """Grey or coloured images with an axis of channels, shape (n, height, width, 1 or 3).

    Args:
        name: what was given, for the error.
        given: of that shape, or grey ones of shape (n, height, width).
        low, high: the values that there can be.

    Raises:
        ValueError: for another shape, another number of channels, NaN, or values out of range; and
            for three axes of which the last has length 1 or 3, which is what one image looks like.
    """
    images = as_array(given)
    if images.ndim == 3 and images.shape[2] in (1, 3):
        raise ValueError(
            f"{name} must be several images; given shape {images.shape}, which looks like one "
            f"image of {images.shape[2]} channels: make it images[None]. If they are "
            f"{len(images)} grey images, {images.shape[2]} pixels wide, make them "
            "images[..., None]."
        )
    images = images[..., None] if images.ndim == 3 else images
    if images.ndim != 4 or images.shape[3] not in (1, 3) or images.size == 0:
        raise ValueError(
            f"{name} must be grey or coloured images, shape (n, height, width) or (n, height, "
            f"width, 1 or 3); given {_kind(given)}{images.dtype} of shape {np.shape(images)}."
        )
    images = check_array(name, images)
    if images.min() < low or images.max() > high:
        raise ValueError(
            f"{name} must be images from {low:g} to {high:g}; given values from "
            f"{images.min():g} to {images.max():g}."
        )
    return images


def as_array(given) -> np.ndarray:
    """As `np.asarray`, with objects where lists of different lengths would raise an error."""
    try:
        return np.asarray(given)
    except (ValueError, TypeError):
        return np.asarray(type(given).__name__, dtype=object)


def check_tensors(**given) -> list[tf.Tensor]:
    """Floating-point tensors of one dtype, the widest that was given.

    What is no tensor yet, such as an array or a list of numbers, becomes one. Values are not
    looked at: within a graph there are none.

    Raises:
        ValueError: for what are no numbers, or none at all; names it.
    """
    tensors = []
    for name, value in given.items():
        try:
            tensor = tf.convert_to_tensor(value)
        except (ValueError, TypeError, OverflowError):
            tensor = tf.constant(type(value).__name__)  # refused below, as any text
        if not (tensor.dtype.is_floating or tensor.dtype.is_integer) or 0 in tensor.shape:
            raise ValueError(
                f"{name} must be a tensor of numbers, or what becomes one; given "
                f"{_kind(value)}{tensor.dtype.name} of shape {tensor.shape}."
            )
        tensors.append(tensor if tensor.dtype.is_floating else tf.cast(tensor, tf.float32))
    widest = max((tensor.dtype for tensor in tensors), key=lambda dtype: dtype.size)
    return [tf.cast(tensor, widest) for tensor in tensors]


def _kind(given) -> str:
    """The kind of what was given, for an error, where it is no array."""
    kind = type(given).__name__
    return "" if kind == "ndarray" else f"{kind}, "
