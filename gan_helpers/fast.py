"""The networks of the fast recipes (notebooks/ch05_fast.ipynb): small, and told a class or not.

Shapes and ranges as in `gan_helpers.networks`. Told classes, both networks take them beside their
other input: integers from 0, shape (n,).
"""

import keras
import tensorflow as tf
from keras import layers

from gan_helpers.networks import IMAGE_SHAPE, check_latent_dim


@keras.saving.register_keras_serializable(package="gan_helpers")
class OfClass(layers.Layer):
    """Of the outputs for all classes the one for each sample's own: (n, classes), (n,) to (n, 1).

    After a dense layer this is the projection discriminator of Miyato and Koyama (2018) without
    its part for all classes.
    """

    def call(self, outputs, classes):
        return tf.gather(outputs, classes, batch_dims=1)[:, None]


@keras.saving.register_keras_serializable(package="gan_helpers")
class BatchDeviation(layers.Layer):
    """One more channel: how much the samples of a group differ, the same number everywhere.

    The standard deviation over four samples, its mean over places and channels (Karras et al.
    2018, section 3). A generator whose images are too alike is given away by it. The number of
    samples must be a multiple of four.
    """

    GROUP = 4

    def call(self, x):
        _, height, width, channels = x.shape
        groups = tf.reshape(x, (self.GROUP, -1, height, width, channels))
        deviation = tf.sqrt(tf.math.reduce_variance(groups, axis=0) + 1e-8)
        deviation = tf.reduce_mean(deviation, axis=(1, 2, 3), keepdims=True)
        deviation = tf.tile(deviation, (self.GROUP, height, width, 1))
        return tf.concat([x, deviation], axis=-1)


def _dense(units: int, **options) -> layers.Dense:
    return layers.Dense(units, kernel_initializer="he_normal", **options)


def _activation() -> layers.LeakyReLU:
    return layers.LeakyReLU(negative_slope=0.2)


def fast_generator(
    n_classes: int = 0, *, latent_dim: int = 32, hidden_units: int = 0, channels: int = 32
) -> keras.Model:
    """The compact generator with half its channels and one more layer, told classes or not.

    The last layer makes each pixel from nine neighbours of what is otherwise the compact
    generator's last enlargement, with eight channels in place of one. The first batch
    normalisation comes after the reshaping: it has one mean for a channel's 49 places, and not one
    for each of them, which would be a mean over few samples.

    Args:
        n_classes: 0, or the number of classes. Each class is a vector of its own, learned, beside
            the latent vector.
        latent_dim: at least 1.
        hidden_units: of one more dense layer before the others, or 0.
        channels: at 7 by 7; at 14 by 14 there are half as many.
    """
    check_latent_dim(latent_dim)
    latent = keras.Input((latent_dim,), name="latent")
    inputs, x = latent, latent
    if n_classes:
        classes = keras.Input((), dtype="int32", name="classes")
        start = keras.initializers.RandomNormal(stddev=1.0)  # as large as the latent numbers
        told = layers.Embedding(n_classes, n_classes, embeddings_initializer=start)(classes)
        inputs, x = [latent, classes], layers.Concatenate()([latent, told])

    def normalised(x):
        return _activation()(layers.BatchNormalization()(x))

    if hidden_units:
        x = normalised(_dense(hidden_units, use_bias=False)(x))
    x = layers.Reshape((7, 7, channels))(_dense(7 * 7 * channels, use_bias=False)(x))
    x = normalised(x)
    x = layers.Conv2DTranspose(
        channels // 2,
        4,
        strides=2,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    x = normalised(x)
    x = layers.Conv2DTranspose(8, 4, strides=2, padding="same", kernel_initializer="he_normal")(x)
    x = layers.Conv2D(1, 3, padding="same", activation="tanh")(_activation()(x))
    return keras.Model(inputs, x, name="fast_generator")


def fast_discriminator(
    n_classes: int = 0, *, whole: bool = False, filters: int = 32
) -> keras.Model:
    """Two strided convolutions and a logit, of a class if there are classes.

    Args:
        n_classes: 0, or the number of classes.
        whole: one more dense layer, which sees what is far apart in the image together, and
            `BatchDeviation` before it.
        filters: of the first convolution; the second has twice as many.
    """
    images = keras.Input(IMAGE_SHAPE, name="images")
    x = images
    for width in (filters, 2 * filters):
        x = layers.Conv2D(width, 4, strides=2, padding="same", kernel_initializer="he_normal")(x)
        x = _activation()(x)
    if whole:
        # Fewer channels first: most of the dense layer's work would be lost on details.
        x = _activation()(layers.Conv2D(16, 1, kernel_initializer="he_normal")(x))
        x = layers.Flatten()(BatchDeviation()(x))
        x = _activation()(_dense(256)(x))
    x = layers.Dense(n_classes or 1)(layers.Flatten()(x))
    if not n_classes:
        return keras.Model(images, x, name="fast_discriminator")
    classes = keras.Input((), dtype="int32", name="classes")
    return keras.Model([images, classes], OfClass()(x, classes), name="fast_discriminator")
