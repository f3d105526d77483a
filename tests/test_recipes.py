"""Recipes: trained by name, interrupted, gone on with."""

import dataclasses
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers import networks
from gan_helpers.checkpoints import checkpoints, load_latest, step_of
from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.gan import GAN
from gan_helpers.identity import IDENTITY, OtherRun, _differences, described
from gan_helpers.recipes import RECIPES, Recipe, run_name, train_recipe
from gan_helpers.recorded import read_history
from research.record import CLASSES, classes_recipe
from tools.fingerprint import ROOT

POINTS = np.random.default_rng(0).normal(size=(60, 2)).astype("float32")
SIGNS = (POINTS[:, 0] > 0).astype(np.int32)


def pair(n_classes):
    """Networks for points and, if there are classes, for their classes."""
    if not n_classes:
        return networks.point_generator(width=8), networks.point_discriminator(width=8)
    both = []
    for inputs, outputs in ((2, 2), (2, 1)):
        samples, classes = keras.Input((inputs,)), keras.Input((), dtype="int32")
        embedded = keras.layers.Embedding(n_classes, 2)(classes)
        hidden = keras.layers.Concatenate()([samples, embedded])
        both.append(keras.Model([samples, classes], keras.layers.Dense(outputs)(hidden)))
    return both


def game(rate=1e-2):
    return {
        "generator_optimizer": keras.optimizers.Adam(rate, use_ema=True),
        "discriminator_optimizer": keras.optimizers.Adam(1e-2),
    }


def recipe(**changes) -> Recipe:
    given = {"name": "tiny", "about": "points", "networks": pair, "game": game, "steps": 12}
    return Recipe(**(given | {"batch_size": 10, "every": 4} | changes))


TOLD = recipe(classes=lambda images, labels, seed: labels + 0 * seed)
FASTER = recipe(game=lambda: game() | {"steps_per_execution": 2}, replicas=2)


# How far a first loss may be from the recorded one: another processor rounds differently, and a
# game makes small differences grow. On one and the same there is none. A twentieth has been seen
# without oneDNN, or with other threads; of the accuracies, which are shares that move fast, 0.04.
FIRST_LOSS = 0.1
FIRST_ACCURACY = 0.1


def weights(gan: GAN) -> list[bytes]:
    return [weight.numpy().tobytes() for weight in gan.weights]


def test_a_recipe_is_trained_for_its_steps_by_its_seed():
    run = train_recipe(recipe(), POINTS, SIGNS, seed=1)
    assert run.finished and run.model.steps == 12 and run.classes is None
    assert weights(run.model) == weights(train_recipe(recipe(), POINTS, SIGNS, seed=1).model)
    assert weights(run.model) != weights(train_recipe(recipe(), POINTS, SIGNS, seed=2).model)


# "fast-short" differs from "fast-labels" in its number of steps alone.
BEGUN = [name for name in RECIPES if name not in ("source", "fast-short")]


@pytest.fixture(scope="module")
def beginnings(tmp_path_factory):
    """The first row of the history of each recorded recipe, by its name.

    Those with threads of their own are trained in one process, whose first computation they are;
    the others in another.
    """
    script = """if True:
        import sys
        from tools.train import main
        for words in sys.argv[1:]:
            try:
                main(words.split(","))
            except SystemExit as ended:
                assert ended.code == 0, ended.code
    """
    folder, commands = tmp_path_factory.mktemp("beginnings"), {}
    for name in BEGUN:
        of = RECIPES[name]
        options = {"--seed": read_history(run_name(name))["seed"], "--stop-after": of.every}
        words = [name, *(w for o in (options | {"--folder": folder / name}).items() for w in o)]
        commands.setdefault(of.threads, []).append(",".join(map(str, words)))
    for words in commands.values():
        subprocess.run([sys.executable, "-c", script, *words], cwd=ROOT, check=True)
    rows = {}
    for path in folder.glob("*/history.json"):
        (rows[path.parent.name],) = json.loads(path.read_text("utf-8"))
    return rows


