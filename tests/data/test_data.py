import hashlib
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers import data
from gan_helpers.checks import check_images
from gan_helpers.checks.arrays import as_array
from research.make_mnist import FILES, idx_header


def test_archive_holds_the_four_original_files():
    with np.load(data.MNIST, allow_pickle=False) as archive:
        for key, (name, shape, md5) in FILES.items():
            content = idx_header(shape) + archive[key].tobytes()
            assert hashlib.md5(content).hexdigest() == md5, name


def test_load_mnist_returns_what_keras_returns(monkeypatch):
    # Keras's own loader, reading the packaged archive in place of its download.
    monkeypatch.setattr("keras.src.datasets.mnist.get_file", lambda **_: data.MNIST)
    for ours, keras_s in zip(data.load_mnist(), keras.datasets.mnist.load_data(), strict=True):
        for our_array, their_array in zip(ours, keras_s, strict=True):
            assert our_array.dtype == their_array.dtype
            np.testing.assert_array_equal(our_array, their_array)


@pytest.mark.parametrize("damage", ["flipped bit", "truncated", "missing"])
def test_damaged_archive_gives_one_clear_error(tmp_path, damage):
    path = tmp_path / "mnist.npz"
    shutil.copy(data.MNIST, path)
    content = bytearray(path.read_bytes())
    if damage == "flipped bit":
        content[5_000_000] ^= 1
        path.write_bytes(content)
    elif damage == "truncated":
        path.write_bytes(content[:1000])
    else:
        path.unlink()
    with pytest.raises(OSError, match=r"mnist\.npz.*git checkout"):
        data.load_mnist(path)


def test_tanh_range_uses_both_ends_and_is_undone_exactly():
    every_grey = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    scaled = data.to_tanh_range(every_grey)
    assert scaled.shape == (1, 16, 16, 1) and scaled.dtype == np.float32
    assert scaled.min() == -1.0 and scaled.max() == 1.0
    np.testing.assert_array_equal(data.to_uint8(scaled), every_grey)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 28, 28), np.float32), r"takes uint8 images of shape.*given float32"),
        (np.zeros((2, 28, 28, 2), np.uint8), r"1 or 3\); given uint8 of shape \(2, 28, 28, 2\)"),
        (np.zeros((28, 28), np.uint8), r"given uint8 of shape \(28, 28\)"),
    ],
)
def test_to_tanh_range_refuses_what_are_no_grey_levels(images, message):
    with pytest.raises(ValueError, match=message):
        data.to_tanh_range(images)


@pytest.mark.parametrize("shape", [(4, 4, 3), (28, 28, 1)])
def test_one_image_is_not_taken_for_many(shape):
    one = np.zeros(shape, np.uint8)
    looks = rf"given shape \({shape[0]}, .*one image of {shape[2]} channels: make it images\[None\]"
    for call, image in ((data.to_tanh_range, one), (data.to_uint8, one / 255)):
        with pytest.raises(ValueError, match=looks):
            call(image)
        assert call(image[None]).shape[0] == 1
        assert call(image[..., None]).shape[0] == shape[0]


def test_coloured_images_are_scaled_there_and_back():
    colours = np.arange(2 * 3 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 3)
    scaled = data.to_tanh_range(colours)
    assert scaled.shape == (2, 3, 4, 3) and scaled.dtype == np.float32
    assert scaled[1, 2, 3, 2] == pytest.approx(71 / 127.5 - 1)
    np.testing.assert_array_equal(data.to_uint8(scaled), colours)
    grey = colours[..., :1]
    np.testing.assert_array_equal(data.to_tanh_range(grey), data.to_tanh_range(grey[..., 0]))
    np.testing.assert_array_equal(data.to_uint8(data.to_tanh_range(grey)[..., 0]), grey[..., 0])


def test_roundings_beyond_the_range_are_cut_off_and_nothing_wraps():
    images = np.array([-1.003, -1.0, 0.0, 1.0, 1.003]).reshape(1, 1, 5, 1)
    assert data.to_uint8(images).ravel().tolist() == [0, 0, 128, 255, 255]
    for wrong, message in [
        (1.01, "from -1 to 1.01"),
        (-1.01, "from -1.01 to 1"),
        (np.nan, "NaN"),
        (np.inf, "NaN or infinite"),
    ]:
        with pytest.raises(ValueError, match=message):
            data.to_uint8(np.where(images == 0, wrong, np.clip(images, -1, 1)))
    for wrong in (np.zeros((1, 2, 2), np.uint8), np.zeros((1, 2, 2, 2)), np.zeros((2, 2))):
        with pytest.raises(ValueError, match=r"images.*given"):
            data.to_uint8(wrong)


