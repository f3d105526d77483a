"""Checkpoints: training that was killed ends where training that was left alone ends."""

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
from gan_helpers.checkpoints import Checkpoint, checkpoints, load_latest, save_checkpoint
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


# What a process does before it kills itself, in its first or its third epoch.
KILLS = {
    "between two steps": """
        class Kill(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                if self.model.steps == 13:
                    kill()
        callbacks = [Kill()]
    """,
    "before the first checkpoint": """
        class Kill(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                kill()
        callbacks = [Kill()]
    """,
    "in the middle of writing": """
        original = GAN.save
        def save(self, path):
            original(self, path)
            if self.steps == 15:
                os.truncate(path, os.path.getsize(path) // 2)
                kill()
        GAN.save = save
    """,
    "between writing and renaming": """
        original = Path.replace
        def replace(self, target):
            if "step-0000015" in str(target):
                kill()
            return original(self, target)
        Path.replace = replace
    """,
    "before the oldest is deleted": """
        def unlink(self, missing_ok=False):
            kill()
        Path.unlink = unlink
    """,
}


@pytest.mark.parametrize("moment", KILLS)
def test_a_killed_training_ends_bit_by_bit_as_an_undisturbed_one(moment, undisturbed, tmp_path):
    script = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        import keras
        from gan_helpers.gan import GAN
        from tests.test_checkpoints import train

        def kill():
            os.kill(os.getpid(), signal.SIGKILL)

        callbacks = []
    """)
    script += textwrap.dedent(KILLS[moment]) + "\ntrain(Path(sys.argv[1]), *callbacks)\n"
    done = subprocess.run([sys.executable, "-c", script, tmp_path], cwd=ROOT, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]
    assert state(train(tmp_path)) == undisturbed
    assert len(checkpoints(tmp_path)) == 2


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
