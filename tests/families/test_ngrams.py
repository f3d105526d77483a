from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_helpers.data.texts import Vocabulary
from gan_helpers.families.ngrams import NGrams
from tests.page_code import defined_on
from tools.fingerprint import ROOT, code_cells, read_notebook

TEXT = np.array([0, 1, 0, 1, 2, 0, 1, 0, 2, 2, 1, 0])
codes = st.lists(st.integers(0, 3), min_size=1, max_size=60)


def by_dictionaries(text, context, symbol, *, n_symbols, added=None):
    """The probability after a context by the formulas, with a dictionary of counters."""
    follows = defaultdict(Counter)
    for place in range(len(context), len(text)):
        follows[tuple(text[place - len(context) : place])][text[place]] += 1
    after = follows[tuple(context)]
    count, total, kinds = after[symbol], sum(after.values()), len(after)
    if added is not None:
        return (count + added) / (total + added * n_symbols)
    if len(context):
        shorter = by_dictionaries(text, context[1:], symbol, n_symbols=n_symbols)
    else:
        shorter = 1 / n_symbols
    return (count + kinds * shorter) / (total + kinds) if total else shorter


@given(learned=codes, other=codes, added=st.sampled_from([None, 0.3]), data=st.data())
@settings(max_examples=60, deadline=None)
def test_probabilities_are_those_of_the_formulas(learned, other, added, data):
    order = data.draw(st.integers(1, min(4, len(learned))))
    model = NGrams(np.array(learned), n_symbols=4, order=order, added=added)
    rows = model.probabilities(np.array(other))
    assert rows.shape == (order + 1, len(other))
    np.testing.assert_array_equal(rows[0], 0.25)
    for row in range(1, order + 1):
        for place, symbol in enumerate(other):
            context = other[max(0, place - row + 1) : place]
            expected = by_dictionaries(learned, context, symbol, n_symbols=4, added=added)
            assert rows[row, place] == pytest.approx(expected)


