"""Diffusion: a network learns to see the noise in noised samples; step by step it leads back.

notebooks/ch02_diffusion.ipynb derives what is here.
"""

import itertools

import keras
import numpy as np
import tensorflow as tf

from gan_helpers.checks import check_counts, check_numbers
from gan_helpers.checks.denoisers import check_shares
from gan_helpers.families.denoiser import Denoiser

LAST_ANGLE = float(np.arccos(0.02))  # nearly a quarter turn: a trace of the sample is left at 1


@keras.saving.register_keras_serializable(package="gan_helpers")
class Diffusion(Denoiser):
    """A denoiser whose answer is the noise (Ho et al. 2020), on a path along a circle.

    Args:
        network, momentum, classless, seed: as for `Denoiser`.
    """

    def path(self, time):
        """How much there is of the sample, and of the noise; their squares add up to 1."""
        return tf.cos(LAST_ANGLE * time), tf.sin(LAST_ANGLE * time)

    def target(self, samples, noise):
        """The noise itself."""
        return noise

    def estimates(self, noised, time, answer):
        """The sample and the noise that an answer stands for, at one time for all."""
        signal, level = self.path(time)
        return (noised - level * answer) / signal, answer

    def samples(self, n, noise, classes, *, steps=50, eta=0.0, guidance=1.0):
        """New samples, led from noise back to time 0 in equal steps of time.

        Args:
            n, noise, classes: as for `OneLossModel.samples`.
            steps: how many, at least 1.
            eta: how much fresh noise a step adds, from 0, none (DDIM, Song et al. 2021), to 1, as
                much as came in on the way forward (DDPM, Ho et al. 2020).
            guidance: with classes, how far to go from the answer without the class, 0, to the one
                with it, 1, and beyond. If it is not 1, each step calls the network twice.

        Raises:
            ValueError: for numbers that cannot be.
        """
        check_counts(steps=steps)
        check_shares(eta=eta)
        check_numbers(guidance=guidance)
        if classes is None and guidance != 1:
            raise ValueError(
                f"guidance leads towards a class, and this model knows none; given {guidance!r}."
            )
        shape = (n, *self.sample_shape)
        noised = keras.random.normal(shape, seed=noise)
        guidance = None if classes is None or guidance == 1 else tf.constant(guidance, "float32")
        for now, then in itertools.pairwise(tf.linspace(1.0, 0.0, steps + 1)):
            fresh = keras.random.normal(shape, seed=noise) if eta else tf.zeros(shape)
            noised = self.step_back(
                noised, now, then, fresh, tf.constant(eta, "float32"), classes, guidance
            )
        return noised

    @tf.function(reduce_retracing=True)
    def step_back(self, noised, now, then, fresh, eta, classes=None, guidance=None):
        """Points of the path at an earlier time: with the same estimates, and fresh noise."""
        sample, noise = self.estimates(noised, now, self.answers(noised, now, classes, guidance))
        (signal, level), (signal_then, level_then) = self.path(now), self.path(then)
        if len(self.sample_shape) == 3:  # images, which are from -1 to 1
            sample = tf.clip_by_value(sample, -1, 1)
            noise = (noised - signal * sample) / level
        # What came in between the two times, as far as the point of now tells it.
        came_in = tf.sqrt(tf.nn.relu(level**2 - (signal / signal_then * level_then) ** 2))
        fresh_level = eta * came_in * level_then / level
        kept_level = tf.sqrt(tf.nn.relu(level_then**2 - fresh_level**2))
        return signal_then * sample + kept_level * noise + fresh_level * fresh

    def answers(self, noised, time, classes, guidance):
        """The mean network's answers, guided towards the classes if there is a guidance."""
        inputs = [noised, tf.fill((tf.shape(noised)[0],), time)]
        if classes is None:
            return self.mean_network(inputs)
        with_class = self.mean_network([*inputs, classes])
        if guidance is None:
            return with_class
        without = self.mean_network([*inputs, tf.fill(tf.shape(classes), self.n_classes)])
        return without + guidance * (with_class - without)
