"""An autoencoder and the density of its codes."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from gan_helpers.checkpoints import load_latest
from gan_helpers.data import mixtures
from gan_helpers.families.autoencoder import Autoencoder
from gan_helpers.networks.autoencoders import decoder, encoder, linear_decoder, linear_encoder
from gan_helpers.recipes import Recipe, train_recipe
from tools.fingerprint import ROOT, read_notebook

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(-1, 1, (40, 28, 28, 1)).astype("float32")
RING = mixtures.ring(8)
POINTS = RING.sample(1600, seed=1)


def identity(components: int, seed: int = 0) -> Autoencoder:
    """An autoencoder of points whose codes are the points."""
    networks = [
        keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, kernel_initializer="identity")])
        for _ in range(2)
    ]
    return Autoencoder(*networks, components=components, seed=seed)


def small(components: int = 2) -> Autoencoder:
    networks = encoder(3, channels=2, hidden=4), decoder(3, channels=2, hidden=4)
    return Autoencoder(*networks, components=components, seed=1)


def same(one, other) -> bool:
    pairs = zip(one.weights, other.weights, strict=True)
    return all(np.array_equal(a.numpy(), b.numpy()) for a, b in pairs)


def test_the_loss_is_the_squared_error_of_a_whole_image():
    model = small()
    model.compile()
    errors = IMAGES - model.predict(IMAGES, verbose=0)
    expected = np.square(errors).sum(axis=(1, 2, 3)).mean()
    np.testing.assert_allclose(model.evaluate(IMAGES, verbose=0), expected, rtol=1e-5)


def test_one_component_is_the_normal_density_of_the_codes():
    model = identity(1)
    slanted = (POINTS @ [[2.0, 1.0], [0.0, 0.5]] + [3.0, -1.0]).astype("float32")
    model.fit_codes(slanted)
    factor = model.factors.numpy()[0]
    np.testing.assert_allclose(factor @ factor.T, np.cov(slanted.T, bias=True), atol=1e-4)
    made = model.generate(20_000, seed=3)
    np.testing.assert_allclose(made.mean(axis=0), slanted.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.cov(made.T), np.cov(slanted.T), atol=0.1)


def test_eight_components_find_the_ring_which_one_does_not():
    shares = {}
    for components in (1, 8):
        model = identity(components)
        model.fit_codes(POINTS)
        shares[components] = RING.share_on_mode(model.generate(4000))
    assert shares[8] > 0.97 and shares[1] < 0.1
    np.testing.assert_allclose(model.shares, np.full(8, 1 / 8), atol=0.03)


def test_images_stay_in_range_and_points_may_leave_it():
    model = Autoencoder(linear_encoder(3), linear_decoder(3))
    model.fit_codes(50 * IMAGES / np.abs(50 * IMAGES).max())
    model.means.assign(100 + model.means)
    made = model.generate(600)
    assert made.shape == (600, 28, 28, 1) and made.dtype == np.float32
    assert np.abs(made).max() == 1
    far = identity(1)
    far.fit_codes(POINTS + 9)
    assert far.generate(5).min() > 5


def test_the_same_seed_gives_the_same_samples():
    model = identity(8)
    model.fit_codes(POINTS)
    np.testing.assert_array_equal(model.generate(20, 4), model.generate(20, 4))
    assert not np.array_equal(model.generate(20, 4), model.generate(20, 5))
    again = identity(8)
    again.fit_codes(POINTS[:100])
    again.fit_codes(POINTS)  # forgets what came before
    assert same(again, model)


def test_without_a_density_it_does_not_generate():
    with pytest.raises(ValueError, match="until fit_codes"):
        small().generate(3)


@pytest.mark.parametrize(
    "wrong, why",
    [
        (lambda: Autoencoder(encoder(3), decoder(4)), "what the decoder takes"),
        (lambda: Autoencoder(encoder(2), linear_encoder(2)), "what the decoder takes"),
        (lambda: Autoencoder(*identity(1).layers[:2], components=0), "components must be"),
        (lambda: identity(1).fit_codes(IMAGES), r"shape \(n, 2\)"),
        (lambda: identity(5).fit_codes(POINTS[:4]), "samples must be at least 5; given 4"),
        (lambda: identity(1).fit_codes(POINTS[:1]), "samples must be at least 2; given 1"),
        (lambda: identity(1).fit_codes(POINTS * np.nan), "finite"),
    ],
)
def test_what_cannot_be_is_refused(wrong, why):
    with pytest.raises(ValueError, match=why):
        wrong()


def recipe() -> Recipe:
    return Recipe(
        "tiny",
        "a small autoencoder",
        lambda n: (encoder(3, channels=2, hidden=4), decoder(3, channels=2, hidden=4)),
        lambda: {"optimizer": keras.optimizers.Adam(1e-2)},
        steps=12,
        every=4,
        batch_size=10,
        family=lambda *networks, seed: Autoencoder(*networks, components=2, seed=seed),
    )


def test_a_recipe_ends_with_the_density_stopped_or_not(tmp_path):
    whole = train_recipe(recipe(), IMAGES, seed=1)
    assert np.isclose(whole.model.shares.numpy().sum(), 1)
    part = train_recipe(recipe(), IMAGES, seed=1, folder=tmp_path, stop_after=7)
    assert not part.finished and not part.model.shares.numpy().any()
    keras.utils.set_random_seed(99)
    rest = train_recipe(recipe(), IMAGES, seed=1, folder=tmp_path)
    assert rest.finished and same(rest.model, whole.model)
    assert same(load_latest(tmp_path), whole.model)


def test_saved_it_loads_in_another_process_with_one_import(tmp_path):
    model = small()
    model.compile()
    model.fit_codes(IMAGES)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "made.npy", model.generate(5, 2))
    program = (
        "import keras, numpy as np, gan_helpers.saving\n"
        "made = keras.models.load_model('model.keras').generate(5, 2)\n"
        "np.testing.assert_allclose(made, np.load('made.npy'), atol=1e-5)\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, timeout=100)


def test_the_page_and_the_package_take_the_same_step():
    """The program that notebooks/ch02_autoencoder.ipynb writes out: Keras's own step."""
    notebook = read_notebook(ROOT / "notebooks" / "ch02_autoencoder.ipynb")
    cells = [cell for cell in notebook.cells if "program" in cell.metadata.get("tags", [])]
    page: dict = {}
    exec("\n\n".join(cell.source for cell in cells), page)
    batch = page["images"][:32]
    assert batch.min() == -1 and batch.max() == 1 and batch.shape == (32, 28, 28, 1)
    packaged = Autoencoder(page["make_encoder"](), page["make_decoder"](), seed=1)
    for network in ("encoder", "decoder"):
        getattr(packaged, network).set_weights(page[network].get_weights())
        sizes = {"encoder": encoder, "decoder": decoder}[network]().get_weights()
        assert [w.shape for w in sizes] == [w.shape for w in page[network].get_weights()]
    packaged.compile(page["adam"](2e-3, page["STEPS"]))
    before = page["encoder"].get_weights()
    losses = [page["autoencoder"].train_on_batch(batch, batch), packaged.train_on_batch(batch)]
    np.testing.assert_allclose(*losses, rtol=1e-5)
    own = page["autoencoder"].trainable_weights
    for one, other in zip(own, packaged.trainable_weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert not np.allclose(before[0], page["encoder"].get_weights()[0], atol=1e-4)
