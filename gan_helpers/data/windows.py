"""Windows of a long sequence, from which a network of fixed length learns."""

import numpy as np

from gan_helpers.checks import check_array, check_counts
from gan_helpers.checks.numbers import MOST


def windows(codes: np.ndarray, *, length: int, every: int = 1) -> np.ndarray:
    """The parts of a sequence that begin at every so many-th place.

    Args:
        codes: integers, shape (n,).
        length: of each part, at most n.
        every: how far apart they begin; if less than `length`, they overlap.

    Returns:
        int32, shape ((n - length) // every + 1, length).

    Raises:
        ValueError: for other codes or numbers.
    """
    codes = check_array("codes", codes, ("n",), dtype=np.integer)
    if not -MOST <= codes.min() <= codes.max() <= MOST:
        raise ValueError(
            f"codes must be integers of 32 bits; given some from {codes.min()} to {codes.max()}."
        )
    check_counts(length=length, at_most=len(codes), limit="the number of codes")
    check_counts(every=every)
    parts = np.lib.stride_tricks.sliding_window_view(codes, length)[::every]
    return parts.astype(np.int32)
