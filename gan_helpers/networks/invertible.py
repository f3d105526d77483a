"""Layers that can be run backwards, and say how much they stretch (notebooks/ch02_flow.ipynb).

Called, a layer gives what it makes of its inputs and the logarithm of the absolute determinant of
its Jacobian; `inverse` gives the inputs back. Affine couplings are those of Dinh et al. (2017).
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from gan_helpers.checks import check_kinds, check_numbers, check_rate

CLAMP = 2.0  # a coupling stretches by exp(CLAMP) at most


class Invertible(layers.Layer):
    """A layer that gives (outputs, log-determinants of shape (n,)) and has an inverse."""

    def inverse(self, y):
        """The inputs that give these outputs."""
        raise NotImplementedError


def _summed(x):
    """The sum over all of a sample's numbers: (n, ...) to (n,)."""
    return ops.sum(x, axis=tuple(range(1, len(x.shape))))


@keras.saving.register_keras_serializable(package="gan_helpers")
class AffineCoupling(Invertible):
    """Leaves the first half of the last axis as it is, and by it scales and shifts the second.

    The halves then change places, so that the next coupling moves the other one.

    Args:
        conditioner: from the first half, shape (n, ..., half), to a log scale and a shift for each
            number of the second, shape (n, ..., 2 half). It need not be invertible.
    """

    def __init__(self, conditioner: keras.Model, **kwargs):
        super().__init__(**kwargs)
        check_kinds(keras.Model, conditioner=conditioner)
        half, given = conditioner.input_shape[1:], conditioner.output_shape[1:]
        if given != (*half[:-1], 2 * half[-1]):
            raise ValueError(
                "A conditioner gives two numbers, a log scale and a shift, for each one that it "
                f"takes; given one of inputs of shape {half} and outputs of shape {given}."
            )
        self.conditioner = conditioner

    def scale_and_shift(self, fixed):
        raw, shift = ops.split(self.conditioner(fixed), 2, axis=-1)
        return CLAMP * ops.tanh(raw / CLAMP), shift

    def call(self, x):
        fixed, moved = ops.split(x, 2, axis=-1)
        log_scale, shift = self.scale_and_shift(fixed)
        moved = moved * ops.exp(log_scale) + shift
        return ops.concatenate([moved, fixed], axis=-1), _summed(log_scale)

    def inverse(self, y):
        moved, fixed = ops.split(y, 2, axis=-1)
        log_scale, shift = self.scale_and_shift(fixed)
        return ops.concatenate([fixed, (moved - shift) * ops.exp(-log_scale)], axis=-1)

    def get_config(self):
        conditioner = keras.saving.serialize_keras_object(self.conditioner)
        return super().get_config() | {"conditioner": conditioner}

    @classmethod
    def from_config(cls, config):
        conditioner = keras.saving.deserialize_keras_object(config.pop("conditioner"))
        return cls(conditioner, **config)


@keras.saving.register_keras_serializable(package="gan_helpers")
class Scale(Invertible):
    """A learned scale and shift for each number of a sample, whatever the others are."""

    def build(self, shape):
        self.log_scale = self.add_weight(shape=shape[1:], initializer="zeros", name="log_scale")
        self.shift = self.add_weight(shape=shape[1:], initializer="zeros", name="shift")

    def call(self, x):
        return x * ops.exp(self.log_scale) + self.shift, _summed(ops.zeros_like(x) + self.log_scale)

    def inverse(self, y):
        return (y - self.shift) * ops.exp(-self.log_scale)


@keras.saving.register_keras_serializable(package="gan_helpers")
class Shuffle(Invertible):
    """Puts the numbers of the last axis into another order: volume stays, couplings mix.

    Args:
        order: where each number of the outputs is taken from; every place once.
    """

    def __init__(self, order: Sequence[int], **kwargs):
        super().__init__(**kwargs)
        check_kinds((list, tuple), order=order)
        if not order or any(place not in order for place in range(len(order))):
            raise ValueError(f"order must hold each place from 0 once; given {order!r}.")
        self.order = [int(place) for place in order]

    def call(self, x):
        return ops.take(x, self.order, axis=-1), _summed(ops.zeros_like(x))

    def inverse(self, y):
        return ops.take(y, np.argsort(self.order).tolist(), axis=-1)

    def get_config(self):
        return super().get_config() | {"order": self.order}


@keras.saving.register_keras_serializable(package="gan_helpers")
class Squeeze(Invertible):
    """Squares of two by two pixels become one place with four times the channels."""

    def call(self, x):
        _, height, width, channels = x.shape
        y = ops.reshape(x, (-1, height // 2, 2, width // 2, 2, channels))
        y = ops.transpose(y, (0, 1, 3, 2, 4, 5))
        y = ops.reshape(y, (-1, height // 2, width // 2, 4 * channels))
        return y, _summed(ops.zeros_like(x))

    def inverse(self, y):
        _, height, width, channels = y.shape
        x = ops.reshape(y, (-1, height, width, 2, 2, channels // 4))
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
        return ops.reshape(x, (-1, 2 * height, 2 * width, channels // 4))


@keras.saving.register_keras_serializable(package="gan_helpers")
class Flatten(Invertible):
    """A sample's numbers in one row."""

    def build(self, shape):
        self.sizes = shape[1:]

    def call(self, x):
        return ops.reshape(x, (-1, int(np.prod(self.sizes)))), _summed(ops.zeros_like(x))

    def inverse(self, y):
        return ops.reshape(y, (-1, *self.sizes))


@keras.saving.register_keras_serializable(package="gan_helpers")
class Logit(Invertible):
    """From the interval that pixels with their noise lie in to the whole line, and back.

    A pixel is squeezed into (margin, 1 - margin) before its logit is taken, lest black and white
    go to infinity (Dinh et al. 2017, section 4.1).

    Args:
        low, high: the ends of the interval.
        margin: between 0 and 0.5.
        gain: what the logit is multiplied by, so that a network has numbers near 1 to work with.
    """

    def __init__(self, low=-1.0, high=1.0, margin=0.005, gain=0.25, **kwargs):
        super().__init__(**kwargs)
        check_numbers(low=low, high=high, margin=margin)
        check_rate(gain=gain, margin=margin, half_less_margin=0.5 - margin, width=high - low)
        self.low, self.high, self.margin, self.gain = low, high, margin, gain

    def call(self, x):
        slope = (1 - 2 * self.margin) / (self.high - self.low)
        p = self.margin + (x - self.low) * slope
        log_slopes = np.log(slope * self.gain) - ops.log(p) - ops.log1p(-p)
        return self.gain * (ops.log(p) - ops.log1p(-p)), _summed(log_slopes)

    def inverse(self, y):
        p = (ops.sigmoid(y / self.gain) - self.margin) / (1 - 2 * self.margin)
        return self.low + p * (self.high - self.low)

    def get_config(self):
        names = ("low", "high", "margin", "gain")
        return super().get_config() | {name: getattr(self, name) for name in names}
