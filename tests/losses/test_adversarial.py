"""Every pair of losses against what its docstring says: forms, bounds, gradients, least values."""

import math

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from gan_helpers.losses import LOSSES, RELATIVISTIC, Loss

LOGITS = np.linspace(-8, 8, 33)
logits = st.lists(st.floats(-8, 8), min_size=2, max_size=6)


def sigmoid(a):
    return 1 / (1 + np.exp(-np.asarray(a)))


def value(function, real, fake) -> float:
    return float(function(tf.constant(real, tf.float64), tf.constant(fake, tf.float64)))


# -- the same in probabilities -----------------------------------------------------------------

PROBABILITY_FORMS = {
    "non_saturating": (
        lambda d, e: -np.mean(np.log(d)) - np.mean(np.log(1 - e)),
        lambda d, e: -np.mean(np.log(e)),
    ),
    "saturating": (
        lambda d, e: -np.mean(np.log(d)) - np.mean(np.log(1 - e)),
        lambda d, e: np.mean(np.log(1 - e)),
    ),
    # With D = sigmoid(a), exp(a) is D / (1 - D).
    "relativistic": (
        lambda d, e: -np.mean(np.log(d * (1 - e) / (d * (1 - e) + (1 - d) * e))),
        lambda d, e: -np.mean(np.log(e * (1 - d) / (d * (1 - e) + (1 - d) * e))),
    ),
    "jensen_shannon": (
        lambda d, e: -np.mean(np.log(2 * d)) - np.mean(np.log(2 * (1 - e))),
        lambda d, e: np.mean(np.log(2 * (1 - e))),
    ),
    "reverse_kullback_leibler": (
        lambda d, e: np.mean((1 - d) / d) + np.mean(np.log(e / (1 - e))) - 1,
        lambda d, e: -np.mean(np.log(e / (1 - e))) + 1,
    ),
}


@pytest.mark.parametrize("name", PROBABILITY_FORMS)
def test_losses_agree_with_their_probability_form(name):
    real, fake = LOGITS, np.roll(LOGITS[::-1], 5)
    for function, form in zip(
        (LOSSES[name].discriminator, LOSSES[name].generator), PROBABILITY_FORMS[name], strict=True
    ):
        expected = form(sigmoid(real), sigmoid(fake))
        assert value(function, real, fake) == pytest.approx(expected, abs=1e-6)


# -- bounds, and the values of a discriminator that knows nothing --------------------------------

BOUNDS = {  # of the discriminator's loss, of the generator's
    "non_saturating": ((0, math.inf), (0, math.inf)),
    "saturating": ((0, math.inf), (-math.inf, 0)),
    "least_squares": ((0, math.inf), (0, math.inf)),
    "hinge": ((0, math.inf), (-math.inf, math.inf)),
    "wasserstein": ((-math.inf, math.inf), (-math.inf, math.inf)),
    "relativistic": ((0, math.inf), (0, math.inf)),
    "kernel": ((-2, math.inf), (-math.inf, 2)),
}
AT_ZERO = {
    "non_saturating": (2 * math.log(2), math.log(2)),
    "saturating": (2 * math.log(2), -math.log(2)),
    "least_squares": (1, 0),
    "hinge": (2, 0),
    "wasserstein": (0, 0),
    "relativistic": (math.log(2), math.log(2)),
    "kernel": (0, 0),
}


@pytest.mark.parametrize("name", BOUNDS)
@given(real=logits, fake=logits)
def test_losses_keep_their_bounds(name, real, fake):
    n = min(len(real), len(fake))
    real, fake = np.reshape(real[:n], (n, 1)), np.reshape(fake[:n], (n, 1))
    players = LOSSES[name].discriminator, LOSSES[name].generator
    for function, (low, high) in zip(players, BOUNDS[name], strict=True):
        assert low - 1e-9 <= value(function, real, fake) <= high + 1e-9


