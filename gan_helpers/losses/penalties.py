"""What is added to the discriminator's loss for a large gradient.

A penalty is a function `(discriminator, real, fake, *, seed)` of the discriminator and the two
batches, samples of shape (n, ...), and returns a scalar, 0 or more. The gradient meant is that of
the discriminator's output with respect to a sample. A penalty means what it says for discriminators
that look at each sample by itself: batch normalisation mixes them. Derived and measured in
notebooks/ch03_circles.ipynb and notebooks/ch04_wasserstein.ipynb.
"""

from collections.abc import Callable
from typing import TypeAlias

import keras
import tensorflow as tf

from gan_helpers.checks import check_kinds, check_seed, check_tensors
from gan_helpers.gan_parts.devices import drawn
from gan_helpers.losses.safe_sqrt import safe_sqrt

Penalty = Callable[..., tf.Tensor]
Seed: TypeAlias = int | keras.random.SeedGenerator | None


def squared_gradient_norms(discriminator: Callable, samples: tf.Tensor) -> tf.Tensor:
    """The squared length of the discriminator's gradient at each sample.

    Args:
        discriminator: called with samples and `training=True`; gives outputs of shape (n, 1).
        samples: shape (n, ...).

    Returns:
        0 or more, shape (n,).

    Raises:
        ValueError: for what cannot be called, and for what are no samples.
    """
    check_kinds(Callable, discriminator=discriminator)
    (samples,) = check_tensors(samples=samples)
    if not len(samples.shape):
        raise ValueError(f"samples must be of shape (n, ...); given {samples}.")
    with tf.GradientTape() as tape:
        tape.watch(samples)
        outputs = discriminator(samples, training=True)
    gradients = tape.gradient(outputs, samples)
    return tf.reduce_sum(tf.square(gradients), axis=range(1, len(samples.shape)))


def r1_penalty(
    discriminator: Callable, real: tf.Tensor, fake: tf.Tensor, *, seed: Seed = None
) -> tf.Tensor:
    """Half the mean squared gradient norm on real samples (Mescheder et al. 2018, eq. 9).

    Args:
        discriminator: as for `squared_gradient_norms`.
        real: shape (n, ...).
        fake, seed: not used.

    Raises:
        ValueError: as `squared_gradient_norms`.
    """
    return tf.reduce_mean(squared_gradient_norms(discriminator, real)) / 2


def r2_penalty(
    discriminator: Callable, real: tf.Tensor, fake: tf.Tensor, *, seed: Seed = None
) -> tf.Tensor:
    """Half the mean squared gradient norm on fake samples (Mescheder et al. 2018, eq. 10).

    Args:
        discriminator: as for `squared_gradient_norms`.
        fake: shape (n, ...).
        real, seed: not used.

    Raises:
        ValueError: as `squared_gradient_norms`.
    """
    return tf.reduce_mean(squared_gradient_norms(discriminator, fake)) / 2


def gradient_penalty(
    discriminator: Callable, real: tf.Tensor, fake: tf.Tensor, *, seed: Seed = None
) -> tf.Tensor:
    """Mean (gradient norm - 1)² between real and fake samples (Gulrajani et al. 2017, eq. 3).

    Each point lies on the line from one real to one fake sample, at a place drawn uniformly from
    0 to 1, one draw for the whole sample.

    Args:
        discriminator: the critic.
        real, fake: shape (n, ...), both the same.
        seed: an integer or a Keras SeedGenerator, for the places on the lines.

    Raises:
        ValueError: if the two batches differ in shape.
    """
    real, fake = check_tensors(real=real, fake=fake)
    if not isinstance(seed, keras.random.SeedGenerator | None):
        seed = check_seed(seed)
    if not real.shape.is_compatible_with(fake.shape):
        raise ValueError(
            "A gradient penalty draws lines from real to fake samples, so that both batches must "
            f"have one shape; given {real.shape} and {fake.shape}."
        )
    shape = (tf.shape(real)[0], *[1] * (len(real.shape) - 1))
    places = drawn(keras.random.uniform, shape, dtype=real.dtype, seed=seed)
    norms = safe_sqrt(squared_gradient_norms(discriminator, real + places * (fake - real)))
    return tf.reduce_mean(tf.square(norms - 1))


PENALTIES: dict[str, Penalty] = {
    "r1": r1_penalty,
    "r2": r2_penalty,
    "gradient_penalty": gradient_penalty,
}
