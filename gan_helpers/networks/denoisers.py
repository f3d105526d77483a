"""Networks that see noised samples and how noisy they are (notebooks/ch02_diffusion.ipynb).

Each takes [samples, times] or [samples, times, classes], times from 0 (no noise) to 1 (nothing
else), and answers with as many numbers as a sample has.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from gan_helpers.checks import check_counts
from gan_helpers.data import IMAGE_SHAPE

PERIODS = 0.25 * 100 ** np.linspace(0, 1, 16)  # of the waves, in a unit of time


@keras.saving.register_keras_serializable(package="gan_helpers")
class Waves(layers.Layer):
    """Sines and cosines of the time, from slow to fast ones: (n,) to (n, 32)."""

    def call(self, times):
        angles = 2 * np.pi * PERIODS.astype("float32") * times[:, None]
        return tf.concat([tf.sin(angles), tf.cos(angles)], axis=-1)


def point_denoiser(n_classes: int = 0, *, width: int = 128, hidden: int = 3) -> keras.Model:
    """A denoiser of points in the plane: dense layers, which are given the time beside the point.

    What they find is scaled by the time, and some of the input is added: near time 0 the noise is
    the small distance to the next sample, many times enlarged.

    Args:
        n_classes: 0, or the number of classes; one more stands for “of no given class”.
        width: of each hidden layer, at least 1.
        hidden: how many there are, at least 1.

    Raises:
        ValueError: for numbers that cannot be.
    """
    width, hidden = check_counts(width=width, hidden=hidden)
    points, inputs, condition = _inputs((2,), n_classes, width)
    x = layers.Concatenate()([points, condition])
    for _ in range(hidden):
        x = layers.Dense(width, "relu", kernel_initializer="he_normal")(x)
    scale = layers.Dense(1, bias_initializer="ones")(condition)
    x = layers.Multiply()([scale, layers.Dense(2)(x)])
    return keras.Model(inputs, _plus_input(x, points, condition), name="point_denoiser")


def unet(
    n_classes: int = 0, *, channels: tuple[int, int] = (16, 64), condition_units: int = 64
) -> keras.Model:
    """A small U-Net for MNIST: from 28 by 28 to 14 by 14 and 7 by 7, and back up.

    Each block is two convolutions beside a connection that skips them (He et al. 2016); the time,
    and the class, come in as a number for each channel between the two. What a level has found on
    the way down is handed to the same level on the way up (Ronneberger et al. 2015). There is no
    normalisation: on a processor it takes as long as the convolutions that it would help, and with
    blocks that begin as the identity the training goes without.

    Args:
        n_classes: as for `point_denoiser`.
        channels: at 14 by 14, and at 7 by 7; at least 1 each.
        condition_units: numbers that the time and the class are described by, at least 1.

    Raises:
        ValueError: for numbers that cannot be.
    """
    if not isinstance(channels, tuple | list) or len(channels) != 2:
        raise ValueError(
            f"channels must be two integers, at 14 by 14 and 7 by 7; given {channels}."
        )
    upper, lower, condition_units = check_counts(
        upper=channels[0], lower=channels[1], condition_units=condition_units
    )
    images, inputs, condition = _inputs(IMAGE_SHAPE, n_classes, condition_units)
    x = layers.Conv2D(upper, 4, strides=2, padding="same")(images)
    level = x = _block(x, upper, condition)
    x = layers.Conv2D(lower, 2, strides=2)(x)
    for _ in range(2):
        x = _block(x, lower, condition)
    x = layers.Conv2DTranspose(upper, 2, strides=2)(layers.ReLU()(x))
    x = _block(layers.Concatenate()([x, level]), upper, condition)
    x = layers.Conv2DTranspose(1, 4, strides=2, padding="same", kernel_initializer="zeros")(
        layers.ReLU()(x)
    )
    return keras.Model(inputs, _plus_input(x, images, condition), name="unet")


def _plus_input(x, samples, condition) -> keras.KerasTensor:
    """The answer with a share of the input, which depends on the time above all."""
    share = layers.Dense(1, name="share_of_input")(condition)
    share = layers.Reshape((1,) * (len(samples.shape) - 1))(share)
    return layers.Add(name="answer")([x, layers.Multiply()([share, samples])])


def _inputs(shape: tuple, n_classes: int, units: int) -> tuple:
    """The inputs for samples of a shape, all inputs, and what tells of the time and the class."""
    n_classes = check_counts(n_classes=n_classes, at_least=0)
    samples, times = keras.Input(shape, name="samples"), keras.Input((), name="times")
    inputs = [samples, times]
    x = layers.Dense(units)(Waves()(times))
    if n_classes:
        classes = keras.Input((), dtype="int32", name="classes")
        inputs.append(classes)
        x = layers.Add()([x, layers.Embedding(n_classes + 1, units)(classes)])
    return samples, inputs, layers.Dense(units, "swish")(layers.Activation("swish")(x))


def _block(x: keras.KerasTensor, channels: int, condition: keras.KerasTensor) -> keras.KerasTensor:
    """Two convolutions beside a connection that skips them; at the start they add nothing."""
    kept = x if x.shape[-1] == channels else layers.Conv2D(channels, 1)(x)
    x = layers.Conv2D(channels, 3, padding="same")(layers.ReLU()(x))
    of_time = layers.Reshape((1, 1, channels))(layers.Dense(channels)(condition))
    x = layers.ReLU()(layers.Add()([x, of_time]))
    x = layers.Conv2D(channels, 3, padding="same", kernel_initializer="zeros")(x)
    return layers.Add()([kept, x])
