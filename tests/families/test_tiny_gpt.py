"""The tiny GPT: a likelihood that sums to one, repeated, saved, resumed."""

import itertools

import keras
import numpy as np
import pytest

import gan_helpers.saving  # noqa: F401
from gan_helpers.checkpoints import load_latest
from gan_helpers.data.mixtures import ring
from gan_helpers.families.coded_gpt import CodedGPT
from gan_helpers.families.tiny_gpt import TinyGPT
from gan_helpers.networks.codebook import codebook, fitted_codebook
from gan_helpers.networks.transformer import transformer
from gan_helpers.recipes import Recipe, train_recipe

POINTS = ring().sample(300, seed=0)
CHAIN = np.array([[0.8, 0.2, 0.0], [0.1, 0.1, 0.8], [0.5, 0.25, 0.25]])


def chains(n, length, seed=0):
    """Sequences of a Markov chain that begins in state 0."""
    rng, rows = np.random.default_rng(seed), np.zeros((n, length), np.int32)
    for place in range(1, length):
        sums = CHAIN[rows[:, place - 1]].cumsum(axis=1)
        rows[:, place] = (rng.random((n, 1)) > sums).sum(axis=1)
    return rows


def small(n_tokens=3, length=4, **options):
    return transformer(n_tokens, length, **{"width": 8, "depth": 1, "heads": 2} | options)


def points_gpt(n_classes=0):
    return fitted_codebook(POINTS, n_codes=16), small(16, 2)


def recipe(family, networks, **changes) -> Recipe:
    given = {"name": "tiny", "about": "tokens", "steps": 12, "every": 4, "batch_size": 10}
    game = {"game": lambda: {"optimizer": keras.optimizers.Adam(1e-2), "jit_compile": False}}
    return Recipe(**(given | game | {"family": family, "networks": networks} | changes))


BOTH = {
    "tokens": (TinyGPT, lambda n: (small(),), chains(300, 4)),
    "points": (CodedGPT, points_gpt, POINTS),
}


def same(one, other) -> bool:
    pairs = zip(one.weights, other.weights, strict=True)
    return all(np.array_equal(a.numpy(), b.numpy()) for a, b in pairs)


def test_the_probabilities_of_all_sequences_sum_to_one():
    model = TinyGPT(small())
    model.network.set_weights([weight * 3 for weight in model.network.get_weights()])
    every = np.array(list(itertools.product(range(3), repeat=4)))
    logs = model.log_probabilities(every).numpy().sum(axis=1)
    assert np.ptp(logs) > 1  # they are not all alike
    np.testing.assert_allclose(np.exp(logs).sum(), 1, rtol=1e-5)


def test_the_loss_meets_the_entropy_of_a_markov_chain():
    length, state, entropies = 8, np.array([1.0, 0, 0]), []
    of_row = -(CHAIN * np.log(np.where(CHAIN > 0, CHAIN, 1))).sum(axis=1)
    for _ in range(length - 1):
        entropies.append(state @ of_row)
        state = state @ CHAIN
    least = sum(entropies) / length  # nothing is to be learned of the first token
    falling = keras.optimizers.schedules.CosineDecay(2e-2, 300)
    options = {"optimizer": keras.optimizers.Adam(falling), "steps_per_execution": 50}
    options["jit_compile"] = False  # compiling takes longer here than training
    asked = recipe(
        TinyGPT, lambda n: (small(length=length),), game=lambda: options, steps=300, batch_size=128
    )
    model = train_recipe(asked, chains(20_000, length), seed=1).model
    held_out = chains(20_000, length, seed=1)
    assert model.evaluate(held_out, batch_size=1000, verbose=0) == pytest.approx(least, abs=0.01)
    made = model.generate(2000, seed=3)
    pairs = np.zeros((3, 3))
    np.add.at(pairs, (made[:, :-1].ravel(), made[:, 1:].ravel()), 1)
    np.testing.assert_allclose(pairs / pairs.sum(axis=1, keepdims=True), CHAIN, atol=0.05)


def test_bits_of_a_text_are_those_of_its_tokens_one_by_one():
    keras.utils.set_random_seed(2)
    model, text = TinyGPT(small(length=6, width=16)), chains(1, 21)[0]
    for least in (0, 3, 5, None):
        context = 4 if least is None else least
        logs, start = [], 0
        while len(logs) < len(text):
            start = min(start, len(text) - 6)
            window = text[start : start + 6]
            row = model.log_probabilities(window[None]).numpy()[0]
            logs += list(row[len(logs) - start :])
            start += 6 - context
        found = model.surprise(text, least=least)
        np.testing.assert_allclose(found, -np.array(logs) / np.log(2), atol=1e-5)
        assert model.bits(text, least=least) == found.mean()


