"""pytest's side of the notebooks: which ones a quick run takes, what each one cost, and how nbval
compares the numbers that a notebook hands to the book's pages."""

import contextlib
import hashlib
import json
import math
import re
from collections import defaultdict
from pathlib import Path

import psutil
import pytest

from tools.fingerprint import dependencies, read_notebook

SECONDS_ALLOWED, GIB_ALLOWED = 90, 2.0
LONGER = {"notebooks/ch05_fast.ipynb": 240}  # trains for three minutes: that is its subject
NUMBER_IN_FULL = re.compile(r"-?\d+(\.\d+(e[-+]?\d+)?|e[-+]?\d+)")  # a count is not rounded
CACHE_KEY = "gan_book/passed"  # in pytest's cache: the notebooks that have passed in this checkout

seconds: dict[str, float] = defaultdict(float)
gibibytes: dict[str, float] = defaultdict(float)
states: dict[str, str] = {}  # of each notebook, when its cells were collected
unpassed: dict[str, set[str]] = defaultdict(set)  # its cells that have not passed in this run


class NumberInFull(str):
    """A number as it stands in an output; equal to another that differs by rounding only.

    Another machine adds in another order. What is printed has fewer digits, and is compared as it
    is.
    """

    def __eq__(self, other):
        return math.isclose(float(self), float(other), rel_tol=1e-4, abs_tol=1e-9)

    def __ne__(self, other):  # str has its own
        return not self == other

    __hash__ = None


def _for_comparison(output):
    """In place of nbval's sanitising: a glued number is all that there is in its output."""
    if isinstance(output, str) and NUMBER_IN_FULL.fullmatch(output):
        return NumberInFull(output)
    return output


def add_option(parser):
    parser.addoption(
        "--quick",
        action="store_true",
        help="no rendered pages, and only notebooks that have not passed as they stand",
    )


def _state(path: Path) -> str:
    """A sum of the notebook's file and of all that it depends on."""
    content = path.read_bytes() + json.dumps(dependencies(read_notebook(path))).encode()
    return hashlib.sha256(content).hexdigest()


def pytest_ignore_collect(collection_path, config):
    if not config.getoption("--quick"):
        return None
    if collection_path.name == "test_pages.py":
        return True
    if collection_path.suffix == ".ipynb":
        return _state(collection_path) in config.cache.get(CACHE_KEY, []) or None
    return None


def _notebook_of(nodeid: str) -> str | None:
    name = nodeid.split("::")[0]
    return name if name.endswith(".ipynb") else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    # First of all, so that cells which another option deselects count as not passed.
    for item in items:
        if name := _notebook_of(item.nodeid):
            unpassed[name].add(item.nodeid)
            states.setdefault(name, _state(item.path))
            item.sanitize = _for_comparison


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    if name := _notebook_of(item.nodeid):  # one cell, an item of nbval; its parent has the kernel
        # A kernel that has died has no memory to measure; that must not hide why it died.
        with contextlib.suppress(AttributeError, KeyError, OSError, psutil.Error):
            process = psutil.Process(item.parent.kernel.km.provisioner.pid)
            gibibytes[name] = max(gibibytes[name], _peak_memory(process) / 2**30)
    return (yield)


def _peak_memory(process: psutil.Process) -> int:
    """Bytes: the peak on Linux and Windows; elsewhere what is used now."""
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    memory = process.memory_info()
    return getattr(memory, "peak_wset", memory.rss)


def pytest_runtest_logreport(report):
    if name := _notebook_of(report.nodeid):
        seconds[name] += report.duration
        if report.when == "call" and report.passed:
            unpassed[name].discard(report.nodeid)


def pytest_sessionfinish(session):
    passed = {states[name] for name, cells in unpassed.items() if not cells}
    cache = session.config.cache
    cache.set(CACHE_KEY, sorted(passed | set(cache.get(CACHE_KEY, []))))


def pytest_terminal_summary(terminalreporter):
    if not seconds:
        return
    terminalreporter.section("what each notebook took")
    for name in sorted(seconds):
        allowed = LONGER.get(name, SECONDS_ALLOWED)
        over = seconds[name] > allowed or gibibytes[name] > GIB_ALLOWED
        terminalreporter.write_line(
            f"{name:42} {seconds[name]:6.1f} s  {gibibytes[name]:5.2f} GiB"
            + ("  over the budget" if over else "")
        )
    terminalreporter.write_line(f"{'all notebooks':42} {sum(seconds.values()):6.1f} s")
