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

    Attributes:
        dataset: the same batches.
        error: what `look` has raised, or None.
    """

    def __init__(self, dataset: tf.data.Dataset, look: Callable):
        self.error: ValueError | None = None
        self._look = look

        def looked_at(*batch):
            same = tf.numpy_function(self._look_at, batch, [part.dtype for part in batch])
            for tensor, part in zip(same, batch, strict=True):
                tensor.set_shape(part.shape)
            return tuple(same) if len(same) > 1 else same[0]

        self.dataset = dataset.map(looked_at)

    def _look_at(self, *batch):
        try:
            self._look(*batch)
        except ValueError as error:
            self.error = self.error or error
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
):
    """What to train on, after a look at it.

    Args:
        x: an array of samples, or a `tf.data.Dataset` of batches of them.
        y: for an array and a conditional model the samples' classes; else None.
        shape: of one sample.
        conditional: whether each sample comes with a class.
        n_classes: how many classes there are, if it is known.
        check_batch: raises a ValueError for a number of samples that a step cannot take.

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
        check_samples(x, shape)
        return (x, check_classes(y, len(x), n_classes=n_classes)) if conditional else x

    spec = x.element_spec
    parts = spec if isinstance(spec, tuple) and conditional else (spec,)
    if len(parts) != 1 + conditional or not all(isinstance(p, tf.TensorSpec) for p in parts):
        raise ValueError(
            "The dataset of a conditional model must yield batches of (samples, classes), both "
            f"tensors; given {spec}."
            if conditional
            else "A model without classes learns from samples alone: the dataset must yield "
            f"batches of them, each a tensor; given {spec}. Drop labels with "
            "dataset.map(lambda images, labels: images)."
        )

    def look(samples, classes=None, *, first=False):
        check_samples(samples, shape, first=first)
        if conditional:
            check_classes(classes, len(samples), n_classes=n_classes)
        check_batch(len(samples))

    for batch in x.take(1):  # before anything is trained
        look(*(part.numpy() for part in tf.nest.flatten(batch)), first=True)
        return Looked(x, look)
    raise ValueError("The dataset yields no batch.")
