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
# What a folded cell does, by the first of these that it calls, has or shows.
INSIDE = {
    "set-up": "Set-up: imports and data",
    "figure": "How this figure is drawn",
    "check": "How this is checked",
    "timing": "How this is timed",
    "table": "How this table is made",
}
CALLS = dict.fromkeys(("subplots", "show_image", "film_strip"), "figure")
CALLS |= dict.fromkeys(("check", "check_close", "check_holds", "check_evaluation"), "check")
CALLS |= {"show_measured": "timing", "show_table": "table"}


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


def shown(cell: nbformat.NotebookNode) -> Iterator[str]:
    """Kinds of what a cell shows, among the keys of INSIDE."""
    for output in cell.get("outputs", []):
        if "image/png" in output.get("data", {}):
            yield "figure"
        if "<table" in output.get("data", {}).get("text/html", ""):
            yield "table"
    if "timing" in cell.metadata.get("tags", []):
        yield "timing"


def inside(cell: nbformat.NotebookNode) -> str:
    """What is in a folded cell, in a few words."""
    tree = parsed_code(cell.source)
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    if defined and len(defined) == len(tree.body):
        return f"Helpers: {', '.join(defined)}" if len(defined) > 1 else f"Helper: {defined[0]}"
    found = set(shown(cell))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
            found.add(CALLS.get(name, ""))
    if not cell.get("outputs") and isinstance(tree.body[0], ast.Import | ast.ImportFrom):
        found.add("set-up")
    return next((words for kind, words in INSIDE.items() if kind in found), "How this is computed")


def fold(notebook: nbformat.NotebookNode) -> None:
    """Write into each code cell's metadata what JupyterLab is to fold, and the page's words."""
    for cell, folded in folds(notebook):
        page = {k: v for k, v in cell.metadata.pop("mystnb", {}).items() if "prompt" not in k}
        if FOLDS.keys() & set(cell.metadata.get("tags", [])):
            page |= {f"code_prompt_{act}": inside(cell) for act in ("show", "hide")}
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