@pytest.mark.parametrize("name", AT_ZERO)
def test_undecided_discriminator_gives_the_known_values(name):
    zero = np.zeros((5, 1))
    found = [value(f, zero, zero) for f in (LOSSES[name].discriminator, LOSSES[name].generator)]
    assert found == pytest.approx(AT_ZERO[name], abs=1e-12)


# -- least values: the divergence that each pair measures ---------------------------------------

# Two distributions on five points, as numbers of samples out of 20.
REAL_COUNTS, FAKE_COUNTS = np.array([8, 5, 4, 2, 1]), np.array([1, 3, 6, 6, 4])
P, Q = REAL_COUNTS / 20, FAKE_COUNTS / 20


def jensen_shannon(p, q):
    m = (p + q) / 2
    return np.sum(p * np.log(p / m) + q * np.log(q / m)) / 2


def pair_orders():
    """The two orders of a pair: p(x) q(y) and q(x) p(y), flattened."""
    return np.outer(P, Q).ravel(), np.outer(Q, P).ravel()


# The output at each point where the loss is least, and that least value.
OPTIMA = {
    "non_saturating": (np.log(P / Q), 2 * np.log(2) - 2 * jensen_shannon(P, Q)),
    "saturating": (np.log(P / Q), 2 * np.log(2) - 2 * jensen_shannon(P, Q)),
    "least_squares": ((P - Q) / (P + Q), 1 - np.sum((P - Q) ** 2 / (P + Q)) / 2),
    "hinge": (np.sign(P - Q), 2 - np.sum(np.abs(P - Q))),
    "relativistic": (np.log(P / Q), np.log(2) - jensen_shannon(*pair_orders())),
    "kullback_leibler": (1 + np.log(P / Q), -np.sum(P * np.log(P / Q))),
    "reverse_kullback_leibler": (np.log(P / Q), -np.sum(Q * np.log(Q / P))),
    "pearson": (2 * (P / Q - 1), -np.sum((P - Q) ** 2 / Q)),
    "squared_hellinger": (np.log(P / Q) / 2, -np.sum((np.sqrt(P) - np.sqrt(Q)) ** 2)),
    "jensen_shannon": (np.log(P / Q), -2 * jensen_shannon(P, Q)),
}


def loss_of_outputs(loss: Loss, outputs) -> tf.Tensor:
    """The discriminator's loss over all 20 real and 20 fake samples, given its output per point."""
    real = tf.repeat(outputs, REAL_COUNTS)
    fake = tf.repeat(outputs, FAKE_COUNTS)
    if loss.paired:  # over all pairs
        real, fake = tf.repeat(real, 20), tf.tile(fake, [20])
    return loss.discriminator(real, fake)


@pytest.mark.parametrize("name", OPTIMA)
def test_least_value_is_the_divergence(name):
    outputs, least = OPTIMA[name]
    outputs = tf.constant(outputs, tf.float64)
    assert float(loss_of_outputs(LOSSES[name], outputs)) == pytest.approx(least, abs=1e-9)
    rng = np.random.default_rng(0)
    for size in (1e-3, 0.1, 1.0, 3.0):
        for _ in range(20):
            other = outputs + size * rng.normal(size=5)
            assert float(loss_of_outputs(LOSSES[name], other)) > least - 1e-9


def test_every_loss_has_its_least_value_tested():
    # A critic's loss has none without a limit on gradients; test_kernels looks at the kernel's.
    assert set(LOSSES) - set(OPTIMA) == {"wasserstein", "kernel"}
    a = tf.constant(P - Q)
    twice = float(loss_of_outputs(LOSSES["wasserstein"], 2 * a))
    assert twice == pytest.approx(2 * -np.sum((P - Q) ** 2))


# -- gradients -------------------------------------------------------------------------------------


