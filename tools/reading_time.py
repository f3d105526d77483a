"""A Sphinx extension: how long a page and its chapter take.

{reading}`book/ch03_algorithm` becomes the time to read this page, {time}`book/ch03_algorithm`
that of the page and the notebooks beneath it in _toc.yml, {computing}`book/ch03_algorithm` the time
that these notebooks compute. One reads 200 words of prose or 20 open lines of code a minute; folded
cells and solutions are left out. Computing was measured when `make refresh` executed the notebook.
"""

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from tools.fingerprint import KEY

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
    path = ROOT / f"{page}.ipynb"
    if not path.exists():
        return _words((ROOT / f"{page}.md").read_text("utf-8")) / WORDS
    return minutes_of(nbformat.read(path, 4))


def minutes_of(notebook: nbformat.NotebookNode) -> float:
    """The time to read a notebook."""
    words = lines = 0
    solution = False
    for cell in notebook.cells:
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


def seconds_of(notebook: nbformat.NotebookNode) -> float:
    """How long its last execution took, with the start of its kernel."""
    return notebook.metadata[KEY]["seconds"]


def computing_said(seconds: float) -> str:
    """Seconds in words: to ten below a minute, to half a minute below ten, to a minute above."""
    if seconds < 55:
        return f"{max(10, 10 * round(seconds / 10))} s"
    halves = round(seconds / 30)
    if halves < 20:
        return f"{halves // 2}{['', '½'][halves % 2]} min"
    return f"{round(seconds / 60)} min"


def reading(page: str) -> str:
    return said(minutes(page))


def time(page: str) -> str:
    return said(sum(minutes(each) for each in beneath(page)))


def computing(page: str) -> str:
    notebooks = [nbformat.read(ROOT / f"{each}.ipynb", 4) for each in beneath(page)[1:]]
    return computing_said(sum(map(seconds_of, notebooks)))


class Time(SphinxRole):
    """A role whose text is what a function says of the page that it names."""

    def __init__(self, says: Callable[[str], str]):
        super().__init__()
        self.says = says

    def run(self):
        for page in beneath(self.text):
            self.env.note_dependency(str(ROOT / f"{page}.ipynb"))
        return [nodes.Text(self.says(self.text))], []


def setup(app: Sphinx) -> dict:
    for says in (reading, time, computing):
        app.add_role(says.__name__, Time(says))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
