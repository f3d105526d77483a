"""What of Keras works with a GAN: one list, which is tested here and printed in the book.

`python -m tests.test_keras_features` writes book/keras_features.md, which a test compares.
"""

import contextlib
import importlib.util
import io
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers import callbacks as own_callbacks
from gan_helpers import saving  # noqa: F401  (what is saved loads)
from gan_helpers.gan import GAN
from gan_helpers.gan_parts.averaging import averaged_generator
from tests.small_gans import (
    IMAGES,
    line_gan,
    moved,
    same_weights,
    small_gan,
    small_networks,
    values,
    without_dropout,
)

PAGE = Path(__file__).parents[1] / "book" / "keras_features.md"
NUMBERS = np.random.default_rng(7).normal(size=(20, 1)).astype("float32")
# The gradient of `critic`'s loss in its only weight that counts: fakes are 2, and D(x) is wx + b.
GRADIENT = 2 - NUMBERS.mean()
WORKS: list[tuple[str, str, str]] = []  # (group, feature, what it does)


def works(group: str, feature: str, effect: str):
    """Put a row into the book's table, which the test that follows holds true."""
    WORKS.append((group, feature, effect))
    return lambda test: test


def critic(optimizer=None, **options) -> GAN:
    """A critic of numbers whose gradient is the same in each step, and a generator that stays."""
    gan = line_gan(loss="wasserstein", **options)
    if optimizer is not None:
        gan.compile(
            generator_optimizer=keras.optimizers.SGD(0.0),
            discriminator_optimizer=optimizer,
            loss="wasserstein",
            **options,
        )
    return gan


def weight_after(steps: int, optimizer, **options) -> float:
    """The critic's weight, 1 at first, after so many steps, each with all numbers."""
    gan = critic(optimizer, **options)
    gan.fit(NUMBERS, batch_size=20, epochs=steps, verbose=0)
    return gan.discriminator.trainable_variables[0].numpy().item()


# -- compile -----------------------------------------------------------------------------------

OPTIONS = "Options of compile"


@works(
    OPTIONS,
    "`jit_compile`",
    "XLA compiles the step. It draws other random numbers than without it.",
)
@pytest.mark.parametrize("jit", [True, False])
def test_jit_compile(jit):
    one, again = (critic(keras.optimizers.SGD(0.1), jit_compile=jit) for _ in range(2))
    for gan in (one, again):
        gan.fit(NUMBERS, batch_size=20, epochs=3, verbose=0)
    weight = one.discriminator.trainable_variables[0].numpy().item()
    assert weight == pytest.approx(1 - 3 * 0.1 * GRADIENT, rel=1e-5)
    assert same_weights(one, again)


@works(OPTIONS, "`run_eagerly`", "Python executes each step, so that a debugger can stop in it.")
@pytest.mark.parametrize(("eagerly", "calls"), [(True, 4), (False, 1)])
def test_run_eagerly(eagerly, calls):
    gan, seen = line_gan(run_eagerly=eagerly), []
    step = gan.generator_step
    gan.generator_step = lambda *args: seen.append(1) or step(*args)
    gan.fit(NUMBERS, batch_size=5, verbose=0)
    assert len(seen) == calls and gan.steps == 4


@works(
    OPTIONS,
    "`steps_per_execution`",
    "At most so many steps are executed at once: the largest number that divides an epoch. "
    "The number of steps is the one that was asked for, and callbacks hear of no other.",
)
def test_steps_per_execution():
    gan, seen = line_gan(steps_per_execution=7), []
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=lambda at, logs: seen.append(at))
    gan.fit(NUMBERS, batch_size=2, epochs=2, verbose=0, callbacks=[watch])
    assert seen == 2 * [4, 9] and gan.steps == 20  # by fives


# -- fit, evaluate, predict --------------------------------------------------------------------

CALLS = "Arguments of fit, evaluate and predict"


