"""Batches in an order that can be repeated and gone on with."""

import numpy as np
import tensorflow as tf


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
