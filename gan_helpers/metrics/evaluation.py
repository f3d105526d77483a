"""The protocol: each figure of a generator, beside what real images get (ch04_reporting).

10,000 generated images are held against MNIST's 10,000 test images, with three neighbours for
precision and recall and five for density and coverage. The real-versus-real value beside a figure
is the median of ten draws of 10,000 training images, held against the same test images.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import keras
import numpy as np

from gan_helpers.checks import check_counts, check_kinds, check_numbers, check_seed
from gan_helpers.checks.arrays import as_array
from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.metrics import score
from gan_helpers.metrics.classifier import FEATURES, RUN
from gan_helpers.metrics.figures import FIGURES, measured
from gan_helpers.metrics.intervals import BLOCKS
from gan_helpers.metrics.judge import Judge, Seen, digit_judge
from gan_helpers.metrics.neighbours import (
    COVERAGE_K,
    PRECISION_K,
    nearest_distances,
    neighbour_radii,
)
from gan_helpers.networks import draw_inputs
from gan_helpers.recorded import read_history

DRAWS = 10  # of real images in the generator's place
SAME = 1e-6  # of the largest feature: features that differ by less differ by rounding alone
NEAR = 0.01  # the share of held-out images of each class that are near copies, by definition
LATENT_AT_ONCE = 500
RECORDED_N = (10_000, 2000)  # of the protocol, and of what is measured live
REAL_VERSUS_REAL = "real_versus_real"  # the protocol's recorded values, made by research.record


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
        figures: an `Estimate` for each of `FIGURES`, by its name; `evaluation.frechet_distance`
            and so on are the same.
        class_shares: the share of generated images in each class, shape (classes,).
        split_scores: the classifier score of each tenth of the images, in random order: (10,).
    """

    looks_at: str
    n: int
    seed: int
    figures: Mapping[str, Estimate]
    class_shares: np.ndarray
    split_scores: np.ndarray

    def __getattr__(self, name: str) -> Estimate:
        if name not in FIGURES:
            raise AttributeError(f"An evaluation has no {name!r}; its figures are: {[*FIGURES]}.")
        return self.figures[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *FIGURES]

    def estimates(self) -> dict[str, Estimate]:
        """The figures that have an interval, by name, in the order of `FIGURES`."""
        return dict(self.figures)

    def values(self) -> dict[str, float]:
        """The figures' values alone, by name."""
        return {name: estimate.value for name, estimate in self.figures.items()}

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
            -1 to 1; `least_images` of them at least. A generator is evaluated with as many.
        training: the images that generators are trained on: for near copies, and for the
            real-versus-real values. At least n, of the same shape. Of either, what the judge
            has seen in them may be given instead.
        judge: who looks at them; the book's digit judge unless given.
        real: the real-versus-real value of each figure, if it is known; measured otherwise.

    Raises:
        ValueError: for images that the judge does not take or in all of which it sees the same,
            for too few of them, for fewer training than held-out ones, and for held-out images
            most of which are training images too.
    """

    def __init__(
        self,
        held_out: np.ndarray | Seen,
        training: np.ndarray | Seen,
        *,
        judge: Judge | None = None,
        real: dict[str, float] | None = None,
    ):
        self.judge = digit_judge() if judge is None else judge
        check_kinds(Judge, judge=self.judge)
        self.held_out, self.training = (
            images if isinstance(images, Seen) else self.judge.look(images)
            for images in (held_out, training)
        )
        self.n, n_training = len(self.held_out.features), len(self.training.features)
        least = least_images(self.held_out.features.shape[1])
        if self.n < least:
            raise ValueError(
                f"A reference for features of dimension {self.held_out.features.shape[1]} needs "
                f"at least {least} held_out images, so that intervals can be had by leaving some "
                f"out; given {self.n}."
            )
        if n_training < self.n:
            raise ValueError(
                "Expected at least as many training images as held-out ones; given "
                f"{n_training} and {self.n}."
            )
        spread = np.ptp(self.held_out.features, axis=0).max()
        if not spread > SAME * np.abs(self.held_out.features).max():
            raise ValueError(
                "The judge must see different features in different held_out images, or any "
                f"generator would look perfect; given {self.n} rows of features that are all the "
                "same. Is it trained, and are the images different ones?"
            )
        distances = nearest_distances(self.held_out.features, self.training.features)
        same = distances <= SAME * np.linalg.norm(self.held_out.features, axis=1)
        among = int(same.sum())
        if 2 * among > self.n:
            raise ValueError(
                "The held_out images must be others than the training images, or real images "
                f"would be held against themselves; given {self.n} of which the judge sees "
                f"{among} among the training images. If they are others, the judge sees the same "
                "in different images: is it trained?"
            )
        classes = self.held_out.probabilities.argmax(axis=1)
        # A threshold for each class: ones all have close relatives, other digits have none. A few
        # images that are on both sides would bring it to 0, and hide every copy that is not exact.
        own = [~same & (classes == c) for c in range(self.held_out.probabilities.shape[1])]
        self.near = np.array(
            [
                np.quantile(distances[of_class if of_class.any() else ~same], NEAR)
                for of_class in own
            ]
        )
        if real is not None:
            check_kinds(Mapping, real=real)
            if missing := FIGURES.keys() - real.keys():
                raise ValueError(f"real must have a value for each figure; {missing} are missing.")
            check_numbers(**real)
            self.real = dict(real)  # instead of the property below, which would measure it

    @cached_property
    def radii(self) -> dict[int, np.ndarray]:
        """How far each held-out image's ball reaches, by the neighbour that it reaches to."""
        features = self.held_out.features
        return {k: neighbour_radii(features, k) for k in (PRECISION_K, COVERAGE_K)}

    @cached_property
    def real(self) -> dict[str, float]:
        """What real images get: of each figure, the median over ten draws of training images.

        Near copies are another matter, since training images are copies of themselves: there the
        value is the held-out images' own, a hundredth by definition. Honest images that the
        thresholds were not taken from get a little more: with m held-out images of a class
        ((m - 1) / 100 + 1) / (m + 1) is expected, 0.011 for m = 1000 and 0.015 for m = 200.
        """
        drawn = real_versus_real(self, draws=DRAWS)
        return {name: float(np.median(values)) for name, values in drawn.items()}


