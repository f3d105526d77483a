"""A square root that can be differentiated everywhere."""

import tensorflow as tf

from gan_helpers.checks import check_tensors


def safe_sqrt(squares: tf.Tensor) -> tf.Tensor:
    """The square root of numbers from 0, with the derivative 0 at 0, where it has none.

    There a gradient tape would multiply infinity by the 0 of what stands within, to NaN. It also
    differentiates the branch of `tf.where` that is not taken, so both branches must be safe.

    Args:
        squares: of any shape. Below 0 counts as 0, and NaN stays NaN.

    Returns:
        A tensor of the same shape, 0 or more.

    Raises:
        ValueError: for what are no numbers.
    """
    (squares,) = check_tensors(squares=squares)
    # NaN is not positive either, but its root is NaN: nobody may take it for a number.
    rooted = tf.logical_not(squares <= 0)
    return tf.where(rooted, tf.sqrt(tf.where(rooted, squares, 1)), 0)
