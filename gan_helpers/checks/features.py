"""What every metric refuses, in the same words."""

import numpy as np

from gan_helpers.checks.arrays import as_array


def check_features(features: np.ndarray, name: str = "features", least: int = 2) -> np.ndarray:
    """Features as float64, after a look at shape and values.

    Args:
        features: shape (n, dimension).
        name: whose they are, for the error.
        least: the fewest rows that the metric can work with.

    Raises:
        ValueError: for another number of axes, too few rows, NaN or infinity.
    """
    features = as_array(features)
    if features.ndim != 2 or features.dtype.kind not in "iuf" or features.shape[1] == 0:
        raise ValueError(
            f"Expected {name} as numbers of shape (n, dimension); given {features.dtype} of shape "
            f"{features.shape}."
        )
    if len(features) < least:
        raise ValueError(f"Expected at least {least} rows of {name}; given {len(features)}.")
    if not np.isfinite(features).all():
        bad = int((~np.isfinite(features).all(axis=1)).sum())
        raise ValueError(f"Expected finite {name}; {bad} of {len(features)} rows hold NaN or inf.")
    return features.astype(np.float64, copy=False)


def check_pair(
    real: np.ndarray,
    fake: np.ndarray,
    *,
    least: int = 2,
    same_n: bool = False,
    names: tuple[str, str] = ("real features", "fake features"),
) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of features that can be compared.

    Raises:
        ValueError: as `check_features`; if their dimensions differ; if their numbers of rows must
            be the same and differ.
    """
    real = check_features(real, names[0], least)
    fake = check_features(fake, names[1], least)
    if real.shape[1] != fake.shape[1]:
        raise ValueError(
            f"{names[0]} and {names[1]} must come from the same classifier; given dimensions "
            f"{real.shape[1]} and {fake.shape[1]}."
        )
    if same_n and len(real) != len(fake):
        raise ValueError(
            "This metric depends on how many there are of each, so that both must be as many; "
            f"given {len(real)} real and {len(fake)} fake."
        )
    return real, fake


def check_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Class probabilities as float64.

    Raises:
        ValueError: as `check_features`; for values outside 0 to 1 or rows that do not sum to 1.
    """
    probabilities = check_features(probabilities, "class probabilities", least=1)
    sums = probabilities.sum(axis=1)
    if probabilities.min() < 0 or np.abs(sums - 1).max() > 1e-4:
        raise ValueError(
            "Expected class probabilities: 0 or more, each row with the sum 1. Given values from "
            f"{probabilities.min():g} and sums from {sums.min():g} to {sums.max():g}; logits?"
        )
    return probabilities


def check_blocks(blocks: np.ndarray, n: int) -> np.ndarray:
    """The number of a block for each of n images, as integers from 0.

    Raises:
        ValueError: for anything else, or if an image would be left without others.
    """
    blocks = as_array(blocks)
    if blocks.shape != (n,) or blocks.dtype.kind not in "iu" or blocks.min() < 0:
        raise ValueError(
            f"blocks must be integers from 0, one for each of {n} images; given {blocks.dtype} of "
            f"shape {blocks.shape}."
        )
    if not 0 < blocks.max() < n or (np.bincount(blocks) == 0).any():
        raise ValueError(
            f"blocks must be two or more, numbered from 0 without a gap; given {np.unique(blocks)}."
        )
    return blocks