@pytest.mark.parametrize("name", BEGUN)
def test_recorded_runs_began_as_the_command_begins_now(name, beginnings):
    recorded, of = read_history(run_name(name)), RECIPES[name]
    assert recorded["recipe"] == {"name": name, "steps": of.steps, "batch": of.batch_size}
    (images, _), _ = load_mnist()
    told = 0 if of.classes is None else len(images)
    assert sum(recorded["class_counts"] or ()) == told, "not every image's class is counted"
    for key, values in recorded["log"].items():
        near = {"rtol": FIRST_LOSS, "atol": FIRST_ACCURACY if key.startswith("accuracy") else 0}
        np.testing.assert_allclose(beginnings[name][key], values[0], **near, err_msg=key)


@pytest.mark.parametrize(("league", "whole"), [("none", False), ("labels", True)])
def test_what_a_class_is_worth_began_as_it_would_now(league, whole):
    """Two of the six trainings; those with found classes differ in their classes alone."""
    row = next(
        row
        for row in read_history(CLASSES)["rows"]
        if (row["league"], row["whole"]) == (league, whole)
    )
    of, log = classes_recipe(league, whole), keras.callbacks.History()
    (images, labels), _ = load_mnist()
    images = to_tanh_range(images)
    train_recipe(of, images, labels, seed=row["seed"], stop_after=of.every, callbacks=[log])
    now = [log.history[f"{player}_loss"][0] for player in ("discriminator", "generator")]
    np.testing.assert_allclose(now, row["first_losses"], rtol=FIRST_LOSS)


@pytest.mark.parametrize("of", [recipe(), TOLD, FASTER], ids=["alone", "with classes", "faster"])
def test_a_run_that_is_interrupted_ends_as_one_that_is_not(of, tmp_path):
    for stop in (1, 5):
        part = train_recipe(of, POINTS, SIGNS, seed=1, folder=tmp_path, stop_after=stop)
        assert not part.finished and part.model.steps == stop
        assert step_of(checkpoints(tmp_path)[-1]) == stop
    run = train_recipe(of, POINTS, SIGNS, seed=1, folder=tmp_path)
    assert run.finished
    assert weights(run.model) == weights(train_recipe(of, POINTS, SIGNS, seed=1).model)
    history = json.loads((tmp_path / "history.json").read_text())
    assert [(r["epoch"], r["step"]) for r in history] == [(0, 1), (0, 4), (1, 5), (1, 8), (2, 12)]
    again = train_recipe(of, POINTS, SIGNS, seed=1, folder=tmp_path)
    assert weights(again.model) == weights(run.model)


def test_a_fast_run_stops_at_the_step_asked_for_and_goes_on_to_the_same_bits(tmp_path):
    """With convolutions, which TensorFlow computes otherwise in a graph of a single step."""
    labels = RECIPES["fast-labels"]
    assert (labels.every, labels.game()["steps_per_execution"]) == (100, 50)
    of = dataclasses.replace(labels, batch_size=8, classes=None)
    images = np.random.default_rng(0).uniform(-1, 1, (64, 28, 28, 1)).astype("float32")
    for stop in (20, 21):
        part = train_recipe(of, images, None, seed=1, folder=tmp_path, stop_after=stop)
        assert part.model.steps == stop == step_of(checkpoints(tmp_path)[-1])
        assert json.loads((tmp_path / "history.json").read_text())[-1]["step"] == stop
    by_three = dataclasses.replace(of, game=lambda: labels.game() | {"steps_per_execution": 3})
    whole = train_recipe(by_three, images, None, seed=1, stop_after=21)
    assert weights(part.model) == weights(whole.model)


@pytest.mark.parametrize("stop", [-1, 0, 2.5, True, "4"])
def test_a_step_to_stop_after_that_cannot_be_is_refused(stop, tmp_path):
    folder = tmp_path / "new"
    with pytest.raises(ValueError, match="stop_after must be an integer, at least 1; given"):
        train_recipe(recipe(), POINTS, SIGNS, seed=1, folder=folder, stop_after=stop)
    assert not folder.exists()


