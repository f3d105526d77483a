"""What a model is given to learn from: arrays are looked at whole, a dataset batch by batch."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from gan_helpers.checks.samples import check_classes, check_samples


class Looked:
    """A dataset whose batches are looked at when they come.

    TensorFlow wraps what is raised within a dataset in an error of its own, with the trace of its
    graph. So this keeps the first error, to be raised as it is.

    Args:
        dataset: yields samples, or (samples, classes).
        look: called with each batch; raises a ValueError.
        shapes: of samples, and of classes if there are any, as `look` makes sure; a dataset need
            not know them.

    Attributes:
        dataset: the same batches.
        error: what `look` has raised, or None.
    """

    def __init__(self, dataset: tf.data.Dataset, look: Callable, shapes: list[tuple]):
        self.error: ValueError | None = None
        self._look, self._batch = look, 0

        def looked_at(*batch):
            same = tf.numpy_function(self._look_at, batch, [part.dtype for part in batch])
            for tensor, part, shape in zip(same, batch, shapes, strict=True):
                tensor.set_shape(part.shape.merge_with(shape))
            return tuple(same) if len(same) > 1 else same[0]

        self.dataset = dataset.map(looked_at)

    def _look_at(self, *batch):
        self._batch += 1
        try:
            self._look(*batch)
        except ValueError as error:
            which = f"Batch {self._batch} of the dataset, counted over all epochs"
            self.error = self.error or ValueError(f"{which}: {error}")
            raise
        return batch


def check_data(
    x,
    y,
    *,
    shape: tuple,
    conditional: bool,
    n_classes: int | None,
    check_batch: Callable[[int], None],
    n_tokens: int | None = None,
    first: bool = True,
):
    """What to train on, after a look at it.

    Args:
        x: an array of samples, or a `tf.data.Dataset` of batches of them.
        y: for an array and a conditional model the samples' classes; else None.
        shape: of one sample.
        conditional: whether each sample comes with a class.
        n_classes: how many classes there are, if it is known.
        check_batch: raises a ValueError for a number of samples that a step cannot take.
        n_tokens: how many tokens there are, where samples are sequences of them.
        first: as for `check_images`, of an array.

    Returns:
        An array, (array, classes), or `Looked`.

    Raises:
        ValueError: for anything else.
    """
    given = not isinstance(x, tf.data.Dataset) and conditional
    if (y is not None) != given:
        raise ValueError(
            "A conditional model learns from an array of samples and their classes: y is missing."
            if given
            else "Without a conditional model, or with a dataset, which brings its own classes, "
            "y must be left out; given labels."
        )
    if not isinstance(x, tf.data.Dataset):
        if not hasattr(x, "__array__"):
            raise ValueError(
                "Samples must be an array or a tf.data.Dataset of batches of them; given "
                f"{type(x).__name__}."
            )
        x = np.asarray(x)
        check_samples(x, shape, n_tokens=n_tokens, first=first)
        return (x, check_classes(y, len(x), n_classes=n_classes)) if conditional else x

    spec = x.element_spec
    parts = spec if isinstance(spec, tuple) and conditional else (spec,)
    if len(parts) != 1 + conditional or not all(isinstance(p, tf.TensorSpec) for p in parts):
        raise ValueError(
            "The dataset of a conditional model must yield batches of (samples, classes), both "
            f"tensors; given {spec}.{_how_to_map(spec, conditional)}"
            if conditional
            else "A model without classes learns from samples alone: the dataset must yield "
            f"batches of them, each a tensor; given {spec}.{_how_to_map(spec, conditional)}"
        )

    def look(samples, classes=None, *, first=False):
        check_samples(samples, shape, n_tokens=n_tokens, first=first)
        if conditional:
            check_classes(classes, len(samples), n_classes=n_classes)
        check_batch(len(samples))

    for batch in x.take(1):  # before anything is trained
        try:
            look(*(part.numpy() for part in tf.nest.flatten(batch)), first=True)
        except ValueError as error:
            raise ValueError(f"The first batch of the dataset: {error}") from None
        return Looked(x, look, [(None, *shape), (None,)][: 1 + conditional])
    raise ValueError("The dataset yields no batch.")


def _how_to_map(spec, conditional: bool) -> str:
    """How to make what is asked for of what a dataset yields: a pair, or a dictionary."""
    if isinstance(spec, dict) and len(spec) >= 1 + conditional:
        names = [f"parts[{name!r}]" for name in list(spec)[: 1 + conditional]]
        wanted = f"({', '.join(names)})" if conditional else names[0]
        return f" Choose among its parts, such as by dataset.map(lambda parts: {wanted})."
    if isinstance(spec, tuple) and len(spec) == 2 and not conditional:
        return " Drop labels with dataset.map(lambda images, labels: images)."
    return ""


def nearest_sizes(size: int, parts: int, least: int | None = None) -> str:
    """Which batches near one of this size divide into so many parts, `least` images at least."""
    least = parts if least is None else least
    below, above = size // parts * parts, -(-size // parts) * parts
    sizes = sorted({max(number, least) for number in (below, above)})
    return (
        f"The nearest is {' or '.join(map(str, sizes))}; of a dataset, batch(..., "
        "drop_remainder=True) leaves an incomplete last batch out."
    )
