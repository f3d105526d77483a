"""Do the intervals hold the value that other draws give on average? By simulation.

The generator is known here, so that its mean over many draws is too; the real images stay the
same, as in the protocol.
"""

from functools import cache

import numpy as np
import pytest

from gan_helpers.metrics.evaluation import Reference
from gan_helpers.metrics.figures import FIGURES, measured
from gan_helpers.metrics.intervals import (
    bootstrap_interval,
    bootstrap_resamples,
    jackknife_interval,
    random_blocks,
)
from gan_helpers.metrics.judge import Seen

N, DIMENSION, CLASSES, TRIALS = 400, 5, 4, 150


def seen(rng, n, spread=1.0, shift=0.0):
    """Features around one centre for each class, and probabilities that follow from them."""
    centres = np.random.default_rng(99).standard_normal((CLASSES, DIMENSION)) * 2
    classes = rng.choice(CLASSES, n, p=[0.4, 0.3, 0.2, 0.1])
    features = centres[classes] + shift + spread * rng.standard_normal((n, DIMENSION))
    logits = -0.5 * ((features[:, None] - centres) ** 2).sum(axis=2)
    probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
    return Seen(features, probabilities / probabilities.sum(axis=1, keepdims=True))


def reference():
    features = seen(np.random.default_rng(0), N), seen(np.random.default_rng(1), 2 * N)
    made = Reference(*features)  # what a judge has seen is given, so that none has to look
    made.near = np.full(CLASSES, 1.0)  # wide enough for near copies to be neither 0 nor rare
    return made


@cache
def trials(generator):
    rng, real = np.random.default_rng(2), reference()
    settings = {"like the real one": {}, "another one": {"spread": 1.3, "shift": 0.5}}[generator]
    drawn = [(seen(rng, N, **settings), real, seed) for seed in range(TRIALS)]
    return [measured(*one) for one in drawn]


@pytest.mark.parametrize("generator", ["like the real one", "another one"])
@pytest.mark.parametrize("figure", FIGURES)
def test_intervals_cover(figure, generator):
    intervals = [trial[figure] for trial in trials(generator)]
    expected = np.mean([interval.value for interval in intervals])
    covered = np.mean([interval.low <= expected <= interval.high for interval in intervals])
    assert covered >= 0.90
    # Nor are they so wide that they would say nothing.
    spread = np.std([interval.value for interval in intervals])
    assert np.median([interval.error for interval in intervals]) < 2.5 * spread


def test_intervals_shrink_with_the_square_root_of_n():
    rng = np.random.default_rng(0)
    errors = [
        np.mean(
            [
                bootstrap_interval(
                    rng.random((n, 1)), lambda m: m[..., 0], bootstrap_resamples(n, seed=seed)
                ).error
                for seed in range(20)
            ]
        )
        for n in (100, 1600)
    ]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)
    assert errors[0] == pytest.approx(np.sqrt(1 / 12 / 100), rel=0.1)


def test_jackknife_of_a_mean_is_the_textbook_error():
    values = np.random.default_rng(0).standard_normal(40)
    without = (values.sum() - values) / 39  # blocks of one
    interval = jackknife_interval(values.mean(), without)
    assert interval.error == pytest.approx(values.std(ddof=1) / np.sqrt(40))
    assert interval.low < interval.value < interval.high


def test_blocks_are_even_random_and_repeatable():
    blocks = random_blocks(1003, seed=3)
    assert sorted(set(np.bincount(blocks))) == [50, 51]
    assert (blocks == random_blocks(1003, seed=3)).all()
    assert (blocks != random_blocks(1003, seed=4)).mean() > 0.8
    with pytest.raises(ValueError, match="20 blocks need at least 40 images; given 39"):
        random_blocks(39, seed=0)
