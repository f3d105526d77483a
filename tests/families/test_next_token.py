"""How the next token is drawn."""

import numpy as np
import pytest
import tensorflow as tf

from gan_helpers.families.next_token import Choice, written
from gan_helpers.networks.transformer import transformer

LOGITS = np.random.default_rng(0).normal(size=(50, 9)).astype("float32") * 2


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def test_temperature_divides_the_logits():
    found = Choice(temperature=0.5).probabilities(LOGITS)
    np.testing.assert_allclose(found, softmax(LOGITS / 0.5), rtol=1e-4)
    cold = Choice(temperature=0).probabilities(LOGITS).numpy()
    np.testing.assert_array_equal(cold.argmax(axis=1), LOGITS.argmax(axis=1))
    np.testing.assert_array_equal(cold.max(axis=1), 1)


@pytest.mark.parametrize("k", [1, 3, 9, 20])
def test_top_k_keeps_the_k_likeliest_in_their_proportions(k):
    found = Choice(top_k=k).probabilities(LOGITS).numpy()
    for row, plain in zip(found, softmax(LOGITS), strict=True):
        kept = np.argsort(-plain)[:k]
        expected = np.zeros(9)
        expected[kept] = plain[kept] / plain[kept].sum()
        np.testing.assert_allclose(row, expected, atol=1e-6)


@pytest.mark.parametrize("p", [1e-6, 0.5, 0.9, 1.0])
def test_the_nucleus_is_the_fewest_tokens_with_so_much_probability(p):
    found = Choice(top_p=p).probabilities(LOGITS).numpy()
    for row, plain in zip(found, softmax(LOGITS), strict=True):
        order = np.argsort(-plain)
        enough = min(int(np.searchsorted(np.cumsum(plain[order]), p)) + 1, 9)
        expected = np.zeros(9)
        expected[order[:enough]] = plain[order[:enough]] / plain[order[:enough]].sum()
        np.testing.assert_allclose(row, expected, atol=1e-6)


def test_draws_have_the_probabilities():
    logits = np.repeat(LOGITS[:1], 20_000, axis=0)
    uniform = np.random.default_rng(1).random(20_000).astype("float32")
    drawn = Choice(temperature=1.5, top_k=5).draw(tf.constant(logits), tf.constant(uniform))
    shares = np.bincount(drawn, minlength=9) / 20_000
    expected = Choice(temperature=1.5, top_k=5).probabilities(LOGITS[:1])[0]
    np.testing.assert_allclose(shares, expected, atol=0.015)
    assert not shares[expected.numpy() == 0].any()


def test_a_number_near_1_draws_a_token_that_exists():
    near = tf.fill((50,), np.float32(1 - 2**-24))
    assert Choice().draw(tf.constant(LOGITS), near).numpy().max() <= 8


def without_cache(network, given, uniform, choice):
    """As `written`, with the whole window read for each token."""
    length, start = network.input_shape[1], network.output_shape[-1]
    window, drawn = given.numpy(), []
    for numbers in uniform:
        if window.shape[1] > length:
            later = window[:, -(length // 2) :]
            window = np.concatenate([np.full((len(window), 1), start), later], axis=1)
        padded = np.zeros((len(window), length), np.int32)
        padded[:, : window.shape[1]] = window
        logits = network(padded)[:, window.shape[1] - 1]
        drawn.append(choice.draw(logits, numbers).numpy())
        window = np.concatenate([window, drawn[-1][:, None]], axis=1)
    return np.stack(drawn, axis=1)


@pytest.mark.parametrize("given", [1, 4, 8, 9, 20])
def test_the_cache_changes_no_token_also_beyond_the_length(given):
    network = transformer(5, 8, width=8, depth=2, heads=2)
    network.set_weights([weight * 4 for weight in network.get_weights()])  # tokens depend on others
    rng = np.random.default_rng(given)
    tokens = np.hstack([np.full((3, 1), 5), rng.integers(0, 5, (3, given - 1))])
    tokens = tf.constant(tokens, tf.int32)
    uniform = tf.constant(rng.random((25, 3)), tf.float32)
    found = written(network, tokens, uniform, Choice())
    assert found.shape == (3, 25)
    np.testing.assert_array_equal(found, without_cache(network, tokens, uniform, Choice()))


def test_what_cannot_be_is_refused():
    for bad in (
        {"temperature": -1},
        {"temperature": np.nan},
        {"top_k": 0},
        {"top_p": 0},
        {"top_p": 1.5},
        {"top_p": "most"},
    ):
        with pytest.raises(ValueError, match=next(iter(bad))):
            Choice(**bad)
