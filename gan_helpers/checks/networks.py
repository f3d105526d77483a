"""Networks that do not fit each other, or cannot be meant."""

import warnings
from collections.abc import Iterator
from numbers import Integral

import keras
import tensorflow as tf

from gan_helpers.checks.arrays import as_array, check_array
from gan_helpers.checks.ranges import output_range
from gan_helpers.checks.samples import check_classes


def sample_input(network: keras.Model) -> tuple[tuple, bool]:
    """The shape of one sample that a network takes, and whether it takes a class beside it.

    Raises:
        ValueError: if it takes two inputs of which the second is no class, or if its shapes are
            not known.
    """
    shapes = getattr(network, "input_shape", None)
    if not isinstance(network, keras.Model) or shapes is None:
        raise ValueError(
            "A network must be a keras.Model whose shapes are known: a keras.Sequential with a "
            "keras.Input, or one of the functional API. A subclass of keras.Model becomes one by "
            "inputs = keras.Input(...); keras.Model(inputs, network(inputs)). "
            f"Given {type(network).__name__}."
        )
    if isinstance(shapes, tuple):
        shapes = [shapes]
    fixed = isinstance(shapes, list) and any(shape[:1] not in ((), (None,)) for shape in shapes)
    if fixed:
        raise ValueError(
            "The number of samples must be left open, for evaluation and a last batch have others: "
            "keras.Input(shape) without batch_size or batch_shape; given inputs of shapes "
            f"{shapes}."
        )
    if not isinstance(shapes, list) or len(shapes) > 2 or shapes[1:] not in ([], [(None,)]):
        two = isinstance(shapes, list) and len(shapes) == 2
        raise ValueError(
            "A network takes samples, shape (n, ...), and in a conditional GAN their classes too, "
            f"shape (n,), as a list of two; given inputs of shapes {shapes}."
            + " The input of classes is keras.Input((), dtype='int32')."
            * two
        )
    if None in shapes[0][1:]:
        raise ValueError(
            "The size of a sample must be fixed, for a generator makes one size only; given "
            f"inputs of shape {shapes[0]}."
        )
    return shapes[0][1:], len(shapes) == 2


def layers_of(network: keras.Model) -> Iterator[keras.layers.Layer]:
    """A network's layers, each once, with those of networks and of layers within it."""
    yield from network._flatten_layers(include_self=False)


def check_inputs(network: keras.Model, inputs, *, n_classes: int | None) -> None:
    """Refuse what a network cannot be called with; symbolic tensors are not looked at.

    Args:
        network: with inputs as for `sample_input`.
        inputs: samples, or [samples, classes].
        n_classes: how many classes there are, if it is known.

    Raises:
        ValueError: for samples of another shape or that are no finite numbers, classes that are
            missing or given in vain, and classes that do not exist.
    """
    shape, conditional = sample_input(network)
    parts = list(inputs) if isinstance(inputs, list | tuple) and conditional else [inputs]
    if any(isinstance(x, keras.KerasTensor) or _is_symbolic(x) for x in parts):
        return
    shapes = [as_array(part).shape for part in parts]
    sizes = ", ".join(map(str, shape))
    if len(parts) != 1 + conditional:
        raise ValueError(
            f"{network.name} takes a list of two, [samples of shape (n, {sizes}), classes of shape "
            f"(n,)]; given {type(inputs).__name__}, {shapes[0] if len(shapes) == 1 else shapes}."
        )
    if shapes[0][1:] != tuple(shape) or len(shapes[0]) != 1 + len(shape):
        raise ValueError(
            f"{network.name} takes samples of shape (n, {sizes}), such as "
            f"gan.sample_latent(n) draws; given shape {shapes[0]}."
        )
    check_array("samples", parts[0])
    if conditional:
        check_classes(parts[1], shapes[0][0], n_classes=n_classes)


def _is_symbolic(x) -> bool:
    return tf.is_tensor(x) and not hasattr(x, "numpy")


# What leaves each class the number that it is, and what such a layer says of how many there are.
KEEPS_CLASSES = ("Reshape", "Flatten", "Cast", "ExpandDims", "Squeeze", "Ravel", "Identity", "Copy")
COUNTS_CLASSES = ("input_dim", "num_tokens", "num_classes", "n_classes")


def n_classes(network: keras.Model) -> int | None:
    """How many classes a conditional network knows, if the layers that take them tell."""
    if len(network.inputs) < 2:
        return None
    return min(_counts_of_classes(network, network.inputs[1]), default=None)


def _counts_of_classes(network: keras.Model, classes) -> Iterator[int]:
    """How many classes each layer takes that is given them, or what has only another shape."""
    same = {id(classes)}
    for operation in getattr(network, "operations", network.layers):
        for node in operation._inbound_nodes:
            places = [i for i, x in enumerate(node.input_tensors) if id(x) in same]
            if not places:
                continue
            if isinstance(operation, keras.Model):  # a network within this one
                inner = getattr(operation, "inputs", None) or []
                for place in places[: len(inner)]:
                    yield from _counts_of_classes(operation, inner[place])
            elif type(operation).__name__ in KEEPS_CLASSES:
                same |= {id(x) for x in node.output_tensors}
            else:
                layer = getattr(operation, "layer", operation)  # of a wrapped layer
                counts = (getattr(layer, name, None) for name in COUNTS_CLASSES)
                yield from (int(count) for count in counts if isinstance(count, Integral))


