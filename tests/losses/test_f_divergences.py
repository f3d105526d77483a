"""f, its conjugate and the activations, against their definitions."""

import math

import numpy as np
import pytest
import tensorflow as tf

from gan_helpers.losses import F_DIVERGENCES

RATIOS = tf.constant([0.05, 0.4, 1.0, 1.7, 6.0], tf.float64)
OUTPUTS = tf.constant(np.linspace(-8, 8, 65))
everyone = pytest.mark.parametrize("divergence", F_DIVERGENCES.values(), ids=list(F_DIVERGENCES))


def derivative(function, at):
    with tf.GradientTape() as tape:
        tape.watch(at)
        y = function(at)
    return tape.gradient(y, at).numpy()


@everyone
def test_f_is_convex_and_0_at_1(divergence):
    u = tf.constant(np.geomspace(0.01, 50, 400))
    assert float(divergence.f(tf.constant(1.0, tf.float64))) == pytest.approx(0, abs=1e-12)
    assert np.all(np.diff(derivative(divergence.f, u)) > 0)


@everyone
def test_conjugate_is_the_largest_distance_of_a_line_to_f(divergence):
    u = tf.constant(np.geomspace(1e-5, 1e5, 400_001))
    for t in derivative(divergence.f, RATIOS):
        largest = np.max(u * t - divergence.f(u))
        found = float(divergence.conjugate(tf.constant(t, tf.float64)))
        assert found == pytest.approx(largest, rel=1e-6, abs=1e-6)


@everyone
def test_activation_rises_and_composes_with_the_conjugate(divergence):
    t = divergence.activation(OUTPUTS)
    assert np.all(np.diff(t) > 0)
    composed = divergence.conjugate(t).numpy()
    assert divergence.conjugate_of_activation(OUTPUTS).numpy() == pytest.approx(
        composed, rel=1e-6, abs=1e-6
    )


@everyone
def test_optimal_output_is_the_derivative_of_f(divergence):
    assert divergence.activation(divergence.optimal_output(RATIOS)).numpy() == pytest.approx(
        derivative(divergence.f, RATIOS), abs=1e-9
    )


def test_jensen_shannon_of_distributions_apart_is_twice_log_2():
    # On two points with p = (1, 0) and q = (0, 1) the bound tends to 2 log 2 as outputs grow.
    f = F_DIVERGENCES["jensen_shannon"]
    far = tf.constant(40.0, tf.float64)
    bound = f.activation(far) - f.conjugate_of_activation(-far)
    assert float(bound) == pytest.approx(2 * math.log(2))
