"""pytest's side of the notebooks: which ones a quick run takes, and what each one cost."""

import hashlib
import json
from collections import defaultdict
from pathlib import Path

import psutil
import pytest

from tools.fingerprint import ROOT, dependencies, notebook_paths, read_notebook

SECONDS_ALLOWED, GIB_ALLOWED = 90, 2.0
CACHE_KEY = "gan_book/passed"  # in pytest's cache: the notebooks that have passed in this checkout

seconds: dict[str, float] = defaultdict(float)
gibibytes: dict[str, float] = defaultdict(float)
failed: set[str] = set()


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    if _notebook_of(item.nodeid):  # an item of nbval: one cell; its parent holds the kernel
        process = psutil.Process(item.parent.kernel.km.provisioner.pid)
        memory = process.memory_info()
        peak = getattr(memory, "peak_wset", memory.rss)  # the peak itself on Windows
        status = Path(f"/proc/{process.pid}/status")
        if status.exists():  # ... and on Linux; elsewhere the most seen after any cell
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
            peak = int(lines["VmHWM"].split()[0]) * 1024
        name = _notebook_of(item.nodeid)
        gibibytes[name] = max(gibibytes[name], peak / 2**30)
    return (yield)


def pytest_runtest_logreport(report):
    name = _notebook_of(report.nodeid)
    if name:
        seconds[name] += report.duration
        if report.failed:
            failed.add(name)


def pytest_sessionfinish(session):
    passed = [path for path in notebook_paths() if path.relative_to(ROOT).as_posix() in seconds]
    passed = [path for path in passed if path.relative_to(ROOT).as_posix() not in failed]
    cache = session.config.cache
    known = set(cache.get(CACHE_KEY, [])) | {_state(path) for path in passed}
    cache.set(CACHE_KEY, sorted(known))


def pytest_terminal_summary(terminalreporter):
    if not seconds:
        return
    terminalreporter.section("what each notebook took")
    for name in sorted(seconds):
        over = seconds[name] > SECONDS_ALLOWED or gibibytes[name] > GIB_ALLOWED
        terminalreporter.write_line(
            f"{name:42} {seconds[name]:6.1f} s  {gibibytes[name]:5.2f} GiB"
            + ("  over the budget" if over else "")
        )
    terminalreporter.write_line(f"{'all notebooks':42} {sum(seconds.values()):6.1f} s")