def test_sequences_are_drawn_again_for_a_seed():
    model = TinyGPT(small(length=6))
    made = model.generate(700, 5)
    assert made.shape == (700, 6) and made.dtype == np.int32 and {*made.ravel()} == {0, 1, 2}
    np.testing.assert_array_equal(made, model.generate(700, 5))
    assert not np.array_equal(made, model.generate(700, 6))
    longer = model.generate(2, prompt=[0, 1, 2], length=15, temperature=0)
    np.testing.assert_array_equal(longer[0], longer[1])
    assert longer.shape == (2, 15)


def test_points_are_made_of_codes():
    book, network = points_gpt()
    made = CodedGPT(book, network).generate(50)
    codes = book.get_weights()[0]
    assert made.shape == (50, 2) and np.isin(made, codes).all()
    gone_on = CodedGPT(book, network).generate(50, prompt=[7])
    assert (gone_on[:, 0] == codes[7]).all() and len({*gone_on[:, 1]}) > 2
    with pytest.raises(ValueError, match="length - 1"):
        CodedGPT(book, network).generate(50, prompt=[7, 3])


@pytest.mark.parametrize("kind", BOTH)
def test_a_run_that_was_stopped_goes_on_bit_for_bit(kind, tmp_path):
    family, networks, data = BOTH[kind]
    whole = train_recipe(recipe(family, networks), data, seed=1)
    part = train_recipe(recipe(family, networks), data, seed=1, folder=tmp_path, stop_after=7)
    assert not part.finished and part.model.steps == 7
    keras.utils.set_random_seed(99)
    rest = train_recipe(recipe(family, networks), data, seed=1, folder=tmp_path)
    assert rest.finished and same(rest.model, whole.model)
    assert same(load_latest(tmp_path), whole.model)
    np.testing.assert_array_equal(rest.model.generate(5), whole.model.generate(5))


def test_codes_are_not_trained():
    family, networks, data = BOTH["points"]
    model = train_recipe(recipe(family, networks), data, seed=1).model
    np.testing.assert_allclose(model.codebook.get_weights(), points_gpt()[0].get_weights())


def test_what_cannot_be_is_refused():
    for bad in (
        keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]),
        fitted_codebook(POINTS, n_codes=4),
    ):
        with pytest.raises(ValueError, match="to logits"):
            TinyGPT(bad)
    right_shape = keras.Sequential(
        [keras.Input((4,), dtype="int32"), keras.layers.Embedding(4, 8), keras.layers.Dense(3)]
    )
    with pytest.raises(ValueError, match=r"as .*transformer makes it"):
        TinyGPT(right_shape)
    for other in (small(16, 3), small(15, 2)):
        with pytest.raises(ValueError, match=r"makes 2 tokens of a sample, out of 16"):
            CodedGPT(points_gpt()[0], other)
    with pytest.raises(ValueError, match="fitted_codebook; given"):
        CodedGPT(right_shape, small(16, 2))
    unfitted = CodedGPT(codebook((2,), n_codes=16), small(16, 2))
    unfitted.compile("adam")
    with pytest.raises(ValueError, match="All codes of the codebook are 0"):
        unfitted.fit(POINTS)
    with pytest.raises(ValueError, match="log_probabilities"):
        unfitted.bits([1, 2, 3])
    model = TinyGPT(small())
    for options, why in (
        ({"prompt": [3]}, "0 to 2"),
        ({"prompt": [0.5]}, "integers"),
        ({"length": 0}, "length"),
        ({"temperature": 1e-38}, "temperature"),
        ({"cold": True}, r"has the options .*temperature.*; given \['cold'\]"),
        ({"top_k": -1}, "top_k"),
    ):
        with pytest.raises(ValueError, match=why):
            model.generate(2, **options)
    with pytest.raises(ValueError, match="0 to 2"):
        model.bits([0, 1, 2, 3, 0])
    with pytest.raises(ValueError, match="codes"):
        model.bits([0, 1, 2])
    with pytest.raises(ValueError, match="length - 1"):
        model.bits([0, 1, 2, 0, 1], least=4)
