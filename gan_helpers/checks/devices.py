"""What cannot be trained on several devices, or not as on one."""

import keras
import tensorflow as tf

# Keras applies these to each device's gradients before it adds them up, or cannot wait for other
# devices where it would have to.
NOT_ON_DEVICES = (
    "clipnorm",
    "clipvalue",
    "global_clipnorm",
    "gradient_accumulation_steps",
    "ema_overwrite_frequency",
)


def check_scope(*makers) -> None:
    """Refuse models and optimizers whose variables belong to another strategy than is in force.

    Raises:
        ValueError: for these.
    """
    strategy = tf.distribute.get_strategy()
    for made in makers:
        for variable in made.variables:
            if not strategy.extended.variable_created_in_scope(variable.value):
                raise ValueError(
                    "Networks, optimizers and the model must be made, and the model compiled, all "
                    "within the scope of one strategy (with strategy.scope(): ...), or all without "
                    f"one; given {variable.path!r} of {made.name!r}, made elsewhere than compile "
                    f"was called ({type(strategy).__name__})."
                )


def check_device_options(game, discriminator: keras.Model | None, options: dict) -> None:
    """Refuse what `compile` was given if several devices cannot do it.

    Raises:
        ValueError: for options that do not work there, and for penalties of a discriminator whose
            batch normalisation waits for other devices.
    """
    devices = tf.distribute.get_strategy().num_replicas_in_sync
    if devices == 1:
        return
    if options.get("jit_compile") is True:
        raise ValueError(
            f"jit_compile=True does not work on {devices} devices: leave it out, or use one device."
        )
    if options.get("steps_per_execution", 1) != 1:
        raise ValueError(
            f"steps_per_execution does not work on {devices} devices, as in any model of Keras; "
            f"given {options['steps_per_execution']!r}: leave it out, or use one device."
        )
    inner = discriminator.layers if discriminator else ()
    waiting = [layer.name for layer in inner if getattr(layer, "synchronized", False)]
    if waiting and game and game.penalties:
        raise ValueError(
            f"On {devices} devices a discriminator with penalties can have no layer with "
            f"synchronized=True; given {waiting}. Normalise each image by itself "
            "(keras.layers.LayerNormalization), or use one device."
        )


def check_device_optimizer(optimizer: keras.optimizers.Optimizer) -> None:
    """Refuse an optimizer of another strategy, or one that would do something else on devices.

    Raises:
        ValueError: for these.
    """
    check_scope(optimizer)
    devices = tf.distribute.get_strategy().num_replicas_in_sync
    given = {name: value for name in NOT_ON_DEVICES if (value := getattr(optimizer, name, None))}
    if devices > 1 and given:
        raise ValueError(
            f"On {devices} devices an optimizer cannot have {', '.join(NOT_ON_DEVICES)}: they "
            f"would not do what they do on one; given {given}. Leave them out, or use one device."
        )


def check_device_batch(size: int, devices: int) -> None:
    """Refuse a batch that devices cannot share equally.

    Raises:
        ValueError: for one whose size is no multiple of their number.
    """
    if size % devices:
        raise ValueError(
            f"{devices} devices share a batch, so that it must be a multiple of {devices} images; "
            f"given {size}. Choose another batch_size, or leave {size % devices} images out."
        )
