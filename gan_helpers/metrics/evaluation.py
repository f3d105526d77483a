"""The protocol: each figure of a generator, beside what real images get (ch04_reporting).

10,000 generated images are held against MNIST's 10,000 test images, with three neighbours for
precision and recall and five for density and coverage. The real-versus-real value beside a figure
is the median of ten draws of 10,000 training images, held against the same test images.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import keras
import numpy as np

from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.metrics import score
from gan_helpers.metrics.classifier import RUN
from gan_helpers.metrics.distances import jackknifed_frechet_distance, jackknifed_kernel_distance
from gan_helpers.metrics.intervals import (
    Interval,
    bootstrap_interval,
    bootstrap_resamples,
    jackknife_interval,
    random_blocks,
)
from gan_helpers.metrics.judge import Judge, Seen, digit_judge
from gan_helpers.metrics.neighbours import (
    COVERAGE_K,
    PRECISION_K,
    density_coverage,
    nearest_distances,
    neighbour_radii,
    precision_recall,
)
from gan_helpers.networks import draw_inputs
from gan_helpers.recorded import read_history

DRAWS = 10  # of real images in the generator's place
NEAR = 0.01  # the share of held-out images of each class that are near copies, by definition
LATENT_AT_ONCE = 500
RECORDED_N = (10_000, 2000)  # of the protocol, and of what is measured live
REAL_VERSUS_REAL = "real_versus_real"  # the protocol's recorded values, made by research.record

# What each figure is called in print, where it is good, the decimals to print, what it can be.
SHARE = (0.0, 1.0)
FIGURES = {
    "frechet_distance": ("Fréchet classifier distance", "lower", 3, (0.0, np.inf)),
    "kernel_distance": ("kernel distance", "lower", 4, (-np.inf, np.inf)),
    "classifier_score": ("classifier score", "higher", 3, (1.0, np.inf)),
    "precision": ("precision", "higher", 3, SHARE),
    "recall": ("recall", "higher", 3, SHARE),
    "density": ("density", "higher", 3, (0.0, np.inf)),
    "coverage": ("coverage", "higher", 3, SHARE),
    "class_imbalance": ("class imbalance", "lower", 3, SHARE),
    "near_copies": ("near copies", "lower", 3, SHARE),
}


@dataclass(frozen=True)
class Estimate:
    """One figure of a generator.

    Attributes:
        label: its name in print.
        value: of the images that were drawn.
        error: its standard error over other draws from the same generator.
        low, high: the ends of its interval of 95 % confidence, over the same.
        real: what real images get in the generator's place.
        better: "lower" or "higher".
        digits: the decimals to print.
        limits: the least and the largest value that there can be.
    """

    label: str
    value: float
    error: float
    low: float
    high: float
    real: float
    better: str
    digits: int
    limits: tuple[float, float]

    def __str__(self) -> str:
        return f"{self.value:.{self.digits}f}"


@dataclass(frozen=True)
class Evaluation:
    """Every figure of n generated images, held against n real ones that training did not see.

    Attributes:
        looks_at: the images that the judge is for, in words.
        n: the number of generated images, and of real ones.
        seed: of the latent vectors, the blocks and the resamples.
        frechet_distance: squared, 0 or more; lower is better.
        kernel_distance: squared, about 0 for real images; lower is better.
        classifier_score: 1 to the number of classes. Higher looks better, even beyond real images.
        precision: 0 to 1, the share of generated images in the reach of real ones.
        recall: 0 to 1, the share of real images in the reach of generated ones.
        density: 0 or more, how crowded the real images' reach is with generated ones.
        coverage: 0 to 1, the share of real images with a generated one in their reach.
        class_imbalance: 0 to 1, total variation of the class shares from equal ones.
        near_copies: 0 to 1, the share of generated images that are as near to a training image
            as only the nearest hundredth of held-out images of the same class are. Copies that
            were blurred or moved a little are found in part only.
        class_shares: the share of generated images in each class, shape (classes,).
        split_scores: the classifier score of each tenth of the images, in random order: (10,).
    """

    looks_at: str
    n: int
    seed: int
    frechet_distance: Estimate
    kernel_distance: Estimate
    classifier_score: Estimate
    precision: Estimate
    recall: Estimate
    density: Estimate
    coverage: Estimate
    class_imbalance: Estimate
    near_copies: Estimate
    class_shares: np.ndarray
    split_scores: np.ndarray

    def estimates(self) -> dict[str, Estimate]:
        """The figures that have an interval, by name, in the order of `FIGURES`."""
        return {name: getattr(self, name) for name in FIGURES}

    def __str__(self) -> str:
        rows = [("", "value", "95 % interval", "real images", "better")]
        for e in self.estimates().values():
            numbers = (e.value, e.low, e.high, e.real)
            value, low, high, real = (f"{number:.{e.digits}f}" for number in numbers)
            rows.append((e.label, value, f"{low} to {high}", real, e.better))
        table = "\n".join(f"{a:<28}{b:>9}{c:>20}{d:>13}  {e}" for a, b, c, d, e in rows)
        shares = " ".join(f"{share:.3f}" for share in self.class_shares)
        return (
            f"{self.n:,} images (seed {self.seed}) against as many real ones; "
            f"the judge looks at {self.looks_at}\n{table}\n"
            f"class shares: {shares}\n"
            f"classifier score of ten splits: mean {self.split_scores.mean():.3f}, "
            f"standard deviation {self.split_scores.std(ddof=1):.3f}"
        )


class Reference:
    """The real images that generators are held against, as a judge sees them.

    Args:
        held_out: images that no generator was trained on, shape (n, height, width, channels),
            -1 to 1. A generator is evaluated with as many images.
        training: the images that generators are trained on: for near copies, and for the
            real-versus-real values. At least n, of the same shape. Of either, what the judge
            has seen in them may be given instead.
        judge: who looks at them; the book's digit judge unless given.
        real: the real-versus-real value of each figure, if it is known; measured otherwise.

    Raises:
        ValueError: for images that the judge does not take, or fewer training than held-out ones.
    """

    def __init__(
        self,
        held_out: np.ndarray | Seen,
        training: np.ndarray | Seen,
        *,
        judge: Judge | None = None,
        real: dict[str, float] | None = None,
    ):
        self.judge = judge or digit_judge()
        self.held_out, self.training = (
            images if isinstance(images, Seen) else self.judge.look(images)
            for images in (held_out, training)
        )
        self.n, n_training = len(self.held_out.features), len(self.training.features)
        if n_training < self.n:
            raise ValueError(
                "Expected at least as many training images as held-out ones; given "
                f"{n_training} and {self.n}."
            )
        distances = nearest_distances(self.held_out.features, self.training.features)
        classes = self.held_out.probabilities.argmax(axis=1)
        # A threshold for each class: ones all have close relatives, other digits have none.
        self.near = np.array(
            [
                np.quantile(distances[classes == c] if (classes == c).any() else distances, NEAR)
                for c in range(self.held_out.probabilities.shape[1])
            ]
        )
        if real is not None:
            self.real = real  # instead of the property below, which would measure it

    @cached_property
    def radii(self) -> dict[int, np.ndarray]:
        """How far each held-out image's ball reaches, by the neighbour that it reaches to."""
        features = self.held_out.features
        return {k: neighbour_radii(features, k) for k in (PRECISION_K, COVERAGE_K)}

    @cached_property
    def real(self) -> dict[str, float]:
        """What real images get: of each figure, the median over ten draws of training images.

        Near copies are another matter, since training images are copies of themselves: there the
        value is the held-out images' own, a hundredth by definition.
        """
        drawn = real_versus_real(self, draws=DRAWS)
        return {name: float(np.median(values)) for name, values in drawn.items()}


