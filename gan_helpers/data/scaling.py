"""Images as files have them, 0 to 255, and as networks have them, -1 to 1."""

import numpy as np

from gan_helpers.checks.arrays import as_array, check_pictures

HALF_A_GREY_LEVEL = 1 / 255  # what lies no further outside -1 to 1 is a rounding, and cut off


def to_tanh_range(images: np.ndarray) -> np.ndarray:
    """Scale images to the range of tanh, with the channel axis that convolutions expect.

    Args:
        images: uint8, grey ones of shape (n, height, width), 0 (paper) to 255 (ink); or of shape
            (n, height, width, 1 or 3).

    Returns:
        float32, shape (n, height, width, 1 or 3), -1 (paper) to 1 (ink).

    Raises:
        ValueError: if the images are not uint8 or not of such a shape.
    """
    images = as_array(images)
    if images.dtype != np.uint8:
        raise ValueError(
            "to_tanh_range takes uint8 images of shape (n, height, width) or (n, height, width, 1 "
            f"or 3), 0 to 255; given {images.dtype} of shape {images.shape}."
        )
    check_pictures("images", images)
    scaled = images.astype("float32") / 127.5 - 1.0
    return scaled if images.ndim == 4 else scaled[..., np.newaxis]


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Undo `to_tanh_range`: images from -1 to 1 become uint8, 0 to 255.

    Args:
        images: floating-point, shape (n, height, width) or (n, height, width, 1 or 3).

    Returns:
        Grey ones of shape (n, height, width), coloured ones of shape (n, height, width, 3).

    Raises:
        ValueError: for another shape, integers, NaN, or values further outside -1 to 1 than half
            a grey level.
    """
    images = as_array(images)
    if images.dtype.kind != "f":
        raise ValueError(
            f"to_uint8 takes floating-point images from -1 to 1; given {images.dtype} of shape "
            f"{images.shape}."
        )
    reach = 1 + HALF_A_GREY_LEVEL
    images = check_pictures("images", images, low=-reach, high=reach)
    grey = np.round((images + 1.0) * 127.5).clip(0, 255).astype(np.uint8)
    return grey[..., 0] if grey.shape[3] == 1 else grey
