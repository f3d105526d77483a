"""Kneser and Ney's smoothing: the page's own numbers, a sum of one, and what is refused."""

from itertools import pairwise

import numpy as np
import pytest

from gan_helpers.data.texts import Vocabulary, load_novel, split_novel
from gan_helpers.families.kneser_ney import kneser_ney
from gan_helpers.families.ngrams import NGrams
from tests.page_code import defined_on

NOVEL = load_novel()
VOCABULARY = Vocabulary(sorted(set(NOVEL)))
LONG = VOCABULARY.encode(split_novel(NOVEL)[0])
LEARNED, NEW = VOCABULARY.encode(NOVEL[:20_000]), VOCABULARY.encode(NOVEL[-3000:])


@pytest.fixture(scope="module")
def model() -> NGrams:
    return NGrams(LEARNED, n_symbols=len(VOCABULARY), order=5)


@pytest.mark.parametrize("text", [LEARNED, LONG])
def test_the_page_of_chapter_1_and_the_package_give_the_same(text):
    page = defined_on("ch01_shannon", np=np, pairwise=pairwise, V=len(VOCABULARY))
    model = NGrams(text, n_symbols=len(VOCABULARY), order=4)
    asked = np.random.default_rng(0).permutation(NEW)
    for other in (None, asked):
        expected = page["kneser_ney"](model.levels, NEW, other)
        np.testing.assert_allclose(kneser_ney(model, NEW, asked=other), expected, rtol=1e-12)


def test_the_probabilities_of_all_symbols_sum_to_one(model):
    text = NEW[:30]
    every = [kneser_ney(model, text, asked=np.full(30, s)) for s in range(len(VOCABULARY))]
    np.testing.assert_allclose(np.sum(every, axis=0), 1, rtol=1e-9)
    assert np.min(every) > 0


def test_it_predicts_better_than_witten_and_bell(model):
    bits = -np.log2(kneser_ney(model, NEW)).mean(axis=1)
    assert bits[4:].max() < model.bits(NEW)[4:].min()


@pytest.mark.parametrize("text", [VOCABULARY.encode(NOVEL), np.array([0, 1, 0, 2])])
def test_it_needs_no_sequences_that_came_once_twice_and_three_times(text):
    """Of the whole novel's single characters none came exactly three times."""
    model = NGrams(text, n_symbols=len(VOCABULARY), order=2)
    every = [kneser_ney(model, NEW[:20], asked=np.full(20, s)) for s in range(len(VOCABULARY))]
    np.testing.assert_allclose(np.sum(every, axis=0), 1, rtol=1e-9)


def test_what_cannot_be_is_refused(model):
    for arguments, asked, why in (
        ((model, [68]), None, "0 to 67"),
        ((model, [1, 2]), [3], "one symbol for each"),
        ((model.levels, [1, 2]), None, "NGrams"),
    ):
        with pytest.raises(ValueError, match=why):
            kneser_ney(*arguments, asked=asked)
