"""Checkpoints of a training run that may be killed at any moment, writing included.

A checkpoint is a whole `GAN`, in a file whose name holds the number of steps and the beginning of
its SHA-256 sum: `step-0001200-5a0c1e9f7b3d2468.keras`. It gets this name when it is complete, in
one renaming. So a file with such a name is whole, unless it was damaged later, and then its sum
says so.
"""

import hashlib
import os
import re
import warnings
from pathlib import Path

import keras

from gan_helpers import saving  # noqa: F401  (what a checkpoint holds is known to Keras then)
from gan_helpers.gan import GAN
from gan_helpers.losses import LOSSES, PENALTIES

NAME = re.compile(r"step-(\d{7,})-([0-9a-f]{16})\.keras")
KEPT = 2


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def checkpoints(folder: Path | str) -> list[Path]:
    """The checkpoints in a folder, the latest last."""
    found = [path for path in Path(folder).glob("step-*.keras") if NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: (step_of(path), path.name))


def step_of(path: Path) -> int:
    """The number of steps after which a checkpoint was saved, by its name."""
    return int(path.stem.split("-")[1])


def check_can_be_kept(gan: GAN) -> None:
    """Refuse a game that could not go on after loading.

    Raises:
        ValueError: if its loss or a penalty is not one of the package's.
    """
    if gan.get_compile_config() is None:
        penalties = [getattr(penalty, "__name__", penalty) for penalty in gan.game.penalties]
        raise ValueError(
            f"A checkpoint can keep the losses {sorted(LOSSES)} and the penalties "
            f"{sorted(PENALTIES)}; given {gan.game.loss.name!r} and {penalties}."
        )


def save_checkpoint(gan: GAN, folder: Path | str) -> Path:
    """Write a checkpoint of a compiled GAN, and delete all but the last two.

    Args:
        gan: its weights, both optimizers' states and its step are kept.
        folder: exists already.

    Returns:
        The new file.

    Raises:
        ValueError: if it has a loss or a penalty of your own, whose code no file could keep.
        OSError: if the disk is full, for example; the checkpoints before it are left.
    """
    check_can_be_kept(gan)
    folder = Path(folder)
    partial = folder / "partial.keras"  # left behind by a kill, and written over by the next one
    try:
        gan.save(partial)
        with open(partial, "rb+") as file:
            os.fsync(file.fileno())
    except OSError:  # a full disk, which should not be kept full by half a file
        partial.unlink(missing_ok=True)
        raise
    path = folder / f"step-{gan.steps:07d}-{_sum(partial)}.keras"
    partial.replace(path)
    # Others of this step, or of a later one, were damaged and skipped.
    found = checkpoints(folder)
    earlier = [p for p in found if step_of(p) < gan.steps]
    for old in found:
        if old not in (path, *earlier[1 - KEPT :]):
            old.unlink()
    return path


def load_latest(folder: Path | str) -> GAN | None:
    """The GAN of the latest checkpoint that is whole, or None if there is no checkpoint at all.

    A damaged one is skipped with a warning that names it.

    Raises:
        OSError: if there are checkpoints, and all of them are damaged.
    """
    found = checkpoints(folder)
    for path in reversed(found):
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
        folder: exists already.

    Raises:
        ValueError: when training begins, as `save_checkpoint` does.
    """

    def __init__(self, folder: Path | str):
        super().__init__()
        self.folder = Path(folder)

    def on_train_begin(self, logs=None):
        check_can_be_kept(self.model)
        if not checkpoints(self.folder):
            save_checkpoint(self.model, self.folder)

    def on_epoch_end(self, epoch, logs=None):
        save_checkpoint(self.model, self.folder)
