"""Several devices, each with its part of a batch, as one: what `tf.distribute` needs beside `fit`.

A strategy gives each device equal parts of a batch, in order, and Keras's optimizers add up their
gradients. So that training is what it would be on one device, random numbers are drawn for the
whole batch, of which each device takes its rows, and a loss is computed from all logits. What looks
at several images within a network sees a device's part, as in `replicas`: batch normalisation, the
deviation of a batch; and a layer's dropout differs by device. Outside a strategy all of this
changes nothing.
"""

import tensorflow as tf


def devices() -> int:
    """How many devices share the step that is being made: 1 outside a strategy."""
    context = tf.distribute.get_replica_context()
    return context.num_replicas_in_sync if context else 1


def device() -> int | tf.Tensor:
    """Which of them computes this, from 0."""
    return tf.distribute.get_replica_context().replica_id_in_sync_group if devices() > 1 else 0


def own(rows: tf.Tensor) -> tf.Tensor:
    """This device's part of the rows of all, (n, ...): the number of devices divides n."""
    return tf.stack(tf.split(rows, devices()))[device()] if devices() > 1 else rows


def whole(rows: tf.Tensor) -> tf.Tensor:
    """The rows of all devices, of which each has as many.

    Backwards, a device passes on its own rows' gradient alone: the optimizer adds up the others'.

    Raises:
        tf.errors.InvalidArgumentError: when it is computed, if a device has more rows than another.
    """
    if devices() == 1:
        return rows

    @tf.custom_gradient
    def gathered(part):
        everything = tf.distribute.get_replica_context().all_gather(part, axis=0)
        tf.debugging.assert_equal(
            tf.shape(everything)[0],
            tf.shape(part)[0] * devices(),
            "A step on several devices needs parts of one size: a batch must be a multiple of "
            f"{devices()} images (batch(..., drop_remainder=True) leaves the last ones out).",
        )
        return everything, own

    return gathered(rows)


def drawn(draw, shape: tuple, **options) -> tf.Tensor:
    """Random numbers for each row of a batch: on many devices what one would draw for all.

    Args:
        draw: a function such as `keras.random.normal`, called with a shape and the options.
        shape: (n, ...), where n rows are this device's.
    """
    n, *others = shape
    return own(draw((n * devices(), *others), **options))
