"""Bits per dimension: one unit for the likelihood of images, whatever the family.

Pixels have 8 bits, and a density could grow without limit on their 256 grey levels, by a narrow
peak on each. So a number of its own, uniform from 0 to 1, is added to each pixel's level. The mean
log density of such sums is at most the log probability that the density gives to the levels (Theis,
van den Oord and Bethge 2016, section 3.1). The sums, 0 to 256, are scaled to -1...1 for the
networks, and the scaling is undone in the unit: a uniform density has 8 bits.
"""

import math
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from gan_helpers.checks import check_array, check_counts

BITS_OF_SCALING = 7  # log2 of 128, the length of the scale from 0 to 256 for each of -1 to 1


def dequantised(images: tf.Tensor, noise: keras.random.SeedGenerator) -> tf.Tensor:
    """Images with a uniform number added to each pixel's grey level.

    Args:
        images: 8-bit ones as networks have them, float32, `to_tanh_range` of 0 to 255. What lies
            between two grey levels is rounded.
        noise: of the uniform numbers.

    Returns:
        float32 of the same shape: (grey level + uniform number) / 128 - 1, from -1 to 1.
    """
    grey = tf.round((images + 1.0) * 127.5)
    return (grey + keras.random.uniform(tf.shape(images), seed=noise)) / 128.0 - 1.0


def bits_per_dimension(log_densities: np.ndarray, dimension: int) -> np.ndarray:
    """What a model's log densities are in bits per dimension of 8-bit images; lower is better.

    -log2 p(v) / dimension, where p(v) is the density of the pixels from 0 to 256. These are 128
    times as far apart as those from -1 to 1, so that each of them adds log2 128 = 7 bits.

    Args:
        log_densities: of `dequantised` images, in nats, for the scale from -1 to 1. Finite numbers
            of any shape; of lower bounds on them, the result is an upper bound.
        dimension: of an image, such as 784: the number of its pixels times that of its channels.

    Returns:
        An array of the same shape.

    Raises:
        ValueError: for what are no finite numbers, or no dimension.
    """
    check_counts(dimension=dimension)
    nats = check_array("log_densities", log_densities).astype(float)
    return -nats / (dimension * math.log(2)) + BITS_OF_SCALING


class Bits(NamedTuple):
    """What a model with latent variables gives to n images, in bits per dimension: shape (n,) each.

    Attributes:
        bound: from the mean log weight, the ELBO: the true number is at most so large.
        estimate: by importance sampling. On average over draws it is a bound too, and a closer one
            (Burda, Grosse and Salakhutdinov 2016).
        effective_draws: that the estimate rests on, from 1 to all of them. If they are few, a few
            latent vectors decide, and others would have given another estimate.
    """

    bound: np.ndarray
    estimate: np.ndarray
    effective_draws: np.ndarray


def bits_of(log_weights: np.ndarray, dimension: int) -> Bits:
    """Bits per dimension from importance weights (notebooks/ch02_vae.ipynb).

    Args:
        log_weights: log p(x, z) - log q(z | x) in nats, shape (draws, n), for z drawn from q(z | x)
            and n `dequantised` images x.
        dimension: as for `bits_per_dimension`.

    Raises:
        ValueError: for another shape, what is not finite, or no dimension.
    """
    log_weights = check_array("log_weights", log_weights, ("draws", "n")).astype(float)
    most = log_weights.max(axis=0)
    weights = np.exp(log_weights - most)
    estimate = most + np.log(weights.mean(axis=0))
    effective_draws = weights.sum(axis=0) ** 2 / np.square(weights).sum(axis=0)
    bound = bits_per_dimension(log_weights.mean(axis=0), dimension)
    return Bits(bound, bits_per_dimension(estimate, dimension), effective_draws)
