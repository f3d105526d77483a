"""The programs in the solutions of a page's exercises: what they assert holds."""

import re

import pytest

from tools.fingerprint import ROOT

SOLUTION = re.compile(r"^```\{solution-start\} (\S+)$(.+?)^```\{solution-end\}$", re.M | re.S)
PROGRAM = re.compile(r"^```python\n(.+?)^```$", re.M | re.S)
PROGRAMS = {
    label: "\n".join(PROGRAM.findall(solution))
    for file in sorted((ROOT / "book").glob("*.md"))
    for label, solution in SOLUTION.findall(file.read_text("utf-8"))
    if PROGRAM.search(solution)
}


def test_there_are_such_programs():
    assert {"ex-applications-lesion", "ex-challenges-collapse"} <= PROGRAMS.keys()


@pytest.mark.parametrize("label", PROGRAMS)
def test_a_solution_is_executed_and_asserts_its_answer(label):
    assert "assert" in PROGRAMS[label]
    exec(PROGRAMS[label], {})
