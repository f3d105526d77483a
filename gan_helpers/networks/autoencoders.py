"""The two halves of an autoencoder of images (notebooks/ch02_autoencoder.ipynb).

A variational one has the same: its encoder gives two numbers where a plain one gives one.
"""

import keras
from keras import layers

from gan_helpers.checks import check_counts, check_kinds, check_numbers
from gan_helpers.data import IMAGE_SHAPE


def _hidden(layer: layers.Layer, x):
    return layers.LeakyReLU(negative_slope=0.2)(layer(x))


def encoder(
    code_dim: int = 16, *, outputs: int = 1, channels: int = 24, hidden: int = 128
) -> keras.Model:
    """Two strided convolutions and two dense layers, from an image to numbers about its code.

    Before the dense layers there is a convolution of one pixel with 16 channels: otherwise nearly
    all weights would stand in the first of them.

    Args:
        code_dim: of a code, at least 1.
        outputs: how many numbers about each number of a code: 1, the code itself; 2 for a normal
            distribution of codes, all means before all logarithms of a variance, for instance.
        channels: at 14 by 14, at least 1; at 7 by 7 there are twice as many.
        hidden: units of the first dense layer, at least 1.

    Returns:
        A model from images, shape (n, 28, 28, 1), -1 to 1, to (n, outputs * code_dim).

    Raises:
        ValueError: for numbers that cannot be.
    """
    code_dim, outputs, channels, hidden = check_counts(
        code_dim=code_dim, outputs=outputs, channels=channels, hidden=hidden
    )
    start = {"kernel_initializer": "he_normal"}
    x = images = keras.Input(IMAGE_SHAPE, name="images")
    for width in (channels, 2 * channels):
        x = _hidden(layers.Conv2D(width, 4, strides=2, padding="same", **start), x)
    x = layers.Flatten()(_hidden(layers.Conv2D(16, 1, **start), x))
    x = _hidden(layers.Dense(hidden, **start), x)
    return keras.Model(images, layers.Dense(outputs * code_dim)(x), name="encoder")


def decoder(
    code_dim: int = 16, *, channels: int = 32, hidden: int = 128, activation: str | None = "tanh"
) -> keras.Model:
    """Two dense layers, then two transposed convolutions that double the size, and a last one.

    Args:
        code_dim: of a code, at least 1.
        channels: at 7 by 7, at least 2; at 14 by 14 there are half as many, at 28 by 28 eight.
        hidden: units of the first dense layer, at least 1.
        activation: of the image, the name of one of `keras.activations`, or None.

    Returns:
        A model from codes, shape (n, code_dim), to images, shape (n, 28, 28, 1), -1 to 1 if the
        activation is tanh.

    Raises:
        ValueError: for numbers that cannot be, and for an activation that Keras does not have.
    """
    code_dim, hidden = check_counts(code_dim=code_dim, hidden=hidden)
    channels = check_counts(channels=channels, at_least=2)
    check_kinds((str, type(None)), activation=activation)
    if activation is not None and not hasattr(keras.activations, activation):
        raise ValueError(f"Keras has no activation named {activation!r}.")
    start = {"kernel_initializer": "he_normal"}
    double = {"kernel_size": 4, "strides": 2, "padding": "same"} | start
    codes = keras.Input((code_dim,), name="codes")
    x = _hidden(layers.Dense(hidden, **start), codes)
    x = _hidden(layers.Dense(7 * 7 * channels, **start), x)
    x = layers.Reshape((7, 7, channels))(x)
    x = _hidden(layers.Conv2DTranspose(channels // 2, **double), x)
    x = _hidden(layers.Conv2DTranspose(8, **double), x)
    images = layers.Conv2D(1, 3, padding="same", activation=activation)(x)
    return keras.Model(codes, images, name="decoder")


def linear_encoder(code_dim: int = 16, *, offset: float = 0.74) -> keras.Model:
    """A dense layer from the pixels to a code, and nothing else: what PCA's encoder is.

    Args:
        code_dim: of a code, at least 1.
        offset: added to all pixels first. By 0.74 the average pixel of MNIST's images becomes 0.
            It changes nothing that the network can compute, but training would be slow without:
            for thousands of steps a direction of the code would be spent on the mean image.

    Returns:
        A model from images, shape (n, 28, 28, 1), to codes, shape (n, code_dim).

    Raises:
        ValueError: for numbers that cannot be.
    """
    code_dim = check_counts(code_dim=code_dim)
    check_numbers(offset=offset)
    stack = [layers.Rescaling(1.0, offset=float(offset)), layers.Flatten(), layers.Dense(code_dim)]
    return keras.Sequential([keras.Input(IMAGE_SHAPE), *stack], name="linear_encoder")


def linear_decoder(code_dim: int = 16) -> keras.Model:
    """A dense layer from a code to the pixels, and nothing else.

    Args:
        code_dim: of a code, at least 1.

    Returns:
        A model from codes, shape (n, code_dim), to images, shape (n, 28, 28, 1), which may leave
        the range of -1 to 1.

    Raises:
        ValueError: for what is no such integer.
    """
    code_dim = check_counts(code_dim=code_dim)
    stack = [keras.Input((code_dim,)), layers.Dense(28 * 28), layers.Reshape(IMAGE_SHAPE)]
    return keras.Sequential(stack, name="linear_decoder")
