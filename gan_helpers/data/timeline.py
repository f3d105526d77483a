"""A hundred years of generative models as a table: which work, when, and of which families.

A work's date is that of its first public appearance, as far as it is known: the earliest of the
month in its arXiv number, of the year of print, and of the month of a report, a talk or a
submission to open review that came before both. Its families are those of the models that the work
itself trains or sets up; a part that it takes over ready-made gives it none.

The list is a choice, not a census: works that this book uses or that began a family.
tests/data/test_timeline.py holds it against the bibliography.
"""

import csv
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path

from gan_helpers.checks import check_kinds
from gan_helpers.files import ASSETS, read_verified

TIMELINE = ASSETS / "timeline.csv"
TIMELINE_SHA256 = "438f240fa9fcd602062ad8052096e5b54a839a566dd90f7db82a1265c7c3814e"

# Each family by the idea that its models share, in the order of their first works.
FAMILIES = {
    "latent": "hidden causes, drawn before the data and inferred from them",
    "autoregressive": "one piece after another, each given those before it",
    "energy": "a number for each state: the lower, the more probable",
    "adversarial": "a second network, trained to tell real from generated",
    "flow": "an invertible map between noise and data",
    "diffusion": "noise taken away step by step",
}

# Four digits after the point up to the end of 2014, five from 2015 on.
ARXIV = re.compile(r"(\d\d)(0[1-9]|1[0-2])\.(\d{4,5})")


@dataclass(frozen=True)
class Work:
    """One row of the timeline.

    Attributes:
        year, month: of the first public appearance; the month is None where it is not known.
        name: in print.
        kinds: the families of what it trains or sets up, one or several of `FAMILIES`.
        key: of its entry in the bibliography.
        arxiv: its arXiv number, or None.
        report: year and month of a report, a talk or a submission to open review that came
            before; or None.
        printed: the year in the bibliography, that of print where there is one.
        authors: as the bibliography names them, from the third on "et al.".
        link: an address of the work, or "".
        what: it is, in a few words.
    """

    year: int
    month: int | None
    name: str
    kinds: tuple[str, ...]
    key: str
    arxiv: str | None
    report: tuple[int, int] | None
    printed: int
    authors: str
    link: str
    what: str

    @property
    def months(self) -> int:
        """Months since the beginning of the year 0, for differences and for the order.

        A work without a month counts as of the last one of its year.
        """
        return 12 * self.year + (self.month or 12) - 1


def arxiv_date(number: str) -> tuple[int, int]:
    """The year and the month in which an article came to arXiv, from its number alone.

    Args:
        number: such as "1406.2661", of the form in use since April 2007.

    Returns:
        The year, four digits, and the month, 1 to 12.

    Raises:
        ValueError: for what is no such number.
    """
    check_kinds(str, number=number)
    found = ARXIV.fullmatch(number)
    if found:
        year, month = 2000 + int(found[1]), int(found[2])
        if (year, month) >= (2007, 4) and len(found[3]) == (4 if year < 2015 else 5):
            return year, month
    raise ValueError(
        "number must be an arXiv number of the form in use since April 2007, year, month, point, "
        f"and four digits up to 2014, five from 2015 on; given {number!r}."
    )


def _year_and_month(written: str) -> tuple[int, int]:
    year, month = written.split("-")
    return int(year), int(month)


def load_timeline(path: Path | str = TIMELINE) -> list[Work]:
    """Load the works, in the order of their first appearance.

    The file travels with the package, and its SHA-256 sum is checked.

    Args:
        path: of the file.

    Returns:
        One `Work` a row.

    Raises:
        ValueError: for what is no path.
        OSError: if the file is missing or is not, byte for byte, the one the book was made with.
    """
    check_kinds((str, os.PathLike), path=path)
    content = read_verified(path, TIMELINE_SHA256, "the timeline").decode("utf-8")
    return [
        Work(
            year=int(row["year"]),
            month=int(row["month"]) if row["month"] else None,
            name=row["name"],
            kinds=tuple(row["kinds"].split("+")),
            key=row["key"],
            arxiv=row["arxiv"] or None,
            report=_year_and_month(row["report"]) if row["report"] else None,
            printed=int(row["printed"]),
            authors=row["authors"],
            link=row["link"],
            what=row["what"],
        )
        for row in csv.DictReader(io.StringIO(content))
    ]