@pytest.mark.parametrize("player", ["discriminator", "generator"])
@pytest.mark.parametrize("name", LOSSES)
def test_gradients_agree_with_finite_differences(name, player):
    function = getattr(LOSSES[name], player)
    rng = np.random.default_rng(1)
    both = tf.constant(rng.uniform(-3, 3, (2, 7, 1)))
    with tf.GradientTape() as tape:
        tape.watch(both)
        loss = function(both[0], both[1])
    gradients = tape.gradient(loss, both).numpy()
    step = 1e-6
    for place in np.ndindex(2, 7, 1):
        shift = np.zeros((2, 7, 1))
        shift[place] = step
        up, down = (value(function, *(both.numpy() + sign * shift)) for sign in (1, -1))
        assert gradients[place] == pytest.approx((up - down) / (2 * step), abs=1e-7)


@pytest.mark.parametrize("name", sorted(LOSSES.keys() - {"kernel"}))
def test_each_player_is_rewarded_for_the_right_side(name):
    up, down = np.full((4, 1), 0.4), np.full((4, 1), -0.4)
    loss = LOSSES[name]
    assert value(loss.discriminator, up, down) < value(loss.discriminator, down, up)
    undecided = np.zeros((4, 1))
    if name != "least_squares":  # its generator aims for 0, between the codes
        assert value(loss.generator, undecided, up) < value(loss.generator, undecided, down)
    else:
        assert value(loss.generator, undecided, undecided) < value(loss.generator, undecided, down)


def test_only_paired_losses_show_the_generator_real_logits():
    rng = np.random.default_rng(2)
    real, other, fake = rng.normal(size=(3, 6, 1))
    for loss in LOSSES.values():
        same = value(loss.generator, real, fake) == value(loss.generator, other, fake)
        assert same != loss.paired


def test_derivatives_in_a_logit_are_those_of_the_derivation():
    a = tf.constant(LOGITS)
    d = sigmoid(LOGITS)
    for name, expected in (("saturating", -d), ("non_saturating", -(1 - d))):
        with tf.GradientTape() as tape:
            tape.watch(a)
            loss = LOSSES[name].generator(a, a) * len(LOGITS)
        assert tape.gradient(loss, a).numpy() == pytest.approx(expected, abs=1e-9)


# -- extremes -----------------------------------------------------------------------------------

# Where the exact value is beyond the largest float.
TOO_LARGE = {
    ("kullback_leibler", "fake", 1e4),
    ("squared_hellinger", "fake", 1e4),
    ("squared_hellinger", "real", -1e4),
    ("reverse_kullback_leibler", "real", -1e4),
}


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_finite_wherever_their_exact_value_is(name, dtype):
    for real in (-1e4, 1e4):
        for fake in (-1e4, 1e4):
            if {(name, "real", real), (name, "fake", fake)} & TOO_LARGE:
                continue
            pair = tf.fill((3, 1), tf.cast(real, dtype)), tf.fill((3, 1), tf.cast(fake, dtype))
            with tf.GradientTape(persistent=True) as tape:
                tape.watch(pair)
                losses = [f(*pair) for f in (LOSSES[name].discriminator, LOSSES[name].generator)]
            for loss in losses:
                assert np.isfinite(loss.numpy())
                for gradient in tape.gradient(loss, pair):
                    assert gradient is None or np.isfinite(gradient.numpy()).all()


def test_paired_loss_refuses_shapes_that_would_be_broadcast():
    with pytest.raises(ValueError, match=r"one shape; given \(4, 1\) and \(4,\)"):
        RELATIVISTIC.discriminator(tf.zeros((4, 1)), tf.zeros(4))


@pytest.mark.parametrize("name", LOSSES)
def test_two_types_of_numbers_are_computed_in_the_wider_one(name):
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, 5, 1)).astype(np.float32)
    loss = LOSSES[name]
    for player in (loss.discriminator, loss.generator):
        value = player(tf.constant(real), tf.constant(fake))
        for mixed in (
            (real.astype(np.float64), tf.constant(fake)),
            (tf.constant(real), fake.astype(np.float64)),
            (real.tolist(), fake),
        ):
            assert float(player(*mixed)) == pytest.approx(float(value), rel=1e-5)
        with pytest.raises(ValueError, match=r"fake_logits must be a tensor .* given list"):
            player(real, [])
