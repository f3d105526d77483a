"""What a GAN reports of an epoch: means in which each image counts once."""

import keras
import tensorflow as tf

from gan_helpers.gan_parts.replicas import parts_of
from gan_helpers.networks import with_classes


class Report:
    """Losses, penalties and accuracies, as Keras metrics.

    Attributes:
        discriminator_loss, generator_loss: in nats, where the loss is a logarithm.
        accuracy_on_real, accuracy_on_fake: the shares of images, 0 to 1, that the discriminator
            classifies correctly: logits above 0 for real ones, that is D(x) above one half.
        penalty: of the discriminator, a mean over the steps that have one.
        metrics: all of these, the penalty only if there is one.
    """

    def __init__(self, *, penalty: bool):
        self.discriminator_loss = keras.metrics.Mean("discriminator_loss")
        self.generator_loss = keras.metrics.Mean("generator_loss")
        self.accuracy_on_real = keras.metrics.Mean("accuracy_on_real")
        self.accuracy_on_fake = keras.metrics.Mean("accuracy_on_fake")
        self.penalty = keras.metrics.Mean("penalty")
        self.metrics = [m for m in vars(self).values() if penalty or m is not self.penalty]

    def of_discriminator(self, loss: tf.Tensor, real: tf.Tensor, fake: tf.Tensor) -> None:
        """Count a batch: the discriminator's loss, and its logits, each (n, 1)."""
        self.discriminator_loss.update_state(loss, tf.shape(real)[0])
        self.accuracy_on_real.update_state(tf.cast(real > 0, tf.float32))
        self.accuracy_on_fake.update_state(tf.cast(fake < 0, tf.float32))

    def of_generator(self, loss: tf.Tensor, n: int | tf.Tensor) -> None:
        """Count a batch of n fakes with this loss."""
        self.generator_loss.update_state(loss, n)

    def of_penalty(self, penalty: tf.Tensor, due: tf.Tensor) -> None:
        """Count the discriminator's penalty, if it is due in this step."""
        self.penalty.update_state(penalty, tf.cast(due, tf.float32))

    def of_evaluation(self, gan: keras.Model, data) -> dict:
        """Losses and accuracies on a batch, both networks in inference mode, nothing moved."""
        ((real, classes),) = parts_of(data, 1)
        latent = gan.sample_latent(tf.shape(real)[0])
        images = real, gan.generator(with_classes(latent, classes), training=False)
        logits = [gan.discriminator(with_classes(x, classes), training=False) for x in images]
        self.of_discriminator(gan.game.discriminator_loss(*logits), *logits)
        self.of_generator(gan.game.generator_loss(*logits), tf.shape(real)[0])
        return gan.get_metrics_result()
