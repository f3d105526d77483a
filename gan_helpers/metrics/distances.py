"""Distances between two sets of features: Fréchet's and a kernel's (notebooks/ch04_frechet)."""

import numpy as np

from gan_helpers.checks import check_array, check_kinds
from gan_helpers.checks.arrays import as_array
from gan_helpers.checks.features import check_blocks, check_features, check_pair

ROWS_AT_ONCE = 1000  # of a kernel matrix, so that 10,000 samples need 80 MB at once, not 800


def gaussian_frechet_distance(
    mean_1: np.ndarray, covariance_1: np.ndarray, mean_2: np.ndarray, covariance_2: np.ndarray
) -> float:
    """The squared Fréchet distance of two normal distributions.

    |mean_1 − mean_2|² + trace(covariance_1 + covariance_2 − 2 (covariance_1 covariance_2)^½)

    The root's trace is the sum of the singular values of covariance_1^½ covariance_2^½. They are
    computed to a rounding of the largest one. (Roots of the product's eigenvalues would not be:
    where a covariance is nearly singular, the root of a rounding error is far larger.) What is
    left of rounding below 0 is cut off, as no distance is below 0.

    Args:
        mean_1, mean_2: shape (dimension,).
        covariance_1, covariance_2: shape (dimension, dimension).

    Raises:
        ValueError: for other shapes, or values that are not finite.

    Source: Dowson and Landau (1982).
    """
    mean_1 = check_array("mean_1", mean_1, ("d",))
    square = (len(mean_1), len(mean_1))
    shift = mean_1 - check_array("mean_2", mean_2, square[:1])
    roots = [
        _root(check_array(name, covariance, square))
        for name, covariance in (("covariance_1", covariance_1), ("covariance_2", covariance_2))
    ]
    traces = sum(np.sum(root**2) for root in roots)
    common = np.linalg.svd(roots[0] @ roots[1], compute_uv=False).sum()
    return float(shift @ shift + max(traces - 2 * common, 0.0))


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(values.clip(0))) @ vectors.T


def fit_gaussian(features: np.ndarray, name: str = "features") -> tuple[np.ndarray, np.ndarray]:
    """Mean, shape (dimension,), and covariance, shape (dimension, dimension), of features.

    Args:
        features: shape (n, dimension), n above the dimension.
        name: whose they are, for the error.

    Raises:
        ValueError: for bad features, or for no more of them than dimensions: such a covariance is
            singular, and says more about n than about the images.
    """
    check_kinds(str, name=name)
    features = as_array(features)
    dimension = features.shape[1] if features.ndim == 2 else 1
    features = check_features(features, name, least=dimension + 1)
    return features.mean(axis=0), np.cov(features, rowvar=False).reshape(dimension, dimension)


def frechet_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """The squared Fréchet distance of the normal distributions fitted to two sets of features.

    0 for equal sets; the smaller the better. It is biased upwards, the more so the fewer samples:
    only values with the same numbers of samples can be compared.

    Args:
        real, fake: features, shape (n, dimension), each with n above the dimension.

    Raises:
        ValueError: for bad features, or no more of them than dimensions.

    Source: Heusel et al. (2017), with any classifier's features.
    """
    check_pair(real, fake)
    return gaussian_frechet_distance(
        *fit_gaussian(real, "real features"), *fit_gaussian(fake, "fake features")
    )


def jackknifed_frechet_distance(
    real: np.ndarray, fake: np.ndarray, blocks: np.ndarray
) -> tuple[float, np.ndarray]:
    """`frechet_distance`, and the same without each block of the fake features.

    Args:
        real, fake: as for `frechet_distance`.
        blocks: the number of each fake one's block, shape (len(fake),).

    Returns:
        the distance, and an array of shape (blocks,) for `intervals.jackknife_interval`.

    Raises:
        ValueError: as `frechet_distance`, also without a block; for blocks that are not numbered
            from 0 without a gap, or a single one.
    """
    real, fake = check_pair(real, fake)
    blocks = check_blocks(blocks, len(fake))
    fit = fit_gaussian(real, "real features")
    value = gaussian_frechet_distance(*fit, *fit_gaussian(fake, "fake features"))
    without = [
        gaussian_frechet_distance(*fit, *fit_gaussian(fake[blocks != block], "fake features"))
        for block in np.unique(blocks)
    ]
    return value, np.array(without)


