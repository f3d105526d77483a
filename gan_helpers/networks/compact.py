"""The notebooks' default pair: a small generator and a small discriminator of images."""

import keras
from keras import layers

from gan_helpers.checks import check_counts
from gan_helpers.data import IMAGE_SHAPE


def compact_generator(latent_dim: int = 64) -> keras.Model:
    """The notebooks' default generator: a small part of the source's work for an image.

    Kernel 4 at stride 2, so that every output pixel is fed by equally many inputs; negative slope
    0.2 as in DCGAN (Radford et al. 2015).

    Args:
        latent_dim: at least 1.

    Raises:
        ValueError: for what is no such integer.
    """
    latent_dim = check_counts(latent_dim=latent_dim)
    return keras.Sequential(
        [
            keras.Input((latent_dim,)),
            layers.Dense(7 * 7 * 64, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Reshape((7, 7, 64)),
            layers.Conv2DTranspose(32, 4, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="tanh"),
        ],
        name="compact_generator",
    )


def compact_discriminator() -> keras.Model:
    """The notebooks' default discriminator: two strided convolutions, dropout, one logit."""
    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE),
            layers.Conv2D(24, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(48, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(1),
        ],
        name="compact_discriminator",
    )
