"""What a notebook's cells define, for tests that hold a page's program against the package."""

import ast

from tools.fingerprint import ROOT, code_cells, read_notebook


def defined_on(notebook: str, tag: str = "", **names) -> dict:
    """The functions and classes that a notebook's cells define, without what the cells compute.

    Args:
        notebook: its name without the ending.
        tag: that the cells carry; all cells unless given.
        names: what the definitions need from outside; the result has them too.
    """
    cells = code_cells(read_notebook(ROOT / "notebooks" / f"{notebook}.ipynb"))
    chosen = [cell.source for cell in cells if not tag or tag in cell.metadata.get("tags", [])]
    tree = ast.parse("\n".join(chosen))
    tree.body = [part for part in tree.body if isinstance(part, ast.FunctionDef | ast.ClassDef)]
    exec(compile(tree, notebook, "exec"), names)
    return names