@works(CALLS, "`batch_size`", "For arrays: images for a step of one player.")
@works(CALLS, "`steps_per_epoch`", "For arrays one pass, unless given.")
@works(CALLS, "`epochs`, `initial_epoch`", "As for any model; 0 epochs train nothing.")
def test_sizes_and_counts():
    gan = line_gan(discriminator_steps=2)
    history = gan.fit(NUMBERS, batch_size=5, epochs=3, initial_epoch=1, verbose=0)
    assert history.epoch == [1, 2] and gan.steps == 4
    assert int(gan.discriminator_optimizer.iterations) == 8
    gan.fit(NUMBERS, batch_size=5, steps_per_epoch=7, verbose=0)
    assert gan.steps == 11


@works(
    CALLS,
    "`validation_data`, `validation_freq`, `validation_steps`, `validation_batch_size`",
    "Losses and accuracies on images that training does not see, named `val_...`.",
)
def test_validation():
    gan = line_gan(loss="wasserstein")
    history = gan.fit(
        NUMBERS,
        batch_size=10,
        epochs=4,
        validation_data=NUMBERS + 3,
        validation_freq=2,
        validation_steps=2,
        validation_batch_size=5,
        verbose=0,
    ).history
    losses = history["val_discriminator_loss"]
    assert losses == pytest.approx(2 * [2 - (NUMBERS[:10] + 3).mean()], rel=1e-5)


@works(CALLS, "`verbose`", "The progress bar shows a GAN's metrics.")
def test_verbose(capsys):
    for verbose, shown in ((0, False), (1, True), (2, True)):
        line_gan().fit(NUMBERS, batch_size=20, epochs=2, verbose=verbose)
        line_gan().evaluate(NUMBERS, verbose=verbose)
        out = capsys.readouterr().out
        assert ("accuracy_on_fake: 0.0000e+00" in out) == ("Epoch 2/2" in out) == shown
        assert shown or not out


@works(CALLS, "`steps`, `return_dict` of `evaluate`", "As for any model.")
def test_evaluate():
    gan = line_gan(loss="wasserstein")
    listed = gan.evaluate(NUMBERS, batch_size=5, steps=2, verbose=0)
    named = gan.evaluate(NUMBERS[:10], return_dict=True, verbose=0)
    assert named["discriminator_loss"] == pytest.approx(2 - NUMBERS[:10].mean(), rel=1e-5)
    assert sorted(listed) == pytest.approx(sorted(named.values()), rel=1e-5)


@works(CALLS, "`predict`", "Images for latent vectors, or for latent vectors and classes.")
def test_predict():
    gan, latent = small_gan(), np.random.default_rng(0).normal(size=(5, 5)).astype("float32")
    images = gan.predict(latent, batch_size=2, verbose=0)
    np.testing.assert_allclose(images, gan.generator(latent, training=False), atol=1e-6)


@works(
    CALLS,
    "`train_on_batch`, `test_on_batch`",
    "A step with these images, looked at as `fit` does; with `return_dict=True` by name.",
)
def test_a_step_by_itself():
    gan, batch = critic(keras.optimizers.SGD(0.1)), tf.constant(NUMBERS)
    expected = pytest.approx(2 - NUMBERS.mean(), rel=1e-5)
    assert gan.test_on_batch(batch, return_dict=True)["discriminator_loss"] == expected
    gan.reset_metrics()
    assert gan.train_on_batch(batch, return_dict=True)["discriminator_loss"] == expected
    weight = gan.discriminator.trainable_variables[0].numpy().item()
    assert weight == pytest.approx(1 - 0.1 * GRADIENT, rel=1e-5) and gan.steps == 1


# -- networks ----------------------------------------------------------------------------------

LAYERS = "Networks"


@works(LAYERS, "constraints of weights", "They hold after each step, as in weight clipping.")
def test_constraints():
    gan = critic(keras.optimizers.SGD(1.0))

    class Clipped(keras.constraints.Constraint):
        def __call__(self, weight):
            return keras.ops.clip(weight, -0.25, 0.25)

    gan.discriminator.layers[-1].kernel.constraint = Clipped()
    gan.fit(NUMBERS, batch_size=5, verbose=0)
    assert abs(gan.discriminator.layers[-1].kernel.numpy().item()) == 0.25


@works(LAYERS, "`trainable = False`, set before `compile`", "Such a layer stays as it is.")
def test_frozen_layers():
    gan = small_gan()
    frozen = gan.discriminator.layers[0]
    frozen.trainable = False
    gan.compile(generator_optimizer="adam", discriminator_optimizer="adam")
    before = values(frozen.weights), values(gan.discriminator.layers[-1].weights)
    gan.fit(IMAGES, batch_size=4, verbose=0)
    assert not any(moved(before[0], frozen.weights))
    assert all(moved(before[1], gan.discriminator.layers[-1].weights))


