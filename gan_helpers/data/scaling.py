"""Images as files have them, 0 to 255, and as networks have them, -1 to 1."""

import numpy as np


def to_tanh_range(images: np.ndarray) -> np.ndarray:
    """Scale grey images to the range of tanh and add the channel axis that convolutions expect.

    Args:
        images: uint8, shape (n, height, width), 0 (paper) to 255 (ink).

    Returns:
        float32, shape (n, height, width, 1), -1 (paper) to 1 (ink).

    Raises:
        ValueError: if the images are not uint8 or not of that shape.
    """
    if images.dtype != np.uint8 or images.ndim != 3:
        raise ValueError(
            "to_tanh_range takes uint8 images of shape (n, height, width); "
            f"given {images.dtype} of shape {images.shape}."
        )
    return (images.astype("float32") / 127.5 - 1.0)[..., np.newaxis]


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Undo `to_tanh_range`: (n, height, width, 1) from -1 to 1 becomes uint8 (n, height, width)."""
    return np.round((np.asarray(images)[..., 0] + 1.0) * 127.5).astype(np.uint8)
