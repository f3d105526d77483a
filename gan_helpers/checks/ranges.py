"""Which numbers a network can give, as far as its last layers tell."""

import warnings
from typing import Any, NamedTuple

import keras
import numpy as np

# What the last layer with weights may give before its activation: any number.
SUMS = np.array([-1e4, -100, -10, -1, -0.1, 0, 0.1, 1, 10, 100, 1e4], np.float32)


class Range(NamedTuple):
    """Which numbers a network can give."""

    low: float
    high: float
    last: str  # the name of what bounds them
    exact: bool  # if not, it gives none outside, but perhaps not all of these either


def output_range(network: keras.Model) -> Range | None:
    """The least and the largest number that a network can give, and the name of what bounds them.

    Followed from the output back to the last layer with weights, and from there forward with
    `SUMS`. Where the way branches, or leads through a layer that does not tell, what comes from
    there may be any number. None if nothing after that bounds it.
    """
    tensor: Any = network.outputs[0]
    operations: list[tuple] = []
    activation, exact = None, False
    while True:
        layer, place, index = tensor._keras_history
        node = layer._inbound_nodes[place]
        if len(node.input_tensors) != 1:
            break
        if getattr(layer, "weights", ()):
            if not isinstance(layer, keras.Model):
                activation = getattr(getattr(layer, "layer", layer), "activation", None)  # wrapped
                exact = activation is not None or type(layer).__module__.startswith("keras.")
                break
            if not hasattr(layer, "outputs"):
                break
            tensor = layer.outputs[index]  # within the network that is this layer
        else:
            (tensor,) = node.input_tensors
            operations.append((layer, node.arguments, tensor))

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
    if np.isnan([low, high]).any() or (not exact and (low, high) == (SUMS[0], SUMS[-1])):
        return None
    return Range(low, high, name, exact)