@works(LAYERS, "`SpectralNormalization`", "The largest singular value of the layer becomes one.")
def test_spectral_normalisation():
    layer = keras.layers.SpectralNormalization(keras.layers.Dense(8), power_iterations=3)
    discriminator = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), layer, keras.layers.Dense(1)]
    )
    gan = GAN(small_networks()[0], discriminator)
    adam = keras.optimizers.Adam(0.1)
    gan.compile(generator_optimizer="adam", discriminator_optimizer=adam)
    gan.fit(IMAGES, batch_size=4, epochs=2, verbose=0)
    layer(IMAGES.reshape(12, 784), training=True)  # with the last step's weights
    kernel = layer.layer.kernel.numpy()
    assert np.linalg.norm(kernel, 2) == pytest.approx(1, abs=0.1)


@works(LAYERS, "the policy `mixed_bfloat16`", "Weights, images, logits and losses stay in float32.")
@works(
    LAYERS, "the policy `float64`", "Weights are float64. Images may be float64 under every policy."
)
@pytest.mark.parametrize("penalty", ["r1", "gradient_penalty"])
@pytest.mark.parametrize(
    ("policy", "weights", "error"),
    [("mixed_bfloat16", "float32", 0.05), ("float64",) * 2 + (1e-4,)],
)
def test_policies(policy, weights, error, penalty):
    usual = without_dropout(penalties={penalty: 1.0})
    with policy_of(policy):
        gan = without_dropout(penalties={penalty: 1.0})
    for name in gan.networks:
        getattr(gan, name).set_weights(getattr(usual, name).get_weights())
    results = []
    for model in (usual, gan):
        model.fit(IMAGES, batch_size=12, epochs=2, verbose=0)
        results.append(model.evaluate(IMAGES, return_dict=True, verbose=0))
    losses = [{k: v for k, v in result.items() if "loss" in k} for result in results]
    assert losses[1] == pytest.approx(losses[0], abs=error)
    assert any(moved(values(usual.generator.weights), gan.generator.weights))
    assert {weight.dtype for weight in gan.weights if "metric" not in weight.path} >= {weights}
    assert gan.logits(tf.constant(IMAGES), None).dtype == weights
    assert gan.make_fakes(2).images.dtype == weights


@contextlib.contextmanager
def policy_of(name: str):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


# -- optimizers --------------------------------------------------------------------------------

OPTIMIZERS = "Optimizers"
OF_KERAS = [
    name
    for name in dir(keras.optimizers)
    if isinstance(found := getattr(keras.optimizers, name), type)
    and issubclass(found, keras.optimizers.Optimizer)
    and name not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
]


@works(OPTIMIZERS, "each of `keras.optimizers`", "Moves its player as it would any weights.")
@pytest.mark.parametrize("name", OF_KERAS)
def test_each_optimizer(name):
    make = getattr(keras.optimizers, name)
    weights = [keras.Variable([[1.0]]), keras.Variable([0.0])]
    alone = make(0.01)
    alone.build(weights)
    for _ in range(3):
        alone.apply([tf.constant([[GRADIENT]]), tf.constant([0.0])], weights)
    assert weights[0].numpy().item() != 1.0
    assert weight_after(3, make(0.01)) == pytest.approx(weights[0].numpy().item(), rel=1e-4)


@works(OPTIMIZERS, "names, such as `'adam'`", "An optimizer with Keras's own settings.")
def test_names():
    assert weight_after(2, "sgd") == pytest.approx(1 - 2 * 0.01 * GRADIENT, rel=1e-5)
    assert weight_after(2, "RMSprop") == pytest.approx(
        weight_after(2, keras.optimizers.RMSprop()), rel=1e-6
    )


