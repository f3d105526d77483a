"""What watches a training run of a `GAN`: sample grids, a history file, a stop for NaN."""

import json
import math
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import keras
import numpy as np

from gan_helpers.checks import check_counts, check_kinds, check_path
from gan_helpers.checks.arrays import as_array
from gan_helpers.files import check_folder, write_json


class SampleGrid(keras.callbacks.Callback):
    """Keep the images of the same latent vectors over time, so that pictures can be compared.

    Taken before the first step, after each epoch, and after the steps in `at_steps`, with the
    generator in inference mode.

    Args:
        latent: fixed latent vectors, shape (n, latent_dim); for a conditional GAN [latent vectors,
            classes], the classes integers from 0, shape (n,).
        at_steps: numbers of steps from 0, counted from the start of training, for further pictures.
        writer: called with (step, images) for each picture, to store it somewhere.

    Attributes:
        steps: the number of steps after which each picture was taken.
        images: float32 arrays of shape (n, height, width, channels), -1 to 1, one per picture.

    Raises:
        ValueError: for numbers of steps that cannot be; when training begins, for what the
            generator does not take.
    """

    def __init__(
        self,
        latent: np.ndarray | list[np.ndarray],
        *,
        at_steps: Iterable[int] = (),
        writer: Callable[[int, np.ndarray], None] | None = None,
    ):
        super().__init__()
        if not isinstance(at_steps, Iterable):
            raise ValueError(f"at_steps must be a list of numbers of steps; given {at_steps!r}.")
        if writer is not None:
            check_kinds(Callable, writer=writer)
        self.latent = latent
        self.at_steps = [check_counts(at_least=0, at_steps=step) for step in at_steps]
        self.writer = writer
        self.steps: list[int] = []
        self.images: list[np.ndarray] = []

    def on_train_begin(self, logs=None):
        latent = self.latent
        conditional = self.model.conditional and isinstance(latent, list | tuple)
        self.inputs = [as_array(part) for part in latent] if conditional else as_array(latent)
        if self.steps and self.model.steps < self.steps[-1]:
            self.steps, self.images = [], []  # another model, from its beginning
        self._take()

    def on_train_batch_end(self, batch, logs=None):
        # With several steps per execution, the first chance after each of the steps asked for.
        step = self.model.steps
        if any(self.steps[-1] < asked_for <= step for asked_for in self.at_steps):
            self._take()

    def on_epoch_end(self, epoch, logs=None):
        self._take()

    def _take(self):
        step = self.model.steps
        if step in self.steps:
            return
        images = keras.ops.convert_to_numpy(self.model(self.inputs, training=False))
        self.steps.append(step)
        self.images.append(images)
        if self.writer:
            self.writer(step, images)


class HistoryFile(keras.callbacks.Callback):
    """Write every metric of every epoch to a JSON file while training goes on.

    The file holds a list with one object per epoch: `epoch` (from 0), `step` (steps so far) and
    the metrics by name. It is replaced as a whole when training begins and after each epoch, never
    left half-written. A model that has been trained before goes on after the rows up to its step,
    with a warning if these do not reach so far; a new one starts the file anew.

    Args:
        path: of the file, in a folder that exists when training begins.

    Raises:
        ValueError: for what is no path.
        OSError: when training begins, if the file cannot be written, or if training is to go on
            after a file that is not such a history.
    """

    def __init__(self, path: Path | str):
        super().__init__()
        self.path = check_path(path=path)
        self.rows: list[dict] = []

    def on_train_begin(self, logs=None):
        check_folder(self.path.parent)
        if self.path.is_dir():
            raise OSError(f"{self.path} is a folder. Give the name of a file in it.")
        step = self.model.steps
        self.rows = []
        if step and self.path.exists():
            try:
                rows = json.loads(self.path.read_text("utf-8"))
                self.rows = [row for row in rows if row["step"] <= step]
            except (ValueError, TypeError, KeyError) as error:
                raise OSError(
                    f"{self.path} is not a history that training could go on with ({error!r}). "
                    "Move it away to start a new one."
                ) from error
        last = self.rows[-1]["step"] if self.rows else 0
        if last < step:
            warnings.warn(
                f"{self.path} has a hole: its rows end at step {last}, and training goes on after "
                f"step {step}.",
                stacklevel=2,
            )
        write_json(self.path, self.rows)  # so that a file that cannot be written is noticed now

    def on_epoch_end(self, epoch, logs=None):
        step = self.model.steps
        metrics = {name: float(value) for name, value in logs.items()}
        self.rows.append({"epoch": epoch, "step": step} | metrics)
        write_json(self.path, self.rows)


class StopOnNonFinite(keras.callbacks.Callback):
    """End training when a metric is NaN or infinite, and say where.

    Raises:
        FloatingPointError: then.
    """

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        for name, value in (logs or {}).items():
            if not math.isfinite(float(value)):
                raise FloatingPointError(
                    f"Training stopped: {name} is {float(value)} in epoch {self.epoch + 1}, step "
                    f"{batch + 1}. The weights hold no use from here on; a lower learning rate is "
                    "the first thing to try."
                )
