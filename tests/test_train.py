"""`python -m tools.train`: what it trains, keeps, draws, and says when it cannot."""

import errno
import json
import os
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest
from matplotlib.image import imread

from gan_helpers.gan_parts.averaging import averaged_generator
from gan_helpers.recipes import RECIPES, Recipe, train_recipe
from tools import train as command
from tools.fingerprint import ROOT

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(-1, 1, (60, 4, 4, 1)).astype("float32")
LABELS = np.arange(60, dtype=np.int32) % 10


def pair(n_classes):
    """Networks for images of 4 by 4 and, if there are classes, for their classes."""
    both = []
    for shape, outputs, activation in (((3,), 16, "tanh"), ((4, 4, 1), 1, None)):
        samples = keras.Input(shape)
        inputs, x = samples, keras.layers.Flatten()(samples)
        if n_classes:
            classes = keras.Input((), dtype="int32")
            embedded = keras.layers.Embedding(n_classes, 2)(classes)
            inputs, x = [samples, classes], keras.layers.Concatenate()([x, embedded])
        x = keras.layers.Dense(outputs, activation=activation)(x)
        x = keras.layers.Reshape((4, 4, 1))(x) if outputs == 16 else x
        both.append(keras.Model(inputs, x))
    return both


def game():
    return {
        "generator_optimizer": keras.optimizers.Adam(1e-2, use_ema=True),
        "discriminator_optimizer": keras.optimizers.Adam(1e-2),
    }


TINY = {
    "steps": 12,
    "batch_size": 10,
    "every": 4,
    "data": lambda: ((IMAGES, LABELS), (IMAGES, LABELS)),
}
PLAIN = Recipe("plain", "without labels", pair, game, **TINY)
TOLD = Recipe(
    "told",
    "with labels",
    pair,
    game,
    **TINY,
    classes=lambda images, labels, seed: labels,
)


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """The command, with two tiny recipes, in an empty folder.

    It gives the exit status and what was said.
    """
    for recipe in (PLAIN, TOLD):
        monkeypatch.setitem(command.ALL, recipe.name, recipe)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str]:
        status = 0
        try:
            command.main(list(words))
        except SystemExit as ended:
            status = ended.code
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


@pytest.mark.parametrize("recipe", [PLAIN, TOLD], ids=lambda recipe: recipe.name)
def test_it_stops_goes_on_and_ends_with_the_generator_and_pictures(recipe, run, tmp_path):
    folder = tmp_path / "runs" / f"{recipe.name}-3"
    status, said = run(recipe.name, "--seed", "3", "--stop-after", "5")
    assert status == 0 and f"5 of 12 steps are done; kept in {folder.relative_to(tmp_path)}" in said
    assert "4/4" in said, "no progress bar"
    assert not (folder / "samples.png").exists()
    status, said = run(recipe.name, "--seed", "3")
    assert status == 0 and f"12 steps are done. In {folder.relative_to(tmp_path)}:" in said
    for name in ("generator.keras", "samples.png", "curves.png"):
        assert (folder / name).exists() and name in said
    made = keras.models.load_model(folder / "generator.keras")
    undisturbed = train_recipe(recipe, IMAGES, LABELS, seed=3)
    averaged = averaged_generator(undisturbed.model, undisturbed.classes)
    for one, other in zip(made.get_weights(), averaged.get_weights(), strict=True):
        assert np.array_equal(one, other)
    for name in ("samples.png", "curves.png"):
        grey = imread(folder / name)[..., :3].mean(axis=-1)
        assert min(grey.shape) > 250 and grey.std() > 0.05, f"{name} is small or empty"
    assert run(recipe.name, "--seed", "3")[0] == 0, "a finished run cannot be asked for again"


def test_the_sheet_s_rows_are_classes_and_its_columns_styles():
    trained = train_recipe(TOLD, IMAGES, LABELS, seed=0, stop_after=1)
    latent, classes = command.sample_inputs(trained, trained.generator(), seed=4)
    assert classes.tolist() == [digit for digit in range(10) for _ in range(10)]
    rows = latent.reshape(10, 10, 3)
    assert (rows == rows[0]).all() and len(np.unique(rows[0], axis=0)) == 10
    plain = train_recipe(PLAIN, IMAGES, LABELS, seed=0, stop_after=1)
    assert command.sample_inputs(plain, plain.generator(), seed=4).shape == (100, 3)


def test_the_figures_are_of_this_run(run, tmp_path, monkeypatch):
    drawn, tiled = {}, []
    curves, tile = command.training_curves, command.tile

    def kept_curves(steps, history):
        drawn.update(history, steps=steps)
        return curves(steps, history)

    def kept_tile(images, **options):
        tiled.append(images)
        return tile(images, **options)

    monkeypatch.setattr(command, "training_curves", kept_curves)
    monkeypatch.setattr(command, "tile", kept_tile)
    run("told", "--folder", "here")
    rows = json.loads((tmp_path / "here" / "history.json").read_text("utf-8"))
    assert drawn["steps"] == [4, 8, 12]
    assert drawn["generator_loss"] == [row["generator_loss"] for row in rows]
    made = keras.models.load_model(tmp_path / "here" / "generator.keras")
    gan = train_recipe(TOLD, IMAGES, LABELS, seed=0)
    inputs = command.sample_inputs(gan, made, seed=0)
    np.testing.assert_array_equal(tiled[0], made.predict(inputs, verbose=0))


