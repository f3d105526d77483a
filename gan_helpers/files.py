"""Files that are whole: written so that an interruption loses nothing, read against a checksum."""

import hashlib
import json
import os
import shlex
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).parent / "assets"  # what travels with the package


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


def write_json(path: Path | str, content: Any) -> None:
    """Write as JSON, one value a line, as `write_atomically` does."""
    write_atomically(path, json.dumps(content, indent=1) + "\n")


def read_verified(path: Path | str, sha256: str, what: str) -> bytes:
    """The content of a file that travels with the package, after a look at its checksum.

    Args:
        path: in gan_helpers/assets.
        sha256: the sum that it must have, in hexadecimal.
        what: what the file is, for error messages: "the MNIST archive".

    Raises:
        OSError: if the file is missing or is not, byte for byte, the one expected.
    """
    path = Path(path)
    restore = f"Restore it with `git checkout -- {shlex.quote(str(path))}`."
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OSError(f"{path}: {what} cannot be read ({error}). {restore}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise OSError(
            f"{path}: {what} is damaged. Expected the SHA-256 sum {sha256}, found {found} in "
            f"{len(content)} bytes. {restore}"
        )
    return content
