"""What the families beside GANs share: there is one loss, and a step moves all weights down it.

A GAN has two players with a loss each, and neither is a measure of success. All other families of
chapter 2 minimise a single number. So they share the training step below, and a family says only
what its loss is and how it makes new samples.
"""

import keras
import tensorflow as tf

from gan_helpers.checks import check_optimizers
from gan_helpers.families.generating import AT_ONCE as AT_ONCE
from gan_helpers.families.generating import Generating
from gan_helpers.repeatable import OPTIONS, RepeatableModel


class Losses:
    """Means of the loss and of its parts over an epoch, in which each sample counts once.

    Attributes:
        metrics: a `keras.metrics.Mean` for each name.
    """

    def __init__(self, names: tuple[str, ...]):
        self.metrics = [keras.metrics.Mean(name) for name in names]

    def update(self, losses: dict[str, tf.Tensor], n: tf.Tensor) -> None:
        """Count a batch of n samples; a scalar for each name."""
        for metric in self.metrics:
            metric.update_state(losses[metric.name], n)


class OneLossModel(Generating, RepeatableModel):
    """A model with one loss and one optimizer. A family says what follows.

    Args:
        sample_shape, conditional, n_classes, n_tokens, seed: as for `RepeatableModel`.

    Attributes:
        networks: as for `RepeatableModel`.
        reported: the names of what `losses` gives; the first is "loss".
        noise: a generator of random numbers, for `losses`.
    """

    reported: tuple[str, ...] = ("loss",)

    def __init__(self, sample_shape, conditional=False, n_classes=None, **kwargs):
        super().__init__(sample_shape, conditional, n_classes, **kwargs)
        self.noise = keras.random.SeedGenerator(self.seed)

    def losses(self, samples: tf.Tensor, classes: tf.Tensor | None, training: bool) -> dict:
        """The loss of a batch, a mean over its samples, and its parts: a scalar for each name."""
        raise NotImplementedError

    def compile(self, optimizer: keras.optimizers.Optimizer | str = "adam", **options) -> None:
        """As `keras.Model.compile`, with an optimizer alone.

        Args:
            optimizer: one of Keras's, or its name.
            options: `jit_compile`, `run_eagerly`, `steps_per_execution` as for Keras.

        Raises:
            ValueError: for what is no optimizer, for one with `use_ema`, for other options, and
                within the scope of a strategy for several devices.
        """
        check_optimizers(optimizer=optimizer)
        check_options(self, options)
        if tf.distribute.get_strategy().num_replicas_in_sync > 1:
            raise ValueError(f"{type(self).__name__} is trained on one device; GANs on several.")
        optimizer = keras.optimizers.get(optimizer)
        refuse_mean(optimizer)
        self.report = Losses(self.reported)
        super().compile(optimizer=optimizer, **options)
        self.optimizer.build(self.trainable_variables)

    def train_step(self, data) -> dict:
        """Move all weights down the gradient of the loss."""
        with self.one_step(data):
            samples, classes = parts(data)
            with tf.GradientTape() as tape:
                losses = self.losses(samples, classes, training=True)
            weights = self.trainable_variables
            self.optimizer.apply(tape.gradient(losses["loss"], weights), weights)
            self.report.update(losses, tf.shape(samples)[0])
        return self.get_metrics_result()

    def test_step(self, data) -> dict:
        samples, classes = parts(data)
        self.report.update(self.losses(samples, classes, training=False), tf.shape(samples)[0])
        return self.get_metrics_result()

    def call(self, inputs, training=False):
        """What the model's first network makes of its inputs."""
        return getattr(self, self.networks[0])(inputs, training=training)


def check_options(model: keras.Model, options: dict) -> None:
    """Refuse what `compile` was given beside optimizers, such as losses of Keras's.

    Raises:
        ValueError: for all but Keras's `jit_compile`, `run_eagerly` and `steps_per_execution`.
    """
    if unknown := sorted(options.keys() - set(OPTIONS)):
        raise ValueError(
            f"A {type(model).__name__} has its own losses and metrics; given {unknown}. Beside "
            f"{list(model.optimizers)}, compile takes {list(OPTIONS)}."
        )


def refuse_mean(*optimizers: keras.optimizers.Optimizer) -> None:
    """Refuse optimizers that keep a mean of the weights, which nothing here would use.

    Raises:
        ValueError: for one with `use_ema`.
    """
    if any(optimizer.use_ema for optimizer in optimizers):
        raise ValueError(
            "With use_ema=True, Keras puts the mean in the weights' place when `fit` ends, and "
            "training could not go on. Let the learning rate fall to 0 instead."
        )


def parts(data) -> tuple[tf.Tensor, tf.Tensor | None]:
    """A batch's samples, and their classes or None."""
    samples, classes, _ = keras.utils.unpack_x_y_sample_weight(data)
    return samples, classes
