"""Metrics made of class probabilities: the classifier score and the class histogram."""

import numpy as np

from gan_helpers.checks import check_array, check_counts
from gan_helpers.checks.features import check_probabilities


def entropies(probabilities: np.ndarray) -> np.ndarray:
    """The entropy of each distribution, in nats. 0 log 0 counts as 0.

    Args:
        probabilities: 0 or more, shape (..., classes).

    Returns:
        shape (...).

    Raises:
        ValueError: for values below 0, or what is not finite.
    """
    probabilities = check_array("probabilities", probabilities)
    if not probabilities.ndim or probabilities.min() < 0:
        raise ValueError(
            "probabilities must be 0 or more, shape (..., classes); given shape "
            f"{probabilities.shape}, from {probabilities.min():g}."
        )
    return -np.sum(probabilities * np.log(np.where(probabilities > 0, probabilities, 1)), axis=-1)


def classifier_score(probabilities: np.ndarray) -> float:
    """The Inception Score's formula with another classifier: exp of the mean KL(p(y|x) ‖ p(y)).

    From 1 (the classifier says the same of every image) to the number of classes (it is certain
    of each, and all are as frequent). No real image enters.

    Args:
        probabilities: p(y|x) of generated images, shape (n, classes); p(y) is their mean.

    Raises:
        ValueError: for what are not probabilities.

    Source: Salimans et al. (2016).
    """
    probabilities = check_probabilities(probabilities)
    of_the_mean = entropies(probabilities.mean(axis=0))
    return float(np.exp(of_the_mean - entropies(probabilities).mean()))


def classifier_scores_of_splits(probabilities: np.ndarray, *, splits: int = 10) -> np.ndarray:
    """The score of each of so many parts of the images, as the original code computes it.

    The parts are smaller, and the score grows with n: their mean lies below the score of all.

    Args:
        probabilities: as for `classifier_score`.
        splits: from 1 to n.

    Returns:
        shape (splits,).

    Raises:
        ValueError: for what are not probabilities, or more splits than images.
    """
    probabilities = check_probabilities(probabilities)
    check_counts(splits=splits, at_most=len(probabilities), limit="the number of images")
    return np.array([classifier_score(part) for part in np.array_split(probabilities, splits)])


def predicted_classes(probabilities: np.ndarray) -> np.ndarray:
    """The likeliest class of each image.

    Args:
        probabilities: p(y|x), shape (n, classes).

    Returns:
        A row with a single 1 for each, shape (n, classes).

    Raises:
        ValueError: for what are not probabilities.
    """
    probabilities = check_probabilities(probabilities)
    return np.eye(probabilities.shape[1])[probabilities.argmax(axis=1)]


def class_shares(probabilities: np.ndarray) -> np.ndarray:
    """The share of images whose likeliest class is each of the classes, shape (classes,).

    Args:
        probabilities: as for `predicted_classes`.
    """
    return predicted_classes(probabilities).mean(axis=0)


def distance_from_uniform(shares: np.ndarray) -> np.ndarray:
    """Total variation from equal shares: 0 if all are equal, 1 - 1/classes if one has all.

    Args:
        shares: shape (..., classes), each row with the sum 1.

    Returns:
        shape (...): the share of images that would have to change class.

    Raises:
        ValueError: for values below 0, or rows with another sum.
    """
    shares = check_array("shares", shares)
    if not shares.ndim or shares.min() < 0 or np.abs(shares.sum(axis=-1) - 1).max() > 1e-4:
        raise ValueError(
            "shares must be 0 or more with the sum 1, shape (..., classes); given shape "
            f"{shares.shape}, from {shares.min():g} to {shares.max():g}."
        )
    return np.abs(shares - 1 / shares.shape[-1]).sum(axis=-1) / 2
