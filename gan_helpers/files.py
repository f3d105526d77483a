"""Files that are whole: written so that an interruption loses nothing, read against a checksum."""

import contextlib
import errno
import hashlib
import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).parent / "assets"  # what travels with the package


@contextlib.contextmanager
def advised(place: Path | str) -> Iterator[None]:
    """Within this, an error of the operating system says what to do, too.

    Args:
        place: the file or the folder that is used.

    Raises:
        OSError: the same error, with advice.
    """
    try:
        yield
    except OSError as error:
        if error.strerror is None:  # the package's own, which says what to do
            raise
        advice = f"If it is {place} that cannot be used, choose another one."
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            advice = "Make room on the disk, and ask for the same again."
        said = type(error)(f"{error}. {advice}")
        said.errno = error.errno
        raise said from error


@contextlib.contextmanager
def writing(partial: Path) -> Iterator[None]:
    """Within this, a file is written that an error does not leave behind half.

    A full disk should not be kept full by it. A process that is killed leaves it; the next one
    writes over it.

    Raises:
        OSError: what was raised, with advice.
    """
    with advised(partial.parent):
        try:
            yield
        except OSError:
            with contextlib.suppress(OSError):
                partial.unlink()
            raise


def check_folder(folder: Path | str) -> Path:
    """Refuse what is no folder.

    Raises:
        OSError: if there is none of this name.
    """
    if not Path(folder).is_dir():
        raise OSError(f"There is no folder {folder}. Make it first, or choose another one.")
    return Path(folder)


def write_atomically(path: Path | str, content: str | bytes) -> None:
    """Write to a temporary name beside `path`, then rename it into place; text as UTF-8.

    A reader, or a process that is killed half-way, finds the old file or the new one, whole.

    Raises:
        OSError: if it cannot be written; the old file is left.
    """
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    with writing(partial):
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
