"""Counts, seeds, numbers and kinds of things that cannot be."""

import math
import os
from collections.abc import Callable
from numbers import Integral, Real
from pathlib import Path
from typing import Any

MOST = 2**31 - 1  # of anything: TensorFlow counts places in arrays with 32 bits
SEEDS = 2**32  # Keras and NumPy take seeds of 32 bits


def _is_integer(number) -> bool:
    return isinstance(number, Integral) and not isinstance(number, bool)


def _is_number(number) -> bool:
    return isinstance(number, Real) and not isinstance(number, bool) and math.isfinite(number)


def check_counts(*, at_least: int = 1, at_most: int = MOST, limit: str = "", **counts: Any) -> Any:
    """Refuse what cannot be a number of something, by its name; give it as Python's integer.

    Args:
        at_least, at_most: what it must be.
        limit: what `at_most` is, in words.
        counts: what was given, such as NumPy's integers, which Keras does not take.

    Returns:
        The count, or of several a list.

    Raises:
        ValueError: for what is not an integer within these.
    """
    for name, count in counts.items():
        if not _is_integer(count) or not at_least <= count <= at_most:
            limits = f", at least {at_least}"
            if limit:
                limits = f" from {at_least} to {limit}, {at_most}"
            elif at_most < MOST or (_is_integer(count) and count > at_most):
                limits += f", at most {at_most}"
            raise ValueError(f"{name} must be an integer{limits}; given {count!r}.")
    plain = [int(count) for count in counts.values()]
    return plain if len(plain) > 1 else plain[0]


def check_seed(seed: int) -> int:
    """Refuse what is no seed; give it as Python's integer, which a file can keep.

    Raises:
        ValueError: for what is not an integer from 0 and below 2³².
    """
    if not _is_integer(seed) or not 0 <= seed < SEEDS:
        raise ValueError(
            f"seed must be a non-negative integer; given {seed!r}. The largest is 2**32 - 1."
        )
    return int(seed)


def check_rate(**rates: float) -> float:
    """Refuse what cannot be a learning rate, a weight or a length, by its name; give the float.

    Raises:
        ValueError: for what is not a finite number above 0.
    """
    for name, rate in rates.items():
        if not _is_number(rate) or not rate > 0:
            raise ValueError(f"{name} must be a finite number above 0; given {rate!r}.")
    return float(rate)


def check_numbers(**numbers: float) -> None:
    """Refuse what is no finite number, by its name.

    Raises:
        ValueError: for these.
    """
    for name, number in numbers.items():
        if not _is_number(number):
            raise ValueError(f"{name} must be a finite number; given {number!r}.")


def check_kinds(kind: Any, **given) -> None:
    """Refuse what is no object of a kind, or of one of some kinds, by its name.

    Args:
        kind: a class, such as `str` or `collections.abc.Callable`, or a tuple of some.

    Raises:
        ValueError: for these.
    """
    kinds = kind if isinstance(kind, tuple) else (kind,)
    words = " or ".join("callable" if k is Callable else f"a {k.__name__}" for k in kinds)
    for name, value in given.items():
        if not isinstance(value, kinds):
            raise ValueError(f"{name} must be {words}; given {type(value).__name__}: {value!r}.")


def check_path(**paths: Any) -> Path:
    """Refuse what is no path, by its name; give the path.

    Raises:
        ValueError: for what is neither a text nor a path.
    """
    ((name, path),) = paths.items()
    if not isinstance(path, str | os.PathLike):
        raise ValueError(f"{name} must be a text or a pathlib.Path; given {path!r}.")
    return Path(path)
