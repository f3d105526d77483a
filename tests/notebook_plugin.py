"""pytest's side of the notebooks: that each is executed once in a state and what it gave is kept,
what it cost, and how nbval compares the numbers that it hands to the book's pages.

A notebook that has been executed in its present state is not executed again: what is kept of it
is compared with the committed outputs, as nbval would compare them. What is said of a cell here
travels in its report's `user_properties`, as cells may run in other processes.
"""

import ast
import contextlib
import json
import math
import os
import re
import time
from collections import defaultdict
from functools import partial
from pathlib import Path
from unittest.mock import patch

import nbval.plugin
import psutil
import pytest

from gan_helpers.files import write_json
from tools.execute import in_order, kept_execution, kept_file, processor
from tools.fingerprint import ASSETS, ROOT, code_cells, dependencies, opened, outputs_sum

SECONDS_ALLOWED, GIB_ALLOWED = 60, 2.0
NUMBER_IN_FULL = re.compile(r"-?\d+(\.\d+(e[-+]?\d+)?|e[-+]?\d+)")  # a count is not rounded

# Executed in the kernel before the first cell. An audit hook sees each file that Python opens;
# what a library in C reads, as it does HDF5 files, gan_helpers has read before, to sum it up.
RECORD_OPENED = """
import os, sys
opened = sys.opened_assets = set()
def record(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        path = os.path.realpath(arguments[0])
        if path.startswith(folder):
            opened.add(path)
sys.addaudithook(record)
"""
OPENED = "__import__('json').dumps(sorted(__import__('sys').opened_assets))"

# nbval's own puts all that a cell prints before all that it displays.
nbval.plugin.coalesce_streams = in_order

seconds: dict[str, float] = defaultdict(float)
gibibytes: dict[str, float] = defaultdict(float)
not_executed: set[str] = set()


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


def pytest_addoption(parser):
    parser.addoption(
        "--execute-only",
        action="store_true",
        help="execute notebooks and keep what they give, whether or not it is what is committed",
    )


def pytest_xdist_auto_num_workers():
    """Two notebooks at once where memory allows; each takes up to 2 GiB, beside pytest itself."""
    return 2 if (os.cpu_count() or 1) > 1 and psutil.virtual_memory().available > 6 * 2**30 else 0


def _notebook_of(nodeid: str) -> str | None:
    name = nodeid.split("::")[0]
    return name if name.endswith(".ipynb") else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    cells = [item for item in items if _notebook_of(item.nodeid)]
    took = {}
    for file in {item.parent for item in cells}:
        file.kept = kept_execution(file.path, config.rootpath)
        took[file] = 0.0 if file.kept else _seconds_before(file)
        file.depends_on, file.committed = dependencies(file.nb), outputs_sum(file.nb)
        file.gave, file.agrees = {}, True
        file.setup = partial(_set_up, file)
    for item in cells:
        item.sanitize = _for_comparison
        if item.parent.kept:
            item.user_properties.append(("not executed", True))
            item.runtest = partial(_compare_only, item, item.parent.kept["outputs"][item.cell_num])
        elif config.getoption("--execute-only"):
            item.compare_outputs = lambda test, reference: True
            item.cell.execution_count = item.cell_num + 1  # nbval refuses outputs without a number
    # Stable, the same in all workers: the longest notebooks first, so that none is left at the end.
    items.sort(key=lambda item: -took.get(item.parent, 0.0))


def _seconds_before(file) -> float:
    """That this notebook took in another state; without end if that is not known."""
    before = kept_file(file.path, file.config.rootpath)
    return json.loads(before.read_text("utf-8"))["seconds"] if before.exists() else math.inf


