"""The nine figures of an evaluation, each with how it is measured: the one list of them."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gan_helpers.metrics import score
from gan_helpers.metrics.distances import jackknifed_frechet_distance, jackknifed_kernel_distance
from gan_helpers.metrics.intervals import (
    Interval,
    bootstrap_interval,
    bootstrap_resamples,
    jackknife_interval,
    random_blocks,
)
from gan_helpers.metrics.judge import Seen
from gan_helpers.metrics.neighbours import (
    COVERAGE_K,
    PRECISION_K,
    density_coverage,
    nearest_distances,
    precision_recall,
)

if TYPE_CHECKING:
    from gan_helpers.metrics.evaluation import Reference


class Comparison:
    """Generated images beside a reference's real ones, and what several figures share.

    Args:
        seen: what the judge sees in as many generated images as the reference has.
        reference: the real ones.
        seed: of the blocks and the resamples.
    """

    def __init__(self, seen: Seen, reference: "Reference", seed: int):
        self.seen, self.reference = seen, reference
        self.real, self.fake = reference.held_out.features, seen.features
        self.blocks = random_blocks(len(self.fake), seed=seed)
        self.resamples = bootstrap_resamples(len(self.fake), seed=seed)

    @cached_property
    def precise_and_recalled(self) -> tuple[np.ndarray, np.ndarray]:
        radii = self.reference.radii[PRECISION_K]
        return precision_recall(self.real, self.fake, real_radii=radii, blocks=self.blocks)

    @cached_property
    def density_and_covered(self) -> tuple[np.ndarray, np.ndarray]:
        radii = self.reference.radii[COVERAGE_K]
        return density_coverage(self.real, self.fake, real_radii=radii, blocks=self.blocks)

    def mean(self, of_images: np.ndarray) -> Interval:
        """Of a number for each generated image, shape (n,)."""
        return self.bootstrap(of_images[:, None].astype(float), lambda means: means[..., 0])

    def bootstrap(self, contributions: np.ndarray, statistic: Callable) -> Interval:
        return bootstrap_interval(contributions, statistic, self.resamples)

    def jackknife(self, jackknifed: Callable) -> Interval:
        return jackknife_interval(*jackknifed(self.real, self.fake, self.blocks))

    def classifier_score(self) -> Interval:
        def of(means):  # of an entropy and the class probabilities
            return np.exp(score.entropies(means[..., 1:]) - means[..., 0])

        probabilities = self.seen.probabilities
        return self.bootstrap(np.column_stack([score.entropies(probabilities), probabilities]), of)

    def class_imbalance(self) -> Interval:
        classes = score.predicted_classes(self.seen.probabilities)
        return self.bootstrap(classes, score.distance_from_uniform)

    def near_copies(self) -> Interval:
        distances = nearest_distances(self.fake, self.reference.training.features)
        return self.mean(distances <= self.reference.near[self.seen.probabilities.argmax(axis=1)])


def share_reached(reached: np.ndarray) -> Interval:
    """The share of real images that some block reaches.

    Args:
        reached: by which of the blocks each is, bool, shape (blocks, n).
    """
    without = [
        np.delete(reached, block, axis=0).any(axis=0).mean() for block in range(len(reached))
    ]
    return jackknife_interval(reached.any(axis=0).mean(), np.array(without))


class Figure(NamedTuple):
    """One figure of an evaluation."""

    label: str  # what it is called in print
    better: str  # where it is good: "lower" or "higher"
    digits: int  # the decimals to print
    limits: tuple[float, float]  # the least and the largest that it can be
    measure: Callable[[Comparison], Interval]


SHARE = (0.0, 1.0)
FIGURES = {
    # Squared, 0 or more.
    "frechet_distance": Figure(
        "Fréchet classifier distance",
        *("lower", 3, (0.0, np.inf)),
        lambda compared: compared.jackknife(jackknifed_frechet_distance),
    ),
    # Squared, about 0 for real images.
    "kernel_distance": Figure(
        "kernel distance",
        *("lower", 4, (-np.inf, np.inf)),
        lambda compared: compared.jackknife(jackknifed_kernel_distance),
    ),
    # 1 to the number of classes. Higher looks better, even beyond real images.
    "classifier_score": Figure(
        "classifier score", "higher", 3, (1.0, np.inf), Comparison.classifier_score
    ),
    # The share of generated images in the reach of real ones.
    "precision": Figure(
        "precision",
        *("higher", 3, SHARE),
        lambda compared: compared.mean(compared.precise_and_recalled[0]),
    ),
    # The share of real images in the reach of generated ones.
    "recall": Figure(
        "recall",
        *("higher", 3, SHARE),
        lambda compared: share_reached(compared.precise_and_recalled[1]),
    ),
    # 0 or more: how crowded the real images' reach is with generated ones.
    "density": Figure(
        "density",
        *("higher", 3, (0.0, np.inf)),
        lambda compared: compared.mean(compared.density_and_covered[0]),
    ),
    # The share of real images with a generated one in their reach.
    "coverage": Figure(
        "coverage",
        *("higher", 3, SHARE),
        lambda compared: share_reached(compared.density_and_covered[1]),
    ),
    # Total variation of the class shares from equal ones.
    "class_imbalance": Figure("class imbalance", "lower", 3, SHARE, Comparison.class_imbalance),
    # The share of generated images that are as near to a training image as only the nearest
    # hundredth of held-out images of the same class are. Copies that were blurred or moved a
    # little are found in part only.
    "near_copies": Figure("near copies", "lower", 3, SHARE, Comparison.near_copies),
}


def measured(seen: Seen, reference: "Reference", seed: int) -> dict[str, Interval]:
    """Every figure of generated images, by its name.

    Args:
        seen, reference, seed: as for `Comparison`.
    """
    compared = Comparison(seen, reference, seed)
    return {name: figure.measure(compared) for name, figure in FIGURES.items()}