@works(
    OPTIMIZERS,
    "`clipnorm`, `clipvalue`, `global_clipnorm`",
    "Limit the whole gradient, the penalties' with it.",
)
@pytest.mark.parametrize("option", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_clipping(option):
    assert abs(GRADIENT) > 1
    clipped = weight_after(3, keras.optimizers.SGD(0.1, **{option: 0.5}))
    assert clipped == pytest.approx(1 - 3 * 0.1 * 0.5 * np.sign(GRADIENT), rel=1e-5)
    punished = weight_after(3, keras.optimizers.SGD(0.1, **{option: 0.5}), penalties={"r1": 1000.0})
    assert punished == pytest.approx(1 - 3 * 0.1 * 0.5, rel=1e-5)


@works(OPTIMIZERS, "`weight_decay`", "As for any model, in each step of its player.")
def test_weight_decay():
    weight = 1.0
    for _ in range(3):
        weight = weight * (1 - 0.1 * 0.5) - 0.1 * GRADIENT
    decayed = weight_after(3, keras.optimizers.SGD(0.1, weight_decay=0.5))
    assert decayed == pytest.approx(weight, rel=1e-5)


@works(
    OPTIMIZERS,
    "`gradient_accumulation_steps`",
    "The player moves once in so many of its steps, by their mean gradient; `steps` counts all.",
)
def test_gradient_accumulation():
    def sgd():
        return keras.optimizers.SGD(0.1, gradient_accumulation_steps=3)

    moves = [weight_after(steps, sgd()) for steps in (2, 3, 7)]
    assert moves == pytest.approx([1 - n * 0.1 * GRADIENT for n in (0, 1, 2)], rel=1e-5)
    unlike = np.concatenate([NUMBERS[:10], NUMBERS[:10] + 6])
    gan = critic(keras.optimizers.SGD(0.1, gradient_accumulation_steps=2))
    batches = tf.data.Dataset.from_tensor_slices(unlike).batch(10)
    gan.fit(batches, verbose=0)
    expected = 1 - 0.1 * (2 - unlike.mean())
    assert gan.discriminator.trainable_variables[0].numpy().item() == pytest.approx(expected)
    generator = line_gan(mean=0.0, loss="wasserstein")
    generator.compile(
        generator_optimizer=sgd(),
        discriminator_optimizer=keras.optimizers.SGD(0.0),
        loss="wasserstein",
    )
    generator.fit(NUMBERS, batch_size=20, epochs=5, verbose=0)
    bias = generator.generator.layers[-1].bias.numpy().item()  # its gradient is -1
    assert bias == pytest.approx(0.1) and generator.steps == 5


@works(
    OPTIMIZERS,
    "`use_ema`, `ema_momentum`",
    "The weights stay the last ones; `averaged_generator(gan)` has the averaged ones.",
)
def test_use_ema():
    gan = line_gan(mean=0.0, loss="wasserstein")
    gan.compile(
        generator_optimizer=keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5),
        discriminator_optimizer=keras.optimizers.SGD(0.0),
        loss="wasserstein",
    )
    gan.fit(NUMBERS, batch_size=20, epochs=3, verbose=0)  # its bias goes 1, 2, 3
    assert gan.generator.layers[-1].bias.numpy().item() == pytest.approx(3)
    mean = averaged_generator(gan).layers[-1].bias.numpy().item()
    assert mean == pytest.approx(0.25 * 1 + 0.25 * 2 + 0.5 * 3)


@works(
    OPTIMIZERS, "`ema_overwrite_frequency`", "Every so many steps the averages become the weights."
)
def test_ema_overwrite_frequency():
    def sgd(every=2):
        return keras.optimizers.SGD(
            0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=every
        )

    weights, alone = [keras.Variable([[1.0]]), keras.Variable([0.0])], sgd()
    alone.build(weights)
    for _ in range(5):
        alone.apply([tf.constant([[GRADIENT]]), tf.constant([0.0])], weights)
    assert weight_after(5, sgd()) == pytest.approx(weights[0].numpy().item(), rel=1e-5)
    assert weight_after(5, sgd()) != pytest.approx(weight_after(5, sgd(None)), rel=1e-3)


