"""A VAE-GAN: a VAE whose reconstructions are judged by a GAN's discriminator, not pixel by pixel.

The decoder is the generator of a GAN, and what the encoder's code must keep of an image is what the
discriminator sees in it: an inner layer's features (Larsen et al. 2016; notebooks/ch02_vae.ipynb).
"""

import keras
import tensorflow as tf

from gan_helpers.checks import check_optimizers, check_rate, sample_input
from gan_helpers.families.one_loss import Losses, check_options, parts, refuse_mean
from gan_helpers.families.posterior import LatentVariableModel, latent_dim_of, posterior
from gan_helpers.losses.penalties import r1_penalty
from gan_helpers.repeatable import RepeatableModel, built


@keras.saving.register_keras_serializable(package="gan_helpers")
class VAEGAN(LatentVariableModel, RepeatableModel):
    """An encoder, a decoder and a discriminator, each with a loss of its own.

    Args:
        encoder, decoder: as for `gan_helpers.families.vae.VAE`.
        discriminator: samples to [features, (n, d), and logits, (n, 1)].
        similarity: of the features' squared error against the divergence of the codes, a weight.
        fidelity: of it against the discriminator's opinion in the decoder's loss, a weight: gamma.
        r1: of the penalty on the discriminator's gradient, a weight. All are above 0.
        seed: of the latent vectors and the order of samples.

    Raises:
        ValueError: for networks that do not fit each other, and for other numbers.
    """

    networks = ("encoder", "decoder", "discriminator")
    optimizers = ("encoder_optimizer", "decoder_optimizer", "discriminator_optimizer")
    reported = ("encoder_loss", "decoder_loss", "discriminator_loss", "similarity", "kl")

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        discriminator: keras.Model,
        *,
        similarity: float = 1.0,
        fidelity: float = 0.1,
        r1: float = 0.1,
        seed: int = 0,
        **kwargs,
    ):
        self.latent_dim, shape = latent_dim_of(encoder, decoder), decoder.output_shape[1:]
        (given, _), gives = sample_input(discriminator), discriminator.output_shape
        if given != shape or not isinstance(gives, list) or gives[1:] != [(None, 1)]:
            raise ValueError(
                f"The discriminator must give features and a logit, two outputs, of {shape}; given "
                f"one from {given} to {gives}."
            )
        super().__init__(shape, seed=seed, **kwargs)
        self.encoder, self.decoder, self.discriminator = encoder, decoder, discriminator
        self.similarity, self.r1 = check_rate(similarity=similarity), check_rate(r1=r1)
        self.fidelity = check_rate(fidelity=fidelity)
        self.noise = keras.random.SeedGenerator(self.seed)

    def compile(
        self,
        *,
        encoder_optimizer=None,
        decoder_optimizer=None,
        discriminator_optimizer=None,
        **options,
    ) -> None:
        """Give each network an optimizer of its own, or the name of one; options as for `GAN`.

        Raises:
            ValueError: for what is no optimizer, for one with `use_ema`, and for other options.
        """
        check_options(self, options)
        given = (encoder_optimizer, decoder_optimizer, discriminator_optimizer)
        check_optimizers(**dict(zip(self.networks, given, strict=True)))
        optimizers = [keras.optimizers.get(optimizer) for optimizer in given]
        refuse_mean(*optimizers)
        self.report = Losses(self.reported)
        super().compile(optimizer=None, **options)
        for name, optimizer in zip(self.networks, optimizers, strict=True):
            setattr(self, f"{name}_optimizer", built(optimizer, getattr(self, name)))

    def losses(self, samples: tf.Tensor, training: bool) -> dict[str, tf.Tensor]:
        """The loss of each network, a mean over samples, and two parts of the first."""
        q, n = posterior(self.encoder, samples, training), tf.shape(samples)[0]
        drawn = keras.random.normal((n, self.latent_dim), seed=self.noise)
        decoded = self.decoder(tf.concat([q.draw(self.noise), drawn], axis=0), training=training)
        shown = tf.concat([samples, decoded], axis=0)  # real, reconstructed, new
        features, logits = self.discriminator(shown, training=training)
        real, again, _ = tf.split(features, 3)
        on_real, on_fake = logits[:n], logits[n:]
        similarity = tf.reduce_sum(tf.square(tf.stop_gradient(real) - again), axis=1) / 2
        similarity = self.similarity * tf.reduce_mean(similarity)
        kl = tf.reduce_mean(tf.reduce_sum(q.kl(), axis=1))
        judged = tf.reduce_mean(tf.nn.softplus(-on_fake))
        told_apart = tf.reduce_mean(tf.nn.softplus(-on_real))
        told_apart += tf.reduce_mean(tf.nn.softplus(on_fake))
        return {
            "encoder_loss": kl + similarity,
            "decoder_loss": self.fidelity * similarity + judged,
            "discriminator_loss": told_apart,
            "similarity": similarity,
            "kl": kl,
        }

    def train_step(self, data) -> dict:
        """Move each network down the gradient of its own loss, all of them at once."""
        with self.one_step(data):
            samples, _ = parts(data)
            with tf.GradientTape(persistent=True) as tape:
                losses = self.losses(samples, training=True)
                quarter = samples[: tf.maximum(tf.shape(samples)[0] // 4, 1)]
                penalty = self.r1 * r1_penalty(self.logits, quarter, quarter)
                total = losses | {"discriminator_loss": losses["discriminator_loss"] + penalty}
            for name in self.networks:
                weights = getattr(self, name).trainable_variables
                gradients = tape.gradient(total[f"{name}_loss"], weights)
                getattr(self, f"{name}_optimizer").apply(gradients, weights)
            self.report.update(losses, tf.shape(samples)[0])
        return self.get_metrics_result()

    def logits(self, samples, training=False) -> tf.Tensor:
        """What the discriminator says of samples, (n, 1): above 0 for real, below 0 for made."""
        return self.discriminator(samples, training=training)[1]

    def test_step(self, data) -> dict:
        samples, _ = parts(data)
        self.report.update(self.losses(samples, training=False), tf.shape(samples)[0])
        return self.get_metrics_result()

    def get_config(self) -> dict:
        names = ("similarity", "fidelity", "r1")
        return super().get_config() | {name: getattr(self, name) for name in names}
