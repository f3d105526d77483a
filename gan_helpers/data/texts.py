"""Two texts, loaded from the package, and their symbols as integers: nothing is downloaded.

- *Pride and Prejudice* by Jane Austen (1813, in the public domain), from the Debian package
  r-cran-janeaustenr 1.0.0.
- *Three Hundred Tang Poems*, an anthology of 1763 (in the public domain), from the npm package
  chinese-poetry 2.0.1.

Both packages have the MIT licence; `research/make_texts.py` made the files here from them. The
notebook `ch01_shannon` models both texts with n-grams, `ch02_gpt` the novel with a Transformer.
"""

import gzip
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_helpers.checks import check_codes, check_kinds
from gan_helpers.files import ASSETS, read_verified

NOVEL = ASSETS / "novel.txt.gz"
NOVEL_SHA256 = "88deffbb4eb24e3025ebb433c7ab9f2344c3c2bbabe3fc2ed4ec3c8db806bec7"
POEMS = ASSETS / "poems.tsv.gz"
POEMS_SHA256 = "00ded6b23c01bb7d606248db10b1ef1695baa3dac52fcc6e5bf10f155dd22a40"
HELD_OUT = 10  # one part of ten


class Poem(NamedTuple):
    """A poem: its author, its title, and its text with punctuation, in traditional characters."""

    author: str
    title: str
    text: str


def load_novel(path: Path | str = NOVEL) -> str:
    """Load *Pride and Prejudice*: 680,737 characters, of 68 kinds.

    A paragraph is one line, so that a line break stands for the end of a paragraph and for nothing
    else. Capitals and punctuation are as printed. Title, headings of chapters and the marks of
    italics are left out.

    Args:
        path: of the compressed file.

    Returns:
        The text, without a line break at its end.

    Raises:
        ValueError: for what is no path.
        OSError: if the file is missing or is not, byte for byte, the one the book was made with.
    """
    check_kinds((str, os.PathLike), path=path)
    return gzip.decompress(read_verified(path, NOVEL_SHA256, "the novel")).decode("utf-8")


def load_poems(path: Path | str = POEMS) -> list[Poem]:
    """Load the 320 poems of *Three Hundred Tang Poems*, by their form, as in the anthology.

    Editors' notes on variants, which the source has in brackets, are left out.

    Args:
        path: of the compressed file.

    Returns:
        The poems; none of their three parts has white space.

    Raises:
        ValueError: for what is no path.
        OSError: if the file is missing or is not, byte for byte, the one the book was made with.
    """
    check_kinds((str, os.PathLike), path=path)
    rows = gzip.decompress(read_verified(path, POEMS_SHA256, "the anthology")).decode("utf-8")
    return [Poem(*row.split("\t")) for row in rows.split("\n")]


def split_novel(novel: str) -> tuple[str, str]:
    """Split a text into one to learn from and the end, held out, which is a tenth or little less.

    The second begins with the first line that begins in the last tenth.

    Args:
        novel: a text of several lines.

    Returns:
        The first part, with the line break at its end, and the held-out part.

    Raises:
        ValueError: for what is no text, or has no line that begins there.
    """
    check_kinds(str, novel=novel)
    cut = novel.find("\n", len(novel) - len(novel) // HELD_OUT - 1) + 1
    if not 0 < cut < len(novel):
        raise ValueError(
            f"novel must have a line that begins in its last tenth; given {len(novel)} characters."
        )
    return novel[:cut], novel[cut:]


def split_poems(poems: Sequence[Poem]) -> tuple[list[Poem], list[Poem]]:
    """Split poems into those to learn from and every tenth, held out.

    The anthology is ordered by form. Its last tenth would be of one form only.

    Args:
        poems: ten at least.

    Returns:
        Nine of ten, and the tenth, twentieth and so on.

    Raises:
        ValueError: for fewer, or what are no poems.
    """
    check_kinds(Sequence, poems=poems)
    for place, poem in enumerate(poems):
        check_kinds(Poem, **{f"poems[{place}]": poem})
    if len(poems) < HELD_OUT:
        raise ValueError(f"poems must be {HELD_OUT} at least; given {len(poems)}.")
    learned = [poem for place, poem in enumerate(poems, 1) if place % HELD_OUT]
    return learned, list(poems[HELD_OUT - 1 :: HELD_OUT])


class Vocabulary:
    """The symbols of a text, characters or words, and the integers that stand for them.

    `Vocabulary(sorted(set(text)))` has the characters that a text is made of, in the order of their
    Unicode numbers; `symbols[i]` is what the integer `i` stands for.

    Args:
        symbols: texts that differ from each other, at least one.

    Raises:
        ValueError: for symbols that are no texts, or occur twice.
    """

    def __init__(self, symbols: Iterable[str]):
        check_kinds(Iterable, symbols=symbols)
        self.symbols = list(symbols)
        for place, symbol in enumerate(self.symbols):
            check_kinds(str, **{f"symbols[{place}]": symbol})
        self._codes = {symbol: code for code, symbol in enumerate(self.symbols)}
        if not 0 < len(self._codes) == len(self.symbols):
            raise ValueError(
                f"symbols must differ from each other, and be one at least; given "
                f"{len(self.symbols)}, of which {len(self._codes)} differ."
            )

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, text: Iterable[str]) -> np.ndarray:
        """The integers that stand for a text's symbols.

        Args:
            text: a text, whose characters are looked up, or a list of words.

        Returns:
            int32, shape (n,), from 0 to `len(self) - 1`.

        Raises:
            ValueError: for a symbol that is not in the vocabulary, or none at all.
        """
        check_kinds(Iterable, text=text)
        symbols = list(text)
        if not symbols:
            raise ValueError("text must have one symbol at least; given none.")
        for place, symbol in enumerate(symbols):
            if not isinstance(symbol, str) or symbol not in self._codes:
                raise ValueError(
                    f"text must be made of the vocabulary's {len(self)} symbols; given, in place "
                    f"{place}, {symbol!r}."
                )
        return np.array([self._codes[symbol] for symbol in symbols], np.int32)

    def decode(self, codes: np.ndarray, *, separator: str = "") -> str:
        """The text that integers stand for.

        Args:
            codes: integers from 0 to `len(self) - 1`, shape (n,).
            separator: what stands between two symbols; a space, if they are words.

        Returns:
            The text.

        Raises:
            ValueError: for what are no such integers, or a separator that is no text.
        """
        check_kinds(str, separator=separator)
        return separator.join(self.symbols[code] for code in check_codes("codes", codes, len(self)))
