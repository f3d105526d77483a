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
    """Write a notebook of two cells and run pytest on its folder; gives what pytest printed."""
    (tmp_path / "conftest.py").write_text("from tests.conftest import *")
    (tmp_path / "pytest.ini").write_text("[pytest]")

    def write_and_run(*options, second_cell="print(2)", second_output=None):
        cells = [
            new_code_cell(source, id=f"c{count}", execution_count=count, outputs=[output])
            for count, source, output in (
                (1, "print(1)", printed(1)),
                (2, second_cell, second_output or printed(2)),
            )
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
            timeout=60,
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
    assert "2 passed" in first and "not executed" not in first
    assert "small.ipynb" in first.split("what each notebook took, 1 at once")[1]
    assert kept()["agrees_with"] == outputs_sum(read_notebook(tmp_path / "small.ipynb"))
    again = run()
    assert "2 passed" in again and "1 notebooks were not executed" in again
    other_outputs = run(second_output=printed(3))
    assert "1 failed, 1 passed" in other_outputs and "were not executed" in other_outputs
    other_code = run(second_cell="print(3)")
    assert "1 failed, 1 passed" in other_code and "not executed" not in other_code
    assert kept()["agrees_with"] is None
    assert kept()["outputs"][1] == [{"output_type": "stream", "name": "stdout", "text": "3\n"}]
    assert "2 passed" in run("--execute-only", second_cell="print(4)")
    assert kept()["agrees_with"] is None


def test_part_of_a_notebook_is_not_kept(run, kept):
    assert "1 passed, 1 deselected" in run("-k", "0")
    assert kept() is None


def test_data_files_that_are_opened_count(run, kept):
    files = [f"{ASSETS}runs/classes.npz", f"{ASSETS}runs/classes.json"]
    load = f"import numpy\nopen({str(ROOT / files[1])!r}).close()\nprint(2)"
    assert "2 passed" in run(second_cell=f"{load}\nnumpy.load({str(ROOT / files[0])!r}).close()")
    assert sorted(opened(kept()["depends_on"])) == sorted(files)


def test_notebooks_in_two_processes(run, tmp_path, kept):
    (tmp_path / "other.ipynb").write_text(nbformat.writes(new_notebook(cells=[new_code_cell("1")])))
    output = run("-n", "2", "--dist", "loadfile")
    assert "3 passed" in output
    table = output.split("what each notebook took, 2 at once")[1]
    assert "other.ipynb" in table and "small.ipynb" in table and "0.00 GiB" not in table
    assert kept() and (tmp_path / KEPT / "other.json").exists()


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


@pytest.mark.parametrize(
    ("here", "committed", "result"),
    [
        ("0.1234567", "0.1234567", "2 passed"),
        ("0.1234568", "0.1234567", "2 passed"),
        ("0.1245", "0.1234567", "1 failed, 1 passed"),
        ("70001", "70000", "1 failed, 1 passed"),  # counts are exact
    ],
)
def test_numbers_in_full_may_differ_by_rounding(run, here, committed, result):
    glued = new_output("display_data", data={"text/plain": committed})
    show = f"display({{'text/plain': '{here}'}}, raw=True)"
    assert result in run(second_cell=show, second_output=glued)


def test_what_is_printed_is_compared_digit_by_digit(run):
    assert "1 failed, 1 passed" in run(second_cell="print(2.0000001)")
