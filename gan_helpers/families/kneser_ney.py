"""The best n-gram of chapter 1: Kneser and Ney's smoothing with three discounts (ch01_shannon).

The page derives it; `ch02_gpt` holds a Transformer against it on the same held-out text.
"""

from itertools import pairwise

import numpy as np

from gan_helpers.checks import check_codes, check_kinds
from gan_helpers.families.ngrams import Level, NGrams


def kneser_ney(ngrams: NGrams, codes: np.ndarray, *, asked: np.ndarray | None = None) -> np.ndarray:
    """The probabilities of a text's symbols, smoothed as Chen and Goodman (1999) modify the method.

    Each count loses a discount, and what was taken away is the share of the context without its
    first symbol. Below the longest context a sequence counts as often as different symbols stood
    before it.

    Args:
        ngrams: the counts, of any smoothing.
        codes: the text, integers as learned from, shape (n,).
        asked: other symbols, whose probability is wanted in place of those of the text, shape (n,).

    Returns:
        Shape (order + 1, n), float64: a row for each order, from 0 to `ngrams.order`.

    Raises:
        ValueError: for other codes, and for what are no such counts.
    """
    check_kinds(NGrams, ngrams=ngrams)
    codes = check_codes("codes", codes, ngrams.n_symbols)
    asked = codes if asked is None else check_codes("asked", asked, ngrams.n_symbols)
    if asked.shape != codes.shape:
        raise ValueError(
            f"asked must have one symbol for each of codes, {len(codes)}; given {len(asked)}."
        )
    rows, levels = [np.full(len(codes), 1 / ngrams.n_symbols)], ngrams.levels
    fewer, contexts = rows[0], np.zeros(len(codes), np.int64)
    for level, longer in zip(levels, [*_before(levels, ngrams.n_symbols), None], strict=True):
        known = contexts >= 0
        own, ends = (
            np.where(known, level.numbers(contexts * ngrams.n_symbols + some), -1)
            for some in (asked, codes)
        )
        places = level.keys // ngrams.n_symbols, contexts, own
        rows.append(_discounted(level, level.counts, *places, fewer))
        if longer is not None:
            fewer = _discounted(level, longer, *places, fewer)
        contexts = np.concatenate([[-1], ends[:-1]])
    return np.stack(rows)


def _before(levels: list[Level], n_symbols: int) -> list[np.ndarray]:
    """For each sequence, how many different symbols stood before it; but for the longest."""
    found, without_first = [], np.zeros(len(levels[0].keys), np.int64)
    for level, longer in pairwise(levels):
        context, symbol = np.divmod(longer.keys, n_symbols)
        without_first = level.numbers(without_first[context] * n_symbols + symbol)
        found.append(np.bincount(without_first, minlength=len(level.keys)))
    return found


def _discounts(counts: np.ndarray) -> np.ndarray:
    """What is taken from counts of 0, 1, 2, and 3 or more.

    They are estimated from how many sequences came once, twice, three and four times. Where that
    gives nothing above 0, it is half of the count: the estimates suppose that few sequences come
    often, and of single characters most do.
    """
    n = [int(np.sum(counts == k)) for k in range(5)]
    y = n[1] / max(n[1] + 2 * n[2], 1)
    estimates = np.array([k - (k + 1) * y * n[k + 1] / max(n[k], 1) for k in (1, 2, 3)])
    return np.array([0, *np.where(estimates > 0, estimates, np.array([1, 2, 3]) / 2)])


def _discounted(level, counts, of, contexts, own, shorter) -> np.ndarray:
    """The smoothed probabilities after some contexts, from those after the shorter ones."""
    taken = _discounts(counts)[np.minimum(counts, 3)]
    sums = [np.bincount(of, some, len(level.totals)) for some in (counts, taken)]
    known = (contexts >= 0) & (sums[0][contexts] > 0)
    total, spare = (np.where(known, some[contexts], 1) for some in sums)
    kept = np.where(own >= 0, (counts - taken)[own], 0)
    return np.where(known, (kept + spare * shorter) / total, shorter)
