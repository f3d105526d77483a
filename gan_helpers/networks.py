"""The generators and discriminators of chapter 5, for images, and of chapter 3, for points.

A generator maps latent vectors (n, latent_dim) to images (n, 28, 28, 1) from -1 to 1, or to points
(n, 2); a discriminator maps such images or points to one logit each, (n, 1).
"""

import math

import keras
import numpy as np
from keras import layers

# What the shapes below rely on, whatever a reader's own ~/.keras/keras.json says.
keras.config.set_image_data_format("channels_last")
keras.config.set_floatx("float32")

IMAGE_SHAPE = (28, 28, 1)


def check_latent_dim(latent_dim: int) -> None:
    if not isinstance(latent_dim, int) or latent_dim < 1:
        raise ValueError(f"latent_dim must be an integer, at least 1; given {latent_dim!r}.")


def source_generator(latent_dim: int = 100) -> keras.Model:
    """The generator of the text that this book mirrors: 2,330,944 parameters at 100 latent units.

    Kernel 5, one hidden layer at 7x7 and one at 14x14. Layer for layer the network of TensorFlow's
    DCGAN tutorial; LeakyReLU's slope 0.3 is the default that both rely on.
    """
    check_latent_dim(latent_dim)
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


def compact_generator(latent_dim: int = 64) -> keras.Model:
    """The notebooks' default generator: a small part of the source's work for an image.

    Kernel 4 at stride 2, so that every output pixel is fed by equally many inputs; slope 0.2 as
    in DCGAN (Radford et al. 2015).
    """
    check_latent_dim(latent_dim)
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


def point_generator(latent_dim: int = 2, width: int = 96) -> keras.Model:
    """A generator of points in the plane: four hidden layers of `width` ReLU units."""
    check_latent_dim(latent_dim)
    return multilayer_perceptron(latent_dim, 2, hidden=4, width=width, name="point_generator")


def point_discriminator(width: int = 96) -> keras.Model:
    """A discriminator of points in the plane: four hidden layers of `width` ReLU units."""
    return multilayer_perceptron(2, 1, hidden=4, width=width, name="point_discriminator")


def line_discriminator(width: int = 48) -> keras.Model:
    """A discriminator of numbers: two hidden layers of `width` GELU units, smooth in its input."""
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
    """
    start = "he_normal" if activation == "relu" else "glorot_uniform"
    between = [
        layers.Dense(width, activation=activation, kernel_initializer=start) for _ in range(hidden)
    ]
    return keras.Sequential([keras.Input((inputs,)), *between, layers.Dense(outputs)], name=name)


def sample_input(network: keras.Model) -> tuple[tuple, bool]:
    """The shape of one sample that a network takes, and whether it takes a class beside it.

    Raises:
        ValueError: if it takes two inputs of which the second is no class.
    """
    shapes = network.input_shape
    if not isinstance(shapes, list):
        return shapes[1:], False
    if len(shapes) != 2 or shapes[1] != (None,):
        raise ValueError(
            "A network of a conditional GAN takes samples and their classes, shapes (n, ...) and "
            f"(n,); given inputs of shapes {shapes}."
        )
    return shapes[0][1:], True


def draw_inputs(
    generator: keras.Model, n: int, *, seed: int, classes: np.ndarray | None = None
) -> np.ndarray | list[np.ndarray]:
    """What a generator makes n images from.

    Args:
        generator: from latent vectors, or from [latent vectors, classes].
        n: how many.
        seed: of both.
        classes: for the latter the classes of real images, integers, shape (m,); the images to
            be made have them `in_exact_shares`.

    Returns:
        Standard normal latent vectors, float32, shape (n, latent_dim), or a list of these and
        int32 classes, shape (n,).

    Raises:
        ValueError: if classes are missing, or given in vain.
    """
    (latent_dim,), conditional = sample_input(generator)
    if conditional != (classes is not None):
        raise ValueError(
            "This generator makes an image of a given class: classes to draw from are missing."
            if conditional
            else "This generator takes no classes; some were given."
        )
    rng = np.random.default_rng(seed)
    latent = rng.standard_normal((n, latent_dim), np.float32)
    if not conditional:
        return latent
    return [latent, in_exact_shares(classes, n, rng)]


def in_exact_shares(classes: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """n classes with the shares that they have in `classes`, to within one, in random order.

    This is systematic sampling: from the sorted classes, at equal distances. Drawing each at random
    instead would add noise to every figure of a generator (notebooks/ch05_conditional.ipynb).

    Args:
        classes: integers, shape (m,).
        n: how many to take.
        rng: where the first one is, and the order.

    Returns:
        int32, shape (n,).
    """
    places = (np.arange(n) + rng.random()) / n  # equally far apart, from 0 to 1
    chosen = np.sort(classes)[(places * len(classes)).astype(int)]
    return rng.permutation(chosen).astype(np.int32)


def layer_multiply_adds(layer: keras.Layer) -> int:
    """Multiplications, each with its addition, that one image costs this layer going forward.

    Counts the matrix products of dense layers and convolutions; the rest, element by element, is
    small beside them and counts as 0.
    """
    if isinstance(layer, layers.Dense):
        return layer.kernel.shape[0] * layer.kernel.shape[1]
    if isinstance(layer, layers.Conv2D | layers.Conv2DTranspose):
        # A convolution applies its kernel once per output place, a transposed one per input place.
        transposed = isinstance(layer, layers.Conv2DTranspose)
        _, height, width, _ = layer.input.shape if transposed else layer.output.shape
        return height * width * math.prod(layer.kernel.shape)
    return 0


def multiply_adds(model: keras.Model) -> int:
    """The sum of `layer_multiply_adds` over a model's layers."""
    return sum(layer_multiply_adds(layer) for layer in model.layers)
