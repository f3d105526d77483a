"""Executing a notebook from the command line, as `make refresh` and `make bounds` do."""

import nbformat
from nbclient import NotebookClient

from tools.fingerprint import ROOT


def execute(notebook: nbformat.NotebookNode) -> None:
    """Run all cells in place, in a new kernel whose working folder is notebooks/."""
    client = NotebookClient(
        notebook,
        timeout=1200,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(ROOT / "notebooks")}},
    )
    client.execute()