def polynomial_kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(x·y / dimension + 1)³ for each row x of a and y of b.

    Args:
        a, b: features, shape (n, dimension) and (m, dimension).

    Returns:
        shape (n, m).

    Raises:
        ValueError: for bad features, or other dimensions.
    """
    a, b = check_pair(a, b, least=1, names=("a", "b"))
    base = a @ b.T / a.shape[1] + 1
    return base * base * base  # several times faster than ** 3


def kernel_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """The squared maximum mean discrepancy of two sets of features, without bias.

    Its mean over draws from equal distributions is 0, so that it can be negative.

    Args:
        real, fake: features, shape (n, dimension); the numbers of rows may differ.

    Raises:
        ValueError: for bad features, or fewer than two of either.

    Source: Binkowski et al. (2018); the estimator is that of Gretton et al. (2012).
    """
    real, fake = check_pair(real, fake)
    of_real, mixed, of_fake = _sums_over_pairs(real, fake, np.zeros(len(fake), int))
    return float(_discrepancy(of_real, mixed.sum(), of_fake.sum(), len(real), len(fake)))


def jackknifed_kernel_distance(
    real: np.ndarray, fake: np.ndarray, blocks: np.ndarray
) -> tuple[float, np.ndarray]:
    """`kernel_distance`, and the same without each block of the fake features.

    Each pair is visited once; to leave a block out is to subtract its sums.

    Args:
        real, fake: as for `kernel_distance`.
        blocks: the number of each fake one's block, shape (len(fake),).

    Returns:
        the distance, and an array of shape (blocks,) for `intervals.jackknife_interval`.

    Raises:
        ValueError: as `kernel_distance`; for blocks that are not numbered from 0 without a gap, or
            a single one.
    """
    real, fake = check_pair(real, fake)
    blocks = check_blocks(blocks, len(fake))
    of_real, mixed, of_fake = _sums_over_pairs(real, fake, blocks)
    value = _discrepancy(of_real, mixed.sum(), of_fake.sum(), len(real), len(fake))
    without = _discrepancy(
        of_real,
        mixed.sum() - mixed,
        of_fake.sum() - 2 * of_fake.sum(axis=1) + np.diag(of_fake),
        len(real),
        len(fake) - np.bincount(blocks),
    )
    return float(value), without


def _discrepancy(of_real, mixed, of_fake, n, m):
    return of_real / (n * (n - 1)) + of_fake / (m * (m - 1)) - 2 * mixed / (n * m)


def _sums_over_pairs(real, fake, blocks):
    """The kernel summed over pairs of different images, ordered both ways.

    Of two real ones: a number. Of a real and a fake one, by the fake one's block: (blocks,). Of
    two fake ones, by both blocks: (blocks, blocks).
    """
    member = np.eye(blocks.max() + 1)[blocks]
    all_real = np.ones((len(real), 1))
    of_real = _kernel_sums(real, real, all_real).sum() - _own_kernel(real).sum()
    mixed = member.T @ _kernel_sums(fake, real, all_real)[:, 0]
    without_itself = _kernel_sums(fake, fake, member) - member * _own_kernel(fake)[:, None]
    return of_real, mixed, member.T @ without_itself


def _kernel_sums(a: np.ndarray, b: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The kernel matrix of a and b times weights, shape (len(b), columns)."""
    starts = range(0, len(a), ROWS_AT_ONCE)
    return np.concatenate(
        [polynomial_kernel(a[start : start + ROWS_AT_ONCE], b) @ weights for start in starts]
    )


def _own_kernel(features: np.ndarray) -> np.ndarray:
    """The kernel of each row with itself: the diagonal, which the sums over pairs leave out."""
    return (np.sum(features**2, axis=1) / features.shape[1] + 1) ** 3
