"""Counts, seeds and rates that cannot be."""

from numbers import Integral, Real


def _is_integer(number) -> bool:
    return isinstance(number, Integral) and not isinstance(number, bool)


def check_counts(*, at_least: int = 1, **counts: int) -> None:
    """Refuse what cannot be a number of something, by its name.

    Raises:
        ValueError: for what is not an integer from `at_least`.
    """
    for name, count in counts.items():
        if not _is_integer(count) or count < at_least:
            raise ValueError(f"{name} must be an integer, at least {at_least}; given {count!r}.")


def check_seed(seed: int) -> int:
    """Refuse what is no seed; give it as Python's integer, which a file can keep.

    Raises:
        ValueError: for what is not an integer from 0.
    """
    if not _is_integer(seed) or seed < 0:
        raise ValueError(f"seed must be a non-negative integer; given {seed!r}.")
    return int(seed)


def check_rate(**rates: float) -> None:
    """Refuse what cannot be a learning rate, by its name.

    Raises:
        ValueError: for what is not a number above 0.
    """
    for name, rate in rates.items():
        if not isinstance(rate, Real) or isinstance(rate, bool) or not rate > 0:
            raise ValueError(f"{name} must be above 0; given {rate!r}.")
