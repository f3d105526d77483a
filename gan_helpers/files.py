"""Writing files so that an interrupted write loses nothing."""

import os
from pathlib import Path


def write_atomically(path: Path | str, content: str) -> None:
    """Write text to a temporary name beside `path`, then rename it into place.

    A reader, or a process that is killed half-way, finds the old file or the new one, whole.
    """
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    with open(partial, "w", encoding="utf-8", newline="\n") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
