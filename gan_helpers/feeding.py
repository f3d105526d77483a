"""What `fit`, `evaluate` and the like are given, looked at and cut into batches for steps.

Each function takes the `gan_helpers.repeatable.RepeatableModel` that the data are for.
"""

import contextlib
from typing import Any

import tensorflow as tf

from gan_helpers.checks import Looked, check_counts, check_data
from gan_helpers.data import shuffled_batches


def checked(model, x, y, *, training: bool = True, first: bool = True):
    """The data after `gan_helpers.checks.check_data`: arrays, or a dataset that is `Looked` at."""
    return check_data(
        x,
        y,
        shape=model.sample_shape,
        conditional=model.conditional,
        n_classes=model.n_classes,
        n_tokens=model.n_tokens,
        check_batch=lambda size: model.check_batch(size, training=training),
        first=first,
    )


def one_batch(model, method: str, x, y, kwargs: dict) -> tuple:
    """A batch for one step, after a look at it."""
    model._assert_compile_called(method)
    refuse_weights(kwargs)
    training = method == "train_on_batch"
    data = checked(model, x, y, training=training, first=model.steps == 0)
    if isinstance(data, Looked):
        raise ValueError(f"{method} takes a single batch, an array; given a dataset.")
    data = data if isinstance(data, tuple) else (data,)
    model.check_batch(len(data[0]), training=training)
    return data


def shuffled(model, data, batch_size: int | None, steps: int | None) -> tuple:
    """Batches of an array for steps of a game, and how many steps an epoch has."""
    n = len(data[0] if model.conditional else data)
    batch_size = 64 if batch_size is None else batch_size
    check_counts(batch_size=batch_size)
    times = model.game.discriminator_steps if model.game else 1
    size = int(batch_size) * times
    if size > n:
        raise ValueError(
            f"A step takes {size} images, batch_size times {times}, which must be at most the "
            f"number of images, {n}; given batch_size={batch_size}."
        )
    model.check_batch(size, training=True)
    steps = n // size if steps is None else steps
    check_counts(steps_per_epoch=steps)
    batches = shuffled_batches(data, batch_size=size, seed=model.seed, first_step=model.steps)
    return batches, steps


def held_out(model, kwargs: dict, batch_size: int | None):
    """What to validate on, after a look at it, put in its place among the arguments."""
    if kwargs.get("validation_data") is None:
        for name in ("validation_steps", "validation_batch_size"):
            if kwargs.get(name) is not None:
                raise ValueError(f"{name} is of no use without validation_data.")
        return None
    if isinstance(freq := kwargs.get("validation_freq", 1), int):
        check_counts(validation_freq=freq)
    pair = kwargs["validation_data"]
    pair = pair if isinstance(pair, tuple) else (pair,)
    if len(pair) > 2:
        raise ValueError("validation_data are samples, or (samples, classes); given more.")
    data = checked(model, *pair, *[None] * (2 - len(pair)), training=False)
    if not isinstance(data, Looked):
        kwargs["validation_batch_size"] = kwargs.get("validation_batch_size") or batch_size
    size, steps = kwargs.get("validation_batch_size"), kwargs.get("validation_steps")
    given = to_evaluate(model, data, size, name="validation_batch_size", validation_steps=steps)
    kwargs["validation_data"] = given if len(given) > 1 else given[0]
    return data


def to_evaluate(model, data, batch_size, *, name: str = "batch_size", **steps: Any) -> tuple:
    """What to give to `keras.Model.evaluate`, after a look at the sizes of its batches."""
    if isinstance(data, Looked):
        return (own_batches(data, batch_size, name, **steps),)
    n = len(data[0] if model.conditional else data)
    size = 32 if batch_size is None else batch_size
    sizes: dict[str, Any] = {name: size}
    check_counts(**sizes)
    if steps := {key: value for key, value in steps.items() if value is not None}:
        check_counts(**steps)
    for part in {min(n, size), n % size} - {0}:
        model.check_batch(part, training=False)
    return data if isinstance(data, tuple) else (data,)


def own_batches(
    data: Looked, batch_size: int | None, name: str = "batch_size", **steps: Any
) -> tf.data.Dataset:
    """The batches of a dataset, which must end, unless so many steps are asked for."""
    if batch_size is not None:
        raise ValueError(f"A dataset has its own batches: {name} must be left out.")
    ((steps_name, number),) = steps.items()
    if number is not None:
        check_counts(**{steps_name: number})
    elif data.dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError(f"The dataset does not end: say by {steps_name} how much of it to use.")
    return data.dataset


def refuse_weights(kwargs: dict) -> None:
    for name in ("sample_weight", "class_weight", "validation_split"):
        if kwargs.get(name) is not None and (name, kwargs[name]) != ("validation_split", 0):
            raise ValueError(
                f"{name} has no meaning here, where each image counts once: it must be left out."
            )


@contextlib.contextmanager
def as_it_was_raised(*given):
    """The error that a look at a batch raised, in place of TensorFlow's that holds it."""
    try:
        yield
    except tf.errors.OpError:
        for looked in given:
            if isinstance(looked, Looked) and looked.error:
                raise looked.error from None
        raise
