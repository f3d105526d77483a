"""How far a metric would move if the generator drew other samples (notebooks/ch04_reporting).

Two methods, because none fits all. A resample of the bootstrap repeats images: that makes every
Fréchet distance larger, and leaves out a third of the balls that recall is made of. So whatever
is a function of means over generated images uses the bootstrap, and all the rest the jackknife,
which leaves blocks of images out and repeats none.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats

from gan_helpers.checks import check_array, check_counts, check_kinds, check_numbers, check_seed

BLOCKS = 20
RESAMPLES = 400
CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A value, its standard error, and the ends of its interval of 95 % confidence."""

    value: float
    error: float
    low: float
    high: float

    def cut(self, lowest: float, highest: float) -> "Interval":
        """Without what the metric cannot be, such as a share above 1."""
        return self._replace(low=max(self.low, lowest), high=min(self.high, highest))


def random_blocks(n: int, *, seed: int, count: int = BLOCKS) -> np.ndarray:
    """The number of a block, 0 to count - 1, for each of n images; sizes differ by one at most.

    At random, so that images which come in some order, such as by class, do no harm.

    Args:
        n: the number of images, at least two for each block.
        seed: a non-negative integer.
        count: of blocks, at least 2.

    Raises:
        ValueError: for other numbers.
    """
    check_counts(count=count, at_least=2)
    check_counts(n=n)
    if n < 2 * count:
        raise ValueError(f"{count} blocks need at least {2 * count} images; given {n}.")
    seed = check_seed(seed)
    return np.random.default_rng(seed).permutation(np.arange(n) % count)


def jackknife_interval(value: float, without: np.ndarray) -> Interval:
    """The interval of any metric from its values without each of the blocks.

    Args:
        value: from all images.
        without: the metric without each block, shape (blocks,).

    Returns:
        value ± t · error, with Student's t for blocks - 1 degrees of freedom.

    Raises:
        ValueError: for what is not finite, or fewer than two blocks.

    Source: Shao and Wu (1989).
    """
    check_numbers(value=value)
    without = check_array("without", without, ("blocks",), least=2)
    m = len(without)
    error = np.sqrt((m - 1) / m * np.sum((without - np.mean(without)) ** 2))
    return _around(value, error, stats.t.ppf((1 + CONFIDENCE) / 2, m - 1))


def bootstrap_resamples(n: int, *, seed: int) -> np.ndarray:
    """How often each image is drawn in each resample.

    Args:
        n: the number of images, which is that of draws too.
        seed: a non-negative integer.

    Returns:
        Integers from 0, shape (RESAMPLES, n), each row with the sum n.

    Raises:
        ValueError: for another n or seed.
    """
    check_counts(n=n)
    seed = check_seed(seed)
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)


def bootstrap_interval(
    contributions: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    resamples: np.ndarray,
) -> Interval:
    """The interval of a metric that is a function of means over images.

    Args:
        contributions: what each image adds to the means, shape (n, d).
        statistic: from means, shape (..., d), to the metric, shape (...).
        resamples: from `bootstrap_resamples`, shape (resamples, n).

    Returns:
        value ± z · error; the error is the metric's spread over resamples. Their percentiles
        would not do: a histogram's distance from uniform is larger in nearly all of them.

    Raises:
        ValueError: for other shapes, what is not finite, fewer than two resamples, or a statistic
            that cannot be called.

    Source: Efron and Tibshirani (1993).
    """
    contributions = check_array("contributions", contributions, ("n", "d"))
    check_kinds(Callable, statistic=statistic)
    resamples = check_array("resamples", resamples, ("resamples", len(contributions)), least=2)
    error = np.std(statistic(resamples @ contributions / len(contributions)), ddof=1)
    value = statistic(contributions.mean(axis=0))
    return _around(value, error, stats.norm.ppf((1 + CONFIDENCE) / 2))


def _around(value, error, quantile) -> Interval:
    reach = quantile * error
    return Interval(float(value), float(error), float(value - reach), float(value + reach))
