"""Every notebook, and every page's source, keeps the rules."""

import json
import re

import pytest

from gan_helpers.notebook import BOUNDS_FOLDER
from tests.rules import NOTEBOOK_RULES, missing_from_contents, no_typed_numbers
from tools.bounds import SEEDS
from tools.fingerprint import ROOT, code_cells, notebook_paths, read_notebook
from tools.refresh import QUOTED, picture

NOTEBOOKS = notebook_paths()
PAGES = sorted((ROOT / "book").glob("*.md"))


def name(value):
    return getattr(value, "name", None) or value.__name__


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
@pytest.mark.parametrize("rule", NOTEBOOK_RULES, ids=name)
def test_notebook_keeps_rule(path, rule):
    problems = rule(read_notebook(path))
    assert not problems, f"{path.name}:\n  " + "\n  ".join(problems)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_page_has_no_typed_numbers(path):
    problems = no_typed_numbers(path.read_text("utf-8"))
    assert not problems, f"{path.name}:\n  " + "\n  ".join(problems)


def test_recorded_bounds_are_of_the_numbers_that_the_notebook_checks():
    for path in NOTEBOOKS:
        glued = {
            out.metadata["scrapbook"]["name"]
            for cell in code_cells(read_notebook(path))
            if re.search(r"\.check(_evaluation)?\(", cell.source)
            for out in cell.outputs
            if "scrapbook" in out.get("metadata", {})
        }
        file = BOUNDS_FOLDER / f"{path.stem}.json"
        recorded = json.loads(file.read_text("utf-8")) if file.exists() else {}
        assert recorded.keys() <= glued, f"{file.name}: run `make bounds ONLY={path.stem}`"
        assert all(len(values) == len(SEEDS) for values in recorded.values()), file.name


def test_every_notebook_and_page_is_in_the_table_of_contents():
    contents = (ROOT / "_toc.yml").read_text("utf-8")
    assert missing_from_contents(contents, [*NOTEBOOKS, *PAGES]) == []


@pytest.mark.parametrize("place", QUOTED, ids=" ".join)
def test_quoted_picture_is_the_notebook_s(place):
    stem, figure = place
    original = picture(read_notebook(ROOT / "notebooks" / f"{stem}.ipynb"), figure)
    assert QUOTED[place].read_bytes() == original, "run `make refresh`, or undo the exchange"