def test_a_callback_can_end_training(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    options = {"seed": 1, "folder": tmp_path}
    for step in (4, 8):
        run = train_recipe(recipe(), POINTS, SIGNS, callbacks=[Stop()], **options)
        assert run.model.steps == step and not run.finished


def test_the_classes_that_a_recipe_makes_belong_to_the_run(tmp_path):
    told = recipe(classes=lambda images, labels, seed: 1 - labels)
    train_recipe(told, POINTS, SIGNS, seed=5, folder=tmp_path, stop_after=4)
    right = 1 - SIGNS
    right[[3, 5]] = SIGNS[[3, 5]]
    corrected = recipe(classes=lambda images, labels, seed: right)
    message = r"run: other classes here than there, for 2 of 60 images\. Choose"
    with pytest.raises(OtherRun, match=message):
        train_recipe(corrected, POINTS, SIGNS, seed=5, folder=tmp_path)
    with pytest.raises(OtherRun, match=r"labels: none here, some there; .*; classes: none"):
        train_recipe(recipe(), POINTS, SIGNS, seed=5, folder=tmp_path)
    # The same labels in another type are the same labels.
    run = train_recipe(told, POINTS, SIGNS.astype("uint8"), seed=5, folder=tmp_path)
    assert np.array_equal(run.classes, 1 - SIGNS)
    assert run.classes.dtype == np.int32


def wider(n_classes):
    return networks.point_generator(width=8), networks.point_discriminator(width=16)


OTHERS = {
    "seed": ({"seed": 2}, {}, "seed: 2 here, 1 there"),
    "images": ({"images": POINTS[::-1]}, {}, r"run: other images here than there\. Choose"),
    "fewer images": (
        {"images": POINTS[:50], "labels": SIGNS[:50]},
        {},
        "images: 50 here, 60 there",
    ),
    "labels": (
        {"labels": 1 - SIGNS},
        {},
        r"run: other labels here than there; other classes here than there, for 60 of 60 images\.",
    ),
    "name": ({}, {"name": "other"}, "run: recipe: other here, tiny there"),
    "steps": ({}, {"steps": 16}, "run: steps: 16 here, 12 there"),
    "batch": ({}, {"batch_size": 5}, "run: batch size: 5 here, 10 there"),
    "rate": (
        {},
        {"game": lambda: game(0.012)},
        r"run: game, generator optimizer, learning rate: 0\.012 here, 0\.01 there\. Choose",
    ),
    "optimizer": (
        {},
        {"game": lambda: game() | {"discriminator_optimizer": keras.optimizers.SGD(1e-2)}},
        r"run: game, discriminator optimizer: SGD here, Adam there\. Choose",
    ),
    "game": (
        {},
        {"game": lambda: game() | {"penalties": {"r1": 0.1}, "same_fakes": True}},
        r"game, penalties, r1: 0\.1 here, None there; game, same fakes: True here, False there\.",
    ),
    "replicas": ({}, {"replicas": 2}, "run: game, replicas: 2 here, 1 there"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_a_folder_belongs_to_one_run_and_the_error_says_what_differs(other, tmp_path):
    asked = {"images": POINTS, "labels": SIGNS, "seed": 1, "folder": tmp_path}
    train_recipe(TOLD, stop_after=1, **asked)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    arguments, changes, message = OTHERS[other]
    with pytest.raises(OtherRun, match=f"holds another run: .*{message.removeprefix('run: ')}"):
        train_recipe(dataclasses.replace(TOLD, **changes), **(asked | arguments))
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_other_networks_are_another_run(tmp_path):
    asked = {"images": POINTS, "labels": SIGNS, "seed": 1, "folder": tmp_path}
    train_recipe(recipe(), stop_after=1, **asked)
    units = r"(discriminator, layers \d, units: 16 here, 8 there(; |\. Choose)){2}"
    with pytest.raises(OtherRun, match=f"another run: {units}"):
        train_recipe(recipe(networks=wider), **asked)


def test_networks_that_are_connected_otherwise_are_another_run(tmp_path):
    def connected(skip):
        def both(n_classes):
            latent = keras.Input((2,))
            first = keras.layers.Dense(2)(latent)
            second = keras.layers.Dense(2)(first)
            points = keras.layers.Add()([second, latent if skip else first])
            return keras.Model(latent, points), networks.point_discriminator(width=8)

        return recipe(networks=both)

    asked = {"images": POINTS, "labels": SIGNS, "seed": 1, "folder": tmp_path}
    train_recipe(connected(True), stop_after=1, **asked)
    message = r"run: generator, layers 3: other inputs here than there\. Choose"
    with pytest.raises(OtherRun, match=message):
        train_recipe(connected(False), **asked)


def test_own_layers_of_one_name_from_two_modules_are_two(tmp_path):
    def named(module):
        class Own(keras.layers.Layer):
            def call(self, x):
                return x

        Own.__module__ = module
        keras.saving.register_keras_serializable(package="test_recipes")(Own)

        def both(n_classes):
            layers = [keras.Input((2,)), Own(), keras.layers.Dense(2)]
            return keras.Sequential(layers), networks.point_discriminator(width=8)

        return recipe(networks=both)

    asked = {"images": POINTS, "labels": SIGNS, "seed": 1, "folder": tmp_path}
    train_recipe(named("mine"), stop_after=1, **asked)
    with pytest.raises(OtherRun, match=r"layers 1, module: yours here, mine there\. Choose"):
        train_recipe(named("yours"), **asked)
    assert train_recipe(named("mine"), **asked).finished


def test_what_differs_is_shown_short():
    (text,) = _differences({"code": "x" * 500}, {"code": "y" * 500})
    assert text == f"code: {'y' * 60} here, {'x' * 60} there"


def test_what_changes_no_bit_is_the_same_run(tmp_path):
    asked = {"images": POINTS, "labels": SIGNS, "seed": 1, "folder": tmp_path}
    train_recipe(recipe(), stop_after=4, **asked)
    faster = recipe(game=lambda: game() | {"steps_per_execution": 3}, every=6, about="more")
    assert train_recipe(faster, **asked).finished


@pytest.mark.parametrize("name", RECIPES)
def test_networks_built_alike_have_one_description_whatever_keras_calls_them(name):
    def description(change=lambda networks: networks):
        gan = GAN(*change(RECIPES[name].networks(10 if RECIPES[name].classes else 0)))
        gan.compile(**RECIPES[name].game(), replicas=RECIPES[name].replicas)
        return described(gan)

    first = description()
    assert description() == first
    keras.utils.clear_session()
    assert description() == first


def test_a_dtype_policy_belongs_to_the_description():
    def described_in(policy):
        generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, dtype=policy)])
        gan = GAN(generator, networks.point_discriminator(width=8))
        gan.compile(**game())
        return described(gan)["generator"]

    assert described_in("float32") == described_in("float32") != described_in("mixed_bfloat16")


