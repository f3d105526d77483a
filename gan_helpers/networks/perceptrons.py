"""Networks of dense layers, for points in the plane and for numbers."""

import keras
from keras import layers

from gan_helpers.checks import check_counts, check_kinds


def point_generator(latent_dim: int = 2, width: int = 96) -> keras.Model:
    """A generator of points in the plane: four hidden layers of `width` ReLU units.

    Args:
        latent_dim: at least 1.
        width: at least 1.

    Raises:
        ValueError: for what is no such integer.
    """
    check_counts(latent_dim=latent_dim)
    return multilayer_perceptron(latent_dim, 2, hidden=4, width=width, name="point_generator")


def point_discriminator(width: int = 96) -> keras.Model:
    """A discriminator of points in the plane: four hidden layers of `width` ReLU units.

    Args:
        width: at least 1.

    Raises:
        ValueError: for what is no such integer.
    """
    return multilayer_perceptron(2, 1, hidden=4, width=width, name="point_discriminator")


def line_discriminator(width: int = 48) -> keras.Model:
    """A discriminator of numbers: two hidden layers of `width` GELU units, smooth in its input.

    Args:
        width: at least 1.

    Raises:
        ValueError: for what is no such integer.
    """
    return multilayer_perceptron(
        1, 1, hidden=2, width=width, activation="gelu", name="line_discriminator"
    )


def multilayer_perceptron(
    inputs: int,
    outputs: int,
    *,
    hidden: int,
    width: int,
    activation: str = "relu",
    name: str | None = None,
) -> keras.Model:
    """Dense layers: `hidden` ones of `width` units each, then one that only adds up.

    The initial weights suit the activation: He's for ReLU, which is 0 for half of its inputs,
    Glorot's for the others.

    Args:
        inputs, outputs, width: at least 1.
        hidden: 0 or more.
        activation: of the hidden layers, the name of one of `keras.activations`.
        name: of the network.

    Raises:
        ValueError: for numbers that cannot be, and for an activation that Keras does not have.
    """
    inputs, outputs, width = check_counts(inputs=inputs, outputs=outputs, width=width)
    hidden = check_counts(hidden=hidden, at_least=0)
    check_kinds(str, activation=activation)
    check_kinds((str, type(None)), name=name)
    if not hasattr(keras.activations, activation):
        raise ValueError(f"Keras has no activation named {activation!r}.")
    start = "he_normal" if activation == "relu" else "glorot_uniform"
    between = [
        layers.Dense(width, activation=activation, kernel_initializer=start) for _ in range(hidden)
    ]
    return keras.Sequential([keras.Input((inputs,)), *between, layers.Dense(outputs)], name=name)
