"""Checkpoints: training that was killed ends where training that was left alone ends."""

import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import keras
import numpy as np
import pytest

from gan_helpers import networks
from gan_helpers.checkpoints import (
    Checkpoint,
    checkpoints,
    load_latest,
    save_checkpoint,
    step_of,
)
from gan_helpers.gan import GAN
from tools.fingerprint import ROOT

POINTS = np.random.default_rng(0).normal(size=(40, 2)).astype("float32")
EPOCHS, STEPS = 4, 5


def new_gan() -> GAN:
    keras.utils.set_random_seed(1)
    gan = GAN(networks.point_generator(width=8), networks.point_discriminator(width=8), seed=1)
    rate = keras.optimizers.schedules.CosineDecay(1e-2, EPOCHS * STEPS)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rate, use_ema=True, ema_momentum=0.9),
        discriminator_optimizer=keras.optimizers.Adam(rate),
        penalties={"r1": 0.1},
    )
    return gan


def train(folder: Path, *callbacks) -> GAN:
    """Train to the end, from the latest checkpoint if there is one."""
    gan = load_latest(folder) or new_gan()
    gan.fit(
        POINTS,
        batch_size=8,
        epochs=EPOCHS,
        initial_epoch=gan.steps // STEPS,
        steps_per_epoch=STEPS,
        callbacks=[*callbacks, Checkpoint(folder)],
        verbose=0,
    )
    return gan


def state(gan: GAN) -> list[bytes]:
    variables = [
        *gan.weights,
        *gan.generator_optimizer.variables,
        *gan.discriminator_optimizer.variables,
    ]
    return [np.asarray(variable).tobytes() for variable in variables]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return state(train(tmp_path_factory.mktemp("undisturbed")))


class Killed(BaseException):
    """In the place of a kill: nothing in training or saving catches it."""


def kill(*args, **kwargs):
    raise Killed


class KillAfter(keras.callbacks.Callback):
    def __init__(self, step: int):
        super().__init__()
        self.step = step

    def on_train_batch_end(self, batch, logs=None):
        if self.model.steps == self.step:
            kill()


