"""One archive in the rendered book: what a reader needs to run its notebooks, and no repository.

It holds the notebooks, the pages and pictures that they link to, the package as a wheel, the lock
of its libraries, and a guide of four lines.
"""

import datetime
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tools.fingerprint import ROOT
from tools.opening import NOTE
from tools.site.edition import date_of

NAME = "gan-book.zip"
FOLDER = "gan-book"
GUIDE = "book/run_it.txt"  # in the archive: READ_ME.txt
FILES = ["notebooks/*.ipynb", "book/*.md", "book/assets/*.png", "requirements.lock"]
FILES += ["CITATION.cff", "LICENSE"]
WHEEL = ["gan_helpers", "pyproject.toml", "README.md", "LICENSE"]  # what it is made from
CAPTURED = {"capture_output": True, "text": True, "encoding": "utf-8", "errors": "replace"}


def make_wheel(folder: Path, day: datetime.date, root: Path = ROOT) -> Path:
    """Build the package in a copy: setuptools would put what it built last time into the wheel."""
    source = folder / "source"
    source.mkdir()
    for name in WHEEL:
        if (root / name).is_dir():
            junk = shutil.ignore_patterns("__pycache__")
            shutil.copytree(root / name, source / name, ignore=junk)
        else:
            shutil.copy(root / name, source / name)
    noon = datetime.datetime.combine(day, datetime.time(12), datetime.UTC)
    build = "from setuptools.build_meta import build_wheel; build_wheel('..')"
    epoch = {"SOURCE_DATE_EPOCH": str(int(noon.timestamp()))}
    done = subprocess.run(
        [sys.executable, "-c", build], cwd=source, env=os.environ | epoch, **CAPTURED
    )
    if done.returncode:
        raise RuntimeError(f"the package could not be built:\n{done.stderr}")
    (wheel,) = folder.glob("*.whl")
    return wheel


def make_archive(target: Path, root: Path = ROOT) -> None:
    """Write the archive; the same commit gives the same bytes."""
    day = date_of(root)
    with tempfile.TemporaryDirectory() as made, zipfile.ZipFile(target, "w") as archive:
        wheel = make_wheel(Path(made), day, root)
        contents = {"READ_ME.txt": root / GUIDE, wheel.name: wheel}
        for pattern in FILES:
            contents |= {str(p.relative_to(root)): p for p in sorted(root.glob(pattern))}
        for name, file in contents.items():
            place = Path(FOLDER, name).as_posix()
            entry = zipfile.ZipInfo(place, date_time=(day.year, day.month, day.day, 12, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)


def size(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:.0f} MB"


def add_archive(app) -> None:
    if app.builder.name != "html" or not app.config.book_archive:
        return
    target = Path(app.outdir) / NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    make_archive(target)
    app.config.html_context["archive"] = {"name": NAME, "size": size(target)}


def leave_out_note(app, page: str, source: list[str]) -> None:
    """What a notebook says to those who have it alone stands at the foot of its page anyway."""
    source[0] = source[0].replace(NOTE, "")


def setup(app) -> None:
    app.add_config_value("book_archive", True, "html", bool)
    app.connect("builder-inited", add_archive)
    app.connect("source-read", leave_out_note)
