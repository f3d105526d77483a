"""Which run a folder holds: what its training depends on, in `run.json`, and what differs from it.

So no training goes on silently with other images, labels, networks, optimizers or another game.
"""

import json
import textwrap
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from gan_helpers.checkpoints import check_can_be_kept, checkpoints
from gan_helpers.files import advised
from gan_helpers.repeatable import RepeatableModel

IDENTITY = "run.json"  # in a run's folder: which run it is, and the classes of its images
SHOWN = 4  # differences in an error; networks may have hundreds
_COMMON = {"name", "trainable", "dtype", "seed"}  # of any model's configuration
# What two networks that are built alike differ in, and what is said twice.
_LEFT_OUT = {"build_config", "steps_per_execution"}
_ORIGIN = {"module", "registered_name"}  # which matter for what is neither Keras's nor ours


class OtherRun(ValueError):
    """A folder holds another run than the one that is asked for."""


def sum_of(array: np.ndarray) -> int:
    """The CRC-32 sum of an array's content."""
    return zlib.crc32(np.ascontiguousarray(array).data)


def described(model: RepeatableModel) -> dict:
    """A compiled model's game, optimizers, settings and networks, as JSON knows them.

    Two models that were built and compiled alike have one description, whatever Keras calls their
    layers.

    Raises:
        ValueError: for what could not go on after loading, as `check_can_be_kept` does.
    """
    check_can_be_kept(model)
    parts = {"game": model.get_compile_config()}
    for name in model.networks:
        parts[name] = keras.saving.serialize_keras_object(getattr(model, name))
    if settings := {k: v for k, v in model.get_config().items() if k not in {*_COMMON, *parts}}:
        parts["settings"] = settings
    return json.loads(json.dumps(_plain(parts, {})))


def _plain(value: Any, places: dict[str, int]) -> Any:
    """A Keras configuration without names: a layer is called by its place in its network."""
    if isinstance(value, dict):
        if isinstance(value.get("layers"), list):
            names = [layer["config"].get("name") for layer in value["layers"]]
            places = {name: place for place, name in enumerate(names)}
        left_out = _LEFT_OUT if _is_your_own(value) else _LEFT_OUT | _ORIGIN
        if len(value) > 1:  # a policy of dtypes is nothing but its name, which counts
            left_out = left_out | {"name"}
        return {k: _plain(v, places) for k, v in value.items() if k not in left_out}
    if isinstance(value, list | tuple):
        if len(value) == 3 and isinstance(value[0], str) and value[0] in places:
            return [places[value[0]], *value[1:]]  # [layer, its call, which of the outputs]
        return [_plain(item, places) for item in value]
    return value


def _is_your_own(value: dict) -> bool:
    """Whether a configuration is of a class or a function that is registered, and not by us."""
    package, above, _ = str(value.get("registered_name")).partition(">")
    return bool(above) and package != "gan_helpers"


def read_identity(folder: Path) -> dict | None:
    """What `run.json` in a folder says, or None if the folder holds no run.

    Raises:
        OSError: if the file is damaged or cannot be read, or is missing beside checkpoints.
        ValueError: if an earlier version of this package wrote it.
    """
    path = folder / IDENTITY
    unknown = "So it is not known which run its checkpoints belong to."
    choose = f"Choose another folder, or delete {folder} to train from the beginning."
    try:
        with advised(folder):
            identity = json.loads(path.read_text("utf-8"))
        if not isinstance(identity, dict) or "recipe" not in identity or "classes" not in identity:
            raise ValueError("it describes no run")
    except FileNotFoundError:
        if checkpoints(folder):
            raise OSError(f"{path} is missing. {unknown} {choose}") from None
        return None
    except ValueError as error:
        raise OSError(f"{path} is damaged ({error}). {unknown} {choose}") from error
    if "game" not in identity:
        raise OtherRun(
            f"{path} was written by an earlier version of gan_helpers, which did not keep the "
            f"game and the networks. Finish the run with that version. {choose}"
        )
    return identity


def refuse_other(folder: Path, theirs: dict, ours: dict) -> None:
    """Refuse to go on with a run that differs from the one asked for.

    Args:
        folder: where the former is kept.
        theirs, ours: their identities, as in `run.json`.

    Raises:
        OtherRun: saying in what they differ.
    """
    found = list(_differences(theirs, ours))
    if found:
        more = f"; and {len(found) - SHOWN} more differences" if len(found) > SHOWN else ""
        raise OtherRun(
            f"{folder} holds another run: {'; '.join(found[:SHOWN])}{more}. Choose another folder, "
            "or ask for what this one holds."
        )


def _differences(there: Any, here: Any, where: tuple = ()) -> Iterator[str]:
    """Each place in which two descriptions differ, with what stands in both."""
    if where in _OF_IMAGES:
        if there != here:
            yield _OF_IMAGES[where](there, here)
        return
    if where and where[-1] == "inbound nodes":
        if _connections(there) != _connections(here):
            yield f"{', '.join(where[:-1])}: other inputs here than there"
        return
    kinds = [x.get("class_name") if isinstance(x, dict) else x for x in (there, here)]
    if isinstance(there, dict) and isinstance(here, dict) and kinds[0] == kinds[1]:
        for key in dict.fromkeys([*here, *there]):
            place = where if key == "config" else (*where, str(key).replace("_", " "))
            yield from _differences(there.get(key), here.get(key), place)
    elif isinstance(there, list) and isinstance(here, list):
        if len(there) != len(here):
            yield f"{', '.join(where)}: {len(here)} here, {len(there)} there"
        else:
            for number, (one, other) in enumerate(zip(there, here, strict=True)):
                yield from _differences(one, other, (*where[:-1], f"{where[-1]} {number}"))
    elif there != here:
        yield f"{', '.join(where)}: {_shown(here)} here, {_shown(there)} there"


def _connections(nodes: Any) -> Any:
    """Which outputs a layer takes, without their shapes, which follow from the layers before."""
    if isinstance(nodes, list):
        return [_connections(node) for node in nodes]
    if isinstance(nodes, dict):
        if nodes.get("class_name") == "__keras_tensor__":
            return nodes["config"]["keras_history"]
        return {key: _connections(value) for key, value in nodes.items()}
    return nodes


def _other(what: str) -> Callable[[Any, Any], str]:
    """How two arrays are said to differ, by their sums or by themselves; None for no array."""

    def said(there: Any, here: Any) -> str:
        if None in (there, here):
            there, here = ("none" if x is None else "some" for x in (there, here))
            return f"{what}: {here} here, {there} there"
        of = ""
        if isinstance(here, list) and len(here) == len(there):
            other = sum(a != b for a, b in zip(there, here, strict=True))
            of = f", for {other} of {len(here)} images"
        return f"other {what} here than there{of}"

    return said


_OF_IMAGES = {
    ("sum of images",): _other("images"),
    ("sum of labels",): _other("labels"),
    ("classes",): _other("classes"),
}


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("class_name", "others"))
    shown = f"{value:.7g}" if isinstance(value, float) else str(value)
    return textwrap.shorten(shown, 60, placeholder=" …") if " " in shown else shown[:60]
