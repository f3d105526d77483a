"""Fold what is not the lesson: one tag says it for the page, JupyterLab's metadata follow from it.

    python -m tools.folding

`hide-input` folds the source of a cell whose output the reader should see: a figure, a table, a
check. `hide-cell` folds the whole of a cell that shows nothing: imports, set-up, helpers. The cells
of a solution need no tag: on the page their directive folds them, in JupyterLab they are folded
whole. On the page, the line that a reader opens a fold by says what is inside.
"""

import ast
import re
from collections.abc import Iterator

import nbformat

from gan_helpers.files import write_atomically
from tools.fingerprint import notebook_paths, parsed_code, read_notebook

FOLDS = {"hide-input": {"source_hidden"}, "hide-cell": {"source_hidden", "outputs_hidden"}}
SOLUTION = FOLDS["hide-cell"]
# What a folded cell does, by the first of these that it has or calls.
INSIDE = {
    "Import": "Set-up: imports and data",
    "ImportFrom": "Set-up: imports and data",
    "check": "How this is checked",
    "check_close": "How this is checked",
    "check_holds": "How this is checked",
    "check_evaluation": "How this is checked",
    "subplots": "How this figure is drawn",
    "show_image": "How this figure is drawn",
    "film_strip": "How this figure is drawn",
    "show": "How this figure is drawn",
    "show_table": "How this table is made",
    "show_measured": "How this is timed",
}


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


def inside(source: str) -> str:
    """What is in a folded cell, in a few words."""
    tree = parsed_code(source)
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    if defined and len(defined) == len(tree.body):
        return f"Helpers: {', '.join(defined)}" if len(defined) > 1 else f"Helper: {defined[0]}"
    found = {type(node).__name__ for node in ast.walk(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found.add(getattr(node.func, "attr", None) or getattr(node.func, "id", ""))
    return next((words for name, words in INSIDE.items() if name in found), "How this is computed")


def fold(notebook: nbformat.NotebookNode) -> None:
    """Write into each code cell's metadata what JupyterLab is to fold, and the page's words."""
    for cell, folded in folds(notebook):
        page = {k: v for k, v in cell.metadata.pop("mystnb", {}).items() if "prompt" not in k}
        if FOLDS.keys() & set(cell.metadata.get("tags", [])):
            page |= {f"code_prompt_{act}": inside(cell.source) for act in ("show", "hide")}
        if page:
            cell.metadata.mystnb = page
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
