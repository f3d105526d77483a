"""Recorded runs: what trains longer than a notebook may is trained once and travels with the book.

A run NAME is two files in gan_helpers/assets/runs: NAME.weights.h5, as Keras saves weights, and
NAME.json, its history: the recipe, the seed, the versions, the wall time, every metric, and the
SHA-256 sum of the weights. Of networks that are too large, and where several are compared, it
keeps images instead, NAME.npz. What only measures has a history alone. `python -m research.record
NAME` makes all that a run has.
"""

import hashlib
import io
import itertools
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from gan_helpers.files import ASSETS, read_verified, write_atomically, write_json

RUNS = ASSETS / "runs"
MAX_BYTES = 2_000_000
ENDINGS = {"weights": ".weights.h5", "sheets": ".npz"}  # of what a run keeps beside its history


class TooLarge(ValueError):
    """What is to be stored takes more than `MAX_BYTES`."""


def read_history(name: str, folder: Path = RUNS) -> dict:
    """The history of a recorded run.

    Raises:
        OSError: if there is no such run.
    """
    try:
        return json.loads((folder / f"{name}.json").read_text("utf-8"))
    except FileNotFoundError as error:
        known = sorted(path.stem for path in folder.glob("*.json"))
        raise OSError(f"No recorded run is named {name!r}; there are: {known}.") from error


def reached(course: Sequence[dict], distance: float, unit: str = "seconds") -> float | None:
    """How long a run took to be as near to real images as this, or None if it never was.

    Between two evaluations the distance is a straight line, both scales logarithmic.

    Args:
        course: what the judge said at some steps, in their order, with `frechet_distance`, `step`
            and `seconds`; what lies before the first step is left out.
        distance: a Fréchet distance, above 0.
        unit: what to count, "seconds" or "step".
    """
    begun = [row for row in course if row["step"]]
    for before, after in itertools.pairwise([*begun[:1], *begun]):
        if after["frechet_distance"] <= distance:
            distances, times = np.log([(r["frechet_distance"], r[unit]) for r in (after, before)]).T
            return float(np.exp(np.interp(np.log(distance), distances, times)))
    return None


def load_weights(model: keras.Model, name: str, folder: Path = RUNS) -> keras.Model:
    """Give a model the weights of a recorded run, after a look at their checksum.

    Args:
        model: a network of the architecture that was trained; its weights are replaced.
        name: the run's name.
        folder: where runs are.

    Returns:
        The same model.

    Raises:
        OSError: if there is no such run, if it keeps no weights, or if they are not, byte for byte,
            those recorded.
    """
    path, _ = _read("weights", name, folder)
    model.load_weights(path)
    return model


def write_run(model: keras.Model, name: str, history: dict, folder: Path = RUNS) -> None:
    """Store a model's weights and the history of its training as a recorded run.

    The weights come first, then the history with their checksum: whoever reads in between is told
    that the two do not belong together.

    Raises:
        TooLarge: if the weights take more than 2 MB. Nothing is stored then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as elsewhere:
        path = Path(elsewhere) / "partial.weights.h5"
        model.save_weights(path)
        content = path.read_bytes()
    _write_both(folder, name, "weights", content, history)


def load_sheets(name: str, folder: Path = RUNS) -> dict[str, np.ndarray]:
    """The images of a recorded run, uint8, shape (n, height, width), by what they show.

    A run may also keep what was measured of each image: float32, shape (n,).

    Raises:
        OSError: if there is no such run, if it keeps no images, or if they are not, byte for byte,
            those recorded.
    """
    _, content = _read("sheets", name, folder)
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def write_sheets(
    sheets: dict[str, np.ndarray], name: str, history: dict, folder: Path = RUNS
) -> None:
    """Store images, as `load_sheets` gives them, and the history of what made them.

    Raises:
        TooLarge: if the images take more than 2 MB. Nothing is stored then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **sheets)
    _write_both(folder, name, "sheets", buffer.getvalue(), history)


def _read(kind: str, name: str, folder: Path) -> tuple[Path, bytes]:
    """Where what a run keeps is, and its bytes, after a look at their checksum."""
    history = read_history(name, folder)
    if f"{kind}_sha256" not in history:
        kept = [other for other in ENDINGS if f"{other}_sha256" in history] or "nothing"
        raise OSError(f"The recorded run {name!r} keeps no {kind}; beside its history, {kept}.")
    path = folder / (name + ENDINGS[kind])
    return path, read_verified(path, history[f"{kind}_sha256"], f"the file of recorded {kind}")


def _write_both(folder: Path, name: str, kind: str, content: bytes, history: dict) -> None:
    """Store a run; what one of the same name kept of the other kind goes."""
    path = folder / (name + ENDINGS[kind])
    if len(content) > MAX_BYTES:
        raise TooLarge(f"{path.name} would take {len(content)} bytes; {MAX_BYTES} allowed.")
    write_atomically(path, content)
    history = history | {f"{kind}_sha256": hashlib.sha256(content).hexdigest()}
    write_json(folder / f"{name}.json", history)
    for other in ENDINGS.keys() - {kind}:
        (folder / (name + ENDINGS[other])).unlink(missing_ok=True)
