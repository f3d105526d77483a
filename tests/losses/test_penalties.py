import numpy as np
import pytest
import tensorflow as tf

from gan_helpers.losses import PENALTIES, gradient_penalty, r1_penalty, r2_penalty

RNG = np.random.default_rng(0)
REAL, FAKE = (tf.constant(RNG.normal(size=(50, 3))) for _ in range(2))
WEIGHTS = tf.constant([1.0, -2.0, 2.0], tf.float64)  # of length 3


def linear(x, training):
    return tf.linalg.matvec(x, WEIGHTS)[:, None]


def quadratic(x, training):
    """Its gradient at x is x itself."""
    return tf.reduce_sum(tf.square(x), axis=1, keepdims=True) / 2


def test_penalties_of_a_linear_discriminator():
    assert float(r1_penalty(linear, REAL, FAKE)) == pytest.approx(9 / 2)
    assert float(r2_penalty(linear, REAL, FAKE)) == pytest.approx(9 / 2)
    assert float(gradient_penalty(linear, REAL, FAKE, seed=1)) == pytest.approx((3 - 1) ** 2)


def test_r1_looks_at_real_samples_and_r2_at_fake_ones():
    for penalty, samples in ((r1_penalty, REAL), (r2_penalty, FAKE)):
        expected = np.mean(np.sum(samples.numpy() ** 2, axis=1)) / 2
        assert float(penalty(quadratic, REAL, FAKE)) == pytest.approx(expected)


def test_gradient_penalty_draws_places_uniformly_between_the_two():
    # From 0 to 1 with a gradient of x at x, the mean of (x - 1)² over uniform places is 1/3.
    zero, one = np.zeros((40_000, 1)), np.ones((40_000, 1))
    found = float(gradient_penalty(quadratic, zero, one, seed=2))
    standard_error = np.sqrt((1 / 5 - 1 / 9) / 40_000)
    assert found == pytest.approx(1 / 3, abs=5 * standard_error)


def test_gradient_penalty_draws_one_place_per_image():
    seen = []

    def watched(x, training):
        seen.append(x.numpy())
        return tf.reduce_sum(x, axis=(1, 2, 3))[:, None]

    real, fake = np.zeros((6, 4, 4, 1), "float32"), np.ones((6, 4, 4, 1), "float32")
    gradient_penalty(watched, real, fake, seed=3)
    places = seen[0].reshape(6, 16)
    assert np.all(places == places[:, :1])
    assert len(set(places[:, 0])) == 6 and places.min() >= 0 and places.max() <= 1


@pytest.mark.parametrize("penalty", PENALTIES.values(), ids=list(PENALTIES))
def test_penalties_have_the_right_gradients_in_the_discriminator_s_weights(penalty):
    weights = tf.Variable(np.random.default_rng(1).normal(size=(3, 2)))

    def discriminator(x, training):
        return tf.reduce_sum(tf.tanh(x @ weights), axis=1, keepdims=True)

    def value() -> tf.Tensor:
        return penalty(discriminator, REAL, FAKE, seed=4)

    with tf.GradientTape() as tape:
        loss = value()
    gradients = tape.gradient(loss, weights).numpy()
    assert np.abs(gradients).max() > 0.01
    start, step = weights.numpy(), 1e-6
    for place in np.ndindex(3, 2):
        shift = np.zeros((3, 2))
        shift[place] = step
        ends = []
        for sign in (1, -1):
            weights.assign(start + sign * shift)
            ends.append(float(value()))
        assert gradients[place] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)
    weights.assign(start)


def test_flat_discriminator_gives_finite_gradients():
    weight = tf.Variable(0.0, dtype=tf.float64)
    with tf.GradientTape() as tape:
        value = gradient_penalty(
            lambda x, training: weight * tf.reduce_sum(x, axis=1, keepdims=True),
            REAL,
            FAKE,
            seed=5,
        )
    assert float(value) == 1.0
    assert np.isfinite(tape.gradient(value, weight).numpy())


def test_gradient_penalty_refuses_batches_of_different_shapes():
    with pytest.raises(ValueError, match=r"one shape; given \(50, 3\) and \(7, 3\)"):
        gradient_penalty(linear, REAL, FAKE[:7])


def test_gradient_penalty_looks_between_real_and_fake_samples():
    # The gradient of x²/2 is x. Between 1 and 3, mean (x - 1)² is the integral of (2u)², 4/3.
    real, fake = tf.ones((100_000, 1)), tf.fill((100_000, 1), 3.0)
    penalty = gradient_penalty(lambda x, training: x**2 / 2, real, fake, seed=1)
    assert float(penalty) == pytest.approx(4 / 3, abs=0.02)


def test_a_discriminator_that_gives_nan_has_a_penalty_that_is_nan():
    """A penalty of 0 or 1 in its place would hide it from whoever stops the training."""
    points = tf.constant([[1.0], [3.0]])
    for penalty in PENALTIES.values():
        assert np.isnan(penalty(lambda x, training: x * np.nan, points, points, seed=0))
