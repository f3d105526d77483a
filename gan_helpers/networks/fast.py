"""The networks of the fast recipes (notebooks/ch05_fast.ipynb): small, and conditional or not.

Conditional ones take classes beside their other input: integers from 0, shape (n,).
"""

import keras
from keras import layers

from gan_helpers.checks import check_counts, check_kinds
from gan_helpers.data import IMAGE_SHAPE
from gan_helpers.networks.layers import BatchDeviation, OfClass


def _dense(units: int, **options) -> layers.Dense:
    return layers.Dense(units, kernel_initializer="he_normal", **options)


def _activation() -> layers.LeakyReLU:
    return layers.LeakyReLU(negative_slope=0.2)


def fast_generator(
    n_classes: int = 0, *, latent_dim: int = 32, hidden_units: int = 0, channels: int = 32
) -> keras.Model:
    """The compact generator with half its channels and one more layer, conditional or not.

    The last layer makes each pixel from nine neighbours of what is otherwise the compact
    generator's last enlargement, with eight channels in place of one. The first batch
    normalisation comes after the reshaping: it has one mean for a channel's 49 places, and not one
    for each of them, which would be a mean over few samples.

    Args:
        n_classes: 0, or the number of classes. Each class is a vector of its own, learned, beside
            the latent vector.
        latent_dim: at least 1.
        hidden_units: of one more dense layer before the others, or 0.
        channels: at 7 by 7, at least 2; at 14 by 14 there are half as many.

    Raises:
        ValueError: for numbers that cannot be.
    """
    latent_dim = check_counts(latent_dim=latent_dim)
    channels = check_counts(channels=channels, at_least=2)
    n_classes, hidden_units = check_counts(
        n_classes=n_classes, hidden_units=hidden_units, at_least=0
    )
    latent = keras.Input((latent_dim,), name="latent")
    inputs, x = latent, latent
    if n_classes:
        classes = keras.Input((), dtype="int32", name="classes")
        start = keras.initializers.RandomNormal(stddev=1.0)  # as large as the latent numbers
        of_class = layers.Embedding(n_classes, n_classes, embeddings_initializer=start)(classes)
        inputs, x = [latent, classes], layers.Concatenate()([latent, of_class])

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

    Raises:
        ValueError: for numbers that cannot be, or a `whole` that is no bool.
    """
    filters = check_counts(filters=filters)
    n_classes = check_counts(n_classes=n_classes, at_least=0)
    check_kinds(bool, whole=whole)
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
