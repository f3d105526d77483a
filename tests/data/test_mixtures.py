import numpy as np
import pytest

from gan_helpers.data import mixtures

ALL = [mixtures.ring(), mixtures.grid(), mixtures.spiral(), mixtures.two_moons()]
everyone = pytest.mark.parametrize("toy", ALL, ids=[toy.name for toy in ALL])


@everyone
def test_density_integrates_to_one(toy):
    # By importance: the mean of density over proposal density, with a wider proposal of the same
    # centres, whose samples reach everywhere that matters.
    wide = mixtures.GaussianMixture("wide", toy.centres, 1.5 * toy.sigma)
    points = wide.sample(40_000, seed=1)
    weights = np.exp(toy.log_density(points) - wide.log_density(points))
    assert weights.mean() == pytest.approx(1, abs=5 * weights.std() / 200)


@everyone
def test_own_samples_find_every_mode(toy):
    points = toy.sample(10_000, seed=2)
    assert points.shape == (10_000, 2) and points.dtype == np.float32
    assert toy.modes_found(points) == len(toy.centres)
    assert toy.share_on_mode(points) > 0.98
    assert np.sqrt(np.mean(points.astype(float) ** 2)) == pytest.approx(1, abs=0.03)


def test_share_of_a_normal_distribution_within_its_reach():
    share = mixtures.grid().share_on_mode(mixtures.grid().sample(200_000, seed=3))
    assert share == pytest.approx(1 - np.exp(-4.5), abs=0.0012)  # five standard errors


def test_strays_and_rare_modes_do_not_count():
    ring = mixtures.ring()
    on_three = ring.centres[np.arange(100) % 3]
    assert ring.modes_found(on_three) == 3
    stray = ring.centres[3] + [0, 4 * ring.sigma]
    assert ring.modes_found(np.vstack([on_three, np.repeat([stray], 50, axis=0)])) == 3
    rare = np.vstack([np.repeat(on_three, 10, axis=0), ring.centres[3:4]])
    assert ring.modes_found(rare) == 3
    assert ring.modes_found(rare, least=0) == 4


def test_density_of_one_normal_distribution():
    one = mixtures.GaussianMixture("one", np.zeros((1, 2)), 2.0)
    assert one.log_density(np.array([[0.0, 2.0]]))[0] == pytest.approx(-0.5 - np.log(2 * np.pi * 4))


def test_points_must_be_in_the_plane():
    with pytest.raises(ValueError, match=r"of shape \(n, 2\); given float64 of shape \(5, 3\)"):
        mixtures.ring().share_on_mode(np.zeros((5, 3)))


def test_two_clusters_follow_their_density():
    numbers = mixtures.two_clusters(100_000, seed=4)
    assert numbers.shape == (100_000, 1) and numbers.dtype == np.float32
    edges = np.linspace(-5, 5, 41)
    counts, _ = np.histogram(numbers, edges)
    middles = (edges[1:] + edges[:-1]) / 2
    # Simpson's rule for the probability of each bin, against a share of 100,000.
    ends = mixtures.two_clusters_density(edges)
    inside = mixtures.two_clusters_density(middles)
    expected = (ends[:-1] + 4 * inside + ends[1:]) / 6 * np.diff(edges)
    assert expected.sum() == pytest.approx(1, abs=1e-3)
    assert np.abs(counts / 100_000 - expected).max() < 0.006
