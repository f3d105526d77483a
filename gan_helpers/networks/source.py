"""The networks of the text that this book mirrors, to be compared with."""

import keras
from keras import layers

from gan_helpers.checks import check_counts
from gan_helpers.data import IMAGE_SHAPE


def source_generator(latent_dim: int = 100) -> keras.Model:
    """The generator of the text that this book mirrors: 2,330,944 parameters at 100 latent units.

    Kernel 5, one hidden layer at 7x7 and one at 14x14. Layer for layer the network of TensorFlow's
    DCGAN tutorial; LeakyReLU's negative slope 0.3 is the default that both
    rely on.

    Args:
        latent_dim: at least 1.

    Raises:
        ValueError: for what is no such integer.
    """
    latent_dim = check_counts(latent_dim=latent_dim)
    return keras.Sequential(
        [
            keras.Input((latent_dim,)),
            layers.Dense(7 * 7 * 256, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.3),
            layers.Reshape((7, 7, 256)),
            layers.Conv2DTranspose(128, 5, strides=1, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.3),
            layers.Conv2DTranspose(64, 5, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.3),
            layers.Conv2DTranspose(
                1, 5, strides=2, padding="same", use_bias=False, activation="tanh"
            ),
        ],
        name="source_generator",
    )


def source_discriminator() -> keras.Model:
    """The discriminator of the text that this book mirrors: 212,865 parameters, one logit."""
    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE),
            layers.Conv2D(64, 5, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.3),
            layers.Dropout(0.3),
            layers.Conv2D(128, 5, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.3),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(1),
        ],
        name="source_discriminator",
    )
