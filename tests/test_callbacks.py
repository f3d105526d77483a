import json

import numpy as np
import pytest

from gan_helpers.callbacks import HistoryFile, SampleGrid, StopOnNonFinite
from gan_helpers.files import write_atomically
from tests.test_gan import IMAGES, LATENT, small_gan

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
    with pytest.raises(OSError, match="folder of the history file does not exist"):
        HistoryFile(tmp_path / "missing" / "history.json")
    path = tmp_path / "history.json"
    path.write_text("[{")
    gan = small_gan()
    gan.fit(IMAGES, batch_size=4, verbose=0)
    with pytest.raises(OSError, match=r"history\.json is not a history"):
        gan.fit(IMAGES, batch_size=4, verbose=0, callbacks=[HistoryFile(path)])
    assert path.read_text() == "[{"


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