@works(
    OPTIMIZERS,
    "`keras.optimizers.schedules`",
    "By the steps of the player: the discriminator's are `discriminator_steps` times as many.",
)
@pytest.mark.parametrize("times", [1, 2])
def test_schedules(times):
    halves = keras.optimizers.schedules.PiecewiseConstantDecay([1, 3], [0.4, 0.2, 0.1])
    gan = critic(keras.optimizers.SGD(halves), discriminator_steps=times)
    same = np.full((20, 1), 3.0, "float32")  # the gradient is -1
    gan.fit(same, batch_size=20 // times, epochs=3, verbose=0)
    rates = [0.4, 0.4, 0.2, 0.2, 0.1, 0.1][: 3 * times]
    weight = gan.discriminator.trainable_variables[0].numpy().item()
    assert weight == pytest.approx(1 + sum(rates), rel=1e-5)


# -- callbacks ---------------------------------------------------------------------------------

CALLBACKS = "Callbacks"


@works(
    CALLBACKS,
    "`ModelCheckpoint`",
    "Whole models, or weights with both optimizers' states; give `mode` with `save_best_only`.",
)
def test_model_checkpoint(tmp_path):
    checkpoint = keras.callbacks.ModelCheckpoint
    best = checkpoint(
        tmp_path / "best.keras", monitor="generator_loss", mode="min", save_best_only=True
    )
    weights = checkpoint(tmp_path / "{epoch}.weights.h5", save_weights_only=True)
    gan = small_gan()
    losses = gan.fit(IMAGES, batch_size=4, epochs=3, verbose=0, callbacks=[best, weights]).history[
        "generator_loss"
    ]
    loaded = keras.models.load_model(tmp_path / "best.keras")
    assert isinstance(loaded, GAN) and loaded.steps == 3 * (1 + int(np.argmin(losses)))
    again = small_gan()
    again.load_weights(tmp_path / "1.weights.h5")
    assert again.steps == 3
    again.fit(IMAGES, batch_size=4, initial_epoch=1, epochs=3, verbose=0)
    assert same_weights(gan, again)


@works(
    CALLBACKS,
    "`EarlyStopping`",
    "On any metric; give `mode`: Keras cannot know whether it should rise or fall.",
)
def test_early_stopping():
    stopping = keras.callbacks.EarlyStopping
    sgd = keras.optimizers.SGD(0.1)
    gan, falling = critic(sgd), {"monitor": "discriminator_loss", "patience": 2}
    stop = stopping(**falling, mode="max", restore_best_weights=True)
    gan.fit(NUMBERS, batch_size=20, epochs=9, verbose=0, callbacks=[stop])
    assert gan.steps == 3  # the loss falls from the first epoch on, so that two were in vain
    weight = gan.discriminator.trainable_variables[0].numpy().item()
    assert weight == pytest.approx(1 - 0.1 * GRADIENT, rel=1e-5)
    on = critic(keras.optimizers.SGD(0.1))
    on.fit(NUMBERS, batch_size=20, epochs=9, verbose=0, callbacks=[stopping(**falling, mode="min")])
    assert on.steps == 9
    with pytest.raises(ValueError, match="automatically determine"):
        gan.fit(NUMBERS, batch_size=20, verbose=0, callbacks=[stopping(**falling)])


@works(CALLBACKS, "`CSVLogger`, `History`", "A row for each epoch, with all metrics.")
def test_csv_logger(tmp_path):
    log = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    history = line_gan().fit(
        NUMBERS, batch_size=5, epochs=2, verbose=0, validation_data=NUMBERS, callbacks=[log]
    )
    names, *rows = (line.split(",") for line in (tmp_path / "log.csv").read_text().splitlines())
    assert [int(row[0]) for row in rows] == history.epoch == [0, 1]
    for name, column in zip(names[1:], list(zip(*rows, strict=True))[1:], strict=True):
        assert [float(value) for value in column] == history.history[name]


@works(
    CALLBACKS,
    "`LambdaCallback`, and callbacks of one's own",
    "They find the optimizers as `model.generator_optimizer` and `model.discriminator_optimizer`, "
    "whose `learning_rate` they may set.",
)
def test_own_callbacks():
    gan = critic(keras.optimizers.SGD(0.1))

    def halve(epoch, logs):
        gan.discriminator_optimizer.learning_rate = 0.1 / 2**epoch

    halving = keras.callbacks.LambdaCallback(on_epoch_begin=halve)
    gan.fit(NUMBERS, batch_size=20, epochs=3, verbose=0, callbacks=[halving])
    weight = gan.discriminator.trainable_variables[0].numpy().item()
    assert weight == pytest.approx(1 - (0.1 + 0.05 + 0.025) * GRADIENT, rel=1e-5)


@works(
    CALLBACKS,
    "`TensorBoard`",
    "If the package `tensorboard` is installed, as for chapter 7. It logs no learning "
    "rates, and refuses `write_steps_per_second`.",
)
def test_tensorboard(tmp_path, monkeypatch):
    board = keras.callbacks.TensorBoard(tmp_path, histogram_freq=1)
    gan = line_gan()
    if importlib.util.find_spec("tensorboard") is None:
        with pytest.raises(ValueError, match=r"needs the package tensorboard, .* pip install"):
            gan.fit(NUMBERS, batch_size=20, verbose=0, callbacks=[board])
    else:
        gan.fit(NUMBERS, batch_size=20, verbose=0, callbacks=[board], validation_data=NUMBERS)
        assert {path.name for path in tmp_path.iterdir()} == {"train", "validation"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    timed = keras.callbacks.TensorBoard(tmp_path, write_steps_per_second=True)
    with pytest.raises(ValueError, match="write_steps_per_second"):
        gan.fit(NUMBERS, batch_size=20, verbose=0, callbacks=[timed])


# -- what is refused ---------------------------------------------------------------------------


def compiled(**options) -> Callable[[], object]:
    arguments = {"generator_optimizer": "sgd", "discriminator_optimizer": "sgd"} | options
    return lambda: line_gan().__class__.compile(line_gan(), **arguments)


def fitted(*callbacks, **arguments) -> Callable[[], object]:
    return lambda: line_gan().fit(
        NUMBERS, batch_size=20, verbose=0, callbacks=list(callbacks), **arguments
    )


def frozen():
    gan = line_gan()
    gan.discriminator.trainable = False
    gan.compile(generator_optimizer="sgd", discriminator_optimizer="sgd")


def of_another_gan():
    used = line_gan().generator_optimizer
    line_gan().compile(generator_optimizer=used, discriminator_optimizer="sgd")


def in_float16():
    with policy_of("mixed_float16"):
        small_gan()


def regularised():
    generator, _ = small_networks()
    dense = keras.layers.Dense(1, kernel_regularizer="l2")
    GAN(generator, keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), dense]))


