"""Training that can be repeated, checked and gone on with."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers import networks
from gan_helpers.callbacks import StopOnNonFinite
from gan_helpers.data import shuffled_batches
from gan_helpers.gan import GAN
from gan_helpers.gan_parts.averaging import averaged_generator
from gan_helpers.networks import draw_inputs, in_exact_shares
from gan_helpers.networks.layers import BatchDeviation
from tests.small_gans import (
    CLASSES,
    IMAGES,
    LATENT,
    conditional_gan,
    line_gan,
    moved,
    same_weights,
    small_gan,
    small_networks,
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


def test_the_seed_decides_on_noise_and_on_the_order_of_images_though_weights_are_equal():
    def trained(seed, images=IMAGES):
        gan = GAN(*small_networks(), seed=seed)
        gan.compile(generator_optimizer="adam", discriminator_optimizer="adam")
        gan.set_weights(small_gan().get_weights())
        gan.fit(images, batch_size=4, verbose=0)
        return gan

    assert same_weights(trained(3), trained(3))
    assert not same_weights(trained(3), trained(4))
    equal = np.repeat(IMAGES[:1], 12, axis=0)  # in any order: what is left is the noise
    assert not same_weights(trained(3, equal), trained(4, equal))


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


# -- how many steps ----------------------------------------------------------------------------

NUMBERS = np.random.default_rng(0).normal(size=(40, 1)).astype("float32")


def batches_of(samples, size, *, endless=False, n=None):
    batches = tf.data.Dataset.from_tensor_slices(samples).batch(size)
    batches = batches.repeat() if endless or n else batches
    return batches.take(n) if n else batches


@pytest.mark.parametrize("together", [1, 7, 10, 300])
@pytest.mark.parametrize(
    "data",
    [
        {"x": NUMBERS, "batch_size": 4},
        {"x": NUMBERS, "batch_size": 2, "steps_per_epoch": 10},
        {"x": batches_of(NUMBERS, 4, endless=True), "steps_per_epoch": 10},
        {"x": batches_of(NUMBERS, 4, n=20), "steps_per_epoch": 10},
        {"x": batches_of(NUMBERS, 4)},
        {"x": batches_of(NUMBERS, 4).filter(lambda batch: True)},  # how many is not known
    ],
    ids=["array", "part of a pass", "endless", "one pass", "finite", "of unknown length"],
)
def test_as_many_steps_are_made_as_asked_for(data, together):
    gan, one_by_one = (line_gan(learning_rate=0.01, steps_per_execution=n) for n in (together, 1))
    for model in (gan, one_by_one):
        history = model.fit(**data, epochs=2, verbose=0).history
        assert model.steps == 20 and len(history["generator_loss"]) == 2
    assert same_weights(gan, one_by_one)
    assert gan.steps_per_execution == together


@pytest.mark.parametrize(
    ("data", "epochs", "seen"),
    [
        ({"x": NUMBERS, "batch_size": 4}, 1, [9]),
        ({"x": NUMBERS, "batch_size": 4, "steps_per_epoch": 17}, 1, [11, 16]),
        ({"x": NUMBERS, "batch_size": 4, "steps_per_epoch": 1}, 1, [0]),
        ({"x": NUMBERS, "batch_size": 4}, 2, 2 * [9]),
        ({"x": batches_of(NUMBERS, 4)}, 2, 2 * [9]),
        ({"x": batches_of(NUMBERS, 4).filter(lambda batch: True)}, 2, 2 * [9]),
    ],
)
def test_callbacks_hear_of_the_steps_that_were_made(data, epochs, seen, capsys):
    gan, heard = line_gan(steps_per_execution=12), []
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=lambda at, logs: heard.append(at))
    gan.fit(**data, epochs=epochs, callbacks=[watch])
    assert heard == seen and gan.steps == epochs * (seen[-1] + 1)
    assert f"{seen[-1] + 1}/{seen[-1] + 1}" in capsys.readouterr().out
    gan.discriminator.layers[-1].bias.assign([np.nan])
    with pytest.raises(FloatingPointError, match=f"step {seen[0] + 1}\\."):
        gan.fit(**data, epochs=epochs, callbacks=[StopOnNonFinite()], verbose=0)


def read_once(n):
    """A dataset over a single iterator, of n batches of four numbers."""
    batches = iter(NUMBERS[: 4 * n].reshape(n, 4, 1))
    spec = tf.TensorSpec((None, 1))
    return tf.data.Dataset.from_generator(lambda: batches, output_signature=spec)


def test_a_dataset_that_can_be_read_only_once_is_no_epoch_of_zeros():
    gan, seen = line_gan(), []
    again = "no batch {}. It must yield its batches anew each time .* iter"
    watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    with pytest.raises(ValueError, match=again.format("in epoch 2")):
        gan.fit(read_once(5), epochs=2, callbacks=[watch], verbose=0)
    assert seen == [0] and gan.history.epoch == [0]
    for call in (gan.fit, gan.evaluate):
        where = "in epoch 1" if call == gan.fit else "to evaluate"
        with pytest.raises(ValueError, match=again.format(where)):
            call(read_once(1), verbose=0)
    held_out = {"validation_data": read_once(3), "epochs": 2}
    with pytest.raises(ValueError, match=again.format("to evaluate")):
        gan.fit(NUMBERS, **held_out, batch_size=4, verbose=0)


def test_a_dataset_of_unknown_shape_is_looked_at_and_trains():
    def batches():
        return iter(NUMBERS.reshape(10, 4, 1))

    gan, known = line_gan(learning_rate=0.01), line_gan(learning_rate=0.01)
    gan.fit(tf.data.Dataset.from_generator(batches, output_types=tf.float32), verbose=0)
    known.fit(batches_of(NUMBERS, 4), verbose=0)
    assert gan.steps == 10 and same_weights(gan, known)


@pytest.mark.parametrize("together", [1, 7])
def test_as_many_batches_are_evaluated_as_asked_for(together):
    gan, seen = line_gan(steps_per_execution=together), []
    endless, counter = batches_of(NUMBERS, 2, endless=True), gan.report.accuracy_on_real.count
    for arguments, n in (
        ({"x": endless, "steps": 10}, 20),
        ({"x": NUMBERS, "steps": 10, "batch_size": 2}, 20),
        ({"x": batches_of(NUMBERS, 2)}, 40),
        ({"x": NUMBERS}, 40),
    ):
        gan.evaluate(**arguments, verbose=0)
        assert int(counter) == n
    watch = keras.callbacks.LambdaCallback(on_test_end=lambda logs: seen.append(int(counter)))
    for held_out in (
        {"validation_data": endless, "validation_steps": 3},
        {"validation_data": NUMBERS, "validation_steps": 3, "validation_batch_size": 2},
        {"validation_data": NUMBERS[:6]},
    ):
        gan.fit(NUMBERS, batch_size=4, epochs=2, **held_out, callbacks=[watch], verbose=0)
    assert seen == 6 * [6] and gan.steps == 60


@pytest.mark.parametrize("data", [NUMBERS, batches_of(NUMBERS, 8)], ids=["array", "dataset"])
def test_nothing_is_trained_where_nothing_is_asked_for(data):
    gan = line_gan()
    size = {"batch_size": 8} if data is NUMBERS else {}
    for epochs in ({"epochs": 0}, {"epochs": 2, "initial_epoch": 2}, {"initial_epoch": 3}):
        assert gan.fit(data, **size, **epochs, verbose=0).history == {}
    assert gan.steps == 0


@pytest.mark.parametrize("bad", [-1, 2.5, True, "3"])
@pytest.mark.parametrize(
    "name",
    [
        "epochs",
        "initial_epoch",
        "batch_size",
        "steps_per_epoch",
        "validation_steps",
        "validation_batch_size",
    ],
)
def test_numbers_that_cannot_be_are_refused_by_their_names(name, bad):
    with pytest.raises(ValueError, match=f"^{name} must be an integer.* given {bad!r}"):
        line_gan().fit(
            NUMBERS, **{"batch_size": 4, "validation_data": NUMBERS, name: bad}, verbose=0
        )
    if name in ("batch_size", "validation_steps"):
        name = name.removeprefix("validation_")
        with pytest.raises(ValueError, match=f"^{name} must be an integer.* given {bad!r}"):
            line_gan().evaluate(NUMBERS, **{name: bad}, verbose=0)


def test_what_would_be_of_no_use_or_never_end_is_refused():
    endless, gan = batches_of(NUMBERS, 4, endless=True), line_gan()
    for arguments, message in (
        ({"x": endless}, "does not end: say by steps_per_epoch"),
        ({"x": NUMBERS, "validation_data": endless}, "does not end: say by validation_steps"),
        ({"x": NUMBERS, "validation_steps": 2}, "validation_steps is of no use without"),
        ({"x": NUMBERS, "validation_batch_size": 2}, "validation_batch_size is of no use without"),
        (
            {"x": NUMBERS, "validation_data": batches_of(NUMBERS, 4), "validation_batch_size": 2},
            "own batches: validation_batch_size must be left out",
        ),
        ({"x": NUMBERS, "validation_data": NUMBERS, "validation_freq": 0}, "validation_freq must"),
        ({"x": NUMBERS, "validation_data": (NUMBERS, None, NUMBERS)}, "given more"),
        ({"x": NUMBERS, "sample_weight": NUMBERS}, "sample_weight has no meaning"),
        ({"x": NUMBERS, "validation_split": 0.2}, "validation_split has no meaning"),
    ):
        with pytest.raises(ValueError, match=message):
            gan.fit(
                **arguments, **({"batch_size": 4} if arguments["x"] is NUMBERS else {}), verbose=0
            )
    for arguments, message in (
        ({"x": endless}, "does not end: say by steps how much"),
        ({"x": batches_of(NUMBERS, 4), "batch_size": 4}, "own batches: batch_size must be left"),
        ({"x": NUMBERS, "sample_weight": NUMBERS}, "sample_weight has no meaning"),
    ):
        with pytest.raises(ValueError, match=message):
            gan.evaluate(**arguments, verbose=0)
    assert gan.steps == 0
    gan.fit(NUMBERS, validation_split=0.0, verbose=0, batch_size=40)
    assert gan.steps == 1


# -- batches -----------------------------------------------------------------------------------


def dataset(*batches) -> tf.data.Dataset:
    """Batches as they are, whatever their sizes."""
    spec = tf.nest.map_structure(
        lambda part: tf.TensorSpec((None, *part.shape[1:]), part.dtype), batches[0]
    )
    return tf.data.Dataset.from_generator(lambda: iter(batches), output_signature=spec)


def grouping_gan() -> GAN:
    """Whose discriminator has a layer within a network within it that compares four images."""
    compare = keras.Sequential([keras.Input((28, 28, 1)), BatchDeviation()])
    discriminator = keras.Sequential(
        [keras.Input((28, 28, 1)), compare, keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    gan = GAN(small_gan().generator, discriminator)
    gan.compile(generator_optimizer="adam", discriminator_optimizer="adam")
    return gan


MANY = np.concatenate([IMAGES, -IMAGES])
MANY_CLASSES = (np.arange(24) % 3).astype("int32")
SHARE = r"discriminator_steps, {}, times replicas, {}, parts of one size, .* given {}\."
GROUPS = "compares images in groups of 4, .* given {}"


@pytest.mark.parametrize("method", ["fit", "evaluate", "validation"])
@pytest.mark.parametrize(
    ("make", "batches", "message"),
    [
        (small_gan, [IMAGES, IMAGES * np.nan], "Batch 2 of the .* NaN .* in 12 of 12 images"),
        (small_gan, [IMAGES * np.nan], "The first batch of the dataset: .* in 12 of 12 images"),
        (
            small_gan,
            [IMAGES, IMAGES, IMAGES * 127.5 + 127.5],
            r"Batch 3 of the dataset.*from -1 to 1, .* to 25.*: images / 127.5 - 1\.",
        ),
        (
            conditional_gan,
            [(IMAGES, CLASSES), (IMAGES, CLASSES + 1)],
            r"3 classes, 0 to 2; given 3",
        ),
        (conditional_gan, [(IMAGES, CLASSES), (IMAGES, CLASSES - 1)], "an integer from 0"),
        (conditional_gan, [(IMAGES, CLASSES), (IMAGES, CLASSES[:5])], "each of 12 images"),
        (grouping_gan, [IMAGES, IMAGES[:6]], GROUPS.format(6)),
        (grouping_gan, [IMAGES[:2]], GROUPS.format(2)),
    ],
)
def test_each_batch_of_a_dataset_is_looked_at(method, make, batches, message):
    gan = make()
    good = (MANY, MANY_CLASSES) if gan.conditional else (MANY,)
    call = {
        "fit": lambda: gan.fit(dataset(*batches), verbose=0),
        "evaluate": lambda: gan.evaluate(dataset(*batches), verbose=0),
        "validation": lambda: gan.fit(
            *good, batch_size=4, validation_data=dataset(*batches), verbose=0
        ),
    }[method]
    with pytest.raises(ValueError, match=message) as caught:
        call()
    assert "node" not in str(caught.value).lower() and caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("make", "sizes", "message"),
    [
        (
            lambda: small_gan(discriminator_steps=2),
            (12, 12, 5),
            SHARE.format(2, 1, 5) + " The nearest is 4 or 6; .*drop_remainder=True",
        ),
        (lambda: small_gan(replicas=3), (12, 4), SHARE.format(1, 3, 4) + " The nearest is 6;"),
        (grouping_gan, (8, 6), GROUPS.format("6. The nearest is 4 or 8;")),
        (lambda: small_gan(discriminator_steps=5), (12,), SHARE.format(5, 1, 12)),
        (lambda: small_gan(replicas=2, discriminator_steps=2), (12, 8, 6), SHARE.format(2, 2, 6)),
        (lambda: small_gan(replicas=2), (12, 2), "two images or more .* given 2"),
        (grouping_gan, (8, 4, 2), GROUPS.format(2)),
    ],
)
def test_each_batch_of_a_dataset_must_be_one_that_a_step_can_take(make, sizes, message):
    gan = make()
    with pytest.raises(ValueError, match=message):
        gan.fit(dataset(*(IMAGES[:size] for size in sizes)), verbose=0)
    assert gan.steps <= len(sizes) - 1


def test_batches_that_only_training_divides_are_evaluated():
    gan = small_gan(discriminator_steps=2, replicas=2)
    assert np.isfinite(gan.evaluate(dataset(IMAGES, IMAGES[:3]), verbose=0)).all()
    assert np.isfinite(gan.evaluate(IMAGES[:5], batch_size=3, verbose=0)).all()
    history = gan.fit(MANY, batch_size=4, validation_data=IMAGES[:3], verbose=0).history
    assert np.isfinite(history["val_generator_loss"]).all()


def test_arrays_that_a_layer_cannot_compare_are_refused_before_anything_is_trained():
    gan = grouping_gan()
    before = values(gan.weights)
    for arguments, message in (
        ({"batch_size": 6}, GROUPS.format(6)),
        ({"batch_size": 4, "validation_data": IMAGES[:6]}, GROUPS.format(2)),
        (
            {"batch_size": 4, "validation_data": IMAGES, "validation_batch_size": 5},
            GROUPS.format("[25]"),
        ),
    ):
        with pytest.raises(ValueError, match=message):
            gan.fit(IMAGES, **arguments, verbose=0)
    assert not any(moved(before, gan.weights))
    with pytest.raises(ValueError, match=GROUPS.format(2)):
        gan.evaluate(IMAGES[:10], batch_size=4, verbose=0)
    gan.fit(IMAGES, batch_size=8, validation_data=IMAGES, verbose=0)
    with pytest.raises(ValueError, match=r"a multiple of 4; given \(6, 28, 28, 1\)"):
        BatchDeviation()(IMAGES[:6])
    with pytest.raises(ValueError, match=r"\(n, height, width, channels\), .* given \(4, 784\)"):
        BatchDeviation()(IMAGES[:4].reshape(4, 784))


def test_ragged_tensors_are_refused():
    ragged = tf.ragged.constant([[[0.0], [0.5, 1.0]], [[1.0]]])
    for call in (small_gan().fit, small_gan().evaluate):
        with pytest.raises(ValueError, match=r"must be an array.* given RaggedTensor"):
            call(ragged, verbose=0)
        with pytest.raises(ValueError, match="batches of them, each a tensor; given RaggedTensor"):
            call(tf.data.Dataset.from_tensor_slices(ragged).batch(2), verbose=0)
    both = tf.data.Dataset.from_tensors((IMAGES[:2], ragged))
    with pytest.raises(ValueError, match=r"\(samples, classes\), both tensors; given .*Ragged"):
        conditional_gan().fit(both, verbose=0)


def test_a_dataset_of_dictionaries_is_refused_with_how_to_choose():
    rows = tf.data.Dataset.from_tensors({"image": IMAGES, "label": CLASSES})
    choose = r"Choose .* by dataset.map\(lambda parts: {}\)"
    with pytest.raises(ValueError, match=choose.format(r"parts\['image'\]")):
        small_gan().fit(rows, verbose=0)
    with pytest.raises(ValueError, match=choose.format(r"\(parts\['image'\], parts\['label'\]\)")):
        conditional_gan().fit(rows, verbose=0)
    gan = small_gan()
    gan.fit(rows.map(lambda parts: parts["image"]), verbose=0)
    assert gan.steps == 1


def test_what_a_generator_cannot_take_is_refused_where_it_is_called():
    gan, plain = conditional_gan(), small_gan()
    latent, classes = np.zeros((2, LATENT - 1), "float32"), np.array([0, 3])
    for model, inputs, message in (
        (plain, np.zeros((4, 9)), rf"samples of shape \(n, {LATENT}\).* given shape \(4, 9\)"),
        (plain, np.zeros(LATENT), rf"given shape \({LATENT},\)"),
        (plain, [np.zeros((2, LATENT)), classes], "takes samples of shape"),
        (gan, latent, r"a list of two.* given ndarray, \(2, 4\)"),
        (gan, [latent], "a list of two.* given list"),
        (gan, [latent[:, 1:], classes], r"samples of shape \(n, 4\).* given shape \(2, 3\)"),
        (gan, [latent, classes], "There are 3 classes, 0 to 2; given 3"),
        (gan, [latent, classes[:1]], "for each of 2 images"),
    ):
        for call in (lambda x, model=model: model.predict(x, verbose=0), model):
            with pytest.raises(ValueError, match=message):
                call(inputs)
    pairs = tf.data.Dataset.from_tensors((latent, classes))
    with pytest.raises(
        ValueError, match=r"list of two arrays, \[samples, classes\]; given a dataset"
    ):
        gan.predict(pairs)
    assert gan.predict([latent, classes - 1 + 1 * (classes < 1)], verbose=0).shape[0] == 2
    batches = tf.data.Dataset.from_tensor_slices(np.zeros((4, LATENT))).batch(2)
    assert plain.predict(batches, verbose=0).shape[0] == 4
    assert plain(keras.Input((LATENT,))).shape == (None, 28, 28, 1)


def test_a_batch_for_one_step_is_looked_at_as_fit_looks_at_it():
    gan = small_gan(discriminator_steps=2)
    before = values(gan.weights)
    for call in (gan.train_on_batch, gan.test_on_batch):
        for batch, message in (
            (IMAGES * 255, "Expected images from -1 to 1"),
            (IMAGES / 2 + 0.5, r"from 0 to 1: 2 \* images - 1"),
            (IMAGES * np.nan, "in 12 of 12 images"),
            (IMAGES[:, :14], "given shape"),
            (tf.data.Dataset.from_tensors(IMAGES), "takes a single batch, an array"),
        ):
            with pytest.raises(ValueError, match=message):
                call(batch)
        with pytest.raises(ValueError, match="sample_weight has no meaning"):
            call(IMAGES, sample_weight=np.ones(12))
    with pytest.raises(ValueError, match=SHARE.format(2, 1, 5)):
        gan.train_on_batch(IMAGES[:5])
    gan.test_on_batch(IMAGES[:5])
    assert gan.steps == 0
    gan.reset_metrics()
    assert not any(moved(before, gan.weights))
    gan.train_on_batch(IMAGES)
    gan.train_on_batch(abs(IMAGES))  # a later batch may be so by chance
    assert gan.steps == 2
    conditional = conditional_gan()
    with pytest.raises(ValueError, match="There are 3 classes, 0 to 2; given 3"):
        conditional.train_on_batch(IMAGES, CLASSES + 1)
    conditional.train_on_batch(IMAGES, CLASSES)
    with pytest.raises(ValueError, match="call `compile"):
        GAN(*small_networks()).train_on_batch(IMAGES)


@pytest.mark.parametrize("penalty", ["r1", "gradient_penalty"])
def test_images_in_float64_train_as_in_float32(penalty):
    narrow, wide = (small_gan(penalties={penalty: 1.0}) for _ in range(2))
    narrow.fit(IMAGES, batch_size=4, verbose=0)
    wide.fit(IMAGES.astype("float64"), batch_size=4, verbose=0)
    assert same_weights(narrow, wide)


# -- classes -----------------------------------------------------------------------------------

BAD_CLASSES = {
    "one-hot": (np.eye(3)[CLASSES], r"look one-hot: classes.argmax\(axis=1\)"),
    "one-hot integers": (np.eye(3, dtype=int)[CLASSES], r"look one-hot: classes.argmax\(axis=1\)"),
    "a column": (CLASSES[:, None], r"Drop the last axis: classes\[:, 0\]\.$"),
    "a column of names": (CLASSES.astype(str)[:, None], r"classes\[:, 0\]\. Names become"),
    "floats": (
        CLASSES.astype("float32"),
        r"float32 of shape \(12,\): 0.0, 1.0, 2.0, 0.0, 1.0, \.\.\.\. .*: classes.astype\(int\)",
    ),
    "negative": (CLASSES - 1, "an integer from 0"),
    "too large": (CLASSES + 1, "There are 3 classes, 0 to 2; given 3"),
    "far too large": (CLASSES + 2**40, "an integer from 0"),
    "strings": (CLASSES.astype(str), "np.unique"),
    "true and false": (CLASSES > 1, "an integer from 0"),
    "empty": (CLASSES[:0], r"an integer from 0, .* given none, shape \(0,\)\.$"),
    "a list of lists": ([[1], [1, 2]], "an integer from 0"),
    "a number": (3, "an integer from 0"),
}


@pytest.mark.parametrize("kind", BAD_CLASSES)
def test_what_is_no_classes_is_refused_wherever_classes_are_taken(kind):
    classes, message = BAD_CLASSES[kind]
    gan = conditional_gan()
    gan.generator_optimizer.use_ema = True
    rng = np.random.default_rng(0)
    calls = [
        lambda: gan.fit(IMAGES, classes, batch_size=4, verbose=0),
        lambda: gan.evaluate(IMAGES, classes, verbose=0),
        lambda: gan.fit(
            IMAGES, CLASSES, batch_size=4, validation_data=(IMAGES, classes), verbose=0
        ),
        lambda: averaged_generator(gan, classes),
        lambda: gan.predict([np.zeros((12, LATENT - 1)), classes], verbose=0),
        lambda: draw_inputs(gan.generator, 6, seed=0, classes=classes),
    ]
    if kind != "too large":  # how many there are is not known here
        calls.append(lambda: in_exact_shares(classes, 6, rng))
    if kind not in ("a list of lists", "a number", "empty"):
        batches = tf.data.Dataset.from_tensors((IMAGES, classes))
        calls.append(lambda: gan.fit(batches, verbose=0))
        calls.append(lambda: gan.evaluate(batches, verbose=0))
    before = values(gan.weights)
    for call in calls:
        with pytest.raises(ValueError, match=message):
            call()
    assert not any(moved(before, gan.weights))


@pytest.mark.parametrize("kind", [list, "uint8", "int64", tf.constant])
def test_integers_of_any_kind_are_classes(kind):
    given = CLASSES.astype(kind) if isinstance(kind, str) else kind(CLASSES.tolist())
    one, other = conditional_gan(), conditional_gan()
    one.fit(IMAGES, CLASSES, batch_size=4, verbose=0)
    other.fit(IMAGES, given, batch_size=4, verbose=0)
    assert same_weights(one, other)
    rng = [np.random.default_rng(0) for _ in range(2)]
    shares = [in_exact_shares(c, 7, r) for c, r in zip((CLASSES, given), rng, strict=True)]
    np.testing.assert_array_equal(*shares)


def test_a_conditional_network_is_asked_how_many_classes_it_knows():
    gan = GAN(networks.fast_generator(10), networks.fast_discriminator(10))
    assert gan.n_classes == 10 and conditional_gan().n_classes == 3
