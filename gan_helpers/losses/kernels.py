"""Distances of two sets of samples by a kernel: what a generator can minimise alone.

Both estimates leave out the pairs of a sample with itself, so that their mean over draws of two
equal distributions is 0, and a single value may be negative. Both can be differentiated. Derived
and measured in notebooks/ch04_kernels.ipynb.
"""

from collections.abc import Sequence

import tensorflow as tf

from gan_helpers.checks import check_array, check_tensors
from gan_helpers.losses.adversarial import Loss, takes_logits
from gan_helpers.losses.safe_sqrt import safe_sqrt


def maximum_mean_discrepancy(
    real: tf.Tensor, fake: tf.Tensor, *, bandwidths: Sequence[float] = (1.0,)
) -> tf.Tensor:
    """The squared maximum mean discrepancy for a sum of Gaussian kernels, without bias.

    The kernel is the sum over the bandwidths h of exp(-|x - y|² / (2 h²)).

    Args:
        real, fake: shape (n, dimension); at least two samples each.
        bandwidths: each above 0, in units of the samples.

    Returns:
        A scalar, at most twice the number of bandwidths.

    Raises:
        ValueError: for samples of other shapes, or bandwidths that are not above 0.

    Source: Gretton et al. (2012, eq. 3).
    """
    widths = check_array("bandwidths", bandwidths, ("n",))
    if widths.min() <= 0:
        raise ValueError(f"bandwidths must be above 0, one at least; given {bandwidths!r}.")

    def similarity(squared: tf.Tensor) -> tf.Tensor:
        return tf.add_n([tf.exp(-squared / (2 * h**2)) for h in widths.tolist()])

    return _between_less_within(real, fake, lambda squared: -similarity(squared))


def energy_distance(real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """2 mean|x - y| - mean|x - x'| - mean|y - y'|, without bias (Székely and Rizzo 2013).

    In one dimension its mean is twice the integral of the squared difference of the two
    distribution functions.

    Args:
        real, fake: shape (n, dimension); at least two samples each.

    Returns:
        A scalar, in units of the samples.

    Raises:
        ValueError: for samples of other shapes.
    """
    # Where two samples are equal, the square root must have a gradient that is finite.
    return _between_less_within(real, fake, safe_sqrt)


def _between_less_within(real, fake, distance) -> tf.Tensor:
    """2 mean d(x, y) - mean d(x, x') - mean d(y, y') for a function d of squared distances."""
    real, fake = check_tensors(real=real, fake=fake)
    if (
        len(real.shape) != 2
        or len(fake.shape) != 2
        or not real.shape[1:].is_compatible_with(fake.shape[1:])
        or 1 in (real.shape[0], fake.shape[0])
    ):
        raise ValueError(
            "Expected two sets of at least two samples each, shapes (n, dimension) and "
            f"(m, dimension); given {real.shape} and {fake.shape}."
        )
    between = tf.reduce_mean(distance(_squared_distances(real, fake)))
    return 2 * between - _mean_within(real, distance) - _mean_within(fake, distance)


def _squared_distances(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.square(a[:, None] - b[None]), axis=-1)


def _mean_within(samples: tf.Tensor, distance) -> tf.Tensor:
    """The mean over ordered pairs of two different samples."""
    matrix = distance(_squared_distances(samples, samples))
    n = tf.cast(tf.shape(samples)[0], matrix.dtype)
    return (tf.reduce_sum(matrix) - tf.reduce_sum(tf.linalg.diag_part(matrix))) / (n * (n - 1))


@takes_logits
def _kernel_generator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """The squared maximum mean discrepancy of the discriminator's outputs (Li et al. 2017)."""
    return maximum_mean_discrepancy(real_logits, fake_logits)


@takes_logits
def _kernel_discriminator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """Minus the generator's loss: the discriminator looks for outputs that differ most."""
    return -maximum_mean_discrepancy(real_logits, fake_logits)


KERNEL = Loss("kernel", _kernel_discriminator_loss, _kernel_generator_loss, paired=True, least=2)
