"""Flow matching: diffusion on a straight path, whose answer is the velocity along it.

notebooks/ch02_diffusion.ipynb derives what is here.
"""

import keras
import tensorflow as tf

from gan_helpers.families.diffusion import Diffusion


@keras.saving.register_keras_serializable(package="gan_helpers")
class FlowMatching(Diffusion):
    """A denoiser whose answer is the velocity (Lipman et al. 2023, Liu et al. 2023).

    A step back without fresh noise is a step of Euler's method: `noised + (then - now) * answer`.

    Args:
        network, momentum, classless, seed: as for `Denoiser`.
    """

    def path(self, time):
        """How much there is of the sample, and of the noise; they add up to 1."""
        return 1 - time, time

    def target(self, samples, noise):
        """How fast a point moves along its straight path."""
        return noise - samples

    def estimates(self, noised, time, answer):
        """Where the straight line through a point, in the answer's direction, begins and ends."""
        return noised - time * answer, noised + (1 - time) * answer

    def times(self, n):
        """n times, more of them in the middle: their log-odds are normal (Esser et al. 2024)."""
        return tf.sigmoid(tf.math.ndtri(super().times(n)))