def _set_up(file) -> None:
    """In place of nbval's set-up: a kernel as a reader's, which sends what C code writes to stderr
    too (IPython leaves that out under pytest), and records which files of the package it opens."""
    if file.kept:
        return
    file.began, file.began_at = time.perf_counter(), time.time()
    with patch.dict(os.environ, {"GAN_BOOK_REFRESH": "1"}):
        os.environ.pop("PYTEST_CURRENT_TEST", None)
        type(file).setup(file)
    names = {"folder": os.path.realpath(ROOT / ASSETS) + os.sep}
    file.kernel.kc.execute_interactive(f"exec({RECORD_OPENED!r}, {names})", silent=True, timeout=60)


def _compare_only(item, outputs) -> None:
    """In place of nbval's execution of a cell: compare what it gave when it was executed."""
    if item.options["check"] and not item.compare_outputs(outputs, in_order(item.cell.outputs)):
        item.raise_cell_error("Cell outputs differ", "\n".join(item.comparison_traceback))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    if _notebook_of(item.nodeid) and not item.parent.kept:
        file = item.parent  # one cell is an item of nbval; its parent has the kernel
        # A kernel that has died has no memory to measure; that must not hide why it died.
        with contextlib.suppress(AttributeError, KeyError, OSError, psutil.Error):
            process = psutil.Process(file.kernel.km.provisioner.pid)
            item.user_properties.append(("gibibytes", _peak_memory(process) / 2**30))
        if item.test_outputs is not None:
            file.gave[item.cell_num] = item.test_outputs
            file.agrees &= not item.options["check"] or type(item).compare_outputs(
                item, item.test_outputs, in_order(item.cell.outputs)
            )
        if nextitem is None or nextitem.parent is not file:
            with contextlib.suppress(TimeoutError):  # of a kernel that has just died
                _keep(file)
    return (yield)


def _keep(file) -> None:
    """Keep what a notebook gave, if all its cells ran to their ends."""
    cells, kernel = code_cells(file.nb), file.kernel
    errors = any(out.output_type == "error" for outputs in file.gave.values() for out in outputs)
    if len(file.gave) < len(cells) or errors or not kernel.is_alive():
        return
    reply = kernel.kc.execute_interactive("", user_expressions={"opened": OPENED}, timeout=60)
    text = reply["content"]["user_expressions"]["opened"]["data"]["text/plain"]
    root = Path(os.path.realpath(ROOT))
    names = [Path(p).relative_to(root).as_posix() for p in json.loads(ast.literal_eval(text))]
    depends_on = dependencies(file.nb, files=names)
    if file.depends_on != {n: s for n, s in depends_on.items() if n not in opened(depends_on)}:
        return  # somebody changed a module meanwhile
    if any((ROOT / name).stat().st_mtime > file.began_at for name in opened(depends_on)):
        return  # or a data file
    path = kept_file(file.path, file.config.rootpath)
    path.parent.mkdir(exist_ok=True)
    kept = {
        "depends_on": depends_on,
        "processor": processor(),
        "outputs": [file.gave[number] for number in range(len(cells))],
        "agrees_with": file.committed if file.agrees else None,
        "seconds": round(time.perf_counter() - file.began, 1),
    }
    write_json(path, kept)


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
        told = dict(report.user_properties)
        if "not executed" in told:
            not_executed.add(name)
            return
        seconds[name] += report.duration
        gibibytes[name] = max(gibibytes[name], told.get("gibibytes", 0))


def pytest_terminal_summary(terminalreporter, config):
    if seconds:
        at_once = config.getoption("numprocesses", None) or 1
        terminalreporter.section(f"what each notebook took, {at_once} at once")
        for name in sorted(seconds):
            over = seconds[name] > SECONDS_ALLOWED or gibibytes[name] > GIB_ALLOWED
            terminalreporter.write_line(
                f"{name:42} {seconds[name]:6.1f} s  {gibibytes[name]:5.2f} GiB"
                + ("  over the budget" if over else "")
            )
        terminalreporter.write_line(f"{'all notebooks':42} {sum(seconds.values()):6.1f} s")
    if not_executed:
        terminalreporter.write_line(
            "notebooks not executed again, but compared, as nothing has changed: "
            f"{len(not_executed)} (make test ALL=1 executes all)"
        )
