"""Networks and optimizers that do not fit each other, or cannot be meant."""

import keras


def sample_input(network: keras.Model) -> tuple[tuple, bool]:
    """The shape of one sample that a network takes, and whether it takes a class beside it.

    Raises:
        ValueError: if it takes two inputs of which the second is no class, or if its shapes are
            not known.
    """
    shapes = getattr(network, "input_shape", None)
    if not isinstance(network, keras.Model) or shapes is None:
        raise ValueError(
            "A network must be a keras.Model whose input shape is known: one of "
            "keras.Sequential with a keras.Input, or of the functional API, or one that has been "
            f"called; given {type(network).__name__}."
        )
    if not isinstance(shapes, list):
        return shapes[1:], False
    if len(shapes) != 2 or shapes[1] != (None,):
        raise ValueError(
            "A network of a conditional GAN takes samples and their classes, shapes (n, ...) and "
            f"(n,); given inputs of shapes {shapes}."
        )
    return shapes[0][1:], True


def n_classes(network: keras.Model) -> int | None:
    """How many classes a conditional network knows, if the layer that takes them tells."""
    if len(network.inputs) < 2:
        return None
    _, classes = network.inputs
    known = [
        getattr(layer, name)
        for layer in network.layers
        if not isinstance(layer, keras.layers.InputLayer)
        and any(x is classes for x in keras.tree.flatten(layer.input))
        for name in ("input_dim", "num_tokens", "n_classes")
        if isinstance(getattr(layer, name, None), int)
    ]
    return min(known, default=None)


def check_networks(
    generator: keras.Model, discriminator: keras.Model
) -> tuple[int, tuple, bool, int | None]:
    """Refuse two networks that do not fit each other, or that cannot be meant.

    Returns:
        The number of latent dimensions, the shape of one sample, whether it comes with a class, and
        how many classes there are, if that is known.

    Raises:
        ValueError: if only one takes classes, if their shapes differ, if the discriminator gives
            no logit, or if the generator cannot make images from -1 to 1.
    """
    (latent, told), (shape, asks) = map(sample_input, (generator, discriminator))
    if told != asks:
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
    if generator.output_shape[1:] != shape:
        raise ValueError(
            f"The generator makes images of shape {generator.output_shape[1:]}, but the "
            f"discriminator expects {shape}."
        )
    if discriminator.output_shape != (None, 1):
        raise ValueError(
            "The discriminator must give one logit per image, shape (n, 1); "
            f"given output shape {discriminator.output_shape}."
        )
    known = {n_classes(generator), n_classes(discriminator)} - {None}
    if len(known) > 1:
        raise ValueError(
            "Both networks must know the same classes; the generator knows "
            f"{n_classes(generator)} and the discriminator {n_classes(discriminator)}."
        )
    if (last := _last_activation(discriminator)) in ("sigmoid", "softmax", "tanh", "relu"):
        raise ValueError(
            "The discriminator must end in a logit, any number: the losses apply the sigmoid "
            f"themselves. Its last layer has activation={last!r}; leave it out."
        )
    if len(shape) == 3 and (last := _last_activation(generator)) in ("sigmoid", "softmax", "relu"):
        raise ValueError(
            "The generator must make images from -1 to 1, for which its last layer should have "
            f"activation='tanh'; given {last!r}, whose values are 0 or more."
        )
    return latent[0], shape, told, next(iter(known), None)


def _last_activation(network: keras.Model) -> str | None:
    """The name of what a network ends in, if its last layer tells."""
    last = network.layers[-1]
    if isinstance(last, keras.Model):
        return _last_activation(last)
    function = getattr(last, "activation", None)
    return getattr(function, "__name__", type(last).__name__).lower()


def check_optimizers(**optimizers: keras.optimizers.Optimizer | str) -> None:
    """Refuse what is no optimizer, by its name, and one optimizer for several players.

    Raises:
        ValueError: for these.
    """
    for name, optimizer in optimizers.items():
        if not isinstance(optimizer, keras.optimizers.Optimizer | str):
            raise ValueError(
                f"{name} must be an optimizer of Keras or the name of one; given {optimizer!r}."
            )
    objects = [id(o) for o in optimizers.values() if not isinstance(o, str)]
    if len(set(objects)) < len(objects):
        raise ValueError(
            "Each player needs an optimizer of its own: an optimizer keeps averages for the "
            "weights it moves. Given the same object twice."
        )
