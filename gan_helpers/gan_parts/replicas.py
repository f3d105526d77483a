"""Parts of a batch through a network at once, one on each core."""

import keras
import tensorflow as tf

from gan_helpers.gan_parts.devices import own, whole


def in_replicas(
    network: keras.Model,
    inputs: tf.Tensor | list[tf.Tensor],
    replicas: int,
    *,
    training: bool = True,
) -> tf.Tensor:
    """A network's outputs for each part of a batch separately, then put together.

    As no part depends on another, TensorFlow computes them at once, one on each core, if an
    operation is not itself shared among the cores:
    `tf.config.threading.set_intra_op_parallelism_threads(1)` before anything is computed. For
    small networks that is faster. What looks at a batch as a whole sees a part instead: for batch
    normalisation this is "ghost batch normalization" (Hoffer, Hubara and Soudry 2017).

    Args:
        network: to be called.
        inputs: its inputs, each of shape (n, ...).
        replicas: the number of parts; divides n.
        training: whether the network is in training mode.
    """
    if replicas == 1:
        return network(inputs, training=training)
    parts = zip(*(tf.split(x, replicas) for x in tf.nest.flatten(inputs)), strict=True)
    outputs = [network(tf.nest.pack_sequence_as(inputs, x), training=training) for x in parts]
    return tf.concat(outputs, axis=0)


def parts_of(data, n: int) -> list[tuple]:
    """A batch of images, or of (images, classes), in n parts: pairs, with None for no classes."""
    images, classes, _ = keras.utils.unpack_x_y_sample_weight(data)

    def split(rows):  # the images of a step are those that one device would take
        return [rows] if n == 1 else [own(part) for part in tf.split(whole(rows), n)]

    return list(zip(split(images), [None] * n if classes is None else split(classes), strict=True))
