"""Distributions whose density is known: normal distributions around given centres.

`two_clusters` lie on a line, the others in the plane. The latter are scaled so that the centres
have a standard deviation of 1 in each direction on average, which suits a network's initial
weights. A curve, such as the spiral, is a row of a hundred close centres.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp
from scipy.stats import norm
from sklearn.datasets import make_moons

from gan_helpers.checks import (
    check_array,
    check_counts,
    check_kinds,
    check_numbers,
    check_rate,
    check_seed,
)

REACH = 3.0  # standard deviations: what lies further from every centre is on no mode


def two_clusters(n: int, *, seed: int) -> np.ndarray:
    """Draw numbers from two clusters on a line, most of them between -4 and 4.

    About a third lie around -2, the others, spread more widely, around 1.5.

    Args:
        n: how many, at least 1.
        seed: a non-negative integer.

    Returns:
        float32, shape (n, 1).

    Raises:
        ValueError: for another n or seed.
    """
    check_counts(n=n)
    rng = np.random.default_rng(check_seed(seed))
    small = rng.random((n, 1)) < 0.35
    numbers = np.where(small, rng.normal(-2, 0.5, (n, 1)), rng.normal(1.5, 0.7, (n, 1)))
    return numbers.astype("float32")


def two_clusters_density(x: np.ndarray) -> np.ndarray:
    """The density of `two_clusters`.

    Args:
        x: finite numbers, of any shape.

    Returns:
        An array of the same shape, 0 or more.

    Raises:
        ValueError: for what are no finite numbers.
    """
    x = check_array("x", x)
    return 0.35 * norm.pdf(x, -2, 0.5) + 0.65 * norm.pdf(x, 1.5, 0.7)


@dataclass(frozen=True)
class GaussianMixture:
    """Equally probable normal distributions in the plane.

    Attributes:
        name: in print.
        centres: shape (k, 2).
        sigma: the standard deviation of each in each direction, above 0.

    Raises:
        ValueError: for another shape, what is not finite, or a sigma that is not above 0; its
            methods for points of another shape than (n, 2), or that are not finite.
    """

    name: str
    centres: np.ndarray
    sigma: float

    def __post_init__(self):
        check_kinds(str, name=self.name)
        object.__setattr__(self, "centres", check_array("centres", self.centres, ("k", 2)))
        check_rate(sigma=self.sigma)

    def sample(self, n: int, *, seed: int) -> np.ndarray:
        """Draw n points, float32, shape (n, 2)."""
        check_counts(n=n)
        rng = np.random.default_rng(check_seed(seed))
        chosen = self.centres[rng.integers(0, len(self.centres), n)]
        return rng.normal(chosen, self.sigma).astype("float32")

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """The logarithm of the density at points of shape (n, 2), in nats; shape (n,)."""
        squared = np.square(self._distances(points)) / self.sigma**2
        normal = -squared / 2 - np.log(2 * np.pi * self.sigma**2)
        return logsumexp(normal, axis=1) - np.log(len(self.centres))

    def share_on_mode(self, points: np.ndarray) -> float:
        """The share of points within three standard deviations of some centre, 0 to 1.

        Of points drawn from one of the normal distributions it is 1 - exp(-9/2), nearly 0.99.
        """
        return float(np.mean(self._distances(points).min(axis=1) < REACH * self.sigma))

    def modes_found(self, points: np.ndarray, *, least: float = 0.2) -> int:
        """How many centres have at least `least` of their equal share of the points.

        A point counts for its nearest centre, if it lies within three standard deviations of it.
        (Often a single point is asked for; a stray then makes a mode.)
        """
        check_numbers(least=least)
        distances = self._distances(points)
        on_mode = distances.min(axis=1) < REACH * self.sigma
        counts = np.bincount(distances.argmin(axis=1)[on_mode], minlength=len(self.centres))
        return int(np.sum(counts >= max(1.0, least * len(distances) / len(self.centres))))

    def _distances(self, points: np.ndarray) -> np.ndarray:
        points = check_array("points", points, ("n", 2)).astype(float)
        return np.linalg.norm(points[:, None] - self.centres, axis=2)


def _scaled(name: str, centres: np.ndarray, sigma: float) -> GaussianMixture:
    centres = centres - centres.mean(axis=0)
    scale = np.sqrt(np.mean(np.square(centres)))
    return GaussianMixture(name, centres / scale, sigma / scale)


def ring(modes: int = 8) -> GaussianMixture:
    """Narrow normal distributions on a circle, a hundred standard deviations in radius.

    Args:
        modes: how many, at least 2.

    Raises:
        ValueError: for another number.
    """
    check_counts(modes=modes, at_least=2)
    angles = 2 * np.pi * np.arange(modes) / modes
    return _scaled("ring", np.stack([np.cos(angles), np.sin(angles)], axis=1), 0.01)


def grid(side: int = 5) -> GaussianMixture:
    """Narrow normal distributions on a square grid, forty standard deviations apart.

    Args:
        side: how many in a row, and how many rows, at least 2.

    Raises:
        ValueError: for another number.
    """
    check_counts(side=side, at_least=2)
    line = 2.0 * np.arange(side)
    return _scaled("grid", np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2), 0.05)


def spiral(turns: float = 2.0) -> GaussianMixture:
    """A spiral from the middle outwards, equally dense along its length.

    Args:
        turns: how often it goes round, above 0.

    Raises:
        ValueError: for what is not a finite number above 0.
    """
    check_rate(turns=turns)
    fine = np.linspace(0, 1, 10_001)
    angles = 2 * np.pi * turns * fine
    curve = fine[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    length = np.append(0, np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1)))
    places = np.interp(np.linspace(0, length[-1], 100), length, np.arange(len(fine)))
    return _scaled("spiral", curve[places.round().astype(int)], 0.02)


def two_moons() -> GaussianMixture:
    """Two half circles that reach into each other, as scikit-learn makes them."""
    return _scaled("two moons", make_moons(100, shuffle=False)[0], 0.05)
