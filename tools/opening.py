"""A notebook's first text tells the time that it takes, and where the package is that it imports.

    python -m tools.opening

writes both. The time to read is counted (tools/reading_time.py), that to compute was measured when
the notebook was executed last. The note on the package is for those who have downloaded the
notebook alone; the rendered page leaves it out: its foot links the archive.
"""

import re

import nbformat

from gan_helpers.files import write_atomically
from tools import reading_time
from tools.fingerprint import notebook_paths, read_notebook

NOTE = (
    "*If you have this notebook alone: it imports the package `gan_helpers`, which is in the "
    "archive that the foot of every page of the book links; its `READ_ME.txt` says how to install "
    "it.*"
)
TIME = re.compile(r"\*\*Time:\*\* [^.\n]*\.")  # more may follow in its paragraph


def first_text(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Its first markdown cell, in a list; an empty one if there is none."""
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"][:1]


def add_note(notebook: nbformat.NotebookNode) -> None:
    """Write the note as the first text's last paragraph, if it is not there."""
    (cell,) = first_text(notebook)
    if not cell.source.endswith(f"\n\n{NOTE}"):
        cell.source = f"{cell.source.rstrip()}\n\n{NOTE}"


def time_told(notebook: nbformat.NotebookNode) -> str:
    """The sentence on its time, which stands in its first text."""
    read = reading_time.said(reading_time.minutes_of(notebook))
    computing = reading_time.computing_said(reading_time.seconds_of(notebook))
    return f"**Time:** {read} to read, {computing} of computing on two cores."


def tell_time(notebook: nbformat.NotebookNode) -> None:
    """Write the sentence over the one that is there, if there is one."""
    for cell in first_text(notebook):
        cell.source = TIME.sub(time_told(notebook), cell.source, count=1)


def main() -> None:
    for path in notebook_paths():
        notebook = read_notebook(path)
        add_note(notebook)
        tell_time(notebook)
        write_atomically(path, nbformat.writes(notebook) + "\n")


if __name__ == "__main__":
    main()
