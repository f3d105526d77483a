"""The program of notebooks/ch05_one_page.ipynb, and what is recorded of it."""

import itertools
import re
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers import data
from gan_helpers.data import load_mnist
from gan_helpers.gan import GAN
from gan_helpers.losses.penalties import squared_gradient_norms
from gan_helpers.recorded import read_history
from research.one_page import FIRST_STEPS, RUN, FirstLosses, program, run_program, trained
from tests.rules import open_cells
from tools.fingerprint import ROOT, read_notebook


@pytest.fixture(scope="module")
def page():
    return run_program(epochs=1, seed=5)


def first_batch(page):
    return tf.constant(page["images"][:64]), tf.constant(page["digits"][:64])


def r1_on_a_quarter(discriminator, real, fake, *, seed=None):
    norms = squared_gradient_norms(discriminator, real)
    return tf.reduce_mean(norms[: len(norms) // 4]) / 2


def test_the_page_and_the_package_take_the_same_step(page, monkeypatch):
    latent = np.random.default_rng(0).standard_normal((2, 64, page["LATENT"]), np.float32)
    drawn = itertools.cycle(latent)
    monkeypatch.setattr(keras.random, "normal", lambda *args, **kwargs: tf.constant(next(drawn)))
    clones = [keras.models.clone_model(page["gan"].generator) for _ in range(2)]
    judges = [keras.models.clone_model(page["gan"].discriminator) for _ in range(2)]
    for copies in (clones, judges):
        copies[1].set_weights(copies[0].get_weights())

    own = page["GAN"](clones[0], judges[0], seed=1)
    own.compile(page["adam"](12e-3), page["adam"](3e-3))
    packaged = GAN(clones[1], judges[1], seed=1)
    packaged.compile(
        generator_optimizer=page["adam"](12e-3),
        discriminator_optimizer=page["adam"](3e-3),
        penalties={r1_on_a_quarter: 0.1},
    )
    batch = first_batch(page)
    before = clones[0].get_weights()
    losses = own.train_step(batch)
    packaged.train_step(batch)
    for one, other in (clones, judges):
        for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=2e-5)
    assert any(not np.allclose(a, b) for a, b in zip(before, clones[0].get_weights(), strict=True))
    reported = packaged.get_metrics_result()
    for player in ("discriminator", "generator"):
        np.testing.assert_allclose(losses[player], reported[f"{player}_loss"], rtol=1e-4)


def test_the_images_are_scaled_to_the_range_of_the_generator(page):
    images, digits = first_batch(page)
    assert images.shape == (64, 28, 28, 1) and digits.dtype == tf.int32
    assert page["images"].min() == -1.0 and page["images"].max() == 1.0
    made = page["gan"].generator([tf.zeros((2, page["LATENT"])), tf.constant([3, 4])])
    assert made.shape == (2, 28, 28, 1) and float(tf.reduce_max(tf.abs(made))) <= 1.0


def test_the_open_cells_are_a_program_of_their_own(monkeypatch):
    """What a reader may copy needs nothing that is folded, even if a batch has few images left."""
    (images, digits), _ = load_mnist()
    monkeypatch.setattr(data, "load_mnist", lambda: ((images[:66], digits[:66]), None))
    notebook = read_notebook(ROOT / "notebooks" / "ch05_one_page.ipynb")
    names: dict = {}
    exec("\n".join(cell.source for cell in open_cells(notebook)), names)
    assert names["picture"].shape == (280, 280) and (names["folder"] / "generator.keras").exists()
    shutil.rmtree(names["folder"])


def test_the_changes_for_another_size_fit():
    """Chapter 9 has a table of what to replace, for 64 x 64 x 3 and two classes."""
    answer = (ROOT / "book" / "ch09_questions.md").read_text("utf-8")
    rows = re.findall(r"^\| [^|]+ \| (`.+`) \| (`.+`) \|$", answer, re.MULTILINE)
    assert len(rows) == 4
    code = program()
    for row in rows:
        codes = ([part.rstrip("… )") for part in re.findall("`(.+?)`", cell)] for cell in row)
        for there, here in zip(*codes, strict=True):
            assert there in code
            code = code.replace(there, here)
    names: dict = {"__name__": "another_size"}
    exec(code, names)
    images, classes = tf.random.uniform((8, 64, 64, 3), -1, 1), tf.constant([0, 1] * 4)
    losses = names["gan"].train_step((images, classes))
    assert all(np.isfinite(loss) for loss in losses.values())
    made = names["gan"].generator([tf.zeros((8, names["LATENT"])), classes])
    assert made.shape == images.shape


class StopAfterTheFirst(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = batch + 1 == FIRST_STEPS


def test_what_is_recorded_began_as_it_would_now():
    recorded, first = read_history(RUN), FirstLosses()
    names = run_program(epochs=1, seed=recorded["rows"][0]["seeds"][0]["seed"])
    trained(names, [first, StopAfterTheFirst()])
    for now, then in zip(first.losses, recorded["first_losses"], strict=True):
        for name, value in then.items():
            np.testing.assert_allclose(now[name], value, rtol=0.02, err_msg=name)
