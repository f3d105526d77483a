"""Which numbers a network can give, as far as its last layers tell."""

import warnings
from typing import Any

import keras
import numpy as np

# What the last layer with weights may give before its activation: any number.
SUMS = np.array([-1e4, -100, -10, -1, -0.1, 0, 0.1, 1, 10, 100, 1e4], np.float32)


def output_range(network: keras.Model) -> tuple[float, float, str] | None:
    """The least and the largest number that a network can give, and the name of what bounds them.

    Followed from the output back to the last layer with weights, and from there forward with
    `SUMS`. None if the way branches, or leads through a layer that does not tell.
    """
    tensor: Any = network.outputs[0]
    operations: list[tuple] = []
    while True:
        layer, place, _ = tensor._keras_history
        node = layer._inbound_nodes[place]
        if len(node.input_tensors) != 1:
            return None
        if getattr(layer, "weights", ()):
            if not isinstance(layer, keras.Model):
                break
            if not hasattr(layer, "outputs"):
                return None
            tensor = layer.outputs[0]  # within the network that is this layer
        else:
            (tensor,) = node.input_tensors
            operations.append((layer, node.arguments, tensor))

    activation = getattr(getattr(layer, "layer", layer), "activation", None)  # of a wrapped layer
    if activation is None and not type(layer).__module__.startswith("keras."):
        return None
    shape = [size or 1 for size in tensor.shape[1:]]
    values = np.broadcast_to(SUMS.reshape(-1, *(1 for _ in shape)), (len(SUMS), *shape))
    low, high, name = float(SUMS[0]), float(SUMS[-1]), "linear"
    operations.append((activation, None, None))
    for operation, arguments, given in reversed(operations):
        if operation is None:
            continue
        try:
            positional, named = (
                arguments.fill_in({id(given): values}) if arguments else ([values], {})
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a softmax over a single number, for one
                values = keras.ops.convert_to_numpy(operation(*positional, **named))
        except Exception:  # whatever a layer of one's own raises for values that it does not expect
            return None
        found = float(values.min()), float(values.max())
        if found != (low, high):
            (low, high), name = found, getattr(operation, "activation", operation)
            name = getattr(name, "__name__", type(name).__name__).lower()
    return None if np.isnan([low, high]).any() else (low, high, name)
