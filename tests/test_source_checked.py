"""“The source, checked”: every item has its row, and every row leads to what it promises."""

import re
import warnings
from functools import cache
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import pytest
import tf_keras
from myst_parser.mdit_to_docutils.base import default_slugify

from tools.fingerprint import ROOT, read_notebook
from tools.source_table import PAGE, chapter_of, numbers, page, read_items

STATEMENTS, MISTAKES, RIGHT = 58, 20, 10
SECTIONS = (6, 3, 4, 3, 4, 4, 3, 0, 0, 0)  # of each chapter of the source

_, HEADINGS, ROWS = read_items()
LINK = re.compile(r"\]\(([^)\s]+)\)")


def markdown_of(file: Path) -> str:
    if file.suffix == ".md":
        return file.read_text("utf-8")
    cells = [cell.source for cell in read_notebook(file).cells if cell.cell_type == "markdown"]
    return "\n\n".join(cells)


@cache
def anchors(file: Path) -> set[str]:
    text = re.sub(r"^(`{3,}).*?^\1", "", markdown_of(file), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#{1,3} +(.+?) *$", text, re.MULTILINE)
    return {default_slugify(re.sub(r"[`*]", "", title)) for title in titles}


def leads_nowhere(link: str) -> bool:
    if re.match(r"https?://", link):
        return False  # no test opens an address
    name, _, anchor = link.partition("#")
    file = (PAGE.parent / name).resolve() if name else PAGE
    return not file.is_file() or (bool(anchor) and anchor not in anchors(file))


@cache
def keys() -> set[str]:
    return set(
        re.findall(r"^@\w+\{(.+),$", (PAGE.parent / "references.bib").read_text("utf-8"), re.M)
    )


def test_every_item_has_its_row():
    # A name that occurs twice is no TOML. Parts of an item are numbered, as in F39-1, F39-2.
    parts = {}
    for name in ROWS:
        item, _, part = name.partition("-")
        parts.setdefault(item, []).append(int(part or 0))
    for item, found in parts.items():
        assert found == [0] or sorted(found) == list(range(1, len(found) + 1)), item
    last = {"F": STATEMENTS, "C": MISTAKES, "R": RIGHT}
    wanted = {f"{kind}{n}" for kind in last for n in range(1, last[kind] + 1)}
    ours = {name for name in parts if re.fullmatch(r"M[1-9]\d*", name)}
    assert parts.keys() == wanted | ours


def test_every_heading_has_its_row():
    wanted = []
    for chapter, count in enumerate(SECTIONS, start=1):
        wanted += [str(chapter), *(f"{chapter}{letter}" for letter in "abcdef"[:count])]
    assert list(HEADINGS) == wanted
    assert all(LINK.search(heading["answered"]) for heading in HEADINGS.values())


def test_rows_name_headings_that_exist():
    assert not {number for row in ROWS.values() for number in numbers(row)} - HEADINGS.keys()


def test_rows_of_a_chapter_stand_together():
    chapters = [chapter_of(numbers(row)[0]) for row in ROWS.values()]
    assert chapters == sorted(chapters)


def test_each_row_has_evidence_or_says_that_there_is_none():
    bare = [
        name
        for name, row in ROWS.items()
        if not (LINK.search(row["evidence"]) or "{cite" in row["evidence"])
        and not row["evidence"].startswith("none")
    ]
    assert not bare


def test_the_page_is_what_the_tool_writes():
    assert PAGE.read_text("utf-8") == page(), "run `python -m tools.source_table`"


def test_links_lead_somewhere():
    links = set(LINK.findall(page()))
    assert len(links) > 100
    assert not {link for link in links if leads_nowhere(link)}


@pytest.mark.parametrize(
    "link", ["no_such_page.md", "ch01_background.md#no-such-place", "#no-such-place"]
)
def test_a_link_that_leads_nowhere_is_found(link):
    assert leads_nowhere(link)
    assert not leads_nowhere("../notebooks/ch05_data.ipynb#why-1-to-1-goes-with-tanh")


def test_references_are_in_the_bibliography():
    cited = {key for keys in re.findall(r"\{cite:\w\}`(.+?)`", page()) for key in keys.split(",")}
    assert len(cited) > 50
    assert not cited - keys()


def test_included_rows_are_found_on_the_page():
    marks = set()
    for file in (ROOT / "book").glob("*.md"):
        marks |= set(re.findall(r'^:(?:start|end)-\w+: "(% .+)"$', file.read_text("utf-8"), re.M))
    assert marks
    assert marks <= set(page().splitlines())


# -- what no notebook shows and a few lines can ------------------------------------------------


def test_c14_open_figures_are_warned_of_and_a_missing_screen_is_not():
    plt.close("all")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(20):
            plt.figure()
        with plt.rc_context({"backend": "agg"}):
            plt.show()
    with pytest.warns(RuntimeWarning, match="More than 20 figures"):
        plt.figure()
    plt.close("all")


def test_c17_the_data_are_fetched_and_without_a_network_there_are_none(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "keras.src.datasets.mnist.get_file",
        lambda *_, origin, **__: asked.append(origin) or tmp_path / "nothing",
    )
    with pytest.raises(FileNotFoundError):
        keras.datasets.mnist.load_data()
    assert asked[0].startswith("https://storage.googleapis.com/")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(Exception, match="URL fetch failure"):
        keras.utils.get_file("no.npz", "http://127.0.0.1:9/no.npz", cache_dir=tmp_path)


def test_c18_what_keras_3_says_of_the_listings_arguments():
    with pytest.warns(UserWarning, match="Do not pass an `input_shape`"):
        keras.layers.Dense(1, input_shape=(100,))
    with pytest.warns(UserWarning, match="`alpha` is deprecated"):
        keras.layers.LeakyReLU(alpha=0.2)
    assert keras.layers.LeakyReLU().negative_slope == tf_keras.layers.LeakyReLU().alpha == 0.3
    with pytest.raises(TypeError, match="negative_slope"):
        tf_keras.layers.LeakyReLU(negative_slope=0.2)
