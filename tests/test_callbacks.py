import errno
import json
import os

import numpy as np
import pytest

from gan_helpers.callbacks import HistoryFile, SampleGrid, StopOnNonFinite
from gan_helpers.files import write_atomically
from tests.small_gans import CLASSES, IMAGES, LATENT, conditional_gan, small_gan

LATENT_VECTORS = np.random.default_rng(2).normal(size=(4, LATENT)).astype("float32")


def test_sample_grid_keeps_the_same_vectors_over_time():
    written = []
    grid = SampleGrid(LATENT_VECTORS, at_steps=[1, 5], writer=lambda *args: written.append(args))
    gan = small_gan()
    untrained = gan.predict(LATENT_VECTORS, verbose=0)
    gan.fit(IMAGES, batch_size=4, epochs=2, verbose=0, callbacks=[grid])
    assert grid.steps == [0, 1, 3, 5, 6]
    np.testing.assert_allclose(grid.images[0], untrained, atol=1e-6)
    np.testing.assert_allclose(grid.images[-1], gan.predict(LATENT_VECTORS, verbose=0), atol=1e-6)
    assert not np.array_equal(grid.images[0], grid.images[-1])
    assert [step for step, _ in written] == grid.steps
    assert all(images.shape == (4, 28, 28, 1) for images in grid.images)


def test_sample_grid_starts_anew_with_another_model_and_misses_no_step():
    grid = SampleGrid(LATENT_VECTORS, at_steps=[1, 4])
    small_gan().fit(IMAGES, batch_size=4, epochs=1, verbose=0, callbacks=[grid])
    assert grid.steps == [0, 1, 3]
    gan = small_gan(steps_per_execution=3)
    gan.fit(IMAGES, batch_size=2, epochs=1, verbose=0, callbacks=[grid])
    assert grid.steps == [0, 3, 6]