def check_networks(
    generator: keras.Model, discriminator: keras.Model
) -> tuple[int, tuple, bool, int | None]:
    """Refuse two networks that do not fit each other, or that cannot be meant.

    Returns:
        The number of latent dimensions, the shape of one sample, whether it comes with a class, and
        how many classes there are, if that is known.

    Raises:
        ValueError: if only one takes classes, if their shapes differ, if they share weights, if the
            discriminator gives no logit, or if the generator cannot make images from -1 to 1.
    """
    (latent, conditional), (shape, asks) = map(sample_input, (generator, discriminator))
    if conditional != asks:
        raise ValueError(
            "Both networks must take classes, or neither: of the generator's inputs "
            f"{generator.input_shape} and the discriminator's {discriminator.input_shape} "
            "only one does."
        )
    if len(latent) != 1:
        raise ValueError(
            "The generator must take latent vectors, shape (n, latent_dim); given inputs of shape "
            f"{generator.input_shape}. Is it the discriminator?"
        )
    if len(shape) not in (1, 3):
        raise ValueError(
            "The discriminator must take images, shape (n, height, width, channels), or points, "
            f"shape (n, dimension); given inputs of shape {(None, *shape)}."
        )
    if generator.output_shape != (None, *shape):
        exchanged = generator.output_shape == (None, 1) and discriminator.output_shape != (None, 1)
        raise ValueError(
            f"The generator makes images of shape {generator.output_shape}, but the "
            f"discriminator expects {(None, *shape)}.{' Are they exchanged?' * exchanged}"
        )
    if discriminator.output_shape != (None, 1):
        raise ValueError(
            "The discriminator must give one logit per image, shape (n, 1); "
            f"given output shape {discriminator.output_shape}."
        )
    _check_layers(generator=generator, discriminator=discriminator)
    theirs = {id(weight) for weight in discriminator.weights}
    if shared := [weight.path for weight in generator.weights if id(weight) in theirs]:
        raise ValueError(
            "Each network needs weights of its own, for a step of one player must not move the "
            f"other; both have {', '.join(shared)}. Make each layer twice."
        )
    known = {n_classes(generator), n_classes(discriminator)} - {None}
    if conditional and not known:
        warnings.warn(
            "How many classes there are is not known, so that a class which does not exist is not "
            "refused: neither network gives its classes to a layer that says how many it takes, "
            "such as keras.layers.Embedding(n, ...) or keras.ops.one_hot(classes, n).",
            stacklevel=3,
        )
    if len(known) > 1:
        raise ValueError(
            "Both networks must know the same classes; the generator knows "
            f"{n_classes(generator)} and the discriminator {n_classes(discriminator)}."
        )
    _check_ranges(generator, discriminator, images=len(shape) == 3)
    return latent[0], shape, conditional, next(iter(known), None)


def _check_layers(**networks: keras.Model) -> None:
    """Refuse what would have no effect, or a wrong one: regularizers, integers, float16."""
    for name, network in networks.items():
        regularised = [
            layer.name
            for layer in layers_of(network)
            if getattr(layer, "activity_regularizer", None) is not None
            or any(weight.regularizer is not None for weight in layer.weights)
        ]
        if regularised:
            raise ValueError(
                f"The {name} has regularizers, in {', '.join(regularised)}, which a GAN's losses "
                "leave out. Give the optimizer a weight_decay, or compile with penalties."
            )
        if not keras.backend.is_float_dtype(network.inputs[0].dtype):
            raise ValueError(
                f"The {name}'s input must be floating-point, for it would round what it is given; "
                f"its dtype is {network.inputs[0].dtype}."
            )
        if any(layer.compute_dtype == "float16" for layer in layers_of(network)):
            raise ValueError(
                f"The {name} computes in float16, in which small gradients become 0 unless a loss "
                "is scaled, and a GAN's steps scale none. Use the policy mixed_bfloat16, whose "
                "numbers reach as far as those of float32."
            )


def _check_ranges(generator: keras.Model, discriminator: keras.Model, *, images: bool) -> None:
    """Refuse what gives no logit, or no images from -1 to 1; warn of images without a bound."""
    low, high, last, _ = output_range(discriminator) or (-9, 9, "", True)
    if low > -5 or high < 5:
        reason = (
            "the losses apply the sigmoid themselves"
            if 0 <= low <= high <= 1
            else ("far above 0 for real images, far below 0 for fake ones")
        )
        raise ValueError(
            f"The discriminator must end in a logit, any number: {reason}. It ends in {last}, with "
            f"values from {low:g} to {high:g} only; leave that out."
        )
    low, high, last, exact = output_range(generator) or (-1, 1, "", True)
    if images and (low >= 0 or high <= 0):
        raise ValueError(
            "The generator must make images from -1 to 1, for which its last layer should have "
            f"activation='tanh'. It ends in {last}, with values from {low:g} to {high:g}."
        )
    if images and exact and (low < -1 or high > 1):
        warnings.warn(
            f"The generator ends in {last}, without a bound, but real images are from -1 to 1. "
            "Unless you mean it, give its last layer activation='tanh'.",
            stacklevel=4,
        )
