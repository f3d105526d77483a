"""Metrics made of nearest neighbours: precision, recall, density, coverage, and memorisation.

All distances are Euclidean, between features (notebooks/ch04_faults).
"""

import numpy as np
from sklearn.metrics import euclidean_distances, pairwise_distances_argmin_min
from sklearn.neighbors import NearestNeighbors

from gan_helpers.checks import check_array, check_counts
from gan_helpers.checks.features import check_blocks, check_features, check_pair

ROWS_AT_ONCE = 1000  # of a matrix of distances
PRECISION_K, COVERAGE_K = 3, 5  # the neighbour that a ball reaches to, as the papers have it


def neighbour_radii(features: np.ndarray, k: int) -> np.ndarray:
    """The distance of each row to its kth nearest other row, shape (n,).

    Args:
        features: shape (n, dimension).
        k: from 1 to n - 1.

    Raises:
        ValueError: for bad features, or a k that is not an integer from 1 to n - 1.
    """
    features = check_features(features)
    _check_k(k, len(features))
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(features)
    distances, _ = search.kneighbors()  # without an argument, no row is its own neighbour
    return distances[:, -1]


def precision_recall(
    real: np.ndarray,
    fake: np.ndarray,
    *,
    k: int = PRECISION_K,
    real_radii: np.ndarray | None = None,
    blocks: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Improved precision and recall, image by image: the means are the metrics.

    A fake image is precise when it lies in the ball of some real image, which reaches to that
    one's kth nearest other real image. A real image is recalled when it lies in the ball of some
    fake image, which reaches to that one's kth nearest other fake image.

    Args:
        real, fake: features, shape (n, dimension), as many of each.
        k: the balls' neighbour.
        real_radii: `neighbour_radii(real, k)`, if it is known already.
        blocks: the number of each fake image's block, shape (n,), to know by which blocks a real
            image is recalled.

    Returns:
        For each fake image whether it is precise, bool, shape (n,). For each real one whether it
        is recalled, bool, shape (n,), or whether it is by each of the blocks, shape (blocks, n).

    Raises:
        ValueError: for bad features, another number of fake than of real ones, or a bad k.

    Source: Kynkäänniemi et al. (2019).
    """
    real, fake, radii, blocks = _checked(real, fake, k, real_radii, blocks)
    fake_radii = neighbour_radii(fake, k)
    precise, recalled = np.zeros(len(fake), bool), _none_reached(blocks, len(real))
    for rows, distances in _distances(fake, real):
        precise[rows] = (distances <= radii).any(axis=1)
        _reach(recalled, blocks, rows, distances <= fake_radii[rows, None])
    return precise, recalled if blocks is not None else recalled[0]


def density_coverage(
    real: np.ndarray,
    fake: np.ndarray,
    *,
    k: int = COVERAGE_K,
    real_radii: np.ndarray | None = None,
    blocks: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Density and coverage, image by image: the means are the metrics.

    A fake image's density is the number of real images' balls that it lies in, divided by k; such
    a ball reaches to the kth nearest other real image. A real image is covered when there is a
    fake one in its ball. Unlike with recall, fake images have no balls, so that an outlier among
    them covers nothing.

    Args:
        real, fake: features, shape (n, dimension), as many of each.
        k: the balls' neighbour.
        real_radii, blocks: as for `precision_recall`.

    Returns:
        For each fake image its density, shape (n,). For each real one whether it is covered,
        bool, shape (n,), or whether it is by each of the blocks, shape (blocks, n).

    Raises:
        ValueError: for bad features, another number of fake than of real ones, or a bad k.

    Source: Naeem et al. (2020).
    """
    real, fake, radii, blocks = _checked(real, fake, k, real_radii, blocks)
    density, covered = np.zeros(len(fake)), _none_reached(blocks, len(real))
    for rows, distances in _distances(fake, real):
        inside = distances <= radii
        density[rows] = inside.sum(axis=1) / k
        _reach(covered, blocks, rows, inside)
    return density, covered if blocks is not None else covered[0]


def nearest_distances(features: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The distance of each row of `features` to the nearest of `others`, shape (n,).

    Args:
        features: shape (n, dimension).
        others: shape (m, dimension).

    Raises:
        ValueError: for bad features, or other dimensions.
    """
    others, features = check_pair(others, features, least=1, names=("others", "features"))
    return pairwise_distances_argmin_min(features, others)[1]


def _checked(real, fake, k, real_radii, blocks):
    """What both pairs of metrics are given, after a look at it; the radii if they are missing."""
    real, fake = check_pair(real, fake, same_n=True)
    _check_k(k, len(real))
    if blocks is not None:
        blocks = check_blocks(blocks, len(fake))
    if real_radii is None:
        return real, fake, neighbour_radii(real, k), blocks
    return real, fake, check_array("real_radii", real_radii, (len(real),)), blocks


def _check_k(k, n) -> None:
    if n < 2:
        raise ValueError(f"A neighbour needs two rows at least; given {n}.")
    check_counts(k=k, at_most=n - 1, limit="the number of other rows")


def _distances(fake, real):
    for start in range(0, len(fake), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        yield rows, euclidean_distances(fake[rows], real)


def _none_reached(blocks, n_real):
    return np.zeros((1 if blocks is None else blocks.max() + 1, n_real), bool)


def _reach(reached, blocks, rows, inside):
    """Note which real images the fake ones of these rows have in reach, block by block."""
    for block in range(len(reached)):
        members = inside if blocks is None else inside[blocks[rows] == block]
        reached[block] |= members.any(axis=0)
