"""What are no integers that stand for symbols of a text."""

import numpy as np

from gan_helpers.checks.arrays import check_array


def check_codes(name: str, codes, n_symbols: int) -> np.ndarray:
    """Refuse what are no integers that stand for symbols; give them as int64, shape (n,).

    Args:
        name: what was given, for the error.
        codes: an array, or what becomes one.
        n_symbols: how many symbols there are.

    Raises:
        ValueError: for another shape, none at all, what are no integers, or others than 0 to
            `n_symbols - 1`.
    """
    array = check_array(name, codes, ("n",), dtype=np.integer)
    if array.min() < 0 or array.max() >= n_symbols:
        wrong = array[(array < 0) | (array >= n_symbols)][0]
        raise ValueError(
            f"{name} must be integers from 0 to {n_symbols - 1}, one for each of {n_symbols} "
            f"symbols; given {wrong}."
        )
    return array.astype(np.int64)
