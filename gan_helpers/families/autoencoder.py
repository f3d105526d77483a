"""An autoencoder: two networks that pass an image through a code of few numbers (ch02_autoencoder).

It reconstructs, and training says nothing about which codes there are. So it cannot generate until
a density is fitted to the codes of the training images: here a mixture of normal distributions.
"""

import keras
import numpy as np
import tensorflow as tf
from sklearn.mixture import GaussianMixture

from gan_helpers.checks import check_counts, check_samples, sample_input
from gan_helpers.checks.arrays import as_array
from gan_helpers.families.one_loss import OneLossModel

FITTED = 30_000  # samples at most that the density is fitted to: with more, EM only takes longer


@keras.saving.register_keras_serializable(package="gan_helpers")
class Autoencoder(OneLossModel):
    """An encoder and a decoder that minimise the squared error of reconstructions.

    Args:
        encoder: samples (n, ...) to codes (n, code_dim).
        decoder: codes to samples.
        components: of the density of codes; 1 for a normal distribution.
        seed: of the order of samples, and of fitting the density.

    Attributes:
        shares, means, factors: of the density: each component's probability, mean and Cholesky
            factor of its covariance, shapes (k,), (k, code_dim) and (k, code_dim, code_dim);
            0 until it is fitted. They are saved with the model.

    Raises:
        ValueError: for networks that do not fit each other, and for no number of components.
    """

    networks = ("encoder", "decoder")

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        *,
        components: int = 1,
        seed: int = 0,
        **kwargs,
    ):
        (shape, _), (code, _) = sample_input(encoder), sample_input(decoder)
        super().__init__(shape, seed=seed, **kwargs)
        if (encoder.output_shape, decoder.output_shape) != ((None, *code), (None, *shape)):
            raise ValueError(
                f"The encoder's codes must be what the decoder takes, {code}, and the decoder's "
                f"samples what the encoder takes, {shape}; given an encoder to "
                f"{encoder.output_shape} and a decoder to {decoder.output_shape}."
            )
        self.encoder, self.decoder = encoder, decoder
        k = self.components = check_counts(components=components)
        parts = {"shares": (k,), "means": (k, *code), "factors": (k, *code, *code)}
        for name, size in parts.items():
            weight = self.add_weight(shape=size, initializer="zeros", trainable=False, name=name)
            setattr(self, name, weight)

    def losses(self, samples, classes, training):
        """The squared error of a reconstruction, summed over a sample's numbers."""
        errors = samples - self.decoder(self.encoder(samples, training=training), training=training)
        return {"loss": tf.reduce_mean(tf.reduce_sum(tf.square(errors), range(1, errors.ndim)))}

    def call(self, inputs, training=False):
        """Reconstructions."""
        return self.decoder(self.encoder(inputs, training=training), training=training)

    def fit_codes(self, samples) -> None:
        """Fit the density to the codes of samples, by EM; what was fitted before is forgotten.

        Args:
            samples: those of training, shape (n, ...), at least two and one for each component.
                Of more than 30,000 so many are drawn.

        Raises:
            ValueError: for samples of another shape, that are no finite numbers, or too few.
        """
        samples = as_array(samples)
        check_samples(samples, self.sample_shape)
        least = max(2, self.components)
        if len(samples) < least:
            raise ValueError(f"samples must be at least {least}; given {len(samples)}.")
        if len(samples) > FITTED:
            samples = np.random.default_rng(self.seed).permutation(samples)[:FITTED]
        codes = self.encoder.predict(samples, batch_size=500, verbose=0).astype("float64")
        mixture = GaussianMixture(self.components, max_iter=300, random_state=self.seed).fit(codes)
        self.shares.assign(mixture.weights_)
        self.means.assign(mixture.means_)
        self.factors.assign(np.linalg.cholesky(mixture.covariances_))

    finish = fit_codes  # what `train_recipe` calls when the last step is done

    def codes(self, n: int, noise: keras.random.SeedGenerator) -> tf.Tensor:
        """n codes from the density, shape (n, code_dim).

        Raises:
            ValueError: if it has not been fitted.
        """
        if not np.any(self.shares.numpy()):
            raise ValueError(
                "An autoencoder has no density of codes to draw from until fit_codes(samples) has "
                "fitted one to those of its training samples."
            )
        chosen = keras.random.categorical(tf.math.log(self.shares)[None], n, seed=noise)[0]
        normal = keras.random.normal((n, self.means.shape[1]), seed=noise)
        spread = tf.einsum("nij,nj->ni", tf.gather(self.factors, chosen), normal)
        return tf.gather(self.means, chosen) + spread

    def samples(self, n, noise, classes):
        """Decoded codes; of images what leaves the range of -1 to 1 is cut off."""
        made = self.decoder(self.codes(n, noise), training=False)
        return tf.clip_by_value(made, -1.0, 1.0) if len(self.sample_shape) == 3 else made

    def get_config(self) -> dict:
        return super().get_config() | {"components": self.components}
