"""Checkpoints of a training run that may be killed at any moment, writing included.

A checkpoint is a whole model, such as a `GAN`, in a file whose name holds the number of steps and
the beginning of its SHA-256 sum: `step-0001200-5a0c1e9f7b3d2468.keras`. It gets this name when it
is complete, in one renaming. So a file with such a name is whole, unless it was damaged later, and
then its sum says so.
"""

import hashlib
import json
import os
import re
import textwrap
import warnings
from pathlib import Path
from typing import Any

import keras

from gan_helpers import gan, networks  # noqa: F401  (so that Keras knows them when it loads)
from gan_helpers.checks import check_kinds, check_path, layers_of
from gan_helpers.files import advised, check_folder, writing
from gan_helpers.losses import LOSSES, PENALTIES
from gan_helpers.repeatable import RepeatableModel

NAME = re.compile(r"step-(\d{7,})-([0-9a-f]{16})\.keras")
KEPT = 2


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def checkpoints(folder: Path | str) -> list[Path]:
    """The checkpoints in a folder, the latest last; none in one that does not exist.

    Raises:
        ValueError: for what is no path.
    """
    paths = check_path(folder=folder).glob("step-*.keras")
    found = [path for path in paths if NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: (step_of(path), path.name))


def step_of(path: Path) -> int:
    """The number of steps after which a checkpoint was saved, by its name."""
    return int(path.stem.split("-")[1])


def check_can_be_kept(model: RepeatableModel, *, loading: bool = True) -> None:
    """Refuse a model that could not go on after loading.

    Args:
        model: to be kept, of any family.
        loading: whether to build it again from what a file would hold, which takes a moment.

    Raises:
        ValueError: if it is not compiled, if its loss or a penalty is not one of the package's, or
            if Keras cannot build it again, such as a layer of your own that is not registered.
    """
    check_kinds(RepeatableModel, model=model)
    if not model.compiled:
        raise ValueError(
            f"Only a compiled {type(model).__name__} can go on after loading: call compile(...) "
            "first."
        )
    game = model.game
    if game and game.by_name() is None:
        penalties = [getattr(penalty, "__name__", penalty) for penalty in game.penalties]
        raise ValueError(
            f"A checkpoint can keep the losses {sorted(LOSSES)} and the penalties "
            f"{sorted(PENALTIES)}; given {game.loss.name!r} and {penalties}."
        )
    if loading and (problem := _built_again(model)):
        parts = [
            (f"layer {layer.name!r} of its {name}", layer)
            for name in model.networks
            for layer in layers_of(getattr(model, name))
        ] + [(name, getattr(model, name)) for name in model.optimizers]
        found = [(name, why) for name, part in parts if (why := _built_again(part))]
        name, problem = found[-1] if found else ("a part of it", problem)  # the innermost
        raise ValueError(
            f"A checkpoint of this {type(model).__name__} could not be loaded, for {name} cannot "
            f"be built again: {problem} Register a class of your own with "
            "@keras.saving.register_keras_serializable(), let its get_config give what __init__ "
            "takes, and write one in place of a Lambda."
        )


def _built_again(part: Any) -> str | None:
    """Why Keras cannot build something from what a file would hold of it, or None if it can."""
    try:
        kept = json.loads(json.dumps(keras.saving.serialize_keras_object(part)))
        keras.saving.deserialize_keras_object(kept)
    except Exception as error:  # whatever code of one's own raises
        _, _, reason = str(error).rpartition("Exception encountered: ")  # what Keras met within
        return textwrap.shorten(reason, 200, placeholder=" …")
    return None


def save_checkpoint(model: RepeatableModel, folder: Path | str) -> Path:
    """Write a checkpoint of a compiled model, and delete all but the last two.

    Args:
        model: its weights, its optimizers' states and its step are kept.
        folder: exists already.

    Returns:
        The new file.

    Raises:
        ValueError: if it is not compiled, or if it has a loss or a penalty of your own, whose code
            no file could keep; for the first one in a folder, if it could not be loaded.
        OSError: if the folder does not exist or the disk is full, for example; the checkpoints
            before it are left.
    """
    check_can_be_kept(model, loading=not checkpoints(folder))
    folder = check_folder(folder)
    partial = folder / "partial.keras"
    with writing(partial):
        model.save(partial)
        with open(partial, "rb+") as file:
            os.fsync(file.fileno())
        path = folder / f"step-{model.steps:07d}-{_sum(partial)}.keras"
        partial.replace(path)
    # Others of this step, or of a later one, were damaged and skipped.
    found = checkpoints(folder)
    earlier = [p for p in found if step_of(p) < model.steps]
    for old in found:
        if old not in (path, *earlier[1 - KEPT :]):
            old.unlink()
    return path


def load_latest(folder: Path | str) -> RepeatableModel | None:
    """The model of the latest checkpoint that is whole, or None if there is no checkpoint at all.

    A damaged one is skipped with a warning that names it. Another family than GANs must have been
    imported, or `gan_helpers.saving`, which imports all.

    Args:
        folder: where `save_checkpoint` wrote; one that does not exist has no checkpoint.

    Raises:
        ValueError: for what is no path.
        OSError: if a checkpoint cannot be read, or if there are some, and all are damaged.
    """
    found = checkpoints(folder)
    for path in reversed(found):
        with advised(path):
            if _sum(path) == path.stem.rpartition("-")[2]:
                return keras.models.load_model(path)
        warnings.warn(
            f"{path} is damaged: its content is not what was written. It is skipped.", stacklevel=2
        )
    if found:
        raise OSError(
            f"{folder}: every checkpoint is damaged: {', '.join(path.name for path in found)}. "
            "Delete them to train from the beginning."
        )
    return None


class Checkpoint(keras.callbacks.Callback):
    """Save a checkpoint after each epoch, and before the first step of all.

    So a folder or a game that cannot keep one is noticed at once.

    Args:
        folder: exists when training begins.

    Raises:
        ValueError: for what is no path; when training begins, as `save_checkpoint` does.
        OSError: when training begins or after an epoch, as `save_checkpoint` does.
    """

    def __init__(self, folder: Path | str):
        super().__init__()
        self.folder = check_path(folder=folder)

    def on_train_begin(self, logs=None):
        check_can_be_kept(self.model, loading=False)
        if not checkpoints(self.folder):
            save_checkpoint(self.model, self.folder)

    def on_epoch_end(self, epoch, logs=None):
        save_checkpoint(self.model, self.folder)
