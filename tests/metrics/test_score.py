"""The classifier score and class shares against known limits and scipy's entropy."""

import numpy as np
import pytest
from scipy import stats

from gan_helpers.metrics.score import (
    class_shares,
    classifier_score,
    classifier_scores_of_splits,
    distance_from_uniform,
    entropies,
    predicted_classes,
)


def probabilities(n=100, classes=10, seed=0):
    return np.random.default_rng(seed).dirichlet(np.full(classes, 0.3), size=n)


def test_score_is_the_exponential_of_the_mean_divergence():
    p = probabilities()
    divergences = [stats.entropy(row, p.mean(axis=0)) for row in p]
    assert classifier_score(p) == pytest.approx(np.exp(np.mean(divergences)))


def test_ten_perfect_images_repeated_get_the_top_score():
    assert classifier_score(np.tile(np.eye(10), (500, 1))) == pytest.approx(10)


def test_an_undecided_classifier_gives_1_and_so_does_a_single_class():
    assert classifier_score(np.full((7, 10), 0.1)) == pytest.approx(1)
    assert classifier_score(np.eye(10)[[3] * 7]) == pytest.approx(1)


def test_score_is_blind_to_order_and_falls_under_noise():
    p = probabilities()
    noisy = 0.7 * p + 0.3 / 10
    assert classifier_score(p[::-1]) == pytest.approx(classifier_score(p))
    assert 1 < classifier_score(noisy) < classifier_score(p) < 10


def test_splits_are_scores_of_parts_and_lie_below_the_whole_on_average():
    p = probabilities(1000)
    scores = classifier_scores_of_splits(p, splits=4)
    assert scores == pytest.approx([classifier_score(p[i : i + 250]) for i in range(0, 1000, 250)])
    assert scores.mean() < classifier_score(p)
    assert classifier_scores_of_splits(p, splits=1) == pytest.approx([classifier_score(p)])


@pytest.mark.parametrize("splits", [0, 101, 2.0])
def test_splits_out_of_range_are_refused(splits):
    with pytest.raises(ValueError, match="from 1 to the number of images, 100"):
        classifier_scores_of_splits(probabilities(), splits=splits)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (np.array([[2.0, -1.0]]), "values from -1"),
        (np.array([[0.5, 0.6]]), "sums from 1.1 to 1.1; logits"),
        (np.array([0.5, 0.5]), r"shape \(2,\)"),
        (np.array([[np.nan, 1.0]]), "NaN"),
        (np.zeros((0, 10)), "at least 1 rows of class probabilities; given 0"),
    ],
)
@pytest.mark.parametrize("metric", [classifier_score, class_shares])
def test_what_are_no_probabilities_is_refused(metric, bad, words):
    with pytest.raises(ValueError, match=words):
        metric(bad)


def test_class_shares_count_the_likeliest_class():
    p = np.array([[0.6, 0.4, 0.0], [0.1, 0.2, 0.7], [0.4, 0.6, 0.0], [0.3, 0.4, 0.3]])
    assert predicted_classes(p).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 0]]
    assert class_shares(p).tolist() == [0.25, 0.5, 0.25]


def test_distance_from_uniform_runs_from_0_to_one_class_alone():
    assert distance_from_uniform(np.full(10, 0.1)) == pytest.approx(0)
    assert distance_from_uniform(np.eye(10)) == pytest.approx(np.full(10, 0.9))
    assert distance_from_uniform([0.2] * 5 + [0.0] * 5) == pytest.approx(0.5)


def test_entropy_of_certainty_is_0_and_of_uniform_its_logarithm():
    assert entropies(np.eye(4)) == pytest.approx(np.zeros(4))
    assert entropies(np.full(4, 0.25)) == pytest.approx(np.log(4))