def least_images(dimension: int) -> int:
    """The fewest images that can be judged by features of this dimension.

    A covariance needs more images than dimensions, without the largest of the jackknife's blocks
    too; and each block has two images at least.

    Args:
        dimension: of the features, at least 1.

    Raises:
        ValueError: for another number.
    """
    check_counts(dimension=dimension)
    n = max(2 * BLOCKS, dimension + 1)
    while n - -(-n // BLOCKS) <= dimension:
        n += 1
    return n


def real_versus_real(reference: Reference, *, draws: int) -> dict[str, list[float]]:
    """Each figure of real images in the generator's place.

    Args:
        reference: whose n training images are drawn, each at most once in a draw.
        draws: how many draws, with the seeds 0, 1, ...

    Returns:
        A list of so many values, by the name of the figure.

    Raises:
        ValueError: for what is no reference, or no number of draws.
    """
    check_kinds(Reference, reference=reference)
    check_counts(draws=draws)
    values: dict[str, list[float]] = {name: [] for name in FIGURES}
    for seed in range(draws):
        order = np.random.default_rng(seed).permutation(len(reference.training.features))
        drawn = reference.training.of(order[: reference.n])
        for name, interval in measured(drawn, reference, seed).items():
            values[name].append(interval.value)
    return values | {"near_copies": [NEAR] * draws}  # by definition; see Reference.real


def mnist_reference(n: int = 10_000) -> Reference:
    """MNIST's test images as the reference and its training images, as the protocol has it.

    Args:
        n: fewer test images, drawn at random, for a quick look; only values with the same n can
            be compared. What real images get is recorded for each of `RECORDED_N`, and measured
            for others.

    Raises:
        ValueError: for an n that is not an integer from 69 (`least_images`) to 10,000.
        OSError: if the recorded real-versus-real values belong to another classifier.
    """
    _check_n(n)
    return _mnist_reference(int(n))


@cache
def _mnist_reference(n: int) -> Reference:
    recorded = read_history(REAL_VERSUS_REAL)
    if recorded["classifier_sha256"] != read_history(RUN)["weights_sha256"]:
        raise OSError(
            f"The recorded values in {REAL_VERSUS_REAL}.json were measured with another "
            f"classifier: run `python -m research.record {REAL_VERSUS_REAL}`."
        )
    draws = recorded["draws"].get(str(n))
    return mnist_held_out(n, draws and {name: float(np.median(draws[name])) for name in draws})


def mnist_held_out(n: int, real: dict[str, float] | None = None) -> Reference:
    """`mnist_reference` without a look at recorded values, for whoever records them.

    Args:
        n: as for `mnist_reference`.
        real: as for `Reference`.

    Raises:
        ValueError: for what these refuse.
    """
    _check_n(n)
    test, training = _seen_in_mnist()
    return Reference(test.of(held_out_rows(n)), training, real=real)


def held_out_rows(n: int) -> np.ndarray:
    """The numbers of the test images that `mnist_reference(n)` holds, in its order.

    Args:
        n: as for `mnist_reference`.

    Raises:
        ValueError: for an n that the protocol does not have.
    """
    _check_n(n)
    return np.arange(n) if n == 10_000 else np.random.default_rng(0).permutation(10_000)[:n]


def _check_n(n: int) -> None:
    least = least_images(FEATURES)
    check_counts(n=n, at_least=least, at_most=10_000, limit="the number of test images")


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
    reference, seed = _checked(reference, seed)
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
    reference, seed = _checked(reference, seed)
    images = as_array(images)
    if images.ndim == 4 and len(images) != reference.n:
        raise ValueError(
            f"Every figure depends on n: the reference has {reference.n} images, so that as many "
            f"generated ones are needed; given {len(images)}."
        )
    seen = reference.judge.look(images)
    estimates = {}
    for name, interval in measured(seen, reference, seed).items():
        label, better, digits, limits, _ = FIGURES[name]
        estimates[name] = Estimate(
            label, *interval.cut(*limits), reference.real[name], better, digits, limits
        )
    # In random order: a split of images that come class by class would hold a single class.
    order = np.random.default_rng(seed).permutation(len(images))
    return Evaluation(
        looks_at=reference.judge.looks_at,
        n=len(images),
        seed=seed,
        figures=estimates,
        class_shares=score.class_shares(seen.probabilities),
        split_scores=score.classifier_scores_of_splits(seen.probabilities[order]),
    )


def _checked(reference: Reference | None, seed: int) -> tuple[Reference, int]:
    reference = mnist_reference() if reference is None else reference
    check_kinds(Reference, reference=reference)
    return reference, check_seed(seed)
