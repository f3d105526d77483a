"""The timeline's rows, the bibliography and the arXiv numbers agree with each other."""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from pybtex.database import parse_file
from pybtex.richtext import Text

from gan_helpers.data.timeline import FAMILIES, TIMELINE, arxiv_date, load_timeline

BIBLIOGRAPHY = Path(__file__).parents[2] / "book" / "references.bib"
ENTRIES = parse_file(str(BIBLIOGRAPHY)).entries  # refuses a key that occurs twice
WORKS = load_timeline()
MONTHS = "January February March April May June July August September October November December"
each_work = pytest.mark.parametrize("work", WORKS, ids=[work.key for work in WORKS])


def numbers(key: str) -> list[str]:
    """The arXiv numbers in an entry of the bibliography."""
    fields = ENTRIES[key].fields
    text = " ".join(fields.get(name, "") for name in ("url", "note", "eprint"))
    return re.findall(r"\d{4}\.\d{4,5}", text)


@each_work
def test_number_and_year_are_those_of_the_bibliography(work):
    assert work.key in ENTRIES
    assert numbers(work.key) == ([work.arxiv] if work.arxiv else [])
    assert work.printed == int(ENTRIES[work.key].fields["year"])


@each_work
def test_date_is_the_earliest_of_number_report_and_print(work):
    """In print means some month of that year: later than any month that is known."""
    dates = [(work.printed, 13)] + [work.report] * bool(work.report)
    dates += [arxiv_date(work.arxiv)] if work.arxiv else []
    assert (work.year, work.month or 13) == min(dates)
    assert work.report in (None, min(dates))  # none that came later is kept


@each_work
def test_a_report_is_named_with_its_month_in_the_entry(work):
    if work.report:
        year, month = work.report
        said = rf"\b{MONTHS.split()[month - 1]} {year}\b"
        assert re.search(said, ENTRIES[work.key].fields["note"])


@each_work
def test_authors_and_address_are_those_of_the_bibliography(work):
    entry = ENTRIES[work.key]
    names = [
        " ".join(str(Text.from_latex(part)) for part in person.prelast_names + person.last_names)
        for person in entry.persons["author"]
    ]
    assert work.authors == (" and ".join(names) if len(names) < 3 else f"{names[0]} et al.")
    doi = entry.fields.get("doi")
    address = f"https://doi.org/{doi}" if doi else entry.fields.get("url", "")
    assert work.link == (f"https://arxiv.org/abs/{work.arxiv}" if work.arxiv else address)
    assert work.what


def test_rows_are_sorted_and_none_occurs_twice():
    keys = [(work.months, work.arxiv or "") for work in WORKS]
    assert keys == sorted(keys)
    for field in ("key", "name"):
        assert max(Counter(getattr(work, field) for work in WORKS).values()) == 1


def test_families_are_known_and_stand_in_the_order_of_their_first_works():
    seen = list(dict.fromkeys(kind for work in WORKS for kind in work.kinds))
    assert seen == [*FAMILIES]
    assert all(len(set(work.kinds)) == len(work.kinds) for work in WORKS)


def test_arxiv_numbers_give_year_and_month():
    assert arxiv_date("0704.0001") == (2007, 4)
    assert arxiv_date("1412.6980") == (2014, 12)
    assert arxiv_date("2607.19064") == (2026, 7)


@pytest.mark.parametrize(
    "number",
    ["1413.1234", "1400.1234", "1406.26611", "2005.1416", "0703.0001", "math/0309136", "1406"],
)
def test_what_is_no_arxiv_number_is_refused(number):
    with pytest.raises(ValueError, match=rf"number must be an arXiv number.*given '{number}'"):
        arxiv_date(number)


def test_damaged_file_gives_one_clear_error(tmp_path):
    path = tmp_path / "timeline.csv"
    shutil.copy(TIMELINE, path)
    path.write_bytes(path.read_bytes().replace(b"2013,12", b"2015,12"))
    with pytest.raises(OSError, match=r"timeline\.csv: the timeline is damaged.*git checkout"):
        load_timeline(path)
    with pytest.raises(ValueError, match="path must be a str or a PathLike; given int: 3"):
        load_timeline(3)
