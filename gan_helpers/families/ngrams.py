"""The oldest generator of text: how often a symbol follows the few before it.

The notebook `ch01_shannon` derives it, and `ch02_gpt` compares a Transformer with it on the same
held-out text.
"""

import copy
from typing import NamedTuple

import numpy as np

from gan_helpers.checks import check_codes, check_counts, check_rate, check_seed


class Level(NamedTuple):
    """The different sequences of one length in a text, and what follows each shorter one.

    A sequence has a number: its place in `keys`. A key is made of the number of the sequence
    without its last symbol, its *context*, and of that symbol: `number * n_symbols + symbol`. Since
    keys are sorted, what follows one context stands together.
    """

    keys: np.ndarray
    counts: np.ndarray  # of each sequence
    totals: np.ndarray  # of each context: how often anything follows it
    kinds: np.ndarray  # of each context: how many different symbols follow it

    def numbers(self, keys: np.ndarray) -> np.ndarray:
        """The place of each key, -1 where there is none."""
        places = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)

    def number(self, key: int) -> int:
        """The same for a single key, which is faster."""
        place = int(self.keys.searchsorted(key))
        return place if place < len(self.keys) and self.keys[place] == key else -1

    def followers(self, number: int, n_symbols: int) -> slice:
        """The places of what follows one context."""
        start = int(self.keys.searchsorted(number * n_symbols))
        near = self.keys[start : start + n_symbols]
        return slice(start, start + int(near.searchsorted((number + 1) * n_symbols)))


