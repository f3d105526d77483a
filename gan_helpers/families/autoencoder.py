"""An autoencoder: two networks that pass an image through a code of few numbers (ch02_autoencoder).

It can reconstruct. It has no distribution to draw codes from, so that it cannot generate until one
is fitted to the codes of the training images.
"""

import keras
import tensorflow as tf

from gan_helpers.checks import sample_input
from gan_helpers.families.one_loss import OneLossModel


@keras.saving.register_keras_serializable(package="gan_helpers")
class Autoencoder(OneLossModel):
    """An encoder and a decoder that minimise the squared error of reconstructions.

    Args:
        encoder: samples (n, ...) to codes (n, code_dim).
        decoder: codes to samples.
        seed: of the order of samples.

    Raises:
        ValueError: for networks that do not fit each other.
    """

    networks = ("encoder", "decoder")

    def __init__(self, encoder: keras.Model, decoder: keras.Model, *, seed: int = 0, **kwargs):
        shape, _ = sample_input(encoder)
        super().__init__(shape, seed=seed, **kwargs)
        self.encoder, self.decoder = encoder, decoder

    def losses(self, samples, classes, training):
        """The squared error of a reconstruction, summed over a sample's numbers."""
        errors = samples - self.decoder(self.encoder(samples, training=training), training=training)
        return {"loss": tf.reduce_mean(tf.reduce_sum(tf.square(errors), range(1, errors.ndim)))}

    def call(self, samples, training=False):
        """Reconstructions."""
        return self.decoder(self.encoder(samples, training=training), training=training)
