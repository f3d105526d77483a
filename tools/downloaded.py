"""A notebook that is downloaded alone says where the package is that it imports.

    python -m tools.downloaded

writes the note below the first text of each notebook. The rendered page leaves it out: its foot
links the archive.
"""

import nbformat

from gan_helpers.files import write_atomically
from tools.fingerprint import notebook_paths, read_notebook

NOTE = (
    "*If you have this notebook alone: it imports the package `gan_helpers`, which is in the "
    "archive that the foot of every page of the book links; its `READ_ME.txt` says how to install "
    "it.*"
)


def add_note(notebook: nbformat.NotebookNode) -> None:
    """Write the note as the first text's last paragraph, if it is not there."""
    cell = next(cell for cell in notebook.cells if cell.cell_type == "markdown")
    if not cell.source.endswith(f"\n\n{NOTE}"):
        cell.source = f"{cell.source.rstrip()}\n\n{NOTE}"


def main() -> None:
    for path in notebook_paths():
        notebook = read_notebook(path)
        add_note(notebook)
        write_atomically(path, nbformat.writes(notebook) + "\n")


if __name__ == "__main__":
    main()
