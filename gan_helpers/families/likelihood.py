"""Bits per dimension: one unit for the likelihood of images, whatever the family.

Pixels have 8 bits, and a density could grow without limit on their 256 grey levels, by a narrow
peak on each. So a number of its own, uniform from 0 to 1, is added to each pixel's level. The mean
log density of such sums is at most the log probability that the density gives to the levels (Theis,
van den Oord and Bethge 2016, section 3.1). The sums, 0 to 256, are scaled to -1...1 for the
networks, and the scaling is undone in the unit: a uniform density has 8 bits.
"""

import math

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