def real_versus_real(reference: Reference, *, draws: int) -> dict[str, list[float]]:
    """Each figure of so many draws of n training images, drawn without repetition; seeds 0, 1..."""
    values: dict[str, list[float]] = {name: [] for name in FIGURES}
    for seed in range(draws):
        order = np.random.default_rng(seed).permutation(len(reference.training.features))
        drawn = reference.training.of(order[: reference.n])
        for name, interval in _figures(drawn, reference, seed).items():
            values[name].append(interval.value)
    return values | {"near_copies": [NEAR] * draws}  # by definition; see Reference.real


@cache
def mnist_reference(n: int = 10_000) -> Reference:
    """MNIST's test images as the reference and its training images, as the protocol has it.

    Args:
        n: fewer test images, drawn at random, for a quick look; only values with the same n can
            be compared. What real images get is recorded for each of `RECORDED_N`, and measured
            for others.

    Raises:
        ValueError: for an n that is not an integer from 65 to 10,000.
        OSError: if the recorded real-versus-real values belong to another classifier.
    """
    if not isinstance(n, int) or not 65 <= n <= 10_000:
        raise ValueError(
            "n must be an integer above the 64 features of the judge, and at most the number of "
            f"test images, 10,000; given {n!r}."
        )
    recorded = read_history(REAL_VERSUS_REAL)
    if recorded["classifier_sha256"] != read_history(RUN)["weights_sha256"]:
        raise OSError(
            f"The recorded values in {REAL_VERSUS_REAL}.json were measured with another "
            f"classifier: run `python -m research.record {REAL_VERSUS_REAL}`."
        )
    draws = recorded["draws"].get(str(n))
    return mnist_held_out(n, draws and {name: float(np.median(draws[name])) for name in draws})


