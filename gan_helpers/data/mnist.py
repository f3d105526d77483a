"""MNIST, loaded from the package: nothing is downloaded."""

import io
import os
from pathlib import Path

import numpy as np

from gan_helpers.checks import check_kinds
from gan_helpers.files import ASSETS, read_verified

MNIST = ASSETS / "mnist.npz"
MNIST_SHA256 = "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"
IMAGE_SHAPE = (28, 28, 1)  # of what `to_tanh_range` makes of them


Arrays = tuple[np.ndarray, np.ndarray]


def load_mnist(path: Path | str = MNIST) -> tuple[Arrays, Arrays]:
    """Load all 70,000 images and labels, exactly as `keras.datasets.mnist.load_data` returns them.

    Nothing is downloaded: the archive travels with the package, and its SHA-256 sum is checked.

    Args:
        path: of the archive.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 images of shape (60000, 28, 28) and
        (10000, 28, 28) with ink from 0 to 255, uint8 labels 0 to 9.

    Raises:
        ValueError: for what is no path.
        OSError: if the file is missing or is not, byte for byte, the one the book was made with.
    """
    check_kinds((str, os.PathLike), path=path)
    content = read_verified(path, MNIST_SHA256, "the MNIST archive")
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return (
            (archive["x_train"], archive["y_train"]),
            (archive["x_test"], archive["y_test"]),
        )
