"""What diffusion and flow matching share: a network that is shown noised samples, and its loss.

Between a sample and noise there is a path, `signal * sample + level * noise`, from time 0 to 1.
The network is given a point of it with the time, and learns to answer with something that tells
sample and noise apart. A family says what the path is and what the answer.
"""

import keras
import tensorflow as tf

from gan_helpers.checks.denoisers import check_denoiser_inputs, check_shares, denoiser_input
from gan_helpers.families.one_loss import OneLossModel


class Denoiser(OneLossModel):
    """A denoising network and the mean of its weights. A family says what follows.

    Args:
        network: from [samples, times], or [samples, times, classes], to arrays of the samples'
            shape; its last class means “of no given class” (gan_helpers/networks/denoisers.py).
        momentum: of the mean of the weights, which makes the samples, from 0 to 1. In the first
            steps it is smaller, so that the initial weights are soon forgotten.
        classless: the share of samples whose class is hidden in training, from 0 to 1, so that
            the network has an answer without a class too (Ho and Salimans 2022).
        seed: of the order of samples, the noise and the times.

    Raises:
        ValueError: for a network of other inputs or outputs, and for numbers that cannot be.
    """

    networks = ("network",)

    def __init__(self, network, *, momentum=0.998, classless=0.1, seed=0, **kwargs):
        shape, n_classes = denoiser_input(network)
        check_shares(momentum=momentum, classless=classless)
        super().__init__(shape, n_classes is not None, n_classes, seed=seed, **kwargs)
        self.network, self.momentum, self.classless = network, momentum, classless
        self.mean_network = keras.models.clone_model(network)
        self.mean_network.set_weights(network.get_weights())
        self.mean_network.trainable = False

    def path(self, time):
        """How much there is of the sample, and of the noise: two numbers from 0 to 1."""
        raise NotImplementedError

    def target(self, samples, noise):
        """What the network is to answer."""
        raise NotImplementedError

    def times(self, n):
        """n times: each uniform, but together evenly spread, which makes the loss less noisy."""
        first = keras.random.uniform((), seed=self.noise)
        return (tf.range(n, dtype="float32") + first) / tf.cast(n, "float32")

    def losses(self, samples, classes, training):
        """The mean squared error of an answer; outside training, of the mean network's."""
        n = tf.shape(samples)[0]
        times, noise = self.times(n), keras.random.normal(tf.shape(samples), seed=self.noise)
        signal, level = self.path(tf.reshape(times, (n, *[1] * len(self.sample_shape))))
        inputs = [signal * samples + level * noise, times]
        if self.conditional:
            share = self.classless if training else 0.0
            hidden = keras.random.uniform((n,), seed=self.noise) < share
            inputs.append(tf.where(hidden, self.n_classes, classes))
        answers = (self.network if training else self.mean_network)(inputs, training=training)
        return {"loss": tf.reduce_mean(tf.square(answers - self.target(samples, noise)))}

    def train_step(self, data):
        """The step that all families take; then the mean of the weights moves a little."""
        reported = super().train_step(data)
        steps = tf.cast(self.step_counter.value, "float32")
        keep = tf.minimum(self.momentum, (1 + steps) / (10 + steps))
        for mean, weight in zip(self.mean_network.weights, self.network.weights, strict=True):
            mean.assign(keep * mean + (1 - keep) * weight)
        return reported

    def call(self, inputs, training=False):
        """Answers, of the mean network if not in training."""
        return (self.network if training else self.mean_network)(inputs, training=training)

    def check_inputs(self, inputs) -> None:
        check_denoiser_inputs(inputs, self.sample_shape, n_classes=self.n_classes)

    def get_config(self) -> dict:
        return super().get_config() | {"momentum": self.momentum, "classless": self.classless}
