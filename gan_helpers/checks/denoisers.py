"""Networks that take a time beside their samples (gan_helpers/families/diffusion.py)."""

from numbers import Real

import keras

from gan_helpers.checks.arrays import as_array, check_array
from gan_helpers.checks.networks import _counts_of_classes, _is_symbolic
from gan_helpers.checks.samples import check_classes


def denoiser_input(network: keras.Model) -> tuple[tuple, int | None]:
    """The shape of one sample that a denoiser takes, and how many classes there are, if any.

    Args:
        network: from [samples, times], or [samples, times, classes], to arrays of the samples'
            shape. Beside the classes it knows one more, for “of no given class”.

    Raises:
        ValueError: if it is no such network, or if its layers do not tell how many classes it
            knows.
    """
    shapes = getattr(network, "input_shape", None)
    if not isinstance(network, keras.Model) or not isinstance(shapes, list):
        shapes = []
    fits = len(shapes) in (2, 3) and all(shape == (None,) for shape in shapes[1:])
    if not fits or None in shapes[0][1:] or network.output_shape != shapes[0]:
        raise ValueError(
            "A denoiser is a keras.Model from a list of samples, shape (n, ...), their times, "
            "shape (n,), and in a conditional model classes, shape (n,), to arrays of the samples' "
            f"shape; given {type(network).__name__}"
            + (f" of {shapes} to {network.output_shape}." if shapes else ".")
        )
    if len(shapes) == 2:
        return shapes[0][1:], None
    known = min(_counts_of_classes(network, network.inputs[2]), default=0)
    if known < 2:
        raise ValueError(
            "A conditional denoiser must tell how many classes it knows, one of which means “of no "
            "given class”, by a layer such as keras.layers.Embedding(n_classes + 1, ...)."
        )
    return shapes[0][1:], known - 1


def check_denoiser_inputs(inputs, shape: tuple, *, n_classes: int | None) -> None:
    """Refuse what a denoiser cannot be called with; symbolic tensors are not looked at.

    Args:
        inputs: [samples, times], or [samples, times, classes].
        shape: of one sample.
        n_classes: how many classes there are, if any; as a class, this number means none of them.

    Raises:
        ValueError: for arrays of other shapes or that are no finite numbers, for times that are
            not from 0 to 1, and for classes that are missing, given in vain or do not exist.
    """
    names = ("samples", "times") if n_classes is None else ("samples", "times", "classes")
    parts = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    if any(isinstance(part, keras.KerasTensor) or _is_symbolic(part) for part in parts):
        return
    if len(parts) != len(names):
        raise ValueError(
            f"This model takes a list of {len(names)} arrays, {', '.join(names)}; given "
            f"{len(parts)}."
        )
    samples = check_array("samples", parts[0], ("n", *shape))
    times = check_array("times", parts[1], (len(samples),))
    if not 0 <= times.min() <= times.max() <= 1:
        raise ValueError(f"times must be from 0 to 1; given {times.min():g} to {times.max():g}.")
    if n_classes is not None:
        check_classes(as_array(parts[2]), len(samples), n_classes=n_classes + 1)


def check_shares(**shares: float) -> None:
    """Refuse what is no share, by its name.

    Raises:
        ValueError: for what is not a number from 0 to 1.
    """
    for name, share in shares.items():
        if not isinstance(share, Real) or isinstance(share, bool) or not 0 <= share <= 1:
            raise ValueError(f"{name} must be a number from 0 to 1; given {share!r}.")
