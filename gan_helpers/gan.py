"""A GAN: two networks that learn from each other, in steps that they take in turn.

This file is the lesson; what practice adds stands beside it. `game.py`: what the players minimise.
`repeatable.py`: `fit`, `evaluate`, saving. `gan_parts/`: reporting, averaging, replicas, several
devices. `checks/`: what is refused.
"""

from functools import partial
from typing import NamedTuple

import keras
import tensorflow as tf

from gan_helpers.checks import check_networks, check_optimizers
from gan_helpers.game import Game, game_and_options
from gan_helpers.gan_parts.devices import drawn
from gan_helpers.gan_parts.replicas import in_replicas, parts_of
from gan_helpers.gan_parts.reporting import Report
from gan_helpers.networks import with_classes
from gan_helpers.repeatable import RepeatableModel, built


class Fakes(NamedTuple):
    """Images that a generator has made, (n, height, width, channels), and the tape of how."""

    images: tf.Tensor
    tape: tf.GradientTape


@keras.saving.register_keras_serializable(package="gan_helpers")
class GAN(RepeatableModel):
    """A generator and a discriminator that learn from each other.

    Args:
        generator: latent vectors (n, latent_dim) to images (n, height, width, channels), -1 to 1,
            or to points (n, dimension). Of a conditional GAN: [latent vectors, classes].
        discriminator: images, or [images, classes], to one logit each, (n, 1).
        seed: of noise, dropout and the order of images: a non-negative integer.

    Raises:
        ValueError: for networks that do not fit each other, or that cannot be meant.
    """

    networks = ("generator", "discriminator")
    optimizers = ("generator_optimizer", "discriminator_optimizer")

    def __init__(self, generator: keras.Model, discriminator: keras.Model, *, seed=0, **kwargs):
        latent_dim, shape, conditional, n = check_networks(generator, discriminator)
        super().__init__(shape, conditional, n, seed=seed, **kwargs)
        self.generator, self.discriminator = generator, discriminator
        self.noise, self.game = keras.random.SeedGenerator(self.seed), Game()
        self.latent_dim = latent_dim

    def compile(self, *, generator_optimizer=None, discriminator_optimizer=None, **options) -> None:
        """Give each player an optimizer of its own, or the name of one, and both their game.

        The options are the fields of `Game`, and `jit_compile`, `run_eagerly` and
        `steps_per_execution` as for `keras.Model.compile`. Another call counts steps from 0 again.
        A game with a loss or a penalty of your own is not saved: compile what was loaded.
        """
        game, options = game_and_options(options)
        check_optimizers(generator=generator_optimizer, discriminator=discriminator_optimizer)
        self.game, self.report = game, Report(penalty=bool(game.penalties))
        super().compile(optimizer=None, **options)
        self.generator_optimizer = built(generator_optimizer, self.generator)
        self.discriminator_optimizer = built(discriminator_optimizer, self.discriminator)

    def sample_latent(self, n: int | tf.Tensor) -> tf.Tensor:
        """Draw n latent vectors from the standard normal distribution, shape (n, latent_dim)."""
        return drawn(keras.random.normal, (n, self.latent_dim), seed=self.noise)

    def make_fakes(self, n: int | tf.Tensor, classes: tf.Tensor | None = None) -> Fakes:
        """n new images, of these classes if the GAN is conditional, and the tape of how."""
        with tf.GradientTape() as tape:
            inputs = with_classes(self.sample_latent(n), classes)
            images = in_replicas(self.generator, inputs, self.game.replicas)
        return Fakes(images, tape)

    def logits(self, images: tf.Tensor, classes: tf.Tensor | None, training=True) -> tf.Tensor:
        """What the discriminator says of images, (n, 1): above 0 for real, below 0 for fake."""
        inputs = with_classes(images, classes)
        return in_replicas(self.discriminator, inputs, self.game.replicas, training=training)

    def discriminator_step(self, real: tf.Tensor, classes: tf.Tensor | None = None) -> Fakes:
        """Move the discriminator alone, towards telling real images from as many fresh fakes."""
        fakes = self.make_fakes(tf.shape(real)[0], classes)
        fake, weights = tf.stop_gradient(fakes.images), self.discriminator.trainable_variables
        logits = partial(self.logits, classes=classes)
        with tf.GradientTape() as tape:
            real_logits, fake_logits = logits(real), logits(fake)
            loss = self.game.discriminator_loss(real_logits, fake_logits)
        gradients, step = tape.gradient(loss, weights), self.discriminator_optimizer.iterations
        penalty = partial(self.game.penalty, logits, real, fake, seed=self.noise)
        report = partial(self.report.of_penalty, tf.shape(real)[0])
        gradients = self.game.with_penalty(gradients, weights, penalty, step=step, report=report)
        self.discriminator_optimizer.apply(gradients, weights)
        self.report.of_discriminator(loss, real_logits, fake_logits)
        return fakes

    def generator_step(self, real: tf.Tensor, classes=None, fakes: Fakes | None = None) -> None:
        """Move the generator alone, towards fakes that the discriminator finds more real.

        They are fresh ones unless given. Real images only tell how many, unless the loss is
        `paired`: then it compares the logits of both.
        """
        fakes = fakes or self.make_fakes(tf.shape(real)[0], classes)
        weights = self.generator.trainable_variables
        real_logits = self.logits(real, classes) if self.game.loss.paired else None
        with tf.GradientTape() as tape:
            tape.watch(fakes.images)
            loss = self.game.generator_loss(real_logits, self.logits(fakes.images, classes))
        gradient = tape.gradient(loss, fakes.images)
        gradients = fakes.tape.gradient(fakes.images, weights, output_gradients=gradient)
        self.generator_optimizer.apply(gradients, weights)
        self.report.of_generator(loss, tf.shape(real)[0])

    def train_step(self, data) -> dict:
        """Steps of the discriminator, each on its part of a batch, then one of the generator."""
        with self.one_step(data):
            for real, classes in parts_of(data, self.game.discriminator_steps):
                fakes = self.discriminator_step(real, classes)
            self.generator_step(real, classes, fakes if self.game.same_fakes else None)
        return self.get_metrics_result()

    def test_step(self, data) -> dict:
        return self.report.of_evaluation(self, data)

    def call(self, latent, training=False):
        """Images for latent vectors, or for [latent vectors, classes]."""
        return self.generator(latent, training=training)
