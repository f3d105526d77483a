import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers import networks
from gan_helpers.data import shuffled_batches
from gan_helpers.gan import GAN
from gan_helpers.gan_parts.averaging import averaged_generator
from gan_helpers.gan_parts.replicas import in_replicas
from gan_helpers.losses import LOSSES, Loss, r1_penalty, r2_penalty

LATENT = 5
IMAGES = np.random.default_rng(0).uniform(-1, 1, (12, 28, 28, 1)).astype("float32")


def small_networks(dropout_seed=None):
    """A pair with everything that can go wrong: BatchNorm in the generator, two dropouts."""
    layers = keras.layers
    generator = keras.Sequential(
        [
            keras.Input((LATENT,)),
            layers.Dense(49, use_bias=False),  # a bias before BatchNorm has no effect
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Reshape((7, 7, 1)),
            layers.Conv2DTranspose(1, 4, strides=4, padding="same", activation="tanh"),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(2, 4, strides=4),
            layers.Dropout(0.3, seed=dropout_seed),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(1),
        ]
    )
    return generator, discriminator


def small_gan(seed=3, **compile_options) -> GAN:
    keras.utils.set_random_seed(seed)
    gan = GAN(*small_networks(), seed=seed)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(1e-2),
        discriminator_optimizer=keras.optimizers.Adam(1e-2),
        **compile_options,
    )
    return gan


def values(variables):
    return [variable.numpy().copy() for variable in variables]


def moved(before, variables) -> list[bool]:
    return [
        not np.array_equal(old, new) for old, new in zip(before, values(variables), strict=True)
    ]


