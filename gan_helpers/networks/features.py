"""A discriminator that also shows what it has seen: for the VAE-GAN of notebooks/ch02_vae.ipynb."""

import keras
from keras import layers

from gan_helpers.checks import check_counts
from gan_helpers.data import IMAGE_SHAPE


def feature_discriminator(features: int = 128, *, channels: int = 24) -> keras.Model:
    """Two strided convolutions, one of a single pixel, and a dense layer, before the logit.

    Args:
        features: units of the dense layer, at least 1.
        channels: at 14 by 14, at least 1; at 7 by 7 there are twice as many.

    Returns:
        A model from images, shape (n, 28, 28, 1), -1 to 1, to [features, (n, features), and
        logits, (n, 1)].

    Raises:
        ValueError: for numbers that cannot be.
    """
    features, channels = check_counts(features=features, channels=channels)

    def hidden(layer: layers.Layer, x):
        return layers.LeakyReLU(negative_slope=0.2)(layer(x))

    start = {"kernel_initializer": "he_normal"}
    x = images = keras.Input(IMAGE_SHAPE, name="images")
    for width in (channels, 2 * channels):
        x = hidden(layers.Conv2D(width, 4, strides=2, padding="same", **start), x)
    x = layers.Flatten()(hidden(layers.Conv2D(16, 1, **start), x))
    x = hidden(layers.Dense(features, **start), x)
    return keras.Model(images, [x, layers.Dense(1)(x)], name="feature_discriminator")