@given(learned=codes, before=codes, added=st.sampled_from([None, 0.3]), data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_comes_next_has_sum_1_and_is_what_a_text_gets(learned, before, added, data):
    order = data.draw(st.integers(1, min(4, len(learned))))
    model = NGrams(learned, n_symbols=4, order=order, added=added)
    following = model.next_probabilities(before)
    assert following.sum() == pytest.approx(1) and following.min() > 0
    for symbol in range(4):
        in_a_text = model.probabilities([*before, symbol])[-1, -1]
        assert following[symbol] == pytest.approx(in_a_text)


def test_of_a_text_that_can_be_counted_by_hand():
    # After 0 there came 1, 1, 1, 2; so N = 4, T = 2. In all 5 zeros, 4 ones, 3 twos: N = 12, T = 3.
    model = NGrams(TEXT, n_symbols=3, order=2)
    alone = (np.array([5, 4, 3]) + 3 / 3) / 15
    np.testing.assert_allclose(model.next_probabilities(), alone)
    after_0 = (np.array([0, 3, 1]) + 2 * alone) / 6
    np.testing.assert_allclose(model.next_probabilities([0]), after_0)
    added = NGrams(TEXT, n_symbols=3, order=2, added=0.5)
    np.testing.assert_allclose(added.next_probabilities([0]), np.array([0.5, 3.5, 1.5]) / 5.5)


def test_a_context_that_never_occurred_is_shortened():
    model = NGrams(TEXT, n_symbols=4, order=3)
    shorter = model.next_probabilities([1])
    np.testing.assert_array_equal(model.next_probabilities([1, 1]), model.next_probabilities([1]))
    np.testing.assert_array_equal(model.next_probabilities([3, 1]), shorter)
    np.testing.assert_array_equal(model.next_probabilities([3]), model.next_probabilities())
    # Additive smoothing does not shorten: it knows nothing then.
    added = NGrams(TEXT, n_symbols=4, order=3, added=0.1)
    np.testing.assert_allclose(added.next_probabilities([1, 1]), 0.25)


def test_only_the_last_symbols_before_count():
    model = NGrams(TEXT, n_symbols=3, order=3)
    after = model.next_probabilities([0, 1])
    np.testing.assert_array_equal(model.next_probabilities([2, 2, 1, 0, 1]), after)
    assert not np.allclose(after, model.next_probabilities([1]))
    single = NGrams(TEXT, n_symbols=3, order=1)
    np.testing.assert_array_equal(single.next_probabilities([0]), single.next_probabilities())


def test_bits_of_what_is_known():
    model = NGrams(np.arange(64) % 8, n_symbols=8, order=3)
    bits = model.bits(np.arange(800) % 8)
    assert bits.shape == (4,)
    assert bits[0] == pytest.approx(3) and bits[1] == pytest.approx(3)
    assert 0 < bits[2] < 0.5 and 0 < bits[3] < bits[2]  # each symbol follows from the one before


def test_symbols_that_the_text_lacks_can_come():
    model = NGrams(TEXT, n_symbols=100, order=3)
    assert np.isfinite(model.bits([99, 0, 99])).all()
    assert model.next_probabilities([0, 1]).min() > 0


@pytest.mark.parametrize("added", [None, 0.2])
def test_samples_have_the_probabilities(added):
    model = NGrams(TEXT, n_symbols=3, order=2, added=added)
    drawn = model.sample(40_000, seed=3, before=[1])
    for context in range(3):
        after = drawn[1:][drawn[:-1] == context]
        shares = np.bincount(after, minlength=3) / len(after)
        np.testing.assert_allclose(shares, model.next_probabilities([context]), atol=0.02)


def test_samples_follow_the_seed_and_what_stands_before():
    text = np.tile([0, 1, 2, 3, 4], 60)
    model = NGrams(text, n_symbols=5, order=6)
    first = model.sample(50, seed=1, before=[1, 2, 3])
    assert first[0] == 4 and (np.diff(first) % 5 == 1).mean() > 0.9
    np.testing.assert_array_equal(model.sample(50, seed=1, before=[1, 2, 3]), first)
    assert not np.array_equal(model.sample(50, seed=2), model.sample(50, seed=1))
    # With the last symbols drawn before it, a text goes on as if it had not been interrupted.
    rest = model.next_probabilities(first[-5:])
    np.testing.assert_array_equal(model.next_probabilities(first), rest)


def test_a_high_order_and_many_symbols_do_not_overflow():
    rng = np.random.default_rng(0)
    text = rng.integers(0, 2**31 - 1, 500)
    model = NGrams(text, n_symbols=2**31 - 1, order=30)
    assert (model.probabilities(text)[-1, 1:] > 0.4).all()  # N = T = 1 in each context


def test_a_lower_order_is_what_would_have_been_learned():
    model = NGrams(TEXT, n_symbols=3, order=4)
    lower = model.of_order(2)
    learned = NGrams(TEXT, n_symbols=3, order=2)
    assert lower.order == 2 and model.order == 4
    np.testing.assert_array_equal(lower.probabilities(TEXT), learned.probabilities(TEXT))
    np.testing.assert_array_equal(lower.sample(30, seed=1), learned.sample(30, seed=1))
    np.testing.assert_array_equal(model.bits(TEXT)[:3], learned.bits(TEXT))
    with pytest.raises(ValueError, match="order must be an integer from 1 to the order learned, 4"):
        model.of_order(5)


def test_other_smoothing_is_what_would_have_been_learned():
    model = NGrams(TEXT, n_symbols=3, order=3)
    other = model.with_added(0.2)
    learned = NGrams(TEXT, n_symbols=3, order=3, added=0.2)
    assert model.added is None and other.added == 0.2
    np.testing.assert_array_equal(other.probabilities(TEXT), learned.probabilities(TEXT))
    again = other.with_added(None)
    np.testing.assert_array_equal(again.probabilities(TEXT), model.probabilities(TEXT))
    with pytest.raises(ValueError, match="added must be a finite number above 0; given 0"):
        model.with_added(0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"order": 0}, "order must be an integer.*given 0"),
        ({"order": 13}, "order must be an integer from 1 to the number of codes, 12; given 13"),
        (
            {"n_symbols": 2},
            "codes must be integers from 0 to 1, one for each of 2 symbols; given 2",
        ),
        ({"codes": []}, "codes must be integers of shape"),
        ({"codes": TEXT / 2}, "codes must be integers of shape"),
        ({"codes": TEXT - 1}, "given -1"),
        ({"added": 0}, "added must be a finite number above 0; given 0"),
        ({"added": np.inf}, "added must be a finite number above 0"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        NGrams(**({"codes": TEXT, "n_symbols": 3, "order": 2} | arguments))


def test_bad_texts_are_named():
    model = NGrams(TEXT, n_symbols=3, order=2)
    for ask in (model.probabilities, model.bits):
        with pytest.raises(ValueError, match=r"codes must be integers from 0 to 2.*given 3"):
            ask([0, 3])
    with pytest.raises(ValueError, match=r"before must be integers from 0 to 2.*given 7"):
        model.next_probabilities([0, 7])
    with pytest.raises(ValueError, match="n must be an integer, at least 1; given 0"):
        model.sample(0, seed=1)
    with pytest.raises(ValueError, match="seed must be a non-negative integer"):
        model.sample(3, seed=-1)


def cell_that_defines(name: str) -> str:
    notebook = read_notebook(ROOT / "notebooks" / "ch01_shannon.ipynb")
    (source,) = [c.source for c in code_cells(notebook) if f"def {name}(" in c.source]
    return source


@pytest.mark.parametrize("text", ["abracadabra", "aaaa", "the theatre there"])
def test_the_page_and_the_package_give_the_same_probabilities(text):
    page = {"Counter": Counter, "defaultdict": defaultdict}
    exec(cell_that_defines("witten_bell"), page)
    vocabulary = Vocabulary("abcdehrt ")
    model = NGrams(vocabulary.encode(text), n_symbols=9, order=4)
    followers = page["count_followers"](text, 4)
    for before in ("", "a", "he", "abr", "the", "ddd", "a theat"):
        expected = [page["witten_bell"](s, before[-3:], followers, 9) for s in vocabulary.symbols]
        codes = vocabulary.encode(before) if before else None
        np.testing.assert_allclose(model.next_probabilities(codes), expected)


def test_the_page_s_writer_draws_what_follows():
    text = "abcabdabcabd"
    page = {"Counter": Counter, "defaultdict": defaultdict, "np": np, "learned": text}
    exec(cell_that_defines("write"), page)
    written = page["write"](300, np.random.default_rng(0), "a")
    assert len(written) == 301
    assert {a + b for a, b in pairwise(written)} == {"ab", "bc", "bd", "ca", "da"}
    assert 0.35 < written.count("bc") / written.count("b") < 0.65


def kneser_ney_by_dictionaries(text, before, symbol, *, n_symbols, discounts):
    """The probability after some symbols, by the page's formula; the counts of a sequence are
    plain at the longest context, and below the number of different symbols that stood before it.
    """
    sequences = {
        n: Counter(text[i : i + n] for i in range(len(text) - n + 1))
        for n in range(1, len(before) + 2)
    }
    result = 1 / n_symbols
    for n, counts in sequences.items():
        longest = n == len(before) + 1
        if not longest:  # how many different symbols stand before each
            counts = Counter(longer[1:] for longer in sequences[n + 1])
        context = before[len(before) - n + 1 :]
        taken = discounts(np.array([*counts.values()]))
        own = {s: c for s, c in counts.items() if s[:-1] == context}
        if not own:
            return result
        spare = sum(taken[min(c, 3)] for c in own.values())
        count = own.get(context + symbol, 0)
        result = (count - taken[min(count, 3)] + spare * result) / sum(own.values())
    return result


def test_the_page_s_kneser_ney_is_that_of_the_formula():
    text = "abacadabracadabrabacabadabradacababracadabra" * 2 + "abbaaccddrrabdcbrda"
    vocabulary = Vocabulary("abcdrx")
    page = defined_on("ch01_shannon", np=np, pairwise=pairwise, V=len(vocabulary))
    # Of so short a text the discounts cannot be estimated; any will do.
    page["discounts"] = lambda f: np.array([0, 0.5, 0.7, 0.9])
    levels = NGrams(vocabulary.encode(text), n_symbols=6, order=3).levels
    new = "abrxacadrabba"
    rows = page["kneser_ney"](levels, vocabulary.encode(new))
    for order in (1, 2, 3):
        for place in range(order - 1, len(new)):
            before, symbol = new[place - order + 1 : place], new[place]
            expected = kneser_ney_by_dictionaries(
                text, before, symbol, n_symbols=6, discounts=page["discounts"]
            )
            assert rows[order, place] == pytest.approx(expected), (order, place)
    asked = np.full(len(new), 2)
    by_asking = page["kneser_ney"](levels, vocabulary.encode(new), asked)
    np.testing.assert_allclose(by_asking[:, 5], rows[:, 5])  # there the text has a c