def kill_at(moment: str, monkeypatch) -> list[keras.callbacks.Callback]:
    """Have training killed in its first or its third epoch; give the callbacks for that."""
    save, replace = GAN.save, Path.replace

    def save_half(gan, path):
        save(gan, path)
        if gan.steps == 15:
            os.truncate(path, os.path.getsize(path) // 2)
            kill()

    def rename(path, target):
        return kill() if "step-0000015" in str(target) else replace(path, target)

    if moment == "in the middle of writing":
        monkeypatch.setattr(GAN, "save", save_half)
    elif moment == "between writing and renaming":
        monkeypatch.setattr(Path, "replace", rename)
    elif moment == "before the oldest is deleted":
        monkeypatch.setattr(Path, "unlink", kill)
    else:
        return [KillAfter({"in the first step": 1, "between two steps": 13}[moment])]
    return []


MOMENTS = [
    "in the first step",
    "between two steps",
    "in the middle of writing",
    "between writing and renaming",
    "before the oldest is deleted",
]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_training_ends_bit_by_bit_as_an_undisturbed_one(moment, undisturbed, tmp_path):
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        train(tmp_path, *kill_at(moment, patch))
    assert state(train(tmp_path)) == undisturbed
    assert [step_of(path) for path in checkpoints(tmp_path)] == [15, 20]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on this system")
def test_so_does_one_whose_process_was_killed(undisturbed, tmp_path):
    """With files as the operating system leaves them, in the worst moment of those above."""
    script = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        import pytest
        from tests import test_checkpoints as tests

        tests.kill = lambda: os.kill(os.getpid(), signal.SIGKILL)
        tests.kill_at("in the middle of writing", pytest.MonkeyPatch())
        tests.train(Path(sys.argv[1]))
    """)
    done = subprocess.run([sys.executable, "-c", script, tmp_path], cwd=ROOT, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]
    assert (tmp_path / "partial.keras").exists()
    assert state(train(tmp_path)) == undisturbed


def test_the_first_checkpoint_comes_before_the_first_step(tmp_path):
    found = []
    look = keras.callbacks.LambdaCallback(
        on_train_batch_begin=lambda batch, logs: found or found.extend(checkpoints(tmp_path))
    )
    train(tmp_path, look)
    assert [step_of(path) for path in found] == [0]


def test_checkpoints_sort_by_number_beyond_seven_digits(tmp_path):
    gan = new_gan()
    for step in (9_999_998, 9_999_999, 10_000_000, 123_456_789):
        for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer):
            optimizer.iterations.assign(step)
        save_checkpoint(gan, tmp_path)
        assert load_latest(tmp_path).steps == step
    assert [step_of(path) for path in checkpoints(tmp_path)] == [10_000_000, 123_456_789]


def test_half_a_checkpoint_does_not_keep_a_full_disk_full(tmp_path, monkeypatch):
    save = GAN.save

    def full(gan, path):
        save(gan, path)
        raise OSError(errno.ENOSPC, "No space left on device")

    kept = save_checkpoint(new_gan(), tmp_path)
    monkeypatch.setattr(GAN, "save", full)
    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(new_gan(), tmp_path)
    assert list(tmp_path.iterdir()) == [kept]


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_damaged_checkpoint_is_skipped_with_a_warning_that_names_it(undisturbed, tmp_path):
    train(tmp_path)
    older, latest = checkpoints(tmp_path)
    damage(latest)
    with pytest.warns(UserWarning, match=f"{latest.name} is damaged"):
        assert load_latest(tmp_path).steps == 15
    with pytest.warns(UserWarning, match=latest.name):
        assert state(train(tmp_path)) == undisturbed
    assert older in checkpoints(tmp_path)


def test_a_damaged_later_checkpoint_does_not_push_out_a_whole_one(tmp_path):
    train(tmp_path)
    older, latest = checkpoints(tmp_path)  # of steps 15 and 20
    damage(latest)
    with pytest.warns(UserWarning, match=latest.name):
        gan = load_latest(tmp_path)
    gan.fit(POINTS, batch_size=8, steps_per_epoch=2, verbose=0)
    between = save_checkpoint(gan, tmp_path)  # of step 17
    assert checkpoints(tmp_path) == [older, between]


def test_with_no_whole_checkpoint_left_there_is_one_clear_error(tmp_path):
    assert load_latest(tmp_path) is None
    save_checkpoint(new_gan(), tmp_path)
    (only,) = checkpoints(tmp_path)
    damage(only)
    with (
        pytest.warns(UserWarning, match="is damaged"),
        pytest.raises(OSError, match=f"every checkpoint is damaged: {only.name}"),
    ):
        load_latest(tmp_path)


def test_a_truncated_or_empty_file_is_a_damaged_one(tmp_path):
    path = save_checkpoint(new_gan(), tmp_path)
    os.truncate(path, 0)
    with pytest.warns(UserWarning, match="damaged"), pytest.raises(OSError):
        load_latest(tmp_path)


def test_what_cannot_be_kept_or_read_says_what_to_do(tmp_path):
    uncompiled = GAN(networks.point_generator(width=8), networks.point_discriminator(width=8))
    with pytest.raises(
        ValueError, match=r"Only a compiled GAN can .*: call compile\(\.\.\.\) first"
    ):
        save_checkpoint(uncompiled, tmp_path)
    with pytest.raises(ValueError, match=r"call compile\(\.\.\.\) first"):
        _ = uncompiled.steps
    with pytest.raises(ValueError, match="model must be a RepeatableModel; given Functional"):
        save_checkpoint(keras.Model(*[keras.Input((2,))] * 2), tmp_path)
    missing = tmp_path / "missing"
    with pytest.raises(OSError, match=r"no folder .*missing\. Make it first, or choose"):
        save_checkpoint(new_gan(), missing)
    assert load_latest(missing) is None
    for function in (load_latest, checkpoints, Checkpoint):
        with pytest.raises(ValueError, match=r"folder must be a text or a pathlib\.Path; given 3"):
            function(3)
    assert list(tmp_path.iterdir()) == []


class NotRegistered(keras.layers.Layer):
    def call(self, x):
        return x


@keras.saving.register_keras_serializable(package="test_checkpoints")
class Forgetful(keras.layers.Layer):
    """Its configuration lacks what `__init__` takes."""

    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def get_config(self):
        return super().get_config()

    def call(self, x):
        return self.factor * x


class OwnSchedule(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 1e-3

    def get_config(self):
        return {}


LOST = {
    "not registered": (NotRegistered(name="mine"), "layer 'mine' of its generator .*NotRegistered"),
    "lambda": (
        keras.layers.Lambda(lambda x: 2 * x, name="twice"),
        "layer 'twice' of its generator",
    ),
    "forgetful": (Forgetful(2.0, name="mine"), "layer 'mine' of its generator .*factor"),
    "nested": (
        keras.Sequential([keras.Input((2,)), NotRegistered(name="inner")], name="outer"),
        "layer 'inner' of its generator",
    ),
    "schedule": (None, "generator_optimizer cannot be built again: .*OwnSchedule"),
}


@pytest.mark.parametrize("lost", LOST)
def test_what_could_not_be_loaded_is_refused_before_the_first_step(lost, tmp_path):
    layer, message = LOST[lost]
    own = [] if layer is None else [layer]
    generator = keras.Sequential([keras.Input((2,)), *own, keras.layers.Dense(2)])
    gan = GAN(generator, networks.point_discriminator(width=8))
    rate = OwnSchedule() if lost == "schedule" else 1e-3
    gan.compile(generator_optimizer=keras.optimizers.Adam(rate), discriminator_optimizer="adam")
    with pytest.raises(ValueError, match=f"could not be loaded, for (?s:.*){message}"):
        gan.fit(POINTS, batch_size=8, verbose=0, callbacks=[Checkpoint(tmp_path)])
    assert gan.steps == 0 and list(tmp_path.iterdir()) == []
