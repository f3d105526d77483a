"""Executions of notebooks: nbval makes them, a folder that git ignores keeps them.

Whoever executes a notebook, `make test`, `make quick` or `make refresh`, keeps what it gave
(tests/notebook_plugin.py). The others take that as it is for as long as the notebook's code and
everything that it depends on are the same.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tools.fingerprint import ROOT, dependencies, opened, read_notebook

KEPT = ".evidence"  # the folder's name
# Two notebooks at once, the cells of each in one process, in the order that the plugin gives.
PARALLEL = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
# What decides, beside the number of cores, in which order TensorFlow adds.
INSTRUCTIONS = {"avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_bf16"}


def processor() -> str:
    """The kind of this processor, the same where results round alike: "x86_64, 2 cores, avx2"."""
    info = Path("/proc/cpuinfo")
    flags = set(info.read_text("utf-8").split()) if info.exists() else {platform.processor()}
    known = sorted(flags & INSTRUCTIONS) or sorted(flags)[:1]
    return ", ".join([platform.machine(), f"{os.cpu_count()} cores", *known])


def kept_file(path: Path, root: Path = ROOT) -> Path:
    return root / KEPT / f"{path.stem}.json"


def kept_execution(path: Path, root: Path = ROOT) -> dict | None:
    """What this notebook gave when it was executed in its present state, or None if it was not.

    Its state is its code, what it depends on, and the kind of processor; the outputs that are in
    the file are no part of it.

    Args:
        path: of the notebook.
        root: where the folder of kept executions is.

    Returns:
        `outputs`: of each code cell, a list; `agrees_with`: the sum of the outputs that nbval
        compared them with, if they agreed (`outputs_sum`); `depends_on`, `processor`, `seconds`.
    """
    file = kept_file(path, root)
    if not file.exists():
        return None
    kept, notebook = json.loads(file.read_text("utf-8")), read_notebook(path)
    now = dependencies(notebook, files=opened(kept["depends_on"]))
    if (kept["depends_on"], kept["processor"]) != (now, processor()):
        return None
    kept["outputs"] = [nbformat.from_dict(outputs) for outputs in kept["outputs"]]
    return kept


def in_order(outputs: Iterable[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Glued numbers last, which are invisible but would cut printed text into pieces; then pieces
    of text joined that follow each other."""
    result = []
    for out in sorted(outputs, key=lambda out: "scrapbook" in out.get("metadata", {})):
        last = result[-1] if result else {}
        if out.output_type == "stream" and out.name == last.get("name"):
            result[-1] = nbformat.from_dict(last | {"text": last.text + out.text})
        else:
            result.append(out)
    return result


def execute_and_keep(paths: list[Path]) -> None:
    """Execute notebooks by nbval, comparing nothing; what fails is printed, and not kept."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.notebook_plugin", "--nbval"]
    subprocess.run([*command, "--execute-only", *PARALLEL, *map(str, paths)], cwd=ROOT)


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