class NGrams:
    """Probabilities of the next symbol, given up to `order - 1` symbols before it.

    Order 1 looks at no symbol before, order 2 at one, and so on, as Shannon (1948) counts; order 0
    gives all symbols the same probability. The probabilities are smoothed in one of two ways.

    *Witten-Bell interpolation*, unless `added` is given. After a context $h$ that occurred $N$
    times, followed by $T$ different symbols, $c$ times by $s$,

    $$ p(s \\mid h) = (c + T \\, p(s \\mid h')) / (N + T), $$

    where $h'$ is the context without its first symbol, and the shortest one leads to order 0. After
    a context that never occurred, $p(s \\mid h) = p(s \\mid h')$ (Witten and Bell 1991, method C).

    *Additive*: with `added` $= a$ and $V$ symbols, $p(s \\mid h) = (c + a) / (N + a V)$.

    At the beginning of a text the contexts are as long as the text allows.

    Args:
        codes: the text to learn from, integers from 0 to `n_symbols - 1`, shape (n,), as
            `gan_helpers.data.texts.Vocabulary` makes them.
        n_symbols: how many symbols there are, also those that the text lacks.
        order: from 1 to n.
        added: for additive smoothing, above 0.

    Raises:
        ValueError: for other codes, numbers or orders.
    """

    def __init__(
        self, codes: np.ndarray, *, n_symbols: int, order: int, added: float | None = None
    ):
        self.n_symbols = check_counts(n_symbols=n_symbols)
        codes = check_codes("codes", codes, self.n_symbols)
        self.order = check_counts(order=order, at_most=len(codes), limit="the number of codes")
        self.added = None if added is None else check_rate(added=added)
        self.levels: list[Level] = []
        contexts = np.zeros(len(codes), np.int64)  # the number of what stands before each symbol
        for length in range(1, self.order + 1):
            keys, numbers, counts = np.unique(
                contexts * self.n_symbols + codes[length - 1 :],
                return_inverse=True,
                return_counts=True,
            )
            before = len(self.levels[-1].keys) if self.levels else 1
            of = keys // self.n_symbols
            totals = np.bincount(of, counts, before).astype(np.int64)
            self.levels.append(Level(keys, counts, totals, np.bincount(of, minlength=before)))
            contexts = numbers[:-1]

    def probabilities(self, codes: np.ndarray) -> np.ndarray:
        """The probability of each symbol of a text, given those before it.

        Args:
            codes: the text, integers as learned from, shape (n,).

        Returns:
            Shape (order + 1, n), in float64: a row for each order, from 0 to `self.order`.

        Raises:
            ValueError: for other codes.
        """
        codes = check_codes("codes", codes, self.n_symbols)
        rows = np.full((self.order + 1, len(codes)), 1 / self.n_symbols)
        contexts = np.zeros(len(codes), np.int64)
        for row, level in enumerate(self.levels, 1):
            known = contexts >= 0
            numbers = np.where(known, level.numbers(contexts * self.n_symbols + codes), -1)
            rows[row] = self._smoothed(
                np.where(numbers >= 0, level.counts[numbers], 0),
                np.where(known, level.totals[contexts], 0),
                np.where(known, level.kinds[contexts], 0),
                rows[row - 1],
            )
            if self.added is not None:  # no shorter context but at the beginning
                rows[row, : row - 1] = rows[row - 1, : row - 1]
            contexts = np.concatenate([[-1], numbers[:-1]])
        return rows

    def bits(self, codes: np.ndarray) -> np.ndarray:
        """The cross-entropy of a text: the mean of $-\\log_2 p$ over its symbols.

        Args:
            codes: the text, integers as learned from, shape (n,).

        Returns:
            Bits a symbol, shape (order + 1,), for each order from 0 to `self.order`.

        Raises:
            ValueError: for other codes.
        """
        return -np.log2(self.probabilities(codes)).mean(axis=1)

    def next_probabilities(self, before: np.ndarray | None = None) -> np.ndarray:
        """The probability of each symbol to come next.

        Args:
            before: the symbols before it, integers as learned from, shape (n,); at most
                `order - 1` of them, the last ones, count. None for the beginning of a text.

        Returns:
            Shape (n_symbols,), in float64, with sum 1.

        Raises:
            ValueError: for other codes.
        """
        return self._next(self._numbers(before))

    def sample(self, n: int, *, seed: int, before: np.ndarray | None = None) -> np.ndarray:
        """Write a text, symbol by symbol, each drawn given those before it.

        Args:
            n: how many symbols.
            seed: a non-negative integer.
            before: what stands before the text, as for `next_probabilities`. None if nothing does.

        Returns:
            The codes that were drawn, int64, shape (n,).

        Raises:
            ValueError: for another n or seed, or other codes.
        """
        check_counts(n=n)
        rng = np.random.default_rng(check_seed(seed))
        numbers = self._numbers(before)
        drawn = np.empty(n, np.int64)
        for place in range(n):
            sums = np.cumsum(self._next(numbers))
            drawn[place] = np.searchsorted(sums, rng.random() * sums[-1], side="right")
            numbers = self._after(numbers, int(drawn[place]))
        return drawn

    def of_order(self, order: int) -> "NGrams":
        """The same counts with shorter contexts, without counting again.

        Args:
            order: from 1 to `self.order`.

        Returns:
            What `NGrams` would have learned with this order.

        Raises:
            ValueError: for another order.
        """
        shorter = copy.copy(self)
        shorter.order = check_counts(order=order, at_most=self.order, limit="the order learned")
        shorter.levels = self.levels[:order]
        return shorter

    def with_added(self, added: float | None = None) -> "NGrams":
        """The same counts, smoothed otherwise, without counting again.

        Args:
            added: for additive smoothing, above 0; None for Witten-Bell interpolation.

        Returns:
            What `NGrams` would have learned with this smoothing.

        Raises:
            ValueError: for another amount.
        """
        other = copy.copy(self)
        other.added = None if added is None else check_rate(added=added)
        return other

    def _smoothed(self, counts, totals, kinds, shorter):
        """Probabilities from counts, by one of the two formulas."""
        if self.added is not None:
            return (counts + self.added) / (totals + self.added * self.n_symbols)
        kinds = kinds + (totals == 0)  # what never occurred leaves the shorter context's as it is
        return (counts + kinds * shorter) / (totals + kinds)

    def _numbers(self, before: np.ndarray | None) -> list[int]:
        """The number of each context that is at hand, from the empty one; -1 if it never occurred.

        Fewer than `order` at the beginning of a text.
        """
        numbers = [0]
        if before is not None:
            for code in check_codes("before", before, self.n_symbols)[-(self.order - 1) or None :]:
                numbers = self._after(numbers, int(code))
        return numbers

    def _after(self, numbers: list[int], code: int) -> list[int]:
        """The numbers of contexts, one symbol later."""
        later = [0]
        for number, level in zip(numbers, self.levels[: self.order - 1], strict=False):
            later.append(level.number(number * self.n_symbols + code) if number >= 0 else -1)
        return later

    def _next(self, numbers: list[int]) -> np.ndarray:
        """The probabilities of all symbols after contexts of these numbers."""
        result = np.full(self.n_symbols, 1 / self.n_symbols)
        for number, level in zip(numbers, self.levels, strict=False):
            counts = np.zeros(self.n_symbols)
            totals = kinds = 0
            if number >= 0:
                there = level.followers(number, self.n_symbols)
                counts[level.keys[there] - number * self.n_symbols] = level.counts[there]
                totals, kinds = level.totals[number], level.kinds[number]
            result = self._smoothed(counts, totals, kinds, result)
        return result
