"""Fold what is not the lesson: one tag says it for the page, JupyterLab's metadata follow from it.

    python -m tools.folding

`hide-input` folds the source of a cell whose output the reader should see: a figure, a table, a
check. `hide-cell` folds the whole of a cell that shows nothing: imports, set-up, helpers. The cells
of a solution need no tag: on the page their directive folds them, in JupyterLab they are folded
whole.
"""

import re
from collections.abc import Iterator

import nbformat

from gan_helpers.files import write_atomically
from tools.fingerprint import notebook_paths, read_notebook

FOLDS = {"hide-input": {"source_hidden"}, "hide-cell": {"source_hidden", "outputs_hidden"}}
SOLUTION = FOLDS["hide-cell"]


def folds(notebook: nbformat.NotebookNode) -> Iterator[tuple[nbformat.NotebookNode, set[str]]]:
    """Each code cell, with what JupyterLab is to fold of it: nothing if the cell is the lesson."""
    in_solution = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for mark in re.findall(r"{solution-(start|end)}", cell.source):
                in_solution = mark == "start"
        elif cell.cell_type == "code":
            by_tags = (FOLDS.get(tag, set()) for tag in cell.metadata.get("tags", []))
            yield cell, SOLUTION if in_solution else set().union(*by_tags)


def fold(notebook: nbformat.NotebookNode) -> None:
    """Write into each code cell's metadata what JupyterLab is to fold."""
    for cell, folded in folds(notebook):
        jupyter = {k: v for k, v in cell.metadata.pop("jupyter", {}).items() if k not in SOLUTION}
        if jupyter := jupyter | dict.fromkeys(sorted(folded), True):
            cell.metadata.jupyter = jupyter


def main() -> None:
    for path in notebook_paths():
        notebook = read_notebook(path)
        fold(notebook)
        write_atomically(path, nbformat.writes(notebook) + "\n")


if __name__ == "__main__":
    main()
