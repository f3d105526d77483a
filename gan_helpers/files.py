"""Writing files so that an interrupted write loses nothing."""

import os
from pathlib import Path


def write_atomically(path: Path | str, content: str | bytes) -> None:
    """Write to a temporary name beside `path`, then rename it into place; text as UTF-8.

    A reader, or a process that is killed half-way, finds the old file or the new one, whole.
    """
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    with open(partial, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
