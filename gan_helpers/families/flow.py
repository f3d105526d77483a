"""A normalizing flow: a network that can be run backwards, so that densities are exact (ch02_flow).

The network makes standard normal numbers of data; run backwards, it makes data of such numbers.
How much it stretches at a sample gives the density there, by the rule of the change of variables.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from gan_helpers.checks import check_rate, check_samples, check_seed, sample_input
from gan_helpers.checks.arrays import as_array
from gan_helpers.families.likelihood import bits_per_dimension, dequantised
from gan_helpers.families.one_loss import AT_ONCE, OneLossModel
from gan_helpers.networks.couplings import is_chain

LEVELS = 256  # of grey, from -1 to 1


@keras.saving.register_keras_serializable(package="gan_helpers")
class Flow(OneLossModel):
    """An invertible network that is trained to make the training samples likely.

    Images are `dequantised` first, since a density of whole grey levels could become as high as
    you like; points are taken as they are.

    Args:
        network: a `gan_helpers.networks.couplings.chain`: from samples to [latent vectors,
            log-determinants].
        seed: of the noise and of the order of samples.

    Raises:
        ValueError: for a network of which a part has no inverse, or with other outputs.
    """

    networks = ("network",)

    def __init__(self, network: keras.Model, *, seed: int = 0, **kwargs):
        shape, _ = sample_input(network)
        super().__init__(shape, seed=seed, **kwargs)
        if not is_chain(network):
            raise ValueError(
                "A flow's network is a chain of invertible layers, as "
                "gan_helpers.networks.couplings.chain makes it, and nothing else; given one of "
                f"{[layer.name for layer in network.layers]}."
            )
        steps = network.layers[1:]
        self.network, self.steps_back = network, steps[::-1]
        self.of_images = len(shape) == 3

    def log_density(self, samples: tf.Tensor) -> tf.Tensor:
        """The logarithm of the density at each sample, in nats, shape (n,); exact.

        Args:
            samples: shape (n, ...); of images, those that are `dequantised`.
        """
        latent, log_determinants = self.network(samples)
        numbers = tuple(range(1, len(latent.shape)))
        log_normal = -0.5 * ops.sum(ops.square(latent) + np.log(2 * np.pi), axis=numbers)
        return log_normal + log_determinants

    def invert(self, latent: tf.Tensor) -> tf.Tensor:
        """The samples of which the network makes these latent vectors."""
        for step in self.steps_back:
            latent = step.inverse(latent)
        return latent

    def losses(self, samples, classes, training):
        """The mean of minus the log density, in nats."""
        if self.of_images:
            samples = dequantised(samples, self.noise)
        return {"loss": -ops.mean(self.log_density(samples))}

    def samples(self, n, noise, classes, temperature: float = 1.0):
        """New samples, images in whole grey levels.

        Args:
            n, noise, classes: as for `OneLossModel.samples`.
            temperature: the standard deviation of the latent vectors, above 0; 1 is what the
                density is one of.
        """
        check_rate(temperature=temperature)
        shape = (n, *self.network.output_shape[0][1:])
        made = self.invert(temperature * keras.random.normal(shape, seed=noise))
        return self.in_grey_levels(made) if self.of_images else made

    def in_grey_levels(self, images: tf.Tensor) -> tf.Tensor:
        """Undo `dequantised`, which fills the space above each grey level: take the one below."""
        grey = ops.clip(ops.floor((images + 1) * LEVELS / 2), 0, LEVELS - 1)
        return grey / ((LEVELS - 1) / 2) - 1

    def bits(self, images: np.ndarray, seed: int = 0) -> np.ndarray:
        """Bits per dimension of each image, with one draw of noise: shape (n,).

        Of points there are none: `log_density` says what the model gives to them.

        Args:
            images: shape (n, height, width, channels), -1 to 1 in whole grey levels.
            seed: of the noise.

        Raises:
            ValueError: for what are no images from -1 to 1 of the model's shape, or no seed.
        """
        if not self.of_images:
            raise ValueError(f"Only images have bits; this model's samples: {self.sample_shape}.")
        images = as_array(images)
        check_samples(images, self.sample_shape, first=False)
        images = images.astype("float32")
        noise = keras.random.SeedGenerator(check_seed(seed))
        nats = [
            self.log_density(dequantised(images[first : first + AT_ONCE], noise))
            for first in range(0, len(images), AT_ONCE)
        ]
        return bits_per_dimension(np.concatenate(nats), int(np.prod(self.sample_shape)))