WRONG = {
    "floats": (SIGNS + 0.5, r"Expected a class, an integer from 0, for each of 60 images"),
    "one-hot": (np.eye(2)[SIGNS], "Expected a class"),
    "too few": (SIGNS[:-1], "for each of 60 images"),
    "negative": (SIGNS - 1, "Expected a class"),
    "names": (np.array(["a", "b"])[SIGNS], "Expected a class"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_labels_are_refused_before_anything_is_kept(wrong, tmp_path):
    labels, message = WRONG[wrong]
    with pytest.raises(ValueError, match=message):
        train_recipe(TOLD, POINTS, labels, seed=1, folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_after_wrong_classes_or_images_a_corrected_call_trains(tmp_path):
    found = iter([SIGNS - 1, SIGNS])  # a recipe may find wrong ones itself
    of = recipe(classes=lambda images, labels, seed: next(found))
    asked = {"seed": 1, "folder": tmp_path, "stop_after": 1}
    with pytest.raises(ValueError, match="Expected a class"):
        train_recipe(of, POINTS, SIGNS, **asked)
    for images in (POINTS * np.nan, POINTS[:, :1], POINTS[:5]):
        with pytest.raises(ValueError):
            train_recipe(recipe(), images, SIGNS, **asked)
    assert list(tmp_path.iterdir()) == []
    assert train_recipe(of, POINTS, SIGNS, **asked).model.steps == 1


def test_a_damaged_identity_is_one_clear_error(tmp_path):
    asked = {"images": POINTS, "labels": SIGNS, "seed": 1, "folder": tmp_path}
    train_recipe(TOLD, stop_after=1, **asked)
    path = tmp_path / IDENTITY
    whole = path.read_text("utf-8")
    for damaged in (whole[:100], "", "[]", "{}", '{"recipe": "tiny"}'):
        path.write_text(damaged, "utf-8")
        with pytest.raises(OSError, match=r"run\.json is damaged .* Choose another .* or delete"):
            train_recipe(TOLD, **asked)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OSError, match=r"run\.json is damaged"):
        train_recipe(TOLD, **asked)
    path.unlink()
    with pytest.raises(OSError, match=r"run\.json is missing\. .* Choose another .* or delete"):
        train_recipe(TOLD, **asked)
    path.write_text(whole, "utf-8")
    assert train_recipe(TOLD, **asked).finished


def test_a_folder_of_an_earlier_version_is_refused_by_name(tmp_path):
    earlier = {"recipe": "tiny", "steps": 12, "batch": 10, "seed": 1, "images": 60}
    earlier |= {"images_crc32": 7, "classes": None}
    (tmp_path / IDENTITY).write_text(json.dumps(earlier), "utf-8")
    with pytest.raises(OtherRun, match=r"run\.json was written by an earlier version"):
        train_recipe(recipe(), POINTS, SIGNS, seed=1, folder=tmp_path)


def test_what_cannot_go_on_does_not_begin(tmp_path):
    def penalty(judge, real, fake, seed=None):
        raise AssertionError("a step was made")

    own = recipe(game=lambda: game() | {"penalties": {penalty: 1.0}})
    with pytest.raises(ValueError, match=r"can keep the losses .* given .* and \['penalty'\]"):
        train_recipe(own, POINTS, SIGNS, seed=1, folder=tmp_path / "new")
    with pytest.raises(ValueError, match="seed must be a non-negative integer; given -1"):
        train_recipe(recipe(), POINTS, SIGNS, seed=-1, folder=tmp_path / "new")
    with pytest.raises(ValueError, match="layer 'mine' of its generator cannot be built again"):
        train_recipe(
            recipe(networks=not_registered), POINTS, SIGNS, seed=1, folder=tmp_path / "new"
        )
    for images in (np.full((60, 2), np.nan, np.float32), POINTS.astype(int)):
        with pytest.raises(ValueError, match="Expected finite floating-point points"):
            train_recipe(recipe(), images, SIGNS, seed=1, folder=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def not_registered(n_classes):
    class Own(keras.layers.Layer):
        def call(self, x):
            return x

    layers = [keras.Input((2,)), Own(name="mine"), keras.layers.Dense(2)]
    return keras.Sequential(layers), networks.point_discriminator(width=8)


def test_other_kinds_of_arguments_are_refused_by_name(tmp_path):
    asked = {"images": POINTS, "labels": SIGNS, "seed": 1}
    with pytest.raises(ValueError, match=r"recipe must be .*Recipe; given 'fast-labels'. RECIPES"):
        train_recipe("fast-labels", **asked)
    with pytest.raises(ValueError, match=r"images must be an array, .* given None"):
        train_recipe(recipe(), None, SIGNS, seed=1)
    with pytest.raises(ValueError, match=r"folder must be a text or a pathlib\.Path; given 3"):
        train_recipe(recipe(), folder=3, **asked)
    with pytest.raises(ValueError, match=r"must be a keras\.callbacks\.Callback; given 3"):
        train_recipe(recipe(), callbacks=3, folder=tmp_path / "new", **asked)
    assert not (tmp_path / "new").exists()
    file = tmp_path / "file"
    file.write_text("no folder")
    for folder in (file, file / "run"):
        with pytest.raises(OSError, match=r"Not a directory: .*file.* choose another one"):
            train_recipe(recipe(), folder=folder, **asked)


def test_a_single_callback_needs_no_list():
    log = keras.callbacks.History()
    train_recipe(recipe(), POINTS, SIGNS, seed=1, callbacks=log)
    assert log.epoch == [0, 1, 2]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": -8}, "steps must be an integer, at least 1; given -8"),
        ({"steps": 12.0}, r"steps must be an integer, at least 1; given 12\.0"),
        ({"every": 0}, "every must be an integer, at least 1; given 0"),
        ({"batch_size": "10"}, "batch_size must be an integer, at least 1; given '10'"),
        ({"replicas": 0}, "replicas must be an integer, at least 1; given 0"),
        ({"name": 3}, "name must be a str; given int: 3"),
        ({"game": {}}, r"game must be callable; given dict: \{\}"),
        ({"networks": None}, "networks must be callable; given NoneType: None"),
        ({"classes": SIGNS}, "classes must be callable; given ndarray"),
    ],
)
def test_a_recipe_that_cannot_be_trained_is_refused_when_it_is_made(changes, message):
    with pytest.raises(ValueError, match=message):
        recipe(**changes)


def test_numpys_counts_are_kept_with_a_run(tmp_path):
    of = recipe(steps=np.int64(4), every=np.int32(4), batch_size=np.int64(10))
    assert train_recipe(of, POINTS, SIGNS, seed=1, folder=tmp_path).finished


def test_a_run_whose_history_is_gone_says_so(tmp_path):
    asked = {"images": POINTS, "labels": SIGNS, "seed": 1, "folder": tmp_path}
    train_recipe(recipe(), stop_after=4, **asked)
    (tmp_path / "history.json").unlink()
    with pytest.warns(
        UserWarning, match=r"history\.json has a hole: its rows end at step 0, .* 4\."
    ):
        train_recipe(recipe(), **asked)


def test_a_run_s_last_checkpoint_is_its_gan(tmp_path):
    run = train_recipe(recipe(), POINTS, SIGNS, seed=1, folder=tmp_path)
    assert weights(load_latest(tmp_path)) == weights(run.model)


def test_replicas_have_one_thread_for_an_operation(monkeypatch):
    asked = []
    monkeypatch.setattr(
        tf.config.threading, "set_intra_op_parallelism_threads", lambda n: asked.append(n)
    )
    recipe().set_threads()
    assert not asked
    FASTER.set_threads()
    assert asked == [1]


def test_steps_must_be_a_multiple_of_what_lies_between_checkpoints():
    with pytest.raises(ValueError, match="every, 5, must divide the steps; given 12"):
        recipe(every=5)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_s_networks_make_and_judge_digits(name):
    of = RECIPES[name]
    n_classes = len(read_history(run_name(name))["class_counts"]) if of.classes else 0
    gan = GAN(*of.networks(n_classes))
    gan.compile(**of.game(), replicas=of.replicas)
    assert of.batch_size % of.replicas == 0
    assert gan.sample_shape == (28, 28, 1) and gan.conditional == bool(n_classes)
    latent = tf.zeros((4, gan.latent_dim))
    classes = tf.range(n_classes - 4, n_classes)
    images = gan.generator([latent, classes] if n_classes else latent)
    assert images.shape == (4, 28, 28, 1) and np.abs(images).max() <= 1
    logits = gan.discriminator([images, classes] if n_classes else images)
    assert logits.shape == (4, 1) and np.isfinite(logits).all()