SHAPE = (28, 28, 1)


def image_of(value, shape=(3, *SHAPE), dtype=np.float32):
    images = np.full(shape, -1.0, dtype)
    images[0] = value
    return images


@pytest.mark.parametrize(
    "images, message",
    [
        (image_of(0, (3, 28, 28)), r"Expected images of shape \(n, 28, 28, 1\); given shape"),
        (image_of(0, (3, 32, 32, 1)), "given shape"),
        (np.zeros((0, *SHAPE), np.float32), "given shape"),
        (np.arange(10), "look like labels"),
        (np.zeros((3, 784), np.float32), r"given shape \(3, 784\)\.$"),
        (np.asarray(None), r"given no array, but None\.$"),
        (as_array([[1], [1, 2]]), r"given a list of parts of different shapes\.$"),
        (image_of(0, dtype=np.int64), "given int64"),
        (image_of(0, dtype=np.uint8), r"given uint8\. gan_helpers.data.to_tanh_range scales them"),
        (image_of(0, dtype=complex), r"given complex128\.$"),
        (
            tf.cast(image_of(0), tf.bfloat16).numpy(),
            r"of 16, 32 or 64 bits; given bfloat16\. images.astype\('float32'\)",
        ),
        (np.full((3, *SHAPE), 0.5, np.float32), "given values from 0.5 to 0.5"),
        (
            np.linspace(0, 1, 2 * 784).reshape(2, *SHAPE),
            r"given values from 0 to 1\. .*: 2 \* images - 1\.",
        ),
        (
            np.linspace(0, 255, 2 * 784).reshape(2, *SHAPE),
            r"given values from 0 to 255\. .*: images / 127.5 - 1\.",
        ),
        (image_of(255), r"given values from -1 to 255\.$"),
        (image_of(-1.5), "given values from -1.5"),
        (
            np.linspace(-1.21, 1.16, 2 * 784).reshape(2, *SHAPE),
            r"from -1.21 to 1.16\. .*: tf.clip_by_value\(images, -1, 1\)\.",
        ),
        (image_of(np.nan), "given NaN or infinity in 1 of 3 images"),
        (image_of(np.inf), "given NaN or infinity in 1 of 3 images"),
    ],
)
def test_check_images_says_what_was_given(images, message):
    with pytest.raises(ValueError, match=message):
        check_images(images, SHAPE)


def test_check_images_takes_images():
    check_images(image_of(1.0), SHAPE)


def rows(count, **kwargs):
    batches = data.shuffled_batches(np.arange(10), **kwargs)
    return [batch.numpy().tolist() for batch in batches.take(count)]


def test_each_pass_shows_different_images_in_its_own_order():
    first_pass, second_pass = np.reshape(rows(6, batch_size=3, seed=1), (2, 9)).tolist()
    assert len(set(first_pass)) == len(set(second_pass)) == 9
    assert first_pass != second_pass


def test_order_depends_on_seed_and_step_alone():
    batches = rows(20, batch_size=3, seed=1)
    assert batches == rows(20, batch_size=3, seed=1)
    assert batches != rows(20, batch_size=3, seed=2)
    for first_step in (1, 3, 7):
        later = rows(20 - first_step, batch_size=3, seed=1, first_step=first_step)
        assert later == batches[first_step:]


@pytest.mark.parametrize("batch_size", [0, 11])
def test_batch_must_fit_the_data(batch_size):
    with pytest.raises(ValueError, match=f"from 1 to the number of images, 10; given {batch_size}"):
        data.shuffled_batches(np.arange(10), batch_size=batch_size, seed=1)


def test_nobody_waits_for_a_tuning_thread():
    """Dropping the iterator of a long training would take up to a minute otherwise."""
    batches = data.shuffled_batches(np.zeros((8, 2)), batch_size=4, seed=0)
    assert batches.options().autotune.enabled is False
