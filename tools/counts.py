"""A Sphinx extension: {count}`notebooks` is a number that is counted when the book is built."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

ROOT = Path(__file__).parents[1]


def cells() -> Iterator[dict]:
    """All cells of all notebooks."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        yield from json.loads(path.read_text("utf-8"))["cells"]


def lines_of(evidence: str) -> int:
    """How many lines of a kind of evidence stand in the notebooks, as gan_helpers.notebook says."""
    shown = [out.get("metadata", {}) for cell in cells() for out in cell.get("outputs", [])]
    return sum(data.get("evidence") == evidence and "scrapbook" not in data for data in shown)


def in_cells(pattern: str) -> int:
    """How often a pattern occurs in them."""
    return sum(len(re.findall(pattern, "".join(cell["source"]))) for cell in cells())


def in_files(folder: str, name: str, pattern: str) -> int:
    """How often a pattern occurs in files of a folder."""
    texts = (file.read_text("utf-8") for file in (ROOT / folder).rglob(name))
    return sum(len(re.findall(pattern, text, re.MULTILINE)) for text in texts)


COUNTS: dict[str, Callable[[], int]] = {
    "notebooks": lambda: len(list((ROOT / "notebooks").glob("*.ipynb"))),
    "figures": lambda: sum("figure" in cell["metadata"].get("mystnb", {}) for cell in cells()),
    "exercises": lambda: in_cells(r"\{exercise\}"),
    "bounded": lambda: lines_of("bounds"),
    "close": lambda: lines_of("close"),
    "holds": lambda: lines_of("holds"),
    "tests": lambda: in_files("tests", "*.py", r"^ *def test_"),
    "references": lambda: in_files("book", "references.bib", "^@"),
    "rows": lambda: in_files("book", "source_items.toml", r"^\[[A-Z]\d+"),
}


class Count(SphinxRole):
    """The role itself."""

    def run(self):
        return [nodes.Text(f"{COUNTS[self.text]():,}")], []


def setup(app: Sphinx) -> dict:
    app.add_role("count", Count())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
