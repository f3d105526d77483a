"""A player without an opponent, trained against fixed samples (book/ch04_mathematics.md).

To compare what a player can reach with what theory says of the best one.
"""

from collections.abc import Callable, Mapping
from typing import cast

import keras
import numpy as np
import tensorflow as tf

from gan_helpers.checks import (
    check_counts,
    check_kinds,
    check_rate,
    check_samples,
    check_seed,
    sample_input,
)
from gan_helpers.checks.arrays import as_array
from gan_helpers.game import Game
from gan_helpers.losses import Loss
from gan_helpers.losses.penalties import Penalty


def train_discriminator(
    discriminator: keras.Model,
    real: np.ndarray,
    fake: np.ndarray,
    *,
    loss: Loss | str = "non_saturating",
    penalties: Mapping[Penalty | str, float] | None = None,
    steps: int = 1000,
    batch_size: int = 256,
    learning_rate: float = 5e-3,
    seed: int = 0,
) -> None:
    """Move a discriminator alone, towards the best answers about two fixed sets of samples.

    Adam, with a learning rate that falls to 0 along half a cosine.

    Args:
        discriminator: samples to one output each, (n, 1).
        real, fake: samples, shape (n, ...), as many as there are; each batch is drawn from all of
            them anew, so that a sample may come twice.
        loss, penalties: as for `GAN.compile`; the generator's part of the loss is not used.
        steps: how many batches.
        batch_size: real samples in each, and as many fakes.
        learning_rate: the first one, above 0.
        seed: of the batches, and of what the penalties draw.

    Raises:
        ValueError: if a loss or a penalty is not known, for samples of another shape than the
            discriminator's or that are not finite, and for numbers that cannot be.
    """
    check_kinds(Mapping, penalties={} if penalties is None else penalties)
    game = Game(loss=loss, penalties=penalties or {})
    loss_of = cast(Loss, game.loss).discriminator
    steps, batch_size = check_counts(steps=steps, batch_size=batch_size)
    learning_rate, seed = check_rate(learning_rate=learning_rate), check_seed(seed)
    shape, conditional = sample_input(discriminator)
    if conditional or discriminator.output_shape != (None, 1):
        raise ValueError(
            "discriminator must give one output for each sample, without a class, shape (n, 1); "
            f"given inputs of shape {discriminator.input_shape} and outputs of shape "
            f"{discriminator.output_shape}."
        )
    for samples in (real, fake):
        check_samples(as_array(samples), shape)
    noise = keras.random.SeedGenerator(seed)
    real, fake = tf.constant(real, tf.float32), tf.constant(fake, tf.float32)

    def loss_of_a_batch() -> tf.Tensor:
        real_batch, fake_batch = (_drawn(s, batch_size, noise) for s in (real, fake))
        total = loss_of(
            discriminator(real_batch, training=True), discriminator(fake_batch, training=True)
        )
        return total + game.penalty(discriminator, real_batch, fake_batch, seed=noise)

    _descend(loss_of_a_batch, discriminator.trainable_variables, steps, learning_rate)


def train_generator(
    generator: keras.Model,
    real: np.ndarray,
    distance: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    *,
    steps: int = 1000,
    batch_size: int = 256,
    learning_rate: float = 3e-3,
    seed: int = 0,
) -> None:
    """Move a generator alone, towards the least distance of its samples from a fixed set.

    Adam without momentum, with a learning rate that falls to 0 along half a cosine. Written out
    in notebooks/ch04_kernels.ipynb.

    Args:
        generator: latent vectors, shape (n, latent_dim), to samples.
        real: samples, shape (n, ...); each batch is drawn from all of them anew.
        distance: of (real, fake) batches, a scalar that can be differentiated in the fakes, such
            as those of `gan_helpers.losses.kernels`.
        steps: how many batches.
        batch_size: real samples in each, and as many fakes.
        learning_rate: the first one, above 0.
        seed: of the batches and the latent vectors.

    Raises:
        ValueError: for samples of another shape than the generator's or that are not finite, and
            for numbers that cannot be.
    """
    steps, batch_size = check_counts(steps=steps, batch_size=batch_size)
    learning_rate, seed = check_rate(learning_rate=learning_rate), check_seed(seed)
    check_kinds(Callable, distance=distance)
    latent_shape, conditional = sample_input(generator)
    if conditional or len(latent_shape) != 1:
        raise ValueError(
            "generator must take latent vectors alone, shape (n, latent_dim); given inputs of "
            f"shape {generator.input_shape}."
        )
    check_samples(as_array(real), generator.output_shape[1:])
    noise = keras.random.SeedGenerator(seed)
    real, latent_dim = tf.constant(real, tf.float32), latent_shape[0]

    def distance_of_a_batch() -> tf.Tensor:
        real_batch = _drawn(real, batch_size, noise)
        latent = keras.random.normal((batch_size, latent_dim), seed=noise)
        return distance(real_batch, generator(latent, training=True))

    weights = generator.trainable_variables
    _descend(distance_of_a_batch, weights, steps, learning_rate, beta_1=0.0, beta_2=0.99)


def _descend(
    value: Callable[[], tf.Tensor],
    variables: list,
    steps: int,
    learning_rate: float,
    **options: float,
) -> None:
    """So many steps of Adam down a value that is another one in each batch."""
    falling = keras.optimizers.schedules.CosineDecay(learning_rate, steps)
    optimizer = keras.optimizers.Adam(falling, **options)
    optimizer.build(variables)

    @tf.function
    def train() -> None:
        for _ in tf.range(steps):
            with tf.GradientTape() as tape:
                now = value()
            optimizer.apply(tape.gradient(now, variables), variables)

    # Called as a concrete function: TensorFlow warns of functions that it has to trace repeatedly,
    # and this one is another for each network.
    train.get_concrete_function()()


def _drawn(samples: tf.Tensor, n: int, noise: keras.random.SeedGenerator) -> tf.Tensor:
    """A batch of n samples, each drawn from all."""
    return tf.gather(samples, keras.random.randint((n,), 0, len(samples), seed=noise))
