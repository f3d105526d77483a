"""A Sphinx extension: {time}`book/ch03_algorithm` becomes the time that a chapter takes to read.

200 words of prose and 20 open lines of code a minute, for a page and the notebooks beneath it in
_toc.yml; folded cells and solutions are left out.
"""

import re
from pathlib import Path

import nbformat
import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

ROOT = Path(__file__).parents[1]
WORDS, LINES = 200, 20  # a minute
FOLDED = {"hide-input", "hide-cell", "remove-cell", "remove-input"}
SOLUTION = re.compile(r"`{3,}\{solution-(start|end)\}")


def beneath(page: str) -> list[str]:
    """A page and those that _toc.yml lists as its sections."""
    chapters = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))["chapters"]
    sections = {chapter["file"]: chapter.get("sections", []) for chapter in chapters}
    return [page, *(section["file"] for section in sections.get(page, []))]


def minutes(page: str) -> float:
    """The time for one file.

    Raises:
        FileNotFoundError: if there is none.
    """
    notebook = ROOT / f"{page}.ipynb"
    if not notebook.exists():
        return _words((ROOT / f"{page}.md").read_text("utf-8")) / WORDS
    words = lines = 0
    solution = False
    for cell in nbformat.read(notebook, 4).cells:
        if cell.cell_type == "markdown":
            if marks := SOLUTION.findall(cell.source):
                solution = marks[-1] == "start"
            words += _words(cell.source)
        elif not solution and not FOLDED & set(cell.metadata.get("tags", [])):
            lines += sum(bool(line.strip()) for line in cell.source.split("\n"))
    return words / WORDS + lines / LINES


def _words(text: str) -> int:
    """Words of prose, those in lines that only mark something up left out."""
    prose = [line for line in text.split("\n") if not line.startswith((":", "```", "%", "("))]
    return len(re.findall(r"[A-Za-z][\w'-]*", re.sub(r"\{[^}]*\}`[^`]*`", "", "\n".join(prose))))


def said(time: float) -> str:
    """Minutes in words, to five minutes below an hour and to a quarter of an hour above."""
    if time < 52.5:
        return f"{max(5, 5 * round(time / 5))} min"
    quarters = round(time / 15)
    return f"{quarters // 4}{['', '¼', '½', '¾'][quarters % 4]} h"


class Time(SphinxRole):
    """The role itself."""

    def run(self):
        for page in beneath(self.text):
            self.env.note_dependency(str(ROOT / f"{page}.ipynb"))
        time = sum(minutes(page) for page in beneath(self.text))
        return [nodes.Text(said(time))], []


def setup(app: Sphinx) -> dict:
    app.add_role("time", Time())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