def mnist_held_out(n: int, real: dict[str, float] | None = None) -> Reference:
    """`mnist_reference` without a look at recorded values, for whoever records them."""
    test, training = _seen_in_mnist()
    return Reference(test.of(held_out_rows(n)), training, real=real)


def held_out_rows(n: int) -> np.ndarray:
    """The numbers of the test images that `mnist_reference(n)` holds, in its order."""
    return np.arange(n) if n == 10_000 else np.random.default_rng(0).permutation(10_000)[:n]


@cache
def _seen_in_mnist() -> tuple[Seen, Seen]:
    """What the digit judge sees in the test images and in the training images."""
    (x_train, _), (x_test, _) = load_mnist()
    return digit_judge().look(to_tanh_range(x_test)), digit_judge().look(to_tanh_range(x_train))


def evaluate_generator(
    generator: keras.Model | Callable[[int, int], np.ndarray],
    *,
    seed: int = 0,
    classes: np.ndarray | None = None,
    reference: Reference | None = None,
) -> Evaluation:
    """Draw images from a generator and measure everything.

    Args:
        generator: a model from latent vectors, shape (n, latent_dim), to images, or from [latent
            vectors, classes]; it is given standard normal ones, and runs in inference mode. Or a
            function of (n, seed) that returns n images.
        seed: of the latent vectors, and of the intervals.
        classes: for a conditional generator those of real images, shape (m,), whose shares
            the generated ones get.
        reference: what to hold the images against; the protocol's unless given.

    Returns:
        All figures, with as many images as the reference has.

    Raises:
        ValueError: if the generator is neither, or if its images are not what the judge looks at.
    """
    reference = reference or mnist_reference()
    shape = getattr(generator, "input_shape", None)
    if shape is None and callable(generator) and not isinstance(generator, keras.Model):
        return evaluate_images(generator(reference.n, seed), seed=seed, reference=reference)
    latent_shape = shape[0] if isinstance(shape, list) else shape
    if (
        not isinstance(generator, keras.Model)
        or not isinstance(latent_shape, tuple)
        or len(latent_shape) != 2
    ):
        raise ValueError(
            "Expected a generator: a keras.Model from latent vectors, shape (n, latent_dim), to "
            "images (of a GAN, its attribute `generator`), or a function of (n, seed); given "
            f"{type(generator).__name__} with inputs of shape {shape}."
        )
    inputs = draw_inputs(generator, reference.n, seed=seed, classes=classes)
    images = generator.predict(inputs, batch_size=LATENT_AT_ONCE, verbose=0)
    return evaluate_images(images, seed=seed, reference=reference)


