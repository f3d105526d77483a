"""The recorded attacks of notebooks/ch08_privacy.ipynb: complete, and made by this code."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import optimize
from scipy.special import gammaln, logsumexp, softmax

from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.gan import GAN
from gan_helpers.networks import fast_discriminator, fast_generator
from gan_helpers.recorded import load_sheets, read_history
from research import privacy
from tests.page_code import defined_on

RECORDED = read_history(privacy.RUN)
ROWS = {(row["size"], row["augmented"], row["seed"]): row for row in RECORDED["rows"]}


def place_of(row: dict) -> tuple[privacy.Setting, int]:
    return privacy.Setting(*(row[name] for name in privacy.Setting._fields)), row["seed"]


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return to_tanh_range(load_mnist()[0][0])


@pytest.fixture(scope="module")
def page() -> dict:
    modules = {"keras": keras, "np": np, "tf": tf, "optimize": optimize}
    functions = {"gammaln": gammaln, "logsumexp": logsumexp, "softmax": softmax}
    networks = {"fast_generator": fast_generator, "fast_discriminator": fast_discriminator}
    names = modules | functions | networks | {"GAN": GAN, "ORDERS": privacy.ORDERS}
    return defined_on("ch08_privacy", **names)


def test_every_setting_is_recorded_with_every_seed():
    planned = itertools.product(privacy.SIZES, (False, True), privacy.SEEDS)
    assert set(ROWS) == set(planned)
    planned = itertools.product(privacy.settings(), privacy.SEEDS)
    assert [place_of(row) for row in RECORDED["classifiers"]] == list(planned)


def test_the_areas_are_those_of_the_kept_scores():
    kept = load_sheets(privacy.RUN)
    for (size, augmented, seed), row in ROWS.items():
        name = f"{size}, {'augmented' if augmented else 'bare'}, {seed}"
        members = min(size, privacy.ATTACKED)
        logits, distances = (kept[f"{what}, {name}"] for what in ("logits", "distances"))
        assert len(logits) == len(distances) == members + privacy.ATTACKED
        # Scores are kept in single precision, in which a few distances tie.
        kept_areas = [privacy.auc(*np.split(x, [members])) for x in (logits, -distances)]
        expected = [row["course"][-1]["auc"], row["auc_of_distances"]]
        assert kept_areas == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("augmented", [False, True])
def test_a_training_began_as_it_would_now(augmented, images):
    size, seed = 100, privacy.SEEDS[0]
    mark = ROWS[size, augmented, seed]["course"][0]
    parts, (gan, bare) = privacy.split(images, size, seed), privacy.new_gan(augmented, seed)
    # Another processor rounds differently, and a game makes the differences grow.
    assert privacy.train(gan, parts.members, mark["step"]) == pytest.approx(mark["losses"], abs=0.1)
    logits = [bare.predict(x, batch_size=500, verbose=0).ravel() for x in parts[:2]]
    assert privacy.auc(*logits) == pytest.approx(mark["auc"], abs=0.05)


@pytest.mark.parametrize(
    "place",
    [(setting, 1) for setting in privacy.settings() if setting[:2] in ((600, None), (600, 2.0))],
    ids=str,
)
def test_a_classifier_is_what_it_was(place):
    (row,) = (row for row in RECORDED["classifiers"] if place_of(row) == place)
    assert privacy.classify(*place) == pytest.approx(row, abs=0.005)


def test_members_others_and_those_beside_have_nothing_in_common(images):
    parts = privacy.split(images, 100, 1)
    assert [len(part) for part in parts] == [100, privacy.ATTACKED, 100]
    seen = {image.tobytes() for image in parts.members}
    assert not seen & {image.tobytes() for image in np.concatenate(parts[1:])}


def test_augmenting_moves_erases_and_does_nothing_else(images):
    layer = privacy.DiffAugment(1)
    np.testing.assert_array_equal(layer(images[:8], training=False), images[:8])
    dots = np.full((2000, 28, 28, 1), -1, "f")
    dots[:, 14, 14] = 1
    moved = np.asarray(layer(dots, training=True))
    places = np.argwhere(moved[..., 0] > -1)
    assert set(places[:, 1]) == set(places[:, 2]) == set(range(10, 19))
    assert len(np.unique(places[:, 0])) == len(places) < 2000  # one each, and some are gone
    gone = [(abs(m - 14) <= 7) for m in range(29)]  # about which the square covers the middle
    assert 1 - len(places) / 2000 == pytest.approx((sum(gone) / 29) ** 2, abs=0.06)


def test_the_page_augments_and_builds_alike(page, images):
    for ours, theirs in zip(
        privacy.new_gan(False, 3)[0].get_weights(), page["new_gan"](3)[0].get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    ours, theirs = privacy.DiffAugment(3), page["DiffAugment"](3)
    for _ in "ab":
        np.testing.assert_array_equal(
            ours(images[:8], training=True), theirs(images[:8], training=True)
        )


def test_the_page_counts_and_trains_privately_alike(page):
    for q, noise, steps in ((0.1, 2.0, 200), (0.005, 1.0, 50)):
        assert page["epsilon"](q, noise, steps) == privacy.epsilon(q, noise, steps)
    assert page["noise_for"](1.0, 0.02, 200) == privacy.noise_for(1.0, 0.02, 200)
    (images, labels), _ = load_mnist()
    x, y = privacy.unit_vectors(images[:200]), np.eye(10, dtype="f")[labels[:200]]
    np.testing.assert_array_equal(page["unit_vectors"](images[:200]), x)
    options = {"q": 0.1, "noise": 1.0, "steps": 5, "seed": 1}
    ours, theirs = privacy.dp_sgd(x, y, **options), page["dp_sgd"](x, y, **options)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_without_sampling_a_step_is_the_gaussian_mechanism():
    for order in (2, 8, 32):
        assert privacy.renyi(1 - 1e-12, 3.0, order) == pytest.approx(order / (2 * 9), rel=1e-3)


def test_clipping_bounds_what_one_image_does():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 20)).astype("f") * 30, np.eye(10, dtype="f")[np.arange(50) % 10]
    options = {"q": 1.0, "noise": 0.0, "steps": 1, "rate": 50.0, "seed": 0}
    both = privacy.dp_sgd(x, y, **options), privacy.dp_sgd(x[:-1], y[:-1], **options)
    # The step is the rate times the sum over the number of images, 50 and 49.
    sums = both[0] / 50 * 50, both[1] / 50 * 49
    assert np.linalg.norm(sums[0] - sums[1]) <= privacy.CLIP * (1 + 1e-5)


def test_no_clip_clips_nothing():
    (images, labels), _ = load_mnist()
    x, y = privacy.unit_vectors(images[:200]), np.eye(10, dtype="f")[labels[:200]]
    options = {"q": 0.5, "noise": 0.0, "steps": 20, "rate": 30.0, "seed": 0}
    both = [privacy.dp_sgd(x, y, clip=clip, **options) for clip in (privacy.NO_CLIP, 1e6)]
    np.testing.assert_array_equal(*both)
