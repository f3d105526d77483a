"""Optimizers that cannot be meant, or would do something wrong (book/keras_features.md)."""

import math

import keras


def check_optimizers(**optimizers: keras.optimizers.Optimizer | str) -> None:
    """Refuse what is no optimizer, by its player's name, and one optimizer for several players.

    A model's only one is given as `optimizer`.

    Raises:
        ValueError: for these, for optimizers that expect a scaled loss, and for a learning rate
            below 0, or none.
    """
    for player, optimizer in optimizers.items():
        name = player if player == "optimizer" else f"{player}_optimizer"
        if isinstance(optimizer, str):
            try:
                keras.optimizers.get(optimizer)
            except ValueError:
                raise ValueError(
                    f"{name}: Keras has no optimizer of the name {optimizer!r}. Names "
                    "are those of keras.optimizers, such as 'adam', 'rmsprop' or 'sgd'."
                ) from None
            continue
        if not isinstance(optimizer, keras.optimizers.Optimizer):
            raise ValueError(
                f"{name} must be an optimizer of Keras or the name of one; given {optimizer!r}."
            )
        scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        if scaled or optimizer.loss_scale_factor is not None:
            raise ValueError(
                f"{name} divides gradients by the scale of a loss, and a GAN's steps "
                "scale none. Leave LossScaleOptimizer and loss_scale_factor out; for numbers of "
                "16 bits use the policy mixed_bfloat16, which needs neither."
            )
        if hasattr(optimizer, "optimizers"):
            raise ValueError(
                f"{name} must be a single optimizer; given a {type(optimizer).__name__} of several."
            )
        rate = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
        if not 0 <= rate < math.inf:
            raise ValueError(
                f"{name} must have a learning_rate from 0, a finite number; given {rate:g}."
            )
    objects = [id(o) for o in optimizers.values() if not isinstance(o, str)]
    if len(set(objects)) < len(objects):
        raise ValueError(
            "Each player needs an optimizer of its own: an optimizer keeps averages for the "
            "weights it moves. Given the same object twice."
        )


def check_optimizer_of(optimizer: keras.optimizers.Optimizer, network: keras.Model) -> None:
    """Refuse an optimizer that moves the weights of another network, or none.

    Raises:
        ValueError: for these.
    """
    weights = network.trainable_variables
    if not weights:
        raise ValueError(
            f"The network {network.name!r} has no weights to train. Set trainable=True before "
            "compile."
        )
    own = {id(weight) for weight in weights}
    if optimizer.built and not own <= {id(weight) for weight in optimizer._trainable_variables}:
        raise ValueError(
            f"The optimizer {optimizer.name!r} already belongs to the weights of another network "
            f"than {network.name!r}. Make a new one."
        )
