"""What an encoder says of an image's latent vector: a normal distribution q(z | x) for each image.

Derived and held against quadrature in notebooks/ch02_vae.ipynb; shared by the VAE and the VAE-GAN.
"""

import math
from typing import NamedTuple

import keras
import tensorflow as tf

from gan_helpers.checks import sample_input
from gan_helpers.families.generating import Generating


def log_normal(x, mean, log_sigma) -> tf.Tensor:
    """The log density of normal distributions at x, in nats, summed over all axes but the first.

    Args:
        x, mean, log_sigma: tensors or numbers, of shapes that together give (n, ...).

    Returns:
        Shape (n,).
    """
    terms = tf.square((x - mean) / tf.exp(log_sigma)) / 2 + log_sigma + math.log(2 * math.pi) / 2
    return -tf.reduce_sum(terms, range(1, len(terms.shape)))


class Posterior(NamedTuple):
    """Normal distributions of n latent vectors, whose numbers are independent.

    Attributes:
        mean, log_sigma: the means and the logarithms of the standard deviations, (n, latent_dim).
    """

    mean: tf.Tensor
    log_sigma: tf.Tensor

    def draw(self, noise: keras.random.SeedGenerator) -> tf.Tensor:
        """A latent vector from each, shape (n, latent_dim), with a gradient in means and sigmas.

        This is the reparameterisation of Kingma and Welling (2014): noise that knows no weights,
        then a function that has a gradient in them.
        """
        drawn = keras.random.normal(tf.shape(self.mean), seed=noise)
        return self.mean + tf.exp(self.log_sigma) * drawn

    def log_density(self, z: tf.Tensor) -> tf.Tensor:
        """log q(z | x) in nats, shape (n,)."""
        return log_normal(z, self.mean, self.log_sigma)

    def kl(self) -> tf.Tensor:
        """The Kullback-Leibler divergence from each to N(0, I), in nats, shape (n, latent_dim)."""
        return (tf.exp(2 * self.log_sigma) + tf.square(self.mean) - 1) / 2 - self.log_sigma


def posterior(encoder: keras.Model, samples: tf.Tensor, training: bool = False) -> Posterior:
    """What an encoder says of samples: of each the means, then the logarithms of the variances."""
    mean, log_variance = tf.split(encoder(samples, training=training), 2, axis=1)
    return Posterior(mean, log_variance / 2)


def latent_dim_of(encoder: keras.Model, decoder: keras.Model) -> int:
    """How many numbers a latent vector has.

    Raises:
        ValueError: for two networks that do not fit each other.
    """
    (shape, _), (latent, _) = sample_input(encoder), sample_input(decoder)
    shapes = encoder.output_shape, decoder.output_shape
    if len(latent) != 1 or shapes != ((None, 2 * latent[0]), (None, *shape)):
        raise ValueError(
            "The encoder must give a mean and a log variance for each number that the decoder "
            "takes, and the decoder what the encoder takes; given an encoder from "
            f"{encoder.input_shape} to {shapes[0]}, a decoder from {decoder.input_shape} to "
            f"{shapes[1]}."
        )
    return latent[0]


class LatentVariableModel(Generating):
    """Adds to a model with `encoder`, `decoder` and `latent_dim` what any VAE does with them."""

    encoder: keras.Model
    decoder: keras.Model
    latent_dim: int

    def samples(self, n, noise, classes):
        """Decoded draws from N(0, I), without noise of their own; the encoder has no part in it."""
        return self.decoder(keras.random.normal((n, self.latent_dim), seed=noise))

    def call(self, inputs, training=False):
        """Reconstructions: the decoded means of q(z | x)."""
        return self.decoder(posterior(self.encoder, inputs, training).mean, training=training)
