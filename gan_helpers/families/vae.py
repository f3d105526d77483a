"""A variational autoencoder: a decoder of random codes, and an encoder that finds an image's codes.

The model of an image x: draw a latent vector z from N(0, I), then x from N(decoder(z), sigma² I).
What it gives to an image is an integral over all z. For each image the encoder proposes a normal
distribution of z, by which a lower bound on the integral's logarithm can be computed, the ELBO, and
maximised (Kingma and Welling 2014; notebooks/ch02_vae.ipynb). Sigma is learned too (Rybkin,
Daniilidis and Levine 2021).
"""

import math

import keras
import numpy as np
import tensorflow as tf

from gan_helpers.checks import check_counts, check_images, check_numbers, check_rate, check_seed
from gan_helpers.checks.arrays import as_array
from gan_helpers.families.generating import AT_ONCE
from gan_helpers.families.likelihood import Bits, bits_of, dequantised
from gan_helpers.families.one_loss import OneLossModel
from gan_helpers.families.posterior import (
    LatentVariableModel,
    latent_dim_of,
    log_normal,
    posterior,
)


@keras.saving.register_keras_serializable(package="gan_helpers")
class VAE(LatentVariableModel, OneLossModel):
    """An encoder and a decoder that maximise the ELBO.

    Args:
        encoder: samples (n, ...) to (n, 2 latent_dim): means of z, then logarithms of variances.
        decoder: latent vectors (n, latent_dim) to samples, which are means.
        beta: the weight of the Kullback-Leibler divergence, 0 or more; the ELBO has 1.
        sigma: what the learned sigma begins with, above 0. One as large as the spread of the data
            lets the latent vector collapse.
        seed: of the latent vectors and the order of samples.

    Attributes:
        log_sigma: the logarithm of the standard deviation around these means, a learned number.

    Raises:
        ValueError: for networks that do not fit each other, and for other numbers.
    """

    networks = ("encoder", "decoder")
    reported = ("loss", "reconstruction", "kl")

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        *,
        beta: float = 1.0,
        sigma: float = 0.3,
        seed: int = 0,
        **kwargs,
    ):
        self.latent_dim = latent_dim_of(encoder, decoder)
        check_numbers(beta=beta)
        if beta < 0:
            raise ValueError(f"beta must be 0 or more; given {beta!r}.")
        super().__init__(decoder.output_shape[1:], seed=seed, **kwargs)
        self.encoder, self.decoder, self.beta = encoder, decoder, float(beta)
        self.sigma = check_rate(sigma=sigma)
        start = keras.initializers.Constant(math.log(self.sigma))
        self.log_sigma = self.add_weight((), start, dtype="float32", name="log_sigma")

    def losses(self, samples, classes, training):
        """Minus the ELBO of a sample, in nats, if beta is 1; and its two parts."""
        q = posterior(self.encoder, samples, training)
        decoded = self.decoder(q.draw(self.noise), training=training)
        reconstruction = -tf.reduce_mean(log_normal(samples, decoded, self.log_sigma))
        kl = tf.reduce_mean(tf.reduce_sum(q.kl(), axis=1))
        return {"loss": reconstruction + self.beta * kl, "reconstruction": reconstruction, "kl": kl}

    def log_weights(self, samples, draws: int, noise: keras.random.SeedGenerator) -> tf.Tensor:
        """log p(x | z) + log p(z) - log q(z | x) for z drawn from q(z | x), shape (draws, n)."""
        q = posterior(self.encoder, samples)

        def one() -> tf.Tensor:
            z = q.draw(noise)
            likelihood = log_normal(samples, self.decoder(z), self.log_sigma)
            return likelihood + log_normal(z, 0.0, 0.0) - q.log_density(z)

        return tf.stack([one() for _ in range(draws)])

    def bits_per_dimension(self, images: np.ndarray, *, draws: int = 100, seed: int = 0) -> Bits:
        """What the model gives to images that are made of 8-bit pixels.

        Args:
            images: as for `fit`; uniform noise is added to their grey levels.
            draws: of latent vectors for each image, at least 1.
            seed: of these and of the noise.

        Raises:
            ValueError: for what are no images, and for numbers that cannot be.
        """
        images = as_array(images)
        if len(self.sample_shape) != 3:
            raise ValueError(f"Only images have bits; this model's samples: {self.sample_shape}.")
        check_images(images, self.sample_shape)
        check_counts(draws=draws)
        noise, weights = keras.random.SeedGenerator(check_seed(seed)), []
        for first in range(0, len(images), AT_ONCE):
            x = dequantised(tf.constant(images[first : first + AT_ONCE], tf.float32), noise)
            weights.append(self.log_weights(x, draws, noise).numpy())
        return bits_of(np.concatenate(weights, axis=1), math.prod(self.sample_shape))

    def get_config(self) -> dict:
        return super().get_config() | {"beta": self.beta, "sigma": self.sigma}
