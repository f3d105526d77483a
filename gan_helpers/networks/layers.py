"""Layers of the book's own: the logit of a class, and how much the images of a batch differ."""

import keras
import tensorflow as tf
from keras import layers

from gan_helpers.checks import check_backend

check_backend()


@keras.saving.register_keras_serializable(package="gan_helpers")
class OfClass(layers.Layer):
    """Of the outputs for all classes the one for each sample's own: (n, classes), (n,) to (n, 1).

    After a dense layer this is the projection discriminator of Miyato and Koyama (2018) without
    its part for all classes.
    """

    def build(self, outputs_shape, classes_shape=None):
        self.n_classes = outputs_shape[-1]

    def call(self, outputs, classes):
        return tf.gather(outputs, classes, batch_dims=1)[:, None]


@keras.saving.register_keras_serializable(package="gan_helpers")
class BatchDeviation(layers.Layer):
    """One more channel: how much the samples of a group differ, the same number everywhere.

    The standard deviation over four samples, its mean over places and channels (Karras et al.
    2018, section 3). A generator whose images are too alike is given away by it. The number of
    samples must be a multiple of four.

    Raises:
        ValueError: for another number of samples, or another shape than (n, height, width,
            channels).
    """

    GROUP = 4

    def call(self, x):
        if len(x.shape) != 4 or (x.shape[0] or 0) % self.GROUP:
            raise ValueError(
                "BatchDeviation takes (n, height, width, channels), n a multiple of "
                f"{self.GROUP}; given {tuple(x.shape)}. Leave out what is beyond a multiple: of a "
                "dataset by batch(..., drop_remainder=True)."
            )
        _, height, width, channels = x.shape
        groups = tf.reshape(x, (self.GROUP, -1, height, width, channels))
        deviation = tf.sqrt(tf.math.reduce_variance(groups, axis=0) + 1e-8)
        deviation = tf.reduce_mean(deviation, axis=(1, 2, 3), keepdims=True)
        deviation = tf.tile(deviation, (self.GROUP, height, width, 1))
        return tf.concat([x, deviation], axis=-1)
