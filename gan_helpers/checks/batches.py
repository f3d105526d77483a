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
        look: called with each batch and whether it is the first; raises a ValueError.

    Attributes:
        dataset: the same batches.
        error: what `look` has raised, or None.
    """

    def __init__(self, dataset: tf.data.Dataset, look: Callable):
        self.error: ValueError | None = None
        self._look = look
        spec = dataset.element_spec

        def looked_at(number, batch):
            flat = tf.nest.flatten(batch)
            same = tf.numpy_function(self._look_at, [number, *flat], [t.dtype for t in flat])
            for tensor, one in zip(same, tf.nest.flatten(spec), strict=True):
                tensor.set_shape(one.shape)
            return tf.nest.pack_sequence_as(batch, same)

        self.dataset = dataset.enumerate().map(looked_at)

    def _look_at(self, number, *batch):
        try:
            self._look(*batch, first=bool(number == 0))
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
            "A conditional GAN learns from an array of images and their classes: y is missing."
            if given
            else "A GAN without classes learns from images alone, and a dataset brings its own "
            "classes: y must be left out; given labels."
        )
    if not isinstance(x, tf.data.Dataset):
        if not hasattr(x, "__array__"):
            raise ValueError(
                "Images must be an array or a tf.data.Dataset of batches of images; given "
                f"{type(x).__name__}."
            )
        x = np.asarray(x)
        check_samples(x, shape)
        return (x, check_classes(y, len(x), n_classes=n_classes)) if conditional else x

    spec = x.element_spec
    parts = spec if isinstance(spec, tuple) and conditional else (spec,)
    if len(parts) != 1 + conditional or not all(isinstance(p, tf.TensorSpec) for p in parts):
        raise ValueError(
            "The dataset of a conditional GAN must yield batches of (images, classes); given "
            f"{spec}."
            if conditional
            else "A GAN without classes learns from images alone: the dataset must yield "
            f"batches of images; given {spec}. Drop labels with "
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
