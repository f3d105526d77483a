"""Training that can be repeated, checked and gone on with."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers.data import shuffled_batches
from tests.small_gans import (
    CLASSES,
    IMAGES,
    LATENT,
    conditional_gan,
    moved,
    same_weights,
    small_gan,
    values,
)


def test_conditional_gan_from_arrays_and_from_a_dataset_of_the_same_batches_is_the_same():
    one, other = conditional_gan(), conditional_gan()
    one.fit(IMAGES, CLASSES, batch_size=4, verbose=0)
    batches = shuffled_batches((IMAGES, CLASSES.astype("int32")), batch_size=4, seed=3)
    other.fit(batches, steps_per_epoch=3, verbose=0)
    for a, b in zip(values(one.weights), values(other.weights), strict=True):
        np.testing.assert_array_equal(a, b)


def test_two_seeded_runs_are_bit_identical_and_another_seed_differs():
    one, other, different = small_gan(), small_gan(), small_gan(seed=4)
    for gan in (one, other, different):
        gan.fit(IMAGES, batch_size=4, epochs=3, verbose=0)
    assert same_weights(one, other)
    assert not same_weights(one, different)


@pytest.mark.parametrize("ending", [".keras", ".weights.h5"])
def test_saving_loading_and_going_on_equals_not_stopping(tmp_path, ending):
    through = small_gan()
    through.fit(IMAGES, batch_size=4, epochs=4, verbose=0)

    stopped = small_gan()
    stopped.fit(IMAGES, batch_size=4, epochs=2, verbose=0)
    path = tmp_path / f"gan{ending}"
    if ending == ".keras":
        stopped.save(path)
        keras.utils.set_random_seed(99)  # a new process would have other random numbers
        resumed = keras.models.load_model(path)
    else:
        stopped.save_weights(path)
        resumed = small_gan()
        resumed.load_weights(path)
    assert same_weights(stopped, resumed)
    resumed.fit(IMAGES, batch_size=4, initial_epoch=2, epochs=4, verbose=0)
    assert same_weights(through, resumed)


def test_evaluation_repeats_itself_and_does_not_disturb_training(tmp_path):
    gan, undisturbed = small_gan(), small_gan()
    for model in (gan, undisturbed):
        model.fit(IMAGES, batch_size=4, epochs=1, verbose=0)
    first = gan.evaluate(IMAGES, verbose=0)
    assert first == gan.evaluate(IMAGES, verbose=0)
    for model in (gan, undisturbed):
        model.fit(IMAGES, batch_size=4, initial_epoch=1, epochs=2, verbose=0)
    assert same_weights(gan, undisturbed)


def test_datasets_and_validation_data_work():
    gan = small_gan()
    batches = tf.data.Dataset.from_tensor_slices(IMAGES).batch(5)
    history = gan.fit(batches, epochs=2, validation_data=IMAGES, verbose=0).history
    assert len(history["generator_loss"]) == 2 and len(history["val_generator_loss"]) == 2
    assert len(gan.evaluate(batches, verbose=0)) == 4
    assert gan.predict(np.zeros((3, LATENT)), verbose=0).shape == (3, 28, 28, 1)


def test_loaded_model_is_compiled_and_gives_the_same_images(tmp_path):
    gan = small_gan()
    gan.fit(IMAGES, batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    latent = np.random.default_rng(1).normal(size=(4, LATENT))
    np.testing.assert_array_equal(gan(latent), loaded(latent))
    assert loaded.seed == gan.seed
    assert int(loaded.generator_optimizer.iterations) == 3


LABELS = np.arange(12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": IMAGES}, "y is missing"),
        ({"x": IMAGES, "y": CLASSES[:5]}, r"each of 12 images; given int64 of shape \(5,\)"),
        ({"x": IMAGES, "y": CLASSES - 1}, "an integer from 0"),
        ({"x": IMAGES, "y": CLASSES / 2}, "an integer from 0"),
        ({"x": tf.data.Dataset.from_tensor_slices(IMAGES).batch(4)}, "must yield batches of"),
    ],
)
def test_conditional_gan_refuses_other_classes(arguments, message):
    with pytest.raises(ValueError, match=message):
        conditional_gan().fit(**arguments, verbose=0)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"x": LABELS}, "These look like labels"),
        ({"x": IMAGES, "y": LABELS}, "given labels"),
        ({"x": IMAGES[:, :14]}, r"given shape \(12, 14, 28, 1\)"),
        ({"x": (IMAGES + 1) / 2}, "Expected images from -1 to 1"),
        ({"x": IMAGES * 127.5}, "Expected images from -1 to 1"),
        ({"x": IMAGES, "batch_size": 13}, "number of images, 12; given batch_size=13"),
        ({"x": IMAGES, "batch_size": 2.5}, "batch_size must be an integer, at least 1; given 2.5"),
        (
            {"x": IMAGES, "batch_size": 4, "steps_per_epoch": 0},
            "steps_per_epoch must be an integer, at least 1; given 0",
        ),
        ({"x": IMAGES, "batch_size": 4, "validation_data": IMAGES / 2 + 0.5}, "from -1 to 1"),
        ({"x": IMAGES, "batch_size": 4, "validation_data": (IMAGES, LABELS)}, "given labels"),
        ({"x": IMAGES, "batch_size": 4, "class_weight": {0: 1}}, "class_weight has no meaning"),
        ({"x": tf.data.Dataset.from_tensors(IMAGES), "batch_size": 4}, "its own batches"),
        ({"x": None}, "given NoneType"),
        ({"x": IMAGES, "batch_size": 0}, "batch_size must be an integer, at least 1; given 0"),
        ({"x": IMAGES, "shuffle": False}, "give a dataset"),
        ({"x": tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(4)}, "Drop labels"),
        ({"x": tf.data.Dataset.from_tensor_slices(IMAGES)}, r"given shape \(28, 28, 1\)"),
        ({"x": tf.data.Dataset.from_tensor_slices(IMAGES / 2 + 0.5).batch(4)}, "from -1 to 1"),
        ({"x": tf.data.Dataset.from_tensor_slices(IMAGES[:0]).batch(4)}, "no batch"),
    ],
)
def test_fit_refuses_what_makes_no_sense(arguments, message):
    gan = small_gan()
    before = values(gan.weights)
    with pytest.raises(ValueError, match=message):
        gan.fit(**arguments, verbose=0)
    assert not any(moved(before, gan.weights))


def test_evaluate_refuses_the_same():
    with pytest.raises(ValueError, match="given labels"):
        small_gan().evaluate(IMAGES, LABELS)
