"""Recorded runs: weights and history that belong together, or a clear error."""

import json

import keras
import numpy as np
import pytest

from gan_helpers.files import read_verified
from gan_helpers.recorded import (
    ENDINGS,
    MAX_BYTES,
    RUNS,
    load_sheets,
    load_weights,
    reached,
    read_history,
    write_run,
    write_sheets,
)


def network(units=3, seed=0):
    keras.utils.set_random_seed(seed)
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])


@pytest.fixture
def folder(tmp_path):
    write_run(network(), "small", {"seed": 0}, tmp_path)
    return tmp_path


def test_a_run_comes_back_as_it_was(folder):
    model = load_weights(network(seed=1), "small", folder)
    for one, other in zip(model.get_weights(), network().get_weights(), strict=True):
        assert (one == other).all()
    assert read_history("small", folder)["seed"] == 0
    with pytest.raises(OSError, match=r"'small' keeps no sheets; .* \['weights'\]"):
        load_sheets("small", folder)
    assert sorted(path.name for path in folder.iterdir()) == ["small.json", "small.weights.h5"]


def test_damaged_weights_are_refused_and_the_model_keeps_its_own(folder):
    path = folder / "small.weights.h5"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    model = network(seed=1)
    with pytest.raises(OSError, match=r"damaged\. Expected the SHA-256 sum .*git checkout"):
        load_weights(model, "small", folder)
    assert (model.get_weights()[0] == network(seed=1).get_weights()[0]).all()


def test_missing_runs_are_named(folder):
    with pytest.raises(OSError, match=r"'large'; there are: \['small'\]"):
        load_weights(network(), "large", folder)
    (folder / "small.weights.h5").unlink()
    with pytest.raises(OSError, match="cannot be read"):
        load_weights(network(), "small", folder)


def test_weights_that_are_too_large_replace_nothing(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ValueError, match=f"{MAX_BYTES} allowed"):
        write_run(network(units=MAX_BYTES // 16), "small", {}, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_sheets_come_back_as_they_were_or_not_at_all(tmp_path):
    sheets = {"one": np.arange(8, dtype=np.uint8).reshape(2, 2, 2), "two": np.zeros((1, 2, 2), "B")}
    write_sheets(sheets, "drawn", {"seed": 3}, tmp_path)
    loaded = load_sheets("drawn", tmp_path)
    assert loaded.keys() == sheets.keys() and read_history("drawn", tmp_path)["seed"] == 3
    with pytest.raises(OSError, match=r"'drawn' keeps no weights; .* \['sheets'\]"):
        load_weights(network(), "drawn", tmp_path)
    for name, sheet in sheets.items():
        np.testing.assert_array_equal(loaded[name], sheet)
    noise = np.random.default_rng(0).integers(0, 256, (3 * MAX_BYTES,)).astype(np.uint8)
    with pytest.raises(ValueError, match=r"drawn\.npz would take"):
        write_sheets({"noise": noise}, "drawn", {}, tmp_path)
    assert load_sheets("drawn", tmp_path).keys() == sheets.keys()
    path = tmp_path / "drawn.npz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(OSError, match="recorded sheets is damaged"):
        load_sheets("drawn", tmp_path)


@pytest.mark.parametrize("path", sorted(RUNS.glob("*.json")), ids=lambda path: path.stem)
def test_every_run_of_the_book_says_how_it_was_made_and_is_whole(path):
    history = json.loads(path.read_text("utf-8"))
    assert history["versions"]
    kept = {kind: path.with_name(path.stem + ending) for kind, ending in ENDINGS.items()}
    for kind, file in kept.items():
        # None is left from a run of this name that kept the other kind.
        assert file.exists() == (f"{kind}_sha256" in history), file.name
    if kept["sheets"].exists():
        for sheet in load_sheets(path.stem).values():
            # Images are bytes; what was measured of each image is in single precision.
            assert sheet.dtype == np.uint8 or (sheet.ndim == 1 and sheet.dtype == np.float32)
            assert np.isfinite(sheet).all()
    if kept["weights"].exists():
        content = read_verified(kept["weights"], history["weights_sha256"], "the weights")
        assert len(content) <= MAX_BYTES
        needed = {"recipe", "seed", "versions", "seconds", "matrix_product_gflop_per_second"}
        assert needed <= history.keys()
        first = history["first_losses"]  # of the players of a GAN, or by the names of a family's
        assert np.isfinite(list(first.values()) if isinstance(first, dict) else first).all()


def test_a_run_keeps_weights_or_images_and_not_those_of_the_run_before(folder):
    write_sheets({"one": np.zeros((1, 2, 2), "B")}, "small", {}, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["small.json", "small.npz"]
    write_run(network(), "small", {}, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["small.json", "small.weights.h5"]


def test_nothing_in_the_book_s_folder_of_runs_lacks_its_history():
    for ending in ENDINGS.values():
        for path in RUNS.glob(f"*{ending}"):
            assert path.with_name(f"{path.name.removesuffix(ending)}.json").exists(), path.name


def test_every_row_of_the_search_says_what_was_run_and_what_came_out():
    rows = [json.loads(line) for line in (RUNS / "search.jsonl").read_text("utf-8").splitlines()]
    names = rows[0]["idea"].keys()
    for row in rows:
        assert row["idea"].keys() == names
        assert row["changes"].items() <= row["idea"].items()
        numbers = [value for value in row.values() if isinstance(value, int | float)]
        assert len(numbers) > 15 and np.isfinite(numbers).all()
        assert 0 <= row["recall"] < 1 and 0 <= row["finding"] < row["seconds"]


def test_the_way_to_a_quality_is_read_between_judged_states():
    judged = ((0, 0.0, 1.0), (100, 2.0, 64.0), (400, 4.0, 4.0), (500, 5.0, 9.0), (900, 9.0, 1.0))
    way = [dict(zip(("step", "seconds", "frechet_distance"), row, strict=True)) for row in judged]
    assert reached(way, 16) == pytest.approx(2 * 2**0.5)  # half-way, on logarithmic scales
    assert reached(way, 16, "step") == pytest.approx(200)
    assert reached(way, 4) == pytest.approx(4)
    assert reached(way, 3) == pytest.approx(5 * 1.8**0.5)  # it was once nearer, but not so near
    assert reached(way, 100) == pytest.approx(2), "what was judged first was already nearer"
    assert reached(way, 0.9) is None and reached([], 1) is None