class OwnSchedule(keras.callbacks.LearningRateScheduler):
    pass


optimizers, callbacks = keras.optimizers, keras.callbacks
SCHEDULE = "a schedule in each optimizer, or a callback of one's own"
LEFT_OUT = "nothing: each image counts once"
# (feature, what to do instead, call, what the error says)
REFUSED = [
    ("`optimizer` of `compile`", "one for each player", compiled(optimizer="sgd"), "'optimizer'"),
    (
        "`loss='mse'` and other losses of Keras's",
        "`gan_helpers.losses`",
        compiled(loss="mse"),
        "No loss is named 'mse'",
    ),
    (
        "`metrics`, `weighted_metrics`",
        "a callback, such as `gan_helpers.metrics.callback.Judgement`",
        compiled(metrics=["mse"]),
        "own losses and metrics; given .*metrics",
    ),
    (
        "`loss_weights`, `auto_scale_loss`",
        "weights of `penalties`",
        compiled(auto_scale_loss=True),
        "auto_scale_loss",
    ),
    ("`class_weight`", LEFT_OUT, fitted(class_weight={0: 1}), "class_weight has no meaning"),
    ("`sample_weight`", LEFT_OUT, fitted(sample_weight=NUMBERS), "sample_weight has no meaning"),
    (
        "`validation_split`",
        "`validation_data`",
        fitted(validation_split=0.5),
        "validation_split has no meaning",
    ),
    (
        "`shuffle=False`",
        "a dataset in the order that is wanted",
        fitted(shuffle=False),
        "give a dataset",
    ),
    (
        "Python generators, `PyDataset`, lists",
        "arrays, or a `tf.data.Dataset`",
        lambda: line_gan().fit(iter([NUMBERS]), verbose=0),
        "must be an array or a tf.data.Dataset",
    ),
    (
        "regularizers of layers",
        "`weight_decay` of an optimizer, or `penalties`",
        regularised,
        "discriminator has regularizers, in dense",
    ),
    (
        "the policy `mixed_float16`",
        "`mixed_bfloat16`",
        in_float16,
        "generator computes in float16.*mixed_bfloat16",
    ),
    (
        "a network with `trainable = False`",
        "freezing some of its layers",
        frozen,
        "no weights to train",
    ),
    (
        "`LossScaleOptimizer`",
        "`mixed_bfloat16`, which needs no scaled loss",
        compiled(generator_optimizer=optimizers.LossScaleOptimizer(optimizers.SGD())),
        "generator_optimizer divides gradients",
    ),
    (
        "`loss_scale_factor`",
        "`mixed_bfloat16`, which needs no scaled loss",
        compiled(discriminator_optimizer=optimizers.SGD(loss_scale_factor=8.0)),
        "discriminator_optimizer divides gradients",
    ),
    (
        "`MultiOptimizer`",
        "one optimizer for a player",
        compiled(
            generator_optimizer=optimizers.MultiOptimizer(
                {"dense.*": optimizers.SGD(), ".*": optimizers.SGD()}
            )
        ),
        "must be a single optimizer; given a MultiOptimizer",
    ),
    (
        "an optimizer that has moved other weights",
        "a new one",
        of_another_gan,
        "already belongs to the weights of another",
    ),
    (
        "`LearningRateScheduler`",
        SCHEDULE,
        fitted(callbacks.LearningRateScheduler(lambda epoch: 0.1)),
        "LearningRateScheduler changes a model's only optimizer",
    ),
    (
        "`ReduceLROnPlateau`",
        SCHEDULE,
        fitted(callbacks.ReduceLROnPlateau(monitor="generator_loss", mode="min")),
        "ReduceLROnPlateau changes a model's only optimizer",
    ),
    (
        "`SwapEMAWeights`",
        "`averaged_generator`",
        fitted(callbacks.SwapEMAWeights()),
        "SwapEMAWeights .*averaged_generator",
    ),
    (
        "`TerminateOnNaN`",
        "`gan_helpers.callbacks.StopOnNonFinite`",
        fitted(callbacks.TerminateOnNaN()),
        "TerminateOnNaN looks at a metric named loss.*StopOnNonFinite",
    ),
    (
        "`BackupAndRestore`",
        "`gan_helpers.checkpoints`",
        fitted(callbacks.BackupAndRestore("nowhere")),
        "BackupAndRestore .*gan_helpers.checkpoints",
    ),
    (
        "`RemoteMonitor`, `OrbaxCheckpoint`",
        "callbacks that are tested",
        fitted(callbacks.RemoteMonitor()),
        "RemoteMonitor has not been tested .*'CSVLogger'",
    ),
    (
        "`EarlyStopping`, `ModelCheckpoint(save_best_only=True)` without a metric that is there",
        "`monitor` and `mode`, for the usual `val_loss` is not there",
        fitted(callbacks.EarlyStopping()),
        "EarlyStopping watches 'val_loss', and would do nothing without it.*'generator_loss'",
    ),
    (
        "subclasses of callbacks that are refused",
        "as for those",
        fitted(OwnSchedule(lambda epoch: 0.1)),
        "LearningRateScheduler changes",
    ),
]