def test_ctrl_c_says_how_to_go_on(run, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "train_recipe", interrupted)
    status, said = run("plain")
    assert status == 130 and f"goes on from {os.path.join('runs', 'plain-0')}" in said


@pytest.mark.skipif(os.name != "posix", reason="other signals on this system")
def test_ctrl_c_while_libraries_are_imported_ends_it_silently(tmp_path):
    (tmp_path / "keras.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = subprocess.run(
        [sys.executable, "-m", "tools.train", "plain"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def test_another_recipe_in_a_run_s_folder_is_a_message(run):
    assert run("plain", "--folder", "here", "--stop-after", "4")[0] == 0
    status, said = run("told", "--folder", "here")
    assert status == 1 and "here holds another run: recipe: told here, plain there" in said
    assert "Traceback" not in said


def test_a_folder_that_cannot_be_made_is_a_message(run, tmp_path):
    (tmp_path / "file").write_text("no folder")
    status, said = run("plain", "--folder", os.path.join("file", "run"))
    assert status == 1 and "that cannot be used, choose another one." in said
    status, said = run("plain", "--folder", "file")
    assert status == 1 and "that cannot be used, choose another one." in said
    (tmp_path / "runs").write_text("no folder")
    status, said = run("plain")
    assert status == 1 and "that cannot be used, choose another one." in said


def test_a_folder_that_may_not_be_written_is_a_message(run, monkeypatch):
    def refused(path, *args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("gan_helpers.recipes.Path.mkdir", refused)
    status, said = run("plain", "--folder", "theirs")
    assert status == 1 and "Permission denied: 'theirs'" in said
    assert "If it is theirs that cannot be used, choose another one.\ntheirs holds no ch" in said


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_on_a_full_disk_it_says_what_is_kept_and_goes_on_when_there_is_room(run, tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "partial.keras").symlink_to("/dev/full")  # a checkpoint finds no room
    status, said = run("plain", "--folder", "here")
    assert status == 1 and "No space left on device" in said
    assert "Make room on the disk, and ask for the same again.\nhere holds no checkpoint." in said
    (folder / "history.json.partial").symlink_to("/dev/full")  # nor does a row
    status, said = run("plain", "--folder", "here")
    assert status == 1 and "No space left on device" in said
    assert "Make room on the disk" in said
    (folder / "generator.partial.keras").symlink_to("/dev/full")  # nor the generator
    status, said = run("plain", "--folder", "here")
    assert status == 1 and "here holds whole checkpoints, of the steps 8 and 12." in said
    assert not [path.name for path in folder.iterdir() if "partial" in path.name]
    assert run("plain", "--folder", "here")[0] == 0
    undisturbed = train_recipe(PLAIN, IMAGES, LABELS, seed=0)
    made = keras.models.load_model(folder / "generator.keras")
    for one, other in zip(
        made.get_weights(), averaged_generator(undisturbed.model).get_weights(), strict=True
    ):
        assert np.array_equal(one, other)


def test_damaged_files_are_messages(run, tmp_path):
    run("plain", "--folder", "here", "--stop-after", "4")
    identity = tmp_path / "here" / "run.json"
    whole = identity.read_bytes()
    identity.write_bytes(whole[:50])
    status, said = run("plain", "--folder", "here")
    assert status == 1 and "run.json is damaged" in said and "--folder" not in said
    identity.write_bytes(whole)
    (tmp_path / "here" / "history.json").write_text("[{")
    status, said = run("plain", "--folder", "here")
    assert status == 1 and "history.json is not a history" in said and "Move it away" in said


def test_training_that_diverges_is_a_message(run, monkeypatch):
    def diverged(*args, **kwargs):
        raise FloatingPointError("Training stopped: generator_loss is nan")

    monkeypatch.setattr(command, "train_recipe", diverged)
    assert run("plain") == (1, "\nTraining stopped: generator_loss is nan\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seed", "-1"], "argument --seed: an integer, at least 0, is needed; given -1"),
        (["--seed", "one"], "argument --seed: an integer, at least 0, is needed; given one"),
        (["--stop-after", "0"], "argument --stop-after: an integer, at least 1, is needed"),
        (["--stop-after", "2.5"], "argument --stop-after: an integer, at least 1, is needed"),
        (["--stop-after", "-1"], "argument --stop-after: an integer, at least 1, is needed"),
    ],
)
def test_numbers_that_cannot_be_are_refused(words, message, run, tmp_path):
    status, said = run("plain", *words)
    assert status == 2 and message in said
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_recipe_and_option(run):
    text = " ".join(run("--help")[1].split())
    for word in (*RECIPES, "--seed", "--folder", "--stop-after", "--judge", "Ctrl-C"):
        assert word in text
    for recipe in RECIPES.values():
        assert recipe.about in text


def test_an_unknown_recipe_is_refused(run):
    status, said = run("slow")
    assert status == 2 and "invalid choice: 'slow'" in said
