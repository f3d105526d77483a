"""Generators and discriminators.

A generator maps latent vectors (n, latent_dim) to images (n, 28, 28, 1) from -1 to 1, or to points
(n, 2); a discriminator maps such images or points to one logit each, (n, 1).
"""

import keras

from gan_helpers.networks.compact import compact_discriminator, compact_generator
from gan_helpers.networks.cost import layer_multiply_adds, multiply_adds
from gan_helpers.networks.fast import fast_discriminator, fast_generator
from gan_helpers.networks.inputs import draw_inputs, in_exact_shares, with_classes
from gan_helpers.networks.layers import BatchDeviation, OfClass
from gan_helpers.networks.perceptrons import (
    line_discriminator,
    multilayer_perceptron,
    point_discriminator,
    point_generator,
)
from gan_helpers.networks.source import source_discriminator, source_generator

# What the networks rely on, whatever a reader's own ~/.keras/keras.json says.
keras.config.set_image_data_format("channels_last")
keras.config.set_floatx("float32")

__all__ = [
    "BatchDeviation",
    "OfClass",
    "compact_discriminator",
    "compact_generator",
    "draw_inputs",
    "fast_discriminator",
    "fast_generator",
    "in_exact_shares",
    "layer_multiply_adds",
    "line_discriminator",
    "multilayer_perceptron",
    "multiply_adds",
    "point_discriminator",
    "point_generator",
    "source_discriminator",
    "source_generator",
    "with_classes",
]