@pytest.mark.parametrize(
    ("call", "message"), [row[2:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_cannot_work_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps_per_execution": 0}, "steps_per_execution must be an integer, at least 1; given 0"),
        ({"steps_per_execution": 2.0}, "steps_per_execution must be an integer"),
        ({"generator_optimizer": None}, "generator_optimizer must be an optimizer"),
        *(
            ({"generator_optimizer": keras.optimizers.Adam(rate)}, f"from 0, .* given {rate:g}")
            for rate in (-1.0, float("nan"), float("inf"))
        ),
        ({"discriminator_optimizer": "adamm"}, "discriminator_optimizer: .*no .* name 'adamm'"),
        ({"weighted_metrics": []}, "weighted_metrics"),
        ({"loss_weights": [1, 2]}, "loss_weights"),
    ],
)
def test_compile_refuses_what_makes_no_sense(options, message):
    with pytest.raises(ValueError, match=message):
        compiled(**options)()


def test_compile_without_two_optimizers_says_that_there_are_two():
    with pytest.raises(ValueError, match=r"generator_optimizer must be an optimizer.* given None"):
        line_gan().compile()
    both = r"given \['optimizer'\]\. Beside generator_optimizer and discriminator_optimizer"
    with pytest.raises(ValueError, match=both):
        line_gan().compile(optimizer="adam")


def test_a_callback_must_watch_a_metric_that_is_there(tmp_path):
    early, best = callbacks.EarlyStopping, callbacks.ModelCheckpoint
    path = tmp_path / "best.keras"
    validated = {"monitor": "val_generator_loss", "mode": "min"}
    with pytest.raises(ValueError, match="ModelCheckpoint watches 'val_loss'"):
        fitted(best(path, save_best_only=True))()
    with pytest.raises(ValueError, match=r"'val_generator_loss'.* and with validation_data the"):
        fitted(own_callbacks.StopOnNonFinite(), early(**validated))()
    gan, stop = line_gan(), early(**validated, min_delta=9.0)
    gan.fit(NUMBERS, batch_size=20, epochs=5, validation_data=NUMBERS, verbose=0, callbacks=[stop])
    assert gan.steps == 2, "nothing was better than the first epoch"
    fitted(best(path))()
    assert path.exists(), "which does not look at the metric unless it saves the best only"


def test_a_metric_that_an_own_callback_adds_may_be_watched():
    class Adds(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["mine"] = 1.0

    gan = line_gan()
    stop = callbacks.EarlyStopping(monitor="mine", mode="min")
    gan.fit(NUMBERS, batch_size=20, epochs=5, verbose=0, callbacks=[Adds(), stop])
    assert gan.steps == 2
    with pytest.raises(ValueError, match="EarlyStopping watches 'mine'"):
        gan.fit(NUMBERS, batch_size=20, verbose=0, callbacks=[stop, Adds()])


@pytest.mark.parametrize("bad", [len, "CSVLogger", keras.callbacks.CSVLogger])
def test_fit_refuses_what_is_no_callback(bad):
    with pytest.raises(ValueError, match=r"must be a keras\.callbacks\.Callback; given"):
        fitted(bad)()


def test_a_callback_by_itself_and_a_list_of_callbacks_are_looked_at_too():
    for given in (
        callbacks.TerminateOnNaN(),
        callbacks.CallbackList([callbacks.TerminateOnNaN()]),
        [None, [callbacks.TerminateOnNaN()]],
    ):
        with pytest.raises(ValueError, match="TerminateOnNaN"):
            line_gan().fit(NUMBERS, batch_size=20, verbose=0, callbacks=given)


def test_what_stands_in_for_a_refused_callback_does_what_that_one_would():
    gan = line_gan(loss="wasserstein")
    gan.generator.layers[-1].bias.assign([np.nan])
    with pytest.raises(FloatingPointError, match="_loss is nan in epoch 1, step 1"):
        gan.fit(NUMBERS, batch_size=20, verbose=0, callbacks=[own_callbacks.StopOnNonFinite()])


# -- the page ----------------------------------------------------------------------------------


def page() -> str:
    out = io.StringIO()

    def table(title: str, head: tuple[str, str], rows: list) -> None:
        print(f"\n## {title}\n\n| {head[0]} | {head[1]} |\n|---|---|", file=out)
        for left, right in rows:
            print(f"| {left} | {right} |", file=out)

    print(
        "# What of Keras works with a GAN\n\n"
        "`gan_helpers.gan.GAN` is a `keras.Model`, but it has two optimizers and losses of its "
        "own. This page says which of Keras's features do what they promise all the same. Each "
        "row is held true by a test in `tests/test_keras_features.py`, which this page is made "
        "from. Where the last table names a feature, giving it raises a `ValueError` that says "
        "what to do instead.",
        file=out,
    )
    for group in dict.fromkeys(group for group, _, _ in WORKS):
        rows = [(feature, effect) for at, feature, effect in WORKS if at == group]
        table(group, ("feature", "what it does"), rows)
    table("What is refused", ("feature", "instead"), [row[:2] for row in REFUSED])
    return out.getvalue()


def test_the_page_is_made_from_this_list():
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.test_keras_features"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
