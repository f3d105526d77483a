"""What a notebook's outputs depend on, and what they are, as short sums in its metadata.

Code counts as its syntax tree without docstrings, so that mending a comment makes nothing stale;
in a notebook that shows source code, by `inspect`, it counts as its text.
A notebook depends on its own code, on every gan_helpers module that it reaches through imports,
on every file of gan_helpers/assets that it opened when it was executed, and on the pinned versions
of the libraries that compute and draw. Which files were opened stands in the metadata; which of
them it would open now can only change if something else that it depends on has changed.
"""

import ast
import functools
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).parent.parent
KEY = "evidence"  # where the sums stand in a notebook's metadata
ASSETS = "gan_helpers/assets/"
OWN_CODE = "its own code"
ALTERED = "its outputs were altered since they were made"
LIBRARIES = ("tensorflow", "keras", "numpy", "scipy", "scikit-learn", "matplotlib")
WHERE_NAMED = ("jax", "tensorboard")  # libraries of the notebooks alone whose code names them


def notebook_paths(root: Path = ROOT) -> list[Path]:
    return sorted((root / "notebooks").glob("*.ipynb"))


def read_notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _sum(content: str | bytes) -> str:
    content = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(content).hexdigest()[:16]


def _without_docstrings(tree: ast.AST) -> ast.AST:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (
            ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:]
    return tree


def _write_out(node) -> str:
    """A syntax tree as text that is the same under every Python version: no empty fields."""
    if isinstance(node, list):
        return "[" + ",".join(map(_write_out, node)) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [(name, value) for name, value in ast.iter_fields(node) if value not in (None, [])]
    inner = ",".join(f"{name}={_write_out(value)}" for name, value in fields)
    return f"{type(node).__name__}({inner})"


def imported_modules(tree: ast.AST) -> Iterator[str]:
    """Names of gan_helpers modules that this code imports, dots as slashes: metrics/distances.

    A name may stand for a module, for a package or for something in either; what is not a file is
    dropped where files are read. Importing a module of a package runs the package's __init__ too.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            parts = name.split(".")[1:] if name.startswith("gan_helpers.") else []
            yield from ("/".join(parts[:length]) for length in range(1, len(parts) + 1))


def parsed_code(source: str) -> ast.Module:
    """The code of a cell as a tree, magics turned into calls."""
    return ast.parse(TransformerManager().transform_cell(source))


def _parsed(notebook: nbformat.NotebookNode) -> ast.Module:
    """The code of all cells as one tree; a cell has no docstring."""
    cells = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        try:
            cells.append(ast.Interactive(body=parsed_code(cell.source).body))
        except SyntaxError as error:
            raise SyntaxError(
                f"in code cell {number} of a notebook: {error}:\n{cell.source}"
            ) from None
    return ast.Module(body=cells, type_ignores=[])


def _code_sum(tree: ast.AST) -> str:
    return _sum(_write_out(_without_docstrings(tree)))


def _shows_source(tree: ast.AST) -> bool:
    """Whether this code imports `inspect`, which gives comments and docstrings out."""
    return any(
        (isinstance(node, ast.Import) and any(alias.name == "inspect" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "inspect")
        for node in ast.walk(tree)
    )


@functools.cache  # most notebooks reach the same modules
def _module(text: str) -> tuple[str, list[str]]:
    """The sum of a module's code, and the modules that it imports."""
    tree = ast.parse(text)
    return _code_sum(tree), list(imported_modules(tree))


def pinned_versions(root: Path = ROOT) -> dict[str, str]:
    """The versions in requirements.lock, by the packages' names."""
    lock = (root / "requirements.lock").read_text("utf-8")
    return dict(re.findall(r"^([a-z-]+)==(\S+)", lock, flags=re.MULTILINE))


def _own_sum(notebook: nbformat.NotebookNode, tree: ast.AST, as_text: bool) -> str:
    """The sum of a notebook's code, and of the tags that say how an output is compared."""
    cells = code_cells(notebook)
    tags = [sorted(t for t in c.metadata.get("tags", []) if "hide" not in t) for c in cells]
    texts = [cell.source for cell in cells] if as_text else []
    return _sum(json.dumps([_code_sum(tree), tags, texts]))


def opened(depends_on: Iterable[str]) -> list[str]:
    """The data files among what a notebook depends on."""
    return [name for name in depends_on if name.startswith(ASSETS)]


def dependencies(
    notebook: nbformat.NotebookNode, root: Path = ROOT, files: Iterable[str] = ()
) -> dict[str, str]:
    """Everything that a notebook's outputs depend on, by name, each with its sum or version.

    Args:
        notebook: with its code; its metadata and outputs do not count.
        root: of the project.
        files: what it opened in gan_helpers/assets, as paths from the root. One that is gone is
            left out.
    """
    own_code = _parsed(notebook)
    as_text, imported = _shows_source(own_code), list(imported_modules(own_code))
    sums = {OWN_CODE: _own_sum(notebook, own_code, as_text)}
    waiting = ["__init__", *imported]
    while waiting:
        module = waiting.pop()
        for name in (f"gan_helpers/{module}.py", f"gan_helpers/{module}/__init__.py"):
            if name not in sums and (root / name).exists():
                text = (root / name).read_text("utf-8")
                code, imported = _module(text)
                sums[name] = _sum(text) if as_text else code
                waiting.extend(imported)

    versions = pinned_versions(root)
    code = "\n".join(cell.source for cell in code_cells(notebook))
    named = [name for name in WHERE_NAMED if re.search(rf"\b{name}\b", code)]
    return (
        dict(sorted(sums.items()))
        | {name: _sum((root / name).read_bytes()) for name in files if (root / name).exists()}
        | {name: versions[name] for name in (*LIBRARIES, *named)}
    )


def outputs_sum(notebook: nbformat.NotebookNode) -> str:
    """The sum of all outputs, pictures included."""
    outputs = [[cell.execution_count, cell.outputs] for cell in code_cells(notebook)]
    return _sum(json.dumps(outputs, sort_keys=True))


def evidence(notebook: nbformat.NotebookNode, root: Path = ROOT, files: Iterable[str] = ()) -> dict:
    """What `make refresh` stores in the metadata; arguments as for `dependencies`."""
    return {
        "depends_on": dependencies(notebook, root, files),
        "outputs": outputs_sum(notebook),
    }


def changed(notebook: nbformat.NotebookNode, root: Path = ROOT) -> list[str]:
    """The names of what differs from what the committed outputs depend on."""
    then = notebook.metadata[KEY]["depends_on"]
    now = dependencies(notebook, root, opened(then))
    return [name for name in sorted(then.keys() | now.keys()) if then.get(name) != now.get(name)]


def stale_reasons(notebook: nbformat.NotebookNode, root: Path = ROOT) -> list[str]:
    """Why the committed outputs are not those of this code; empty if they are."""
    if KEY not in notebook.metadata:
        return ["it was never executed by `make refresh`"]
    reasons = [f"{name} changed since its outputs were made" for name in changed(notebook, root)]
    if notebook.metadata[KEY]["outputs"] != outputs_sum(notebook):
        reasons.append(ALTERED)
    return reasons
