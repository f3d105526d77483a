"""The program of notebooks/ch02_diffusion.ipynb takes the steps that the package takes."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers.data.mixtures import ring
from gan_helpers.families.diffusion import LAST_ANGLE, Diffusion
from gan_helpers.families.flow_matching import FlowMatching
from tests.page_code import defined_on

RATE = 1e-2


@pytest.fixture(scope="module")
def page() -> dict:
    """What the page's program defines, without its trainings."""
    return defined_on(
        *("ch02_diffusion", "program"),
        **{"keras": keras, "layers": keras.layers, "ops": keras.ops, "np": np, "tf": tf},
        ANGLE=LAST_ANGLE,
    )


@pytest.mark.parametrize("family", [Diffusion, FlowMatching])
def test_the_page_and_the_package_take_the_same_step(family, page, monkeypatch):
    points = ring().sample(64, seed=0)
    rng = np.random.default_rng(1)
    times, noise = rng.uniform(size=(64, 1)), rng.normal(size=points.shape)
    drawn = {"uniform": tf.constant(times, "float32"), "normal": tf.constant(noise, "float32")}
    for name, value in drawn.items():
        monkeypatch.setattr(keras.random, name, lambda *args, value=value, **options: value)

    inner = page["make_network"](8)
    own = page[family.__name__](keras.models.clone_model(inner), seed=0)
    own.network.set_weights(inner.get_weights())
    own.compile(optimizer=keras.optimizers.Adam(RATE))
    before = inner.get_weights()
    reported = own.train_step(tf.constant(points))

    point, t = keras.Input((2,)), keras.Input(())
    packaged = family(keras.Model([point, t], inner([point, keras.layers.Reshape((1,))(t)])))
    packaged.times = lambda n: drawn["uniform"][:, 0]
    packaged.compile(keras.optimizers.Adam(RATE))
    packaged.train_step(tf.constant(points))

    np.testing.assert_allclose(reported["loss"], packaged.get_metrics_result()["loss"], rtol=1e-5)
    pairs = zip(own.network.get_weights(), inner.get_weights(), strict=True)
    assert all(np.allclose(a, b, atol=1e-6) for a, b in pairs)
    assert any(not np.allclose(a, b) for a, b in zip(before, inner.get_weights(), strict=True))


def test_the_line_that_flow_matching_changes_makes_the_examples_of_its_path(page):
    points, noise, t = np.eye(2), np.ones((2, 2)), 0.25
    for family in (Diffusion, FlowMatching):
        example = page[family.__name__].example
        noised, target = example(None, points, noise, t)
        signal, level = family.path(None, tf.constant(t, "float64"))
        np.testing.assert_allclose(noised, signal * points + level * noise, rtol=1e-6)
        np.testing.assert_array_equal(target, family.target(None, points, noise))
