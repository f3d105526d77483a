"""The plugin on a small notebook, in a pytest of its own."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests import notebook_plugin
from tools.execute import KEPT
from tools.fingerprint import ASSETS, ROOT, opened, outputs_sum, read_notebook


@pytest.fixture
def run(tmp_path):
    """Write a notebook of two cells or more and run pytest on its folder; what pytest printed."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["tests.notebook_plugin"]')
    (tmp_path / "pytest.ini").write_text("[pytest]")

    def write_and_run(*options, second_cell="print(2)", second_output=None, more=()):
        two = [("print(1)", printed(1)), (second_cell, second_output or printed(2))]
        cells = [
            new_code_cell(source, id=f"c{count}", execution_count=count, outputs=[output])
            for count, (source, output) in enumerate([*two, *more], start=1)
        ]
        nbformat.write(new_notebook(cells=cells), tmp_path / "small.ipynb")
        command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env"]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        result = subprocess.run(
            [*command, "--nbval-cell-timeout=5", *options, str(tmp_path)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return result.stdout

    return write_and_run


def printed(count):
    return new_output("stream", name="stdout", text=f"{count}\n")


@pytest.fixture
def kept(tmp_path):
    """Gives what is kept of the notebook's execution, or None."""
    file = tmp_path / KEPT / "small.json"
    return lambda: json.loads(file.read_text()) if file.exists() else None


def test_notebook_is_executed_once_in_a_state_and_compared_each_time(run, tmp_path, kept):
    first = run()
    assert "2 passed" in first and "not executed again" not in first
    assert "small.ipynb" in first.split("what each notebook took, 1 at once")[1]
    assert kept()["agrees_with"] == outputs_sum(read_notebook(tmp_path / "small.ipynb"))
    other_outputs = run(second_output=printed(3))
    assert "1 failed, 1 passed" in other_outputs
    assert "as nothing has changed: 1" in other_outputs
    other_code = run(second_cell="print(3)")
    assert "1 failed, 1 passed" in other_code and "not executed again" not in other_code
    assert kept()["agrees_with"] is None
    assert kept()["outputs"][1] == [{"output_type": "stream", "name": "stdout", "text": "3\n"}]
    assert "2 passed" in run("--execute-only", second_cell="print(4)")
    assert kept()["agrees_with"] is None


def test_part_of_a_notebook_is_not_kept(run, kept):
    assert "1 passed, 1 deselected" in run("-k", "0")
    assert kept() is None


def test_two_notebooks_at_once_and_the_data_files_that_each_opened(run, tmp_path, kept):
    names = [f"{ASSETS}runs/classes.json", f"{ASSETS}runs/classes.npz"]
    json_file, npz_file = (str(ROOT / name) for name in names)
    code = f"import numpy\nopen({json_file!r}).close()\nnumpy.load({npz_file!r}).close()"
    nbformat.write(new_notebook(cells=[new_code_cell(code)]), tmp_path / "other.ipynb")
    output = run("-n", "2", "--dist", "loadfile")
    assert "3 passed" in output
    table = output.split("what each notebook took, 2 at once")[1]
    assert "other.ipynb" in table and "small.ipynb" in table and "0.00 GiB" not in table
    other = json.loads((tmp_path / KEPT / "other.json").read_text())
    assert opened(other["depends_on"]) == names and opened(kept()["depends_on"]) == []


@pytest.mark.parametrize(("gib", "cores", "workers"), [(7, 2, 2), (5, 2, 0), (7, 1, 0)])
def test_two_at_once_where_memory_allows(monkeypatch, gib, cores, workers):
    memory = SimpleNamespace(available=gib * 2**30)
    monkeypatch.setattr(notebook_plugin.psutil, "virtual_memory", lambda: memory)
    monkeypatch.setattr(notebook_plugin.os, "cpu_count", lambda: cores)
    assert notebook_plugin.pytest_xdist_auto_num_workers() == workers


@pytest.mark.parametrize("fault", ["import os; os._exit(1)", "raise ValueError"])
def test_notebook_that_fails_is_not_kept(run, kept, fault):
    output = run("--execute-only", second_cell=fault)
    assert "1 failed, 1 passed" in output and "AttributeError" not in output
    assert kept() is None


def test_numbers_in_full_may_differ_by_rounding_and_printed_ones_may_not(run):
    numbers = {  # given by the cell: committed, and whether they may differ so
        "0.1234567": ("0.1234567", True),
        "0.1234568": ("0.1234567", True),
        "0.1245": ("0.1234567", False),
        "70001": ("70000", False),  # counts are exact
    }
    cells = [
        (
            f"display({{'text/plain': '{here}'}}, raw=True)",
            new_output("display_data", data={"text/plain": committed}),
        )
        for here, (committed, _) in numbers.items()
    ]
    output = run("-rf", second_cell="print(2.0000001)", second_output=printed("2.0"), more=cells)
    assert "3 failed, 3 passed" in output
    failed = [number for number in range(6) if f"::Cell {number}" in output.split("summary")[1]]
    allowed = [True, False, *(allowed for _, allowed in numbers.values())]
    assert failed == [number for number, passes in enumerate(allowed) if not passes]
