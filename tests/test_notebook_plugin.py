"""The plugin on a small notebook, in a pytest of its own."""

import os
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.fingerprint import ROOT


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


def test_table_and_quick_run(run):
    first = run("--quick")
    assert "2 passed" in first
    assert "small.ipynb" in first.split("what each notebook took")[1]
    assert "no tests ran" in run("--quick")  # it has passed as it stands
    assert "2 passed" in run()
    assert "1 failed" in run("--quick", second_cell="print(3)")  # its code is another
    assert "1 failed" in run("--quick", second_cell="print(3)")  # a failure is not remembered


def test_part_of_a_notebook_does_not_count_as_passed(run):
    assert "1 passed, 1 deselected" in run("-k", "0")
    assert "2 passed" in run("--quick")


def test_kernel_that_dies_does_not_break_the_plugin(run):
    output = run(second_cell="import os; os._exit(1)")
    assert "1 failed, 1 passed" in output and "AttributeError" not in output


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