def test_sample_grid_does_not_change_training():
    watched, alone = small_gan(), small_gan()
    watched.fit(IMAGES, batch_size=4, verbose=0, callbacks=[SampleGrid(LATENT_VECTORS)])
    alone.fit(IMAGES, batch_size=4, verbose=0)
    for one, other in zip(watched.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_history_file_agrees_with_keras_and_goes_on_after_a_pause(tmp_path):
    path = tmp_path / "history.json"
    gan = small_gan()
    first = gan.fit(IMAGES, batch_size=4, epochs=2, verbose=0, callbacks=[HistoryFile(path)])
    rows = json.loads(path.read_text())
    assert [(row["epoch"], row["step"]) for row in rows] == [(0, 3), (1, 6)]
    assert [row["generator_loss"] for row in rows] == first.history["generator_loss"]
    options = {"batch_size": 4, "verbose": 0, "callbacks": [HistoryFile(path)]}
    gan.fit(IMAGES, initial_epoch=2, epochs=3, **options)
    assert [row["step"] for row in json.loads(path.read_text())] == [3, 6, 9]
    small_gan().fit(IMAGES, epochs=1, **options)
    assert [row["step"] for row in json.loads(path.read_text())] == [3]


def test_history_file_names_what_is_wrong(tmp_path):
    for path, message in (
        (tmp_path / "missing" / "history.json", "There is no folder .*missing. Make it first"),
        (tmp_path, "is a folder. Give the name of a file in it"),
    ):
        gan = small_gan()
        with pytest.raises(OSError, match=message):
            gan.fit(IMAGES, batch_size=4, verbose=0, callbacks=[HistoryFile(path)])
        assert gan.steps == 0
    with pytest.raises(ValueError, match=r"path must be a text or a pathlib\.Path; given 3"):
        HistoryFile(3)
    path = tmp_path / "history.json"
    path.write_text("[{")
    gan = small_gan()
    gan.fit(IMAGES, batch_size=4, verbose=0)
    with pytest.raises(OSError, match=r"history\.json is not a history"):
        gan.fit(IMAGES, batch_size=4, verbose=0, callbacks=[HistoryFile(path)])
    assert path.read_text() == "[{"


def test_a_history_file_with_a_hole_says_so(tmp_path, recwarn):
    path = tmp_path / "history.json"
    gan, options = small_gan(), {"batch_size": 4, "verbose": 0}
    gan.fit(IMAGES, epochs=2, callbacks=[HistoryFile(path)], **options)
    gan.fit(IMAGES, callbacks=[HistoryFile(path)], **options)
    assert not [w for w in recwarn if "hole" in str(w.message)]
    gan.fit(IMAGES, **options)
    with pytest.warns(UserWarning, match=r"json has a hole: its rows end at step 9, and .* 12\."):
        gan.fit(IMAGES, callbacks=[HistoryFile(path)], **options)
    path.unlink()
    with pytest.warns(UserWarning, match="rows end at step 0, and training goes on after step 15"):
        gan.fit(IMAGES, callbacks=[HistoryFile(path)], **options)
    assert [row["step"] for row in json.loads(path.read_text())] == [18]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_is_noticed_before_the_first_step_and_no_half_file_stays(tmp_path):
    (tmp_path / "history.json.partial").symlink_to("/dev/full")
    gan = small_gan()
    with pytest.raises(OSError, match=r"No space left .*\. Make room on the disk") as caught:
        gan.fit(IMAGES, batch_size=4, verbose=0, callbacks=[HistoryFile(tmp_path / "history.json")])
    assert caught.value.errno == errno.ENOSPC
    assert gan.steps == 0 and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"at_steps": "3"}, "at_steps must be an integer, at least 0; given '3'"),
        ({"at_steps": [1.5]}, r"at_steps must be an integer, at least 0; given 1\.5"),
        ({"at_steps": 3}, "at_steps must be a list of numbers of steps; given 3"),
        ({"writer": "file"}, "writer must be callable; given str: 'file'"),
    ],
)
def test_sample_grid_refuses_steps_and_writers_that_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        SampleGrid(LATENT_VECTORS, **options)


def test_sample_grid_refuses_before_training_what_the_generator_does_not_take():
    plain, conditional = small_gan(), conditional_gan()
    latent = LATENT_VECTORS[:, :-1]
    trials = [
        (plain, latent, r"takes samples of shape \(n, 5\).*; given shape \(4, 4\)"),
        (
            plain,
            [LATENT_VECTORS, np.zeros(4, int)],
            r"takes samples of shape \(n, 5\).*; given shape",
        ),
        (conditional, latent, r"takes a list of two, \[samples .*, classes .*; given ndarray"),
        (conditional, [latent, [0, 1, 2, 3]], "There are 3 classes, 0 to 2; given 3"),
        (conditional, [latent, [0, 1]], "for each of 4 images"),
    ]
    for gan, given, message in trials:
        data = (IMAGES, CLASSES) if gan is conditional else (IMAGES,)
        with pytest.raises(ValueError, match=message):
            gan.fit(*data, batch_size=4, verbose=0, callbacks=[SampleGrid(given)])
        assert gan.steps == 0
    grid = SampleGrid([latent, [0, 1, 2, 0]])
    conditional.fit(IMAGES, CLASSES, batch_size=4, verbose=0, callbacks=[grid])
    assert grid.steps == [0, 3]


def test_training_stops_when_a_loss_is_not_finite():
    gan = small_gan()
    gan.discriminator.layers[-1].bias.assign([np.nan])
    with pytest.raises(FloatingPointError, match=r"discriminator_loss is nan in epoch 1, step 1"):
        gan.fit(IMAGES, batch_size=4, verbose=0, callbacks=[StopOnNonFinite()])


def test_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file.json"
    write_atomically(path, "old")

    def power_cut(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("gan_helpers.files.os.fsync", power_cut)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new")
    assert path.read_text() == "old"