def same_weights(one: GAN, other: GAN) -> bool:
    pairs = zip(values(one.weights), values(other.weights), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


# -- who moves when ----------------------------------------------------------------------------


def test_discriminator_step_moves_the_discriminator_and_only_averages_in_the_generator():
    gan = small_gan()
    discriminator = gan.discriminator.trainable_variables
    generator, averages = gan.generator.trainable_variables, gan.generator.non_trainable_weights
    before = values(discriminator), values(generator), values(averages)
    gan.discriminator_step(tf.constant(IMAGES))
    assert all(moved(before[0], discriminator))
    assert not any(moved(before[1], generator))
    assert len(averages) == 2 and all(moved(before[2], averages))


def test_generator_step_moves_the_generator_with_its_averages_and_nothing_else():
    gan = small_gan()
    generator, averages = gan.generator.trainable_variables, gan.generator.non_trainable_weights
    discriminator = gan.discriminator.weights
    before = values(generator), values(averages), values(discriminator)
    gan.generator_step(tf.constant(IMAGES))
    assert all(moved(before[0], generator))
    assert all(moved(before[1], averages))
    assert not any(moved(before[2], discriminator))


def test_generator_never_sees_real_images():
    one, other = small_gan(), small_gan()
    for gan, images in ((one, IMAGES), (other, -IMAGES)):
        gan.discriminator_optimizer.learning_rate = 0.0
        gan.fit(images, batch_size=12, verbose=0)
    assert not any(moved(values(one.generator.weights), other.generator.weights))


def test_both_steps_use_batch_statistics_and_evaluation_uses_moving_averages():
    gan = small_gan()
    modes = []
    normalise = gan.generator.layers[1]
    original = normalise.call
    normalise.call = lambda x, training=None, **kwargs: (
        modes.append(training) or original(x, training=training, **kwargs)
    )
    gan.discriminator_step(tf.constant(IMAGES))
    gan.generator_step(tf.constant(IMAGES[:4]))
    assert modes == [True, True]
    gan.test_step(tf.constant(IMAGES))
    gan(np.zeros((2, LATENT)))
    assert modes == [True, True, False, False]


def test_noise_is_fresh_for_each_sub_step():
    gan = small_gan()
    drawn = []
    original = gan.sample_latent
    gan.sample_latent = lambda n: drawn.append(original(n)) or drawn[-1]
    gan.run_eagerly = True
    gan.fit(IMAGES, batch_size=4, epochs=1, verbose=0)
    assert len(drawn) == 6
    assert len({noise.numpy().tobytes() for noise in drawn}) == 6


def test_same_fakes_are_made_once_and_the_generator_moves_by_the_discriminator_s_new_answers():
    gan = small_gan(same_fakes=True, run_eagerly=True)
    gan.generator_optimizer, drawn = keras.optimizers.SGD(1.0), []
    weights = gan.generator.trainable_variables
    gan.generator_optimizer.build(weights)
    original, step, before = gan.sample_latent, gan.discriminator_step, values(weights)
    gan.sample_latent = lambda n: drawn.append(original(n)) or drawn[-1]
    expected = []

    def discriminator_step_then_slopes(*batch):
        fakes = step(*batch)
        with tf.GradientTape() as tape:
            judged = gan.discriminator(gan.generator(drawn[-1], training=True), training=False)
            loss = gan.game.loss.generator(None, judged)
        expected.extend(slope.numpy() for slope in tape.gradient(loss, weights))
        return fakes

    gan.discriminator_step = discriminator_step_then_slopes
    for layer in gan.discriminator.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    gan.fit(IMAGES, batch_size=12, verbose=0)
    assert len(drawn) == 1
    for old, new, slope in zip(before, values(weights), expected, strict=True):
        np.testing.assert_allclose(new - old, -slope, atol=1e-6)


# -- what is reported --------------------------------------------------------------------------


def test_losses_and_accuracies_are_those_of_the_formulas():
    gan = small_gan()
    gan.discriminator.layers[-1].bias.assign([0.3])  # sigmoid(0.3) is 0.57: judged real
    gan.discriminator.layers[-1].kernel.assign(tf.zeros_like(gan.discriminator.layers[-1].kernel))
    result = gan.evaluate(IMAGES, verbose=0, return_dict=True)
    assert result["accuracy_on_real"] == 1.0 and result["accuracy_on_fake"] == 0.0
    d = 1 / (1 + np.exp(-0.3))
    assert result["discriminator_loss"] == pytest.approx(-np.log(d) - np.log(1 - d), rel=1e-5)
    assert result["generator_loss"] == pytest.approx(-np.log(d), rel=1e-5)


def test_history_holds_means_over_the_epoch():
    gan = small_gan(run_eagerly=True)
    losses = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            losses.append(float(logs["generator_loss"]))

    history = gan.fit(IMAGES, batch_size=4, verbose=0, callbacks=[Watch()]).history
    assert set(history) == {
        "discriminator_loss",
        "generator_loss",
        "accuracy_on_real",
        "accuracy_on_fake",
    }
    # Keras gives running means, so the last one is the mean over the epoch; the first a value.
    assert len(losses) == 3 and losses[-1] != losses[0]
    assert history["generator_loss"] == [losses[-1]]


# -- the game ----------------------------------------------------------------------------------


def without_dropout(**options) -> GAN:
    gan = small_gan(**options)
    for layer in gan.discriminator.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    return gan


@pytest.mark.parametrize("name", LOSSES)
def test_each_player_minimises_its_own_side_of_the_named_loss(name):
    gan = without_dropout(loss=name)
    noise = tf.random.stateless_normal((12, LATENT), seed=(1, 2))
    gan.sample_latent = lambda n: noise
    images = tf.constant(IMAGES)
    for player, step in (
        ("discriminator", gan.discriminator_step),
        ("generator", gan.generator_step),
    ):
        network = getattr(gan, player)
        network_weights = network.trainable_variables
        with tf.GradientTape() as tape:
            logits = [gan.discriminator(x) for x in (images, gan.generator(noise, training=True))]
            loss = getattr(LOSSES[name], player)(*logits)
        slopes = tape.gradient(loss, network_weights)
        before = values(network_weights)
        optimizer = keras.optimizers.SGD(0.1)
        optimizer.build(network_weights)
        setattr(gan, f"{player}_optimizer", optimizer)
        step(images)
        for old, slope, new in zip(before, slopes, network_weights, strict=True):
            np.testing.assert_allclose(new, old - 0.1 * slope, atol=1e-6)


def test_penalties_are_added_to_the_discriminator_s_loss_and_reported():
    plain, steep = without_dropout(), without_dropout(penalties={"r1": 50.0, r2_penalty: 50.0})
    results = [gan.train_step(tf.constant(IMAGES)) for gan in (plain, steep)]
    assert "penalty" not in results[0]
    assert results[1]["discriminator_loss"] == results[0]["discriminator_loss"]
    expected = sum(
        50 * penalty(without_dropout().discriminator, IMAGES, IMAGES)
        for penalty in (r1_penalty, r2_penalty)
    )  # of a network whose slopes are everywhere the same, as this one's are without dropout
    assert float(results[1]["penalty"]) == pytest.approx(float(expected), rel=1e-4)
    assert any(moved(values(plain.discriminator.weights), steep.discriminator.weights))


def test_lazy_penalties_count_every_few_steps_and_so_much_more_then():
    batch = tf.constant(IMAGES)
    plain, lazy = without_dropout(), without_dropout(penalties={"r1": 10.0}, penalty_every=3)
    thrice = without_dropout(penalties={"r1": 30.0})
    for gan in (plain, lazy, thrice):
        gan.train_step(batch)
    assert same_weights(lazy, thrice) and not same_weights(lazy, plain)
    assert float(lazy.report.penalty.result()) == pytest.approx(
        float(thrice.report.penalty.result()) / 3
    )
    reported = float(lazy.report.penalty.result())
    for step in (2, 3, 4):
        unpunished = without_dropout()
        unpunished.set_weights(lazy.get_weights())
        for own, other in (
            (unpunished.discriminator_optimizer, lazy.discriminator_optimizer),
            (unpunished.generator_optimizer, lazy.generator_optimizer),
        ):
            for variable, value in zip(own.variables, other.variables, strict=True):
                variable.assign(value)
        unpunished.train_step(batch)
        lazy.train_step(batch)
        assert same_weights(unpunished, lazy) == (step < 4)
        assert (float(lazy.report.penalty.result()) == reported) == (step < 4)


def test_a_penalty_moves_the_discriminator_down_its_slope_at_the_named_samples():
    nothing = Loss("nothing", lambda real, fake: 0 * tf.reduce_sum(real + fake), lambda r, f: 0.0)
    points = np.random.default_rng(4).normal(3, 1, (64, 2)).astype("float32")  # far from fakes
    for penalty in (r1_penalty, r2_penalty):
        keras.utils.set_random_seed(5)
        gan = GAN(networks.point_generator(width=8), networks.point_discriminator(width=8), seed=6)
        gan.compile(
            generator_optimizer="sgd",
            discriminator_optimizer=keras.optimizers.SGD(0.1),
            loss=nothing,
            penalties={penalty: 2.0},
        )
        fakes = tf.random.normal((64, 2), seed=7)
        gan.generator = lambda latent, training=None, fakes=fakes: fakes
        gan.sample_latent = lambda n: tf.zeros((n, 2))
        weights = gan.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            value = penalty(gan.discriminator, tf.constant(points), fakes)
        slopes = tape.gradient(value, weights)  # None for the last bias: a slope does not see it
        expected = [
            w.numpy() - 0.1 * 2.0 * (0 if slope is None else slope.numpy())
            for w, slope in zip(weights, slopes, strict=True)
        ]
        gan.discriminator_step(tf.constant(points))
        for after, theory in zip(weights, expected, strict=True):
            np.testing.assert_allclose(after.numpy(), theory, atol=1e-6)


def test_only_a_paired_loss_lets_real_images_reach_the_generator():
    for loss, reaches in (("non_saturating", False), ("relativistic", True)):
        one, other = without_dropout(loss=loss), without_dropout(loss=loss)
        one.generator_step(tf.constant(IMAGES))
        other.generator_step(tf.constant(-IMAGES))
        before = values(one.generator.trainable_variables)
        assert any(moved(before, other.generator.trainable_variables)) == reaches


def test_discriminator_steps_take_a_part_of_the_batch_each():
    gan = small_gan(discriminator_steps=3, run_eagerly=True)
    seen = []
    original = gan.discriminator_step
    gan.discriminator_step = lambda images, _: seen.append(images.numpy()) or original(images)
    gan.fit(IMAGES, batch_size=2, epochs=1, verbose=0)
    assert int(gan.discriminator_optimizer.iterations) == 6 and gan.steps == 2
    assert {image.tobytes() for image in np.concatenate(seen)} == {i.tobytes() for i in IMAGES}
    with pytest.raises(ValueError, match=r"discriminator_steps, 3, times replicas, 1, .* given 4"):
        gan.fit(tf.data.Dataset.from_tensor_slices(IMAGES).batch(4))


# -- in replicas ---------------------------------------------------------------------------------


def test_replicas_see_a_part_of_the_batch_each():
    network, seen = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization()]), []
    samples = tf.constant([[0.0, 1.0], [2.0, 1.0], [10.0, 5.0], [10.0, 7.0]])
    halves = in_replicas(network, samples, 2).numpy()
    ones = 1 / np.sqrt(1 + network.layers[0].epsilon)
    expected = [[-ones, 0], [ones, 0], [0, -ones], [0, ones]]
    np.testing.assert_allclose(halves, expected, atol=1e-6)

    def add(inputs, training):
        seen.append([x.shape[0] for x in inputs] + [training])
        return inputs[0] + inputs[1]

    both = in_replicas(add, [samples, -samples[:, :1]], 4)
    np.testing.assert_array_equal(both, samples - samples[:, :1])
    assert seen == 4 * [[1, 1, True]]


