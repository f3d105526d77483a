"""What an image costs a network, in multiplications."""

import math

import keras
from keras import layers

from gan_helpers.checks import check_kinds


def layer_multiply_adds(layer: keras.Layer) -> int:
    """Multiplications, each with its addition, that one image costs this layer going forward.

    Counts the matrix products of dense layers and convolutions; the rest, element by element, is
    small beside them and counts as 0.

    Args:
        layer: any layer of Keras's.

    Raises:
        ValueError: for what is no layer, or one that has not seen the shape of its input.
    """
    check_kinds(keras.Layer, layer=layer)
    if not layer.built:
        raise ValueError(
            f"layer must be built, so that its shapes are known; given {layer.name}, which is not. "
            "Call its model once, or begin it with keras.Input."
        )
    if isinstance(layer, layers.Dense):
        return layer.kernel.shape[0] * layer.kernel.shape[1]
    if isinstance(layer, layers.Conv2D | layers.Conv2DTranspose):
        # A convolution applies its kernel once per output place, a transposed one per input place.
        transposed = isinstance(layer, layers.Conv2DTranspose)
        _, height, width, _ = layer.input.shape if transposed else layer.output.shape
        return height * width * math.prod(layer.kernel.shape)
    return 0


def multiply_adds(model: keras.Model) -> int:
    """The sum of `layer_multiply_adds` over a model's layers.

    Args:
        model: whose layers have seen the shapes of their inputs.

    Raises:
        ValueError: for what is no model, or one with a layer that has not.
    """
    check_kinds(keras.Model, model=model)
    return sum(layer_multiply_adds(layer) for layer in model.layers)
