"""Batches in an order that can be repeated and gone on with."""

import numpy as np
import tensorflow as tf

from gan_helpers.checks import check_counts, check_seed
from gan_helpers.checks.arrays import as_array


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
        ValueError: if the batch is empty or larger than the data, for several arrays that differ in
            length, and for what are no arrays of numbers.
    """
    arrays = [as_array(part) for part in (images if isinstance(images, tuple) else (images,))]
    if not arrays or any(a.dtype.kind not in "iuf" or not a.ndim for a in arrays):
        raise ValueError(
            "images must be an array of numbers, or several in a tuple; given "
            f"{[f'{a.dtype} of shape {a.shape}' for a in arrays]}."
        )
    n = len(arrays[0])
    if any(len(a) != n for a in arrays):
        raise ValueError(
            f"images and what comes with them must be as many; given {[len(a) for a in arrays]}."
        )
    check_counts(batch_size=batch_size, at_most=n, limit="the number of images")
    check_counts(first_step=first_step, at_least=0)
    seed = check_seed(seed)
    steps_per_pass = n // batch_size
    first_pass, skipped = divmod(first_step, steps_per_pass)
    images = tuple(map(tf.constant, arrays)) if isinstance(images, tuple) else tf.constant(*arrays)

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
