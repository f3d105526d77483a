"""Every notebook, and every page's source, keeps the rules."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from gan_helpers.notebook import BOUNDS_FOLDER
from tests.rules import (
    NOTEBOOK_RULES,
    kind_of_evidence,
    long_open_cells,
    missing_from_contents,
    no_typed_numbers,
)
from tools.bounds import SEEDS
from tools.fingerprint import ROOT, code_cells, notebook_paths, read_notebook
from tools.refresh import QUOTED, picture

NOTEBOOKS = notebook_paths()
PAGES = sorted((ROOT / "book").glob("*.md"))

# How many open cells with more than 25 lines a notebook has: none but in these, from before the
# rule. Numbers here fall; no new one comes in.
LONG_OPEN_CELLS = {"ch03_plane": 1, "ch03_steps": 1, "ch04_gradients": 1, "ch04_value": 1}


def name(value):
    return getattr(value, "name", None) or value.__name__


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
@pytest.mark.parametrize("rule", NOTEBOOK_RULES, ids=name)
def test_notebook_keeps_rule(path, rule):
    problems = rule(read_notebook(path))
    assert not problems, f"{path.name}:\n  " + "\n  ".join(problems)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_open_cells_are_short(path):
    found, allowed = long_open_cells(read_notebook(path)), LONG_OPEN_CELLS.get(path.stem, 0)
    assert len(found) <= allowed, f"cells {found} are open and too long: split them or fold parts"
    assert len(found) == allowed, f"now {len(found)} are left: write this into LONG_OPEN_CELLS"


def test_listed_long_cells_are_of_notebooks_that_there_are():
    assert LONG_OPEN_CELLS.keys() <= {path.stem for path in NOTEBOOKS}


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_page_has_no_typed_numbers(path):
    problems = no_typed_numbers(path.read_text("utf-8"))
    assert not problems, f"{path.name}:\n  " + "\n  ".join(problems)


def test_recorded_bounds_are_of_the_numbers_that_the_notebook_checks():
    for path in NOTEBOOKS:
        glued = {
            out.metadata["scrapbook"]["name"]
            for cell in code_cells(read_notebook(path))
            for out in cell.outputs
            if kind_of_evidence(out) == "bounds" and "scrapbook" in out.metadata
        }
        file = BOUNDS_FOLDER / f"{path.stem}.json"
        recorded = json.loads(file.read_text("utf-8")) if file.exists() else {}
        assert recorded.keys() <= glued, f"{file.name}: run `make bounds ONLY={path.stem}`"
        assert all(len(values) == len(SEEDS) for values in recorded.values()), file.name


def test_what_a_notebook_calls_next_comes_next_in_the_contents():
    files = re.findall(r"file: (\S+)", (ROOT / "_toc.yml").read_text("utf-8"))
    for file, following in pairwise(files):
        if file.startswith("notebooks/"):
            cells = read_notebook(ROOT / f"{file}.ipynb").cells
            prose = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
            _, said = re.split(r"^(?:## Next$|Next: )", prose, maxsplit=1, flags=re.MULTILINE)
            assert f"{Path(following).name}." in said, f"{file}: next is {following}"


def test_every_notebook_and_page_is_in_the_table_of_contents():
    contents = (ROOT / "_toc.yml").read_text("utf-8")
    assert missing_from_contents(contents, [*NOTEBOOKS, *PAGES]) == []


@pytest.mark.parametrize("place", QUOTED, ids=" ".join)
def test_quoted_picture_is_the_notebook_s(place):
    stem, figure = place
    original = picture(read_notebook(ROOT / "notebooks" / f"{stem}.ipynb"), figure)
    assert QUOTED[place].read_bytes() == original, "run `make refresh`, or undo the exchange"
