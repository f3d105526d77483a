"""The causal Transformer: it looks at no token that comes later, with its cache or without."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers.networks.transformer import CausalAttention, continued, transformer

TOKENS, LENGTH = 7, 12


@pytest.fixture(scope="module")
def network() -> keras.Model:
    keras.utils.set_random_seed(3)
    return transformer(TOKENS, LENGTH, width=16, depth=2, heads=2)


def some_tokens(n=5, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, TOKENS + 1, (n, LENGTH)).astype(np.int32)


def test_attention_is_that_of_keras_with_a_causal_mask():
    x = np.random.default_rng(0).normal(size=(3, 9, 8)).astype("float32")
    theirs = keras.layers.MultiHeadAttention(2, 4, bias_initializer="normal")
    _, their_weights = theirs(x, x, use_causal_mask=True, return_attention_scores=True)
    ours = CausalAttention(2, recency=False)
    ours.build(x.shape)
    query, query_bias, key, key_bias, value, value_bias, out, out_bias = theirs.get_weights()
    mixed = [kernel.reshape(8, 8) for kernel in (query, key, value)]
    biases = [bias.ravel() for bias in (query_bias, key_bias, value_bias)]
    ours.set_weights([np.hstack(mixed), np.hstack(biases), out.reshape(8, 8), out_bias])
    seen, weights, (keys, values) = ours.attend(tf.constant(x))
    np.testing.assert_allclose(seen, theirs(x, x, use_causal_mask=True), atol=1e-5)
    np.testing.assert_allclose(weights, their_weights, atol=1e-6)
    assert keys.shape == values.shape == (3, 2, 9, 4)


def test_with_recency_the_weights_fall_with_the_distance():
    """Where the layer sees the same everywhere, by e for 1 token back, or for 64."""
    layer = CausalAttention(2)
    same = tf.ones((1, 9, 8))
    layer(same)
    weights = layer.attend(same)[1].numpy()[0, :, -1]
    for row, reach in zip(weights, (1, 64), strict=True):
        np.testing.assert_allclose(row[:-1] / row[1:], np.exp(-1 / reach), rtol=1e-5)


def test_weights_of_attention_sum_to_one_and_are_0_for_what_comes_later():
    layer = CausalAttention(2)
    x = tf.random.stateless_normal((3, 9, 8), seed=(1, 2))
    layer(x)
    weights = layer.attend(x)[1].numpy()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-5)
    assert not weights[..., *np.triu_indices(9, 1)].any() and (weights.diagonal(0, 2, 3) > 0).all()


@pytest.mark.parametrize("place", [0, 5, LENGTH - 1])
def test_another_token_changes_no_logits_before_it(network, place):
    tokens = some_tokens()
    other = tokens.copy()
    other[:, place] = (tokens[:, place] + 1) % TOKENS
    before, after = network(tokens).numpy(), network(other).numpy()
    np.testing.assert_array_equal(before[:, :place], after[:, :place])
    assert (before[:, place:] != after[:, place:]).any(axis=(0, 2)).all()


def test_the_order_of_earlier_tokens_matters(network):
    tokens = some_tokens()
    tokens[:, :2] = [1, 2]
    exchanged = tokens.copy()
    exchanged[:, :2] = [2, 1]
    last = [network(each).numpy()[:, -1] for each in (tokens, exchanged)]
    assert np.abs(last[0] - last[1]).max() > 1e-4


@pytest.mark.parametrize("cuts", [(LENGTH,), (1,) * LENGTH, (5, 1, 3, 3)])
def test_what_is_kept_gives_the_same_logits(network, cuts):
    tokens, kept, found = some_tokens(), None, []
    for part in np.split(tokens, np.cumsum(cuts)[:-1], axis=1):
        logits, kept = continued(network, tf.constant(part), kept)
        found.append(logits)
    np.testing.assert_allclose(np.concatenate(found, axis=1), network(tokens), atol=1e-5)
    assert len(kept) == 2 and kept[0][0].shape == (5, 2, LENGTH, 8)


def test_the_number_of_weights(network):
    """Of a block 12 width² in its matrices, 9 width in biases and 4 width in normalisations."""
    width = 16
    blocks = 2 * (12 * width**2 + 13 * width)
    ends = (TOKENS + 1 + LENGTH) * width + 2 * width + (width + 1) * TOKENS
    assert network.count_params() == blocks + ends


def test_what_cannot_be_is_refused():
    for bad in ({"width": 0}, {"depth": 1.5}, {"heads": -1}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            transformer(TOKENS, LENGTH, **bad)
    with pytest.raises(ValueError, match="must divide the width, 16; given 3"):
        transformer(TOKENS, LENGTH, width=16, heads=3)