def evaluate_images(
    images: np.ndarray, *, seed: int = 0, reference: Reference | None = None
) -> Evaluation:
    """Measure everything about images that are there already.

    Args:
        images: shape (n, height, width, channels), -1 to 1, as many as the reference has.
        seed: of the intervals.
        reference: what to hold them against; the protocol's unless given.

    Raises:
        ValueError: for images that the judge does not look at, or another number of them.
    """
    reference = reference or mnist_reference()
    if len(images) != reference.n:
        raise ValueError(
            f"Every figure depends on n: the reference has {reference.n} images, so that as many "
            f"generated ones are needed; given {len(images)}."
        )
    seen = reference.judge.look(images)
    estimates = {}
    for name, interval in _figures(seen, reference, seed).items():
        label, better, digits, limits = FIGURES[name]
        estimates[name] = Estimate(
            label, *interval.cut(*limits), reference.real[name], better, digits, limits
        )
    # In random order: a split of images that come class by class would hold a single class.
    order = np.random.default_rng(seed).permutation(len(images))
    return Evaluation(
        looks_at=reference.judge.looks_at,
        n=len(images),
        seed=seed,
        **estimates,
        class_shares=score.class_shares(seen.probabilities),
        split_scores=score.classifier_scores_of_splits(seen.probabilities[order]),
    )


def _figures(seen: Seen, reference: Reference, seed: int) -> dict[str, Interval]:
    real, fake = reference.held_out.features, seen.features
    blocks = random_blocks(len(fake), seed=seed)
    precise, recalled = precision_recall(
        real, fake, real_radii=reference.radii[PRECISION_K], blocks=blocks
    )
    density, covered = density_coverage(
        real, fake, real_radii=reference.radii[COVERAGE_K], blocks=blocks
    )
    distances = nearest_distances(fake, reference.training.features)
    near = distances <= reference.near[seen.probabilities.argmax(axis=1)]
    resamples = bootstrap_resamples(len(fake), seed=seed)

    def score_of(means):  # of an entropy and the class probabilities
        return np.exp(score.entropies(means[..., 1:]) - means[..., 0])

    def bootstrap(contributions, statistic=_mean):
        return bootstrap_interval(contributions, statistic, resamples)

    entropies = score.entropies(seen.probabilities)
    return {
        "frechet_distance": jackknife_interval(*jackknifed_frechet_distance(real, fake, blocks)),
        "kernel_distance": jackknife_interval(*jackknifed_kernel_distance(real, fake, blocks)),
        "classifier_score": bootstrap(np.column_stack([entropies, seen.probabilities]), score_of),
        "precision": bootstrap(precise[:, None]),
        "recall": _share_reached(recalled),
        "density": bootstrap(density[:, None]),
        "coverage": _share_reached(covered),
        "class_imbalance": bootstrap(
            score.predicted_classes(seen.probabilities), score.distance_from_uniform
        ),
        "near_copies": bootstrap(near[:, None]),
    }


def _mean(means: np.ndarray) -> np.ndarray:
    return means[..., 0]


def _share_reached(reached: np.ndarray) -> Interval:
    """The share of real images that some block reaches; `reached` has shape (blocks, n)."""
    without = [
        np.delete(reached, block, axis=0).any(axis=0).mean() for block in range(len(reached))
    ]
    return jackknife_interval(reached.any(axis=0).mean(), np.array(without))