def test_replicas_do_not_change_the_game_of_networks_that_see_each_sample_for_itself():
    points = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    gans = []
    for n in (1, 2):
        keras.utils.set_random_seed(1)
        gan = GAN(networks.point_generator(width=8), networks.point_discriminator(width=8))
        gan.compile(
            generator_optimizer=keras.optimizers.SGD(0.1),
            discriminator_optimizer=keras.optimizers.SGD(0.1),
            loss="relativistic",
            penalties={"r1": 0.5},
            replicas=n,
        )
        gan.fit(points, batch_size=16, epochs=2, verbose=0)
        gans.append(gan)
    for one, other in zip(*(values(gan.weights) for gan in gans), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_batch_that_replicas_cannot_share_is_refused():
    gan = small_gan(replicas=5)
    before = values(gan.weights)
    with pytest.raises(ValueError, match=r"replicas, 5, .* given 4"):
        gan.fit(IMAGES, batch_size=4)
    with pytest.raises(ValueError, match=r"replicas, 5, .* given 6"):
        gan.fit(tf.data.Dataset.from_tensor_slices(IMAGES).batch(6))
    with pytest.raises(ValueError, match="of two images or more if there are replicas; given 5"):
        gan.fit(IMAGES, batch_size=5)
    assert not any(moved(before, gan.weights))
    with pytest.raises(ValueError, match="replicas must be an integer, at least 1; given 0"):
        small_gan(replicas=0)


# -- with classes --------------------------------------------------------------------------------

CLASSES = np.arange(12) % 3


def conditional_gan(seed=3, **compile_options) -> GAN:
    """The small pair with three classes: one number more for the generator, a logit each."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    generator, discriminator = small_networks()
    latent, images = keras.Input((LATENT - 1,)), keras.Input((28, 28, 1))
    classes = keras.Input((), dtype="int32")
    made = generator(layers.Concatenate()([latent, layers.Embedding(3, 1)(classes)]))
    by_class = layers.Dense(3)(layers.Flatten()(layers.AveragePooling2D(7)(images)))
    chosen = layers.Dot(1)([by_class, layers.CategoryEncoding(3, output_mode="one_hot")(classes)])
    gan = GAN(
        keras.Model([latent, classes], made),
        keras.Model([images, classes], discriminator(images) + chosen),
        seed=seed,
    )
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(1e-2),
        discriminator_optimizer=keras.optimizers.Adam(1e-2),
        **compile_options,
    )
    return gan


def test_conditional_gan_trains_on_images_and_their_classes():
    gan = conditional_gan(loss="relativistic", penalties={"r1": 0.1, "r2": 0.1})
    gan.fit(IMAGES, CLASSES, batch_size=4, epochs=2, verbose=0, validation_data=(IMAGES, CLASSES))
    assert gan.steps == 6
    history = gan.evaluate(IMAGES, CLASSES, verbose=0, return_dict=True)
    assert np.isfinite(list(history.values())).all()
    latent = gan.sample_latent(2)
    one, other = (gan([latent, tf.fill((2,), c)]) for c in (0, 1))
    assert one.shape == (2, 28, 28, 1) and not np.array_equal(one, other)


def test_conditional_gan_from_arrays_and_from_a_dataset_of_the_same_batches_is_the_same():
    one, other = conditional_gan(), conditional_gan()
    one.fit(IMAGES, CLASSES, batch_size=4, verbose=0)
    batches = shuffled_batches((IMAGES, CLASSES.astype("int32")), batch_size=4, seed=3)
    other.fit(batches, steps_per_epoch=3, verbose=0)
    for a, b in zip(values(one.weights), values(other.weights), strict=True):
        np.testing.assert_array_equal(a, b)


def test_both_players_are_told_the_classes_of_the_real_batch():
    gan = conditional_gan(run_eagerly=True)
    told = []
    for name in ("generator", "discriminator"):
        network = getattr(gan, name)
        original = network.call

        def call(inputs, *args, original=original, name=name, **kwargs):
            told.append((name, np.asarray(inputs[1]).tolist()))
            return original(inputs, *args, **kwargs)

        network.call = call
    gan.train_step((tf.constant(IMAGES[:4]), tf.constant([2, 0, 1, 1])))
    assert [name for name, _ in told].count("discriminator") == 3
    assert {tuple(classes) for _, classes in told} == {(2, 0, 1, 1)}


def test_conditional_gan_survives_saving(tmp_path):
    gan = conditional_gan()
    gan.fit(IMAGES, CLASSES, batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    inputs = [tf.ones((2, LATENT - 1)), tf.constant([0, 2])]
    np.testing.assert_array_equal(gan(inputs), loaded(inputs))


def averaging(gan):
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(1e-2, use_ema=True, ema_momentum=0.5),
        discriminator_optimizer=keras.optimizers.Adam(1e-2),
    )
    return gan


def test_averaged_generator_has_the_mean_of_the_weights_and_statistics_of_its_own():
    gan = averaging(small_gan())
    first = values(gan.generator.trainable_variables)
    seen = []
    for _ in range(3):
        gan.fit(IMAGES, batch_size=4, steps_per_epoch=1, verbose=0)
        seen.append(values(gan.generator.trainable_variables))
    last = values(gan.generator.weights)
    averaged = averaged_generator(gan)
    # Keras's mean begins at the weights after the first step.
    means = [0.25 * a + 0.25 * b + 0.5 * c for a, b, c in zip(*seen, strict=True)]
    for mean, weight in zip(means, values(averaged.trainable_variables), strict=True):
        np.testing.assert_allclose(mean, weight, rtol=1e-5, atol=1e-6)
    assert all(moved(first, averaged.trainable_variables))
    assert not any(moved(last, gan.generator.weights)), "the generator itself has changed"

    _, norm, *_ = averaged.layers
    into = averaged.layers[0](np.random.default_rng(5).normal(size=(50_000, LATENT)))
    np.testing.assert_allclose(norm.moving_mean, np.mean(into, axis=0), atol=0.02)
    np.testing.assert_allclose(norm.moving_variance, np.var(into, axis=0), rtol=0.1)
    assert norm.momentum == 0.99


def test_averaged_generator_of_a_conditional_gan_draws_classes():
    gan = averaging(conditional_gan())
    gan.fit(IMAGES, CLASSES, batch_size=4, verbose=0)
    assert averaged_generator(gan, CLASSES).output_shape == (None, 28, 28, 1)
    with pytest.raises(ValueError, match="has use_ema=True"):
        averaged_generator(small_gan())


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


def test_both_networks_take_classes_or_neither():
    plain, conditional = small_gan(), conditional_gan()
    with pytest.raises(ValueError, match="only one does"):
        GAN(plain.generator, conditional.discriminator)
    images = keras.Input((28, 28, 1))
    two_images = keras.Model(
        [images, images], keras.layers.Dense(1)(keras.layers.Flatten()(images))
    )
    with pytest.raises(ValueError, match="takes samples, .* and in a conditional GAN their classes"):
        GAN(conditional.generator, two_images)


def test_points_may_stand_in_the_place_of_images():
    gan = GAN(networks.point_generator(width=8), networks.point_discriminator(width=8))
    gan.compile(generator_optimizer="adam", discriminator_optimizer="adam", loss="hinge")
    points = 50 * np.random.default_rng(1).normal(size=(64, 2)).astype("float32")
    gan.fit(points, batch_size=16, verbose=0)
    assert gan.steps == 4
    for bad, message in (
        (points[:, :1], r"shape \(n, 2\); given shape \(64, 1\)"),
        (points * np.nan, "Expected finite"),
        (points.astype(int), "floating-point points; given int"),
    ):
        with pytest.raises(ValueError, match=message):
            gan.fit(bad, batch_size=16, verbose=0)


def test_saved_game_is_the_game_that_was_compiled(tmp_path):
    gan = small_gan(
        loss="relativistic",
        penalties={"r1": 0.5},
        penalty_every=2,
        discriminator_steps=2,
        same_fakes=True,
        replicas=3,
    )
    gan.fit(IMAGES, batch_size=6, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert loaded.game.loss is LOSSES["relativistic"]
    assert loaded.game.penalties == {r1_penalty: 0.5}
    assert (
        loaded.game.penalty_every == loaded.game.discriminator_steps == 2 and loaded.game.same_fakes
    )
    assert loaded.game.replicas == 3
    for model in (gan, loaded):
        model.fit(IMAGES, batch_size=6, initial_epoch=1, epochs=3, verbose=0)
    assert same_weights(gan, loaded)


def test_a_game_of_one_s_own_is_saved_without_it(tmp_path):
    own = Loss("own", LOSSES["hinge"].discriminator, LOSSES["hinge"].generator)
    gan = small_gan(loss=own)
    gan.fit(IMAGES, batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert same_weights_of_networks(gan, loaded) and not loaded.compiled


def same_weights_of_networks(one: GAN, other: GAN) -> bool:
    pairs = zip(
        one.generator.get_weights() + one.discriminator.get_weights(),
        other.generator.get_weights() + other.discriminator.get_weights(),
        strict=True,
    )
    return all(np.array_equal(a, b) for a, b in pairs)


# -- repeatability -----------------------------------------------------------------------------


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


# -- what it accepts ---------------------------------------------------------------------------


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


def test_networks_must_fit_each_other():
    generator, discriminator = small_networks()
    with pytest.raises(ValueError, match="discriminator expects"):
        GAN(generator, keras.Sequential([keras.Input((32, 32, 1)), keras.layers.Flatten()]))
    with pytest.raises(ValueError, match="one logit per image"):
        GAN(generator, keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()]))
    with pytest.raises(ValueError, match="same object twice"):
        adam = keras.optimizers.Adam()
        GAN(generator, discriminator).compile(
            generator_optimizer=adam, discriminator_optimizer=adam
        )


def test_compile_and_seed_refuse_what_makes_no_sense():
    for options, message in (
        ({"metrics": ["accuracy"]}, r"its own losses and metrics; given \['metrics'\]"),
        ({"loss": "mse"}, "No loss is named 'mse'; there are: .*'wasserstein'"),
        ({"loss": np.mean}, "or a Loss; given"),
        ({"penalties": {"r3": 1.0}}, "No penalty is named 'r3'; there are: .*'r1', 'r2'"),
        ({"penalties": {"r1": -1.0}}, "a weight above 0; given {'r1': -1.0}"),
        ({"penalty_every": 0}, "penalty_every must be an integer, at least 1; given 0"),
        ({"discriminator_steps": 0}, "discriminator_steps must be an integer, at least 1; given 0"),
    ):
        with pytest.raises(ValueError, match=message):
            small_gan(**options)
    with pytest.raises(ValueError, match="non-negative integer; given -1"):
        GAN(*small_networks(), seed=-1)


def test_keras_s_own_checkpoint_callbacks_work(tmp_path):
    callbacks = keras.callbacks
    best = callbacks.ModelCheckpoint(
        tmp_path / "best.keras", monitor="generator_loss", mode="min", save_best_only=True
    )
    log = callbacks.CSVLogger(tmp_path / "log.csv")
    gan = small_gan()
    gan.fit(IMAGES, batch_size=4, epochs=2, verbose=0, callbacks=[best, log])
    assert isinstance(keras.models.load_model(tmp_path / "best.keras"), GAN)
    assert (tmp_path / "log.csv").read_text().startswith("epoch,accuracy_on_fake")


def test_compact_pair_trains_without_error_under_xla_and_without():
    for jit_compile in (True, False):
        gan = GAN(networks.compact_generator(), networks.compact_discriminator(), seed=1)
        gan.compile(
            generator_optimizer="adam", discriminator_optimizer="adam", jit_compile=jit_compile
        )
        history = gan.fit(IMAGES, batch_size=6, verbose=0).history
        assert np.isfinite([values[0] for values in history.values()]).all()
