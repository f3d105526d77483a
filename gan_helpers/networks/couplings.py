"""Flows: chains of invertible layers, for points and for images (notebooks/ch02_flow.ipynb).

In most of the layers a small network, the conditioner, looks at one half of a sample and says how
to scale and to shift the other (`gan_helpers.networks.invertible`).
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from gan_helpers.checks import check_counts, check_kinds, check_seed
from gan_helpers.networks.invertible import (
    AffineCoupling,
    Flatten,
    Invertible,
    Logit,
    Scale,
    Shuffle,
    Squeeze,
)
from gan_helpers.networks.perceptrons import multilayer_perceptron


def chain(shape: tuple[int, ...], steps: Sequence[Invertible], name: str = "flow") -> keras.Model:
    """Invertible layers one after the other, with the sum of their log-determinants.

    Args:
        shape: of one sample.
        steps: the layers, in the order in which a sample goes through them.
        name: of the network.

    Returns:
        A network from samples, shape (n, ...), to [latent vectors, log-determinants of shape (n,)].
        Its `layers` hold the steps in the same order.

    Raises:
        ValueError: for no layers, or for what is none.
    """
    check_kinds(str, name=name)
    check_kinds((list, tuple), steps=steps)
    _check_shape(shape)
    if not steps:
        raise ValueError("A flow needs an invertible layer at least; given none.")
    check_kinds(Invertible, **{f"steps[{i}]": step for i, step in enumerate(steps)})
    x = inputs = keras.Input(shape)
    totals = []
    for step in steps:
        x, log_determinant = step(x)
        totals.append(log_determinant)
    total = ops.sum(ops.stack(totals), axis=0)
    return keras.Model(inputs, [x, total], name=name)


def is_chain(network: keras.Model) -> bool:
    """Whether a network is made as `chain` makes it: only then can it be run backwards.

    Args:
        network: any model.
    """
    kinds = [type(part) for part in getattr(network, "operations", [])]
    middle, summing = kinds[1:-2], [kind.__name__ for kind in kinds[-2:]]
    return (
        bool(middle)
        and summing == ["Stack", "Sum"]
        and all(issubclass(kind, Invertible) for kind in middle)
    )


def _check_shape(shape: tuple[int, ...]) -> None:
    check_kinds((list, tuple), shape=shape)
    check_counts(number_of_axes=len(shape))
    for axis, size in enumerate(shape):
        check_counts(**{f"shape[{axis}]": size})  # type: ignore[arg-type]


def point_flow(couplings: int = 8, width: int = 64) -> keras.Model:
    """A flow on points in the plane: each coupling moves one coordinate by the other.

    Args:
        couplings: how many, at least 1.
        width: of the two hidden layers of each conditioner.

    Raises:
        ValueError: for what is no such integer.
    """
    couplings, width = check_counts(couplings=couplings, width=width)
    return chain((2,), [AffineCoupling(_perceptron(1, 2, width)) for _ in range(couplings)])


def image_flow(
    shape: tuple[int, int, int] = (28, 28, 1),
    *,
    fine: int = 4,
    coarse: int = 4,
    whole: int = 2,
    fine_width: int = 24,
    coarse_width: int = 48,
    whole_width: int = 64,
    margin: float = 0.005,
    gain: float = 0.25,
    seed: int = 0,
) -> keras.Model:
    """A flow on images: couplings that convolve at two scales, then some that see all at once.

    Each scale begins with a `Squeeze`, which makes channels that a coupling can halve. After every
    second coupling the channels change their order, so that other halves are formed.

    Args:
        shape: of an image, height and width multiples of 4.
        fine, coarse, whole: the number of couplings at half and at a quarter of the size, and of
            those of dense layers.
        fine_width, coarse_width, whole_width: of the conditioners' hidden layers.
        margin, gain: as for `Logit`.
        seed: of the orders.

    Raises:
        ValueError: for numbers that cannot be.
    """
    check_counts(at_least=0, fine=fine, coarse=coarse, whole=whole)
    check_counts(fine_width=fine_width, coarse_width=coarse_width, whole_width=whole_width)
    _check_shape(shape)
    if len(shape) != 3 or shape[0] % 4 or shape[1] % 4:
        raise ValueError(
            "shape must be (height, width, channels), height and width multiples of 4; given "
            f"{shape!r}."
        )
    height, width, channels = shape
    rng = np.random.default_rng(check_seed(seed))
    steps: list[Invertible] = [Logit(margin=margin, gain=gain)]
    for number, units, scale in ((fine, fine_width, 2), (coarse, coarse_width, 4)):
        place = (height // scale, width // scale, channels * scale**2)
        steps.append(Squeeze())
        for i in range(number):
            if i % 2 == 0:
                steps.append(Shuffle(rng.permutation(place[-1]).tolist()))
            steps.append(AffineCoupling(_convolutions((*place[:2], place[2] // 2), units)))
    steps.append(Flatten())
    numbers = height * width * channels
    for i in range(whole):
        if i % 2 == 0:
            steps.append(Shuffle(rng.permutation(numbers).tolist()))
        steps.append(AffineCoupling(_perceptron(numbers // 2, 1, whole_width)))
    return chain(shape, [*steps, Scale()])


def _convolutions(half: tuple[int, int, int], width: int) -> keras.Model:
    relu = {"activation": "relu", "padding": "same", "kernel_initializer": "he_normal"}
    return keras.Sequential(
        [
            keras.Input(half),
            layers.Conv2D(width, 3, **relu),
            layers.Conv2D(width, 1, **relu),
            layers.Conv2D(2 * half[-1], 3, padding="same", kernel_initializer="zeros"),
        ]
    )


def _perceptron(half: int, hidden: int, width: int) -> keras.Model:
    network = multilayer_perceptron(half, 2 * half, hidden=hidden, width=width)
    return _started_at_the_identity(network)


def _started_at_the_identity(conditioner: keras.Model) -> keras.Model:
    """Set the last layer's weights to 0, so that a coupling begins with scale 1 and shift 0."""
    last = conditioner.layers[-1]
    last.set_weights([np.zeros_like(weight) for weight in last.get_weights()])
    return conditioner
