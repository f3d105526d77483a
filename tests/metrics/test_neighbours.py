"""Precision, recall, density, coverage against their definitions, spelled out slowly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_helpers.metrics import neighbours
from gan_helpers.metrics.neighbours import (
    density_coverage,
    nearest_distances,
    neighbour_radii,
    precision_recall,
)


def normal(n, seed, shift=0.0, dimension=3):
    return shift + np.random.default_rng(seed).standard_normal((n, dimension))


def distance(x, y):
    return np.sqrt(np.sum((x - y) ** 2))


def radius(features, i, k):
    others = [distance(features[i], y) for j, y in enumerate(features) if j != i]
    return sorted(others)[k - 1]


SETS = {"n": st.integers(6, 25), "k": st.integers(1, 5), "seed": st.integers(0, 99)}


@given(**SETS)
@settings(max_examples=25)
def test_precision_and_recall_are_their_definitions(n, k, seed):
    real, fake = normal(n, seed), normal(n, seed + 100, shift=0.7)
    precise, recalled = precision_recall(real, fake, k=k)
    for i in range(n):
        assert precise[i] == any(distance(fake[i], real[j]) <= radius(real, j, k) for j in range(n))
        assert recalled[i] == any(
            distance(real[i], fake[j]) <= radius(fake, j, k) for j in range(n)
        )


@given(**SETS)
@settings(max_examples=25)
def test_density_and_coverage_are_their_definitions(n, k, seed):
    real, fake = normal(n, seed), normal(n, seed + 100, shift=0.7)
    density, covered = density_coverage(real, fake, k=k)
    for i in range(n):
        around = [distance(fake[i], real[j]) <= radius(real, j, k) for j in range(n)]
        assert density[i] == pytest.approx(sum(around) / k)
        assert covered[i] == any(distance(fake[j], real[i]) <= radius(real, i, k) for j in range(n))


@pytest.mark.parametrize("metric", [precision_recall, density_coverage])
class TestBoth:
    def test_real_images_themselves_have_all_of_it(self, metric):
        real = normal(30, 0)
        of_fake, of_real = metric(real, real)
        assert of_fake.all() and of_real.all()

    def test_far_away_there_is_nothing(self, metric):
        of_fake, of_real = metric(normal(30, 0), normal(30, 1, shift=100))
        assert not of_fake.any() and not of_real.any()

    def test_order_changes_nothing(self, metric):
        real, fake = normal(30, 0), normal(30, 1)
        of_fake, of_real = metric(real, fake)
        of_fake_reversed, of_real_again = metric(real, fake[::-1])
        assert (of_fake_reversed == of_fake[::-1]).all() and (of_real_again == of_real).all()

    def test_a_few_rows_at_a_time_give_the_same(self, metric, monkeypatch):
        real, fake = normal(30, 0), normal(30, 1)
        blocks = np.arange(30) % 4
        whole = metric(real, fake, blocks=blocks)
        monkeypatch.setattr(neighbours, "ROWS_AT_ONCE", 7)
        for one, other in zip(whole, metric(real, fake, blocks=blocks), strict=True):
            assert (one == other).all()

    def test_blocks_together_reach_what_all_reach(self, metric):
        real, fake = normal(40, 0), normal(40, 1, shift=0.5)
        _, reached = metric(real, fake)
        _, by_block = metric(real, fake, blocks=np.arange(40) % 4)
        assert by_block.shape == (4, 40)
        assert (by_block.any(axis=0) == reached).all()
        assert not (by_block[1:].any(axis=0) == reached).all()

    def test_refuses_another_number_of_fakes(self, metric):
        with pytest.raises(ValueError, match="given 30 real and 29 fake"):
            metric(normal(30, 0), normal(29, 1))

    @pytest.mark.parametrize("k", [0, 30, 2.5, None])
    def test_refuses_a_bad_k(self, metric, k):
        with pytest.raises(ValueError, match=f"from 1 to the number of other rows, 29; given {k}"):
            metric(normal(30, 0), normal(30, 1), k=k)


def test_precision_one_way_is_recall_the_other_way():
    real, fake = normal(50, 0), normal(50, 1, shift=0.5)
    precise, recalled = precision_recall(real, fake)
    recalled_back, precise_back = precision_recall(fake, real)[::-1]
    assert (precise == recalled_back).all() and (recalled == precise_back).all()


def test_coverage_of_two_samples_of_one_distribution_is_what_its_paper_derives():
    # Naeem et al. (2020), lemma 2: 1 - (n-1)...(n-k) / ((2n-1)...(2n-k)), in any dimension.
    n, k = 200, 5
    expected = 1 - np.prod([(n - i) / (2 * n - i) for i in range(1, k + 1)])
    draws = [density_coverage(normal(n, 2 * i), normal(n, 2 * i + 1), k=k) for i in range(60)]
    covered = [of_real.mean() for _, of_real in draws]
    assert np.mean(covered) == pytest.approx(expected, abs=4 * np.std(covered) / np.sqrt(60))
    assert np.mean([of_fake.mean() for of_fake, _ in draws]) == pytest.approx(1, abs=0.02)


def test_one_outlier_among_the_fakes_lifts_recall_but_not_coverage():
    real = normal(200, 0)
    fake = normal(200, 1, shift=6)
    before = [
        share[1].mean() for share in (precision_recall(real, fake), density_coverage(real, fake))
    ]
    fake[0] = -20  # its neighbours are far away, so that its ball holds everything between
    after = [
        share[1].mean() for share in (precision_recall(real, fake), density_coverage(real, fake))
    ]
    assert before[0] < 0.1 and after[0] > 0.9
    assert before[1] < 0.1 and after[1] == before[1]


def test_nearest_distances_find_copies_and_held_out_images():
    training, held_out = normal(500, 0), normal(100, 1)
    assert nearest_distances(training[::5], training) == pytest.approx(np.zeros(100), abs=1e-6)
    expected = [min(distance(x, y) for y in training) for x in held_out]
    assert nearest_distances(held_out, training) == pytest.approx(expected)


def test_radii_do_not_count_an_image_as_its_own_neighbour():
    line = np.arange(5.0)[:, None]
    assert neighbour_radii(line, 1).tolist() == [1, 1, 1, 1, 1]
    assert neighbour_radii(line, 2).tolist() == [2, 1, 1, 1, 2]
    assert neighbour_radii(np.zeros((4, 2)), 1).tolist() == [0, 0, 0, 0]
