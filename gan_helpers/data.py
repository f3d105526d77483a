"""MNIST, as the notebooks use it: loaded from the package, scaled, checked and put in batches."""

import io
from pathlib import Path

import numpy as np
import tensorflow as tf

from gan_helpers.files import read_verified

MNIST = Path(__file__).parent / "assets" / "mnist.npz"
MNIST_SHA256 = "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"

Arrays = tuple[np.ndarray, np.ndarray]


def load_mnist(path: Path | str = MNIST) -> tuple[Arrays, Arrays]:
    """Load all 70,000 images and labels, exactly as `keras.datasets.mnist.load_data` returns them.

    Nothing is downloaded: the archive travels with the package, and its SHA-256 sum is checked.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 images of shape (60000, 28, 28) and
        (10000, 28, 28) with ink from 0 to 255, uint8 labels 0 to 9.

    Raises:
        OSError: if the file is missing or is not, byte for byte, the one the book was made with.
    """
    content = read_verified(path, MNIST_SHA256, "the MNIST archive")
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return (
            (archive["x_train"], archive["y_train"]),
            (archive["x_test"], archive["y_test"]),
        )


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


def check_images(images: np.ndarray, shape: tuple[int, int, int]) -> None:
    """Refuse what is not a batch of images between -1 and 1.

    Args:
        images: what was given as images.
        shape: (height, width, channels) of one image.

    Raises:
        ValueError: for another shape or dtype, for NaN, and for values outside -1 to 1; also for
            values that are all 0 or more, which is what images scaled to 0...1 look like.
    """
    if images.shape[1:] != tuple(shape) or len(images) == 0:
        labels = " These look like labels." if images.ndim < 3 else ""
        raise ValueError(
            f"Expected images of shape (n, {', '.join(map(str, shape))}); "
            f"given shape {images.shape}.{labels}"
        )
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"Expected floating-point images from -1 to 1; given {images.dtype}.")
    low, high = float(images.min()), float(images.max())
    if not (-1.0 <= low < 0.0 and high <= 1.0):
        raise ValueError(
            "Expected images from -1 to 1, the range of the generator's tanh; "
            f"given values from {low:g} to {high:g}. gan_helpers.data.to_tanh_range scales uint8."
        )


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
        raise ValueError(f"Expected finite floating-point points; given {points.dtype}: {points}.")


def check_classes(classes: np.ndarray, n: int) -> np.ndarray:
    """Refuse what is not a class for each of n images; give the classes as int32.

    Args:
        classes: what was given as classes.
        n: the number of images.

    Raises:
        ValueError: for another shape than (n,), for numbers that are no integers from 0.
    """
    classes = np.asarray(classes)
    if classes.shape != (n,) or not np.issubdtype(classes.dtype, np.integer) or classes.min() < 0:
        raise ValueError(
            f"Expected a class, an integer from 0, for each of {n} images; given {classes.dtype} "
            f"of shape {classes.shape}: {classes!r}."
        )
    return classes.astype(np.int32)


def shuffled_batches(
    images: np.ndarray | tuple[np.ndarray, ...], *, batch_size: int, seed: int, first_step: int = 0
) -> tf.data.Dataset:
    """Endless batches in an order that depends on the seed and the step alone.

    Each pass over the data has its own permutation. A training that stopped after k steps and
    goes on with `first_step=k` sees the batches that it would have seen without stopping, which a
    shuffle buffer with hidden state cannot promise.

    Args:
        images: shape (n, ...); or several arrays of that kind, such as images and their classes.
        batch_size: images per batch, from 1 to n. The up to `batch_size - 1` images left over at
            the end of a pass are other ones in each pass.
        seed: a non-negative integer.
        first_step: how many batches to leave out at the start.

    Returns:
        A dataset of tensors of shape (batch_size, ...), or of tuples of them.

    Raises:
        ValueError: if the batch is empty or larger than the data.
    """
    n = len(images[0] if isinstance(images, tuple) else images)
    if not isinstance(batch_size, int) or not 1 <= batch_size <= n:
        raise ValueError(
            f"batch_size must be an integer from 1 to the number of images, {n}; "
            f"given {batch_size!r}."
        )
    steps_per_pass = n // batch_size
    first_pass, skipped = divmod(first_step, steps_per_pass)
    images = tf.nest.map_structure(tf.constant, images)

    def one_pass(number: tf.Tensor) -> tf.data.Dataset:
        order = tf.random.experimental.stateless_shuffle(
            tf.range(n), seed=tf.stack([tf.cast(seed, tf.int64), number])
        )
        rows = tf.reshape(order[: steps_per_pass * batch_size], (steps_per_pass, batch_size))
        return tf.data.Dataset.from_tensor_slices(rows)

    # Nothing is left to tune. The tuning thread sleeps for up to a minute at a time, and whoever
    # drops the iterator waits for it: every `fit` would take that much longer at its end.
    options = tf.data.Options()
    options.autotune.enabled = False
    return (
        tf.data.Dataset.range(first_pass, tf.int64.max)
        .flat_map(one_pass)
        .skip(skipped)
        .map(lambda rows: tf.nest.map_structure(lambda array: tf.gather(array, rows), images))
        .prefetch(2)
        .with_options(options)
    )
