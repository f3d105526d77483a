"""What is no batch of images, of points or of classes."""

import numpy as np
from numpy.typing import ArrayLike

FEW = 5  # of values that were given, in an error
FLAT = 100  # fewer numbers a row are no image without its shape


def check_samples(
    samples: np.ndarray, shape: tuple, *, n_tokens: int | None = None, first: bool = True
) -> None:
    """Refuse what is no batch of images, of points or of sequences, of one sample's shape.

    Args:
        samples: what was given.
        shape: (height, width, channels) of an image, (dimension,) of a point, or (length,) of a
            sequence of tokens.
        n_tokens: how many tokens there are, where samples are sequences of them.
        first: as for `check_images`.

    Raises:
        ValueError: for another shape or kind of numbers, or values out of range.
    """
    if n_tokens is not None:
        check_tokens(samples, shape, n_tokens=n_tokens)
    elif len(shape) == 3:
        check_images(samples, shape, first=first)
    else:
        check_points(samples, shape)


def check_images(images: np.ndarray, shape: tuple[int, int, int], *, first: bool = True) -> None:
    """Refuse what is not a batch of images between -1 and 1.

    Args:
        images: what was given as images.
        shape: (height, width, channels) of one image.
        first: whether to look too for images that are all 0 or more, which is what images scaled
            to 0...1 look like. A later, small batch may be so by chance.

    Raises:
        ValueError: for another shape or dtype, for NaN, and for values outside -1 to 1.
    """
    if images.shape[1:] != tuple(shape) or len(images) == 0:
        labels = images.ndim in (1, 2) and 0 < images[:1].size < FLAT
        hint = " These look like labels." if labels else ""
        given = f"shape {images.shape}"
        if images.ndim == 0:
            one = images.item()
            given = f"no array, but {one!r:.60}"
            if images.dtype == object and isinstance(one, str):  # as_array gave the kind
                given = f"a {one} of parts of different shapes"
        raise ValueError(
            f"Expected images of shape (n, {', '.join(map(str, shape))}); given {given}.{hint}"
        )
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(
            "Expected images from -1 to 1, floating-point ones of 16, 32 or 64 bits; given "
            f"{images.dtype}.{_how_to_scale(images)}"
        )
    if bad := int((~np.isfinite(images)).reshape(len(images), -1).any(axis=1).sum()):
        raise ValueError(
            f"Expected images from -1 to 1; given NaN or infinity in {bad} of {len(images)} images."
        )
    low, high = float(images.min()), float(images.max())
    if not (low >= -1.0 and high <= 1.0) or (first and low >= 0):
        raise ValueError(
            "Expected images from -1 to 1, the range of the generator's tanh; given values from "
            f"{low:g} to {high:g}.{_how_to_scale(images)}"
        )


def _how_to_scale(images: np.ndarray) -> str:
    """How images seem to be scaled, and what makes them what is asked for."""
    if images.dtype == np.uint8:
        return " gan_helpers.data.to_tanh_range scales them."
    if images.dtype.kind == "V":  # bfloat16, which is no type of NumPy's own
        return " images.astype('float32') is right, or tf.cast(images, tf.float32)."
    if images.dtype.kind not in "iuf":
        return ""
    low, high = float(images.min()), float(images.max())
    if low >= 0 and 2 < high <= 255:
        return " If they are from 0 to 255: images / 127.5 - 1."
    if low >= 0 and high <= 1:
        return " If they are from 0 to 1: 2 * images - 1."
    if -1.5 <= low < 0 and high <= 1.5:
        return " If that is overshooting, as by interpolation: tf.clip_by_value(images, -1, 1)."
    return ""


def check_points(points: np.ndarray, shape: tuple[int]) -> None:
    """Refuse what is not a batch of finite points.

    Args:
        points: what was given as points.
        shape: (dimension,) of one point.

    Raises:
        ValueError: for another shape or dtype, and for NaN or infinite values.
    """
    if points.shape[1:] != tuple(shape) or len(points) == 0:
        raise ValueError(f"Expected points of shape (n, {shape[0]}); given shape {points.shape}.")
    if not np.issubdtype(points.dtype, np.floating) or not np.isfinite(points).all():
        raise ValueError(f"Expected finite floating-point points; given {_few(points)}.")


def check_tokens(tokens: np.ndarray, shape: tuple[int], *, n_tokens: int) -> None:
    """Refuse what is not a batch of sequences of tokens.

    Args:
        tokens: what was given as sequences.
        shape: (length,) of one sequence.
        n_tokens: how many tokens there are.

    Raises:
        ValueError: for another shape, and for what are no integers from 0 below `n_tokens`.
    """
    if tokens.shape[1:] != tuple(shape) or len(tokens) == 0:
        raise ValueError(
            f"Expected sequences of tokens, shape (n, {shape[0]}); given shape {tokens.shape}."
        )
    whole = np.issubdtype(tokens.dtype, np.integer)
    if not whole or not 0 <= tokens.min() <= tokens.max() < n_tokens:
        raise ValueError(
            f"Expected tokens, integers from 0 to {n_tokens - 1}; given {_few(tokens)}."
        )


def check_classes(
    classes: ArrayLike | None, n: int | None = None, *, n_classes: int | None = None
) -> np.ndarray:
    """Refuse what is not a class for each of n images; give the classes as int32.

    Args:
        classes: integers from 0, shape (n,); an array or a list.
        n: the number of images; any number from 1 if it is not known.
        n_classes: how many classes there are, if it is known.

    Raises:
        ValueError: for another shape than (n,), for numbers that are no integers from 0, and for
            a class that does not exist.
    """
    try:
        classes = np.asarray(classes)
    except ValueError:  # a list of lists of different lengths
        classes = np.asarray(classes, dtype=object)
    whole = np.issubdtype(classes.dtype, np.integer)
    right_shape = classes.ndim == 1 and len(classes) == (n or len(classes)) and len(classes) > 0
    if not whole or not right_shape or not 0 <= classes.min() <= classes.max() < 2**31:
        raise ValueError(
            f"Expected a class, an integer from 0, for each of {n or 'the'} images; given "
            f"{_few(classes)}.{_hint(classes, n)}"
        )
    if n_classes is not None and classes.max() >= n_classes:
        raise ValueError(
            f"There are {n_classes} classes, 0 to {n_classes - 1}; given {classes.max()}."
        )
    return classes.astype(np.int32)


def _few(classes: np.ndarray) -> str:
    """What was given, in a few words."""
    if classes.size == 0:
        return f"none, shape {classes.shape}"
    first = ", ".join(repr(value) for value in classes.ravel()[:FEW].tolist())
    more = ", ..." if classes.size > FEW else ""
    return f"{classes.dtype} of shape {classes.shape}: {first}{more}"


def _hint(classes: np.ndarray, n: int | None) -> str:
    """What the classes seem to be, and how to make them what is asked for."""
    if classes.size == 0:
        return ""
    if classes.ndim == 2 and len(classes) == (n or len(classes)):
        if classes.shape[1] == 1:
            return f" Drop the last axis: classes[:, 0].{_hint(classes[:, 0], n)}"
        return " These look one-hot: classes.argmax(axis=1) gives the classes."
    if classes.ndim == 1 and np.issubdtype(classes.dtype, np.floating):
        return " If they are whole numbers: classes.astype(int)."
    if classes.dtype.kind in "US" or (classes.size and isinstance(classes.flat[0], str | bytes)):
        return " Names become integers by np.unique(classes, return_inverse=True)[1]."
    return ""
