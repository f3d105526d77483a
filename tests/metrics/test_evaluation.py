"""The protocol, from end to end: with a small judge for small images, and with the book's own."""

import dataclasses
import pickle

import keras
import numpy as np
import pytest

from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.gan import GAN
from gan_helpers.metrics import (
    Judge,
    Judgement,
    Reference,
    digit_judge,
    evaluate_generator,
    evaluate_images,
    evaluation,
    mnist_reference,
)
from gan_helpers.metrics.evaluation import (
    NEAR,
    REAL_VERSUS_REAL,
    RECORDED_N,
    least_images,
    real_versus_real,
)
from gan_helpers.metrics.figures import FIGURES, measured
from gan_helpers.metrics.judge import Seen
from gan_helpers.networks import OfClass
from gan_helpers.recorded import read_history

SHAPE = (6, 6, 1)


def images(n, seed=0, scale=0.5):
    """Grey images with a bright half: three kinds, told apart by which half it is."""
    rng = np.random.default_rng(seed)
    pictures = scale * (2 * rng.random((n, *SHAPE), np.float32) - 1)
    kinds = rng.integers(0, 3, n)
    pictures[kinds == 0, :3] += 0.4
    pictures[kinds == 1, :, :3] += 0.4
    pictures[kinds == 2] -= 0.4
    return pictures


@pytest.fixture(scope="module")
def judge():
    keras.utils.set_random_seed(0)
    pictures = keras.Input(SHAPE)
    features = keras.layers.Dense(5, activation="tanh")(keras.layers.Flatten()(pictures))
    logits = keras.layers.Dense(3)(features)
    classifier = keras.Model(pictures, {"features": features, "logits": logits})
    return Judge(classifier, "grey squares")


@pytest.fixture(scope="module")
def reference(judge):
    return Reference(images(200, 1), images(600, 2), judge=judge)


def generator(latent_dim=4):
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((latent_dim,)),
            keras.layers.Dense(36, activation="tanh"),
            keras.layers.BatchNormalization(),
            keras.layers.Activation("tanh"),
            keras.layers.Reshape(SHAPE),
        ]
    )


# -- the result ------------------------------------------------------------------------------------


def test_real_images_are_judged_as_real(reference):
    evaluation = evaluate_images(images(200, 3), reference=reference)
    for estimate in evaluation.estimates().values():
        assert estimate.low <= estimate.value <= estimate.high
        assert abs(estimate.value - estimate.real) <= 5 * estimate.error + 0.02, estimate.label
    assert evaluation.class_shares.sum() == pytest.approx(1)
    assert evaluation.near_copies.real == NEAR


def test_copies_of_training_images_are_found_out(reference):
    copies = evaluate_images(images(600, 2)[::3], reference=reference)
    assert copies.near_copies.value == 1
    assert copies.frechet_distance.value < 3 * copies.frechet_distance.real


def test_each_class_has_a_threshold_of_its_own_for_near_copies(reference, judge):
    rng = np.random.default_rng(0)
    almost = images(600, 2)[::3] + rng.normal(0, 0.05, (200, *SHAPE))
    seen, training = judge.look(almost.astype("float32")), reference.training.features
    held_out, classes = reference.held_out, reference.held_out.probabilities.argmax(axis=1)

    def nearest(features):
        return np.linalg.norm(features[:, None] - training, axis=2).min(axis=1)

    far, own = nearest(held_out.features), seen.probabilities.argmax(axis=1)
    least = np.array([np.quantile(far[classes == c], NEAR) for c in range(3)])
    expected = np.mean(nearest(seen.features) <= least[own])
    assert abs(expected - np.mean(nearest(seen.features) <= least.mean())) > 0.02
    found = evaluate_images(almost.astype("float32"), reference=reference).near_copies
    assert found.value == pytest.approx(expected)


def test_noise_is_worse_than_real(reference):
    rng = np.random.default_rng(0)
    noise = evaluate_images(rng.uniform(-1, 1, (200, *SHAPE)), reference=reference)
    assert noise.frechet_distance.low > 3 * noise.frechet_distance.real
    assert noise.kernel_distance.low > noise.kernel_distance.real
    assert noise.coverage.high < noise.coverage.real


def test_every_figure_is_there_once_and_in_print(reference):
    evaluation = evaluate_images(images(200, 3), seed=5, reference=reference)
    assert list(evaluation.estimates()) == list(FIGURES)
    assert evaluation.seed == 5 and evaluation.n == 200
    text = str(evaluation)
    for estimate in evaluation.estimates().values():
        line = next(line for line in text.splitlines() if line.startswith(estimate.label))
        assert str(estimate) in line and estimate.better in line
        assert f"{estimate.real:.{estimate.digits}f}" in line
    assert "200 images (seed 5)" in text and "grey squares" in text
    with pytest.raises(dataclasses.FrozenInstanceError):
        evaluation.n = 3
    assert set(FIGURES) <= set(dir(evaluation))
    assert [getattr(evaluation, name) for name in FIGURES] == list(evaluation.figures.values())
    with pytest.raises(
        AttributeError, match="no 'frechet'; its figures are: \\['frechet_distance'"
    ):
        evaluation.frechet  # noqa: B018
    assert pickle.loads(pickle.dumps(evaluation)).recall == evaluation.recall


def test_same_seed_same_result_and_order_does_not_matter(reference):
    pictures = images(200, 3)
    one = evaluate_images(pictures, reference=reference).estimates()
    again = evaluate_images(pictures, reference=reference).estimates()
    backwards = evaluate_images(pictures[::-1], reference=reference).estimates()
    assert one == again
    for name in FIGURES:
        assert backwards[name].value == pytest.approx(one[name].value, abs=1e-6)


def test_splits_hold_all_classes_even_if_the_images_come_class_by_class(reference):
    pictures = images(200, 3)
    classes = reference.judge.look(pictures).probabilities.argmax(axis=1)
    by_class = evaluate_images(pictures[np.argsort(classes)], reference=reference)
    assert by_class.split_scores.mean() == pytest.approx(by_class.classifier_score.value, rel=0.02)


def test_real_versus_real_is_the_median_of_ten_draws(reference):
    drawn = real_versus_real(reference, draws=10)
    assert all(len(values) == 10 for values in drawn.values())
    assert reference.real == {name: np.median(values) for name, values in drawn.items()}
    assert len(set(drawn["frechet_distance"])) == 10


# -- generators ------------------------------------------------------------------------------------


def test_a_generator_is_sampled_in_inference_mode_and_by_seed(reference):
    network = generator()
    latent = np.random.default_rng(7).standard_normal((200, 4), np.float32)
    expected = evaluate_images(network.predict(latent, verbose=0), seed=7, reference=reference)
    measured = evaluate_generator(network, seed=7, reference=reference)
    assert measured.precision == expected.precision
    assert measured.frechet_distance.value == pytest.approx(expected.frechet_distance.value)
    other = evaluate_generator(network, seed=8, reference=reference)
    assert other.frechet_distance != measured.frechet_distance


def test_a_function_is_a_generator_too(reference):
    evaluation = evaluate_generator(images, seed=3, reference=reference)
    assert evaluation.estimates() == (
        evaluate_images(images(200, 3), seed=3, reference=reference).estimates()
    )


def test_what_is_no_generator_is_refused(reference):
    discriminator = keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten()])
    for bad, words in [
        (discriminator, r"inputs of shape \(None, 6, 6, 1\)"),
        (GAN(generator(), _discriminator()), "its attribute `generator`"),
        (images(3), "given ndarray"),
    ]:
        with pytest.raises(ValueError, match=words):
            evaluate_generator(bad, reference=reference)


# -- bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x[:199], "the reference has 200 images.*given 199"),
        (
            lambda x: x[:, :5],
            r"looks at grey squares.*\(n, 6, 6, 1\); given shape \(200, 5, 6, 1\)",
        ),
        (lambda x: x * 3, "looks at grey squares.*from -1 to 1"),
        (lambda x: (x + 1) / 2, "looks at grey squares.*from -1 to 1"),
        (lambda x: np.where(np.arange(6) == 2, np.nan, x[..., 0])[..., None], "grey squares.*NaN"),
        (lambda x: np.round(127 * x).astype(np.int8), "floating-point.*int8"),
    ],
)
def test_bad_images_are_refused(reference, change, words):
    with pytest.raises(ValueError, match=words):
        evaluate_images(change(images(200, 3)), reference=reference)


@pytest.mark.parametrize(("dimension", "least"), [(5, 40), (37, 40), (38, 42), (64, 69)])
def test_the_least_reference_is_the_least_that_can_be_evaluated(dimension, least):
    assert least_images(dimension) == least

    def seen(n, seed):
        rng = np.random.default_rng(seed)
        probabilities = np.full((n, 3), 0.1) + 0.7 * np.eye(3)[np.arange(n) % 3]
        return Seen(rng.standard_normal((n, dimension)), probabilities)

    real = dict.fromkeys(FIGURES, 0.0)
    reference = Reference(seen(least, 0), seen(least, 1), judge=digit_judge(), real=real)
    for interval in measured(seen(least, 2), reference, seed=0).values():
        assert np.isfinite(interval).all()
    with pytest.raises(ValueError, match=f"at least {least} held_out images.*given {least - 1}"):
        Reference(seen(least - 1, 0), seen(least, 1), judge=digit_judge(), real=real)


def test_a_reference_refuses_features_that_are_always_the_same(judge):
    rows, shares = np.tile([[0.5, 3.0, 0.0]], (60, 1)), np.full((60, 2), 0.5)
    noise = np.random.default_rng(0).normal(scale=1e-7, size=rows.shape)
    for features in (rows, np.zeros((60, 3)), rows + noise):
        with pytest.raises(ValueError, match=r"different features in different .* given 60"):
            Reference(Seen(features, shares), Seen(features, shares), judge=judge)
    with pytest.raises(ValueError, match="different features"):
        Reference(images(1).repeat(50, axis=0), images(50), judge=judge)
    dead = np.column_stack([np.zeros(60), np.arange(60.0)])  # as a ReLU gives that is never above 0
    Reference(Seen(dead, shares), Seen(dead + 0.5, shares), judge=judge)


def test_a_reference_refuses_images_that_were_trained_on(judge):
    training = images(100, 2)
    with pytest.raises(ValueError, match=r"others than .* given 60 of which .* 60 a"):
        Reference(training[:60], training, judge=judge)
    mostly = np.concatenate([images(25, 1), training[:35]])
    with pytest.raises(ValueError, match="given 60 of which the judge sees 35 among the training"):
        Reference(mostly, training, judge=judge)
    rng = np.random.default_rng(0)
    almost = (training[:60] + rng.normal(0, 1e-4, (60, *SHAPE))).astype("float32")
    for shared in (0, 25):  # images on both sides do not hide those that are nearly copies
        held_out = np.concatenate([images(60 - shared, 1), training[:shared]])
        reference = Reference(held_out, training, judge=judge)
        assert evaluate_images(almost, reference=reference).near_copies.value > 0.9
    wide = Seen(rng.uniform(1, 2, (600, 512)).astype("f"), np.full((600, 2), 0.5))
    with pytest.raises(ValueError, match="others than the training images"):
        Reference(wide, wide, judge=judge)  # whose distances are not 0, but roundings


def test_a_reference_needs_training_images(judge):
    with pytest.raises(ValueError, match="given 49 and 50"):
        Reference(images(50), images(49), judge=judge)


def test_a_reference_needs_a_judge_and_a_real_value_of_each_figure(judge):
    with pytest.raises(ValueError, match="judge must be a Judge; given list"):
        Reference(images(50), images(50), judge=[])
    with pytest.raises(ValueError, match=r"near_copies.* missing"):
        real = dict.fromkeys([*FIGURES][:-1], 0.0)
        Reference(images(50), images(50, 1), judge=judge, real=real)
    with pytest.raises(ValueError, match="precision must be a finite number; given nan"):
        real = dict.fromkeys(FIGURES, 0.0) | {"precision": np.nan}
        Reference(images(50), images(50, 1), judge=judge, real=real)


@pytest.mark.parametrize("reference", [[], {}, "mnist", 0])
def test_what_is_no_reference_is_not_taken_for_the_protocol_s(reference):
    for evaluate in (
        lambda: evaluate_images(images(200), reference=reference),
        lambda: evaluate_generator(generator(), reference=reference),
    ):
        with pytest.raises(ValueError, match="reference must be a Reference; given"):
            evaluate()


def test_a_judge_needs_features_and_logits():
    pictures = keras.Input(SHAPE)
    flat = keras.layers.Flatten()(pictures)
    for outputs in (flat, {"features": flat}, {"features": flat, "logits": pictures}):
        with pytest.raises(ValueError, match="a dictionary of `features`"):
            Judge(keras.Model(pictures, outputs), "grey squares")
    with pytest.raises(ValueError, match=r"given outputs None; a Sequential.* functional API"):
        Judge(keras.Sequential([keras.layers.Dense(2)]), "grey squares")
    with pytest.raises(ValueError, match=r"two classes or more; given logits of shape \(None, 1\)"):
        one = keras.layers.Dense(1)(flat)
        Judge(keras.Model(pictures, {"features": flat, "logits": one}), "grey squares")
    any_size = keras.Input((None, None, 1))
    mean = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(3, 3)(any_size))
    with pytest.raises(ValueError, match=r"given inputs of shape \(None, None, None, 1\)"):
        Judge(keras.Model(any_size, {"features": mean, "logits": mean}), "squares of any size")
    with pytest.raises(ValueError, match="classifier must be a Model; given str"):
        Judge("classifier", "grey squares")
    vector = keras.Input((3,))
    with pytest.raises(ValueError, match=r"given inputs of shape \(None, 3\)"):
        Judge(keras.Model(vector, {"features": vector, "logits": vector}), "vectors")


@pytest.mark.parametrize(
    ("logits_of", "words"),
    [
        (keras.layers.Softmax(), "must give logits, any numbers; given probabilities"),
        (keras.layers.Rescaling(np.inf), "finite floating-point logits; given float32 from"),
        (keras.layers.Lambda(lambda x: keras.ops.cast(x, "int32")), "logits; given int32 from"),
    ],
)
def test_a_judge_s_outputs_are_looked_at(logits_of, words):
    pictures = keras.Input(SHAPE)
    flat = keras.layers.Flatten()(pictures)
    logits = logits_of(keras.layers.Dense(3)(flat))
    judge = Judge(keras.Model(pictures, {"features": flat, "logits": logits}), "grey squares")
    with pytest.raises(ValueError, match=words):
        judge.look(images(50))


def test_the_books_judge_says_that_it_knows_digits_only():
    with pytest.raises(ValueError, match=r"handwritten digits as in MNIST.*given shape"):
        digit_judge().look(np.zeros((2, 32, 32, 3), np.float32))


# -- MNIST -----------------------------------------------------------------------------------------


def test_the_recorded_real_versus_real_values_are_those_of_this_code():
    reference = mnist_reference()
    recorded = read_history(REAL_VERSUS_REAL)["draws"]
    assert recorded.keys() == {str(n) for n in RECORDED_N}
    for n in RECORDED_N:
        reference = mnist_reference(n)
        assert reference.n == n
        measured = real_versus_real(reference, draws=1)
        for name, (value,) in measured.items():
            low, high = min(recorded[str(n)][name]), max(recorded[str(n)][name])
            allowed = 0.05 * (high - low) + 1e-9
            assert value == pytest.approx(recorded[str(n)][name][0], abs=allowed)
            assert reference.real[name] == np.median(recorded[str(n)][name])


def test_a_smaller_reference_has_values_of_its_own():
    reference = mnist_reference(150)
    assert reference.n == 150 and len(reference.training.features) == 60_000
    measured, recorded = (mnist_reference(n).real["frechet_distance"] for n in (150, 2000))
    assert measured > 3 * recorded > 6 * mnist_reference().real["frechet_distance"]
    for n in (68, 10_001, 150.0):
        with pytest.raises(ValueError, match=f"given {n}"):
            mnist_reference(n)


def test_values_of_another_classifier_are_not_taken_over(monkeypatch):
    monkeypatch.setattr(
        "gan_helpers.metrics.evaluation.read_history",
        lambda name: {"weights_sha256": "1", "classifier_sha256": "2", "draws": {}},
    )
    with pytest.raises(OSError, match=r"run `python -m research\.record real_versus_real`"):
        evaluation._mnist_reference.__wrapped__(10_000)


# -- during training -------------------------------------------------------------------------------


def _discriminator():
    keras.utils.set_random_seed(2)
    return keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(1)])


def conditional_pair():
    keras.utils.set_random_seed(4)
    latent, classes = keras.Input((4,)), keras.Input((), dtype="int32")
    x = keras.layers.Concatenate()([latent, keras.layers.Embedding(3, 3)(classes)])
    made = keras.layers.Reshape(SHAPE)(keras.layers.Dense(36, activation="tanh")(x))
    pictures, asked_for = keras.Input(SHAPE), keras.Input((), dtype="int32")
    logits = keras.layers.Dense(3)(keras.layers.Flatten()(pictures))
    return (
        keras.Model([latent, classes], made),
        keras.Model([pictures, asked_for], OfClass()(logits, asked_for)),
    )


def test_the_judge_looks_on_at_a_conditional_gan(reference):
    classes = np.arange(96) % 3
    judgement = Judgement(reference, classes=classes, seed=3)
    gan = GAN(*conditional_pair(), seed=0)
    gan.compile(generator_optimizer="adam", discriminator_optimizer="adam")

    def fit(callback):
        gan.fit(images(96, 5), classes, batch_size=32, epochs=2, verbose=0, callbacks=[callback])

    for unfit, words in [
        (Judgement(reference), "classes to draw from are missing"),
        (Judgement(reference, classes=[0, 3]), "3 classes, 0 to 2; given 3"),
    ]:
        with pytest.raises(ValueError, match=words):
            fit(unfit)
        assert gan.steps == 0
    fit(judgement)
    last = evaluate_generator(gan.generator, seed=3, classes=classes, reference=reference)
    assert judgement.steps == [3, 6]
    assert judgement.evaluations[-1].estimates() == last.estimates()
    with pytest.raises(ValueError, match="takes no classes"):
        trained(Judgement(reference, classes=classes))


def trained(*callbacks):
    gan = GAN(generator(), _discriminator(), seed=0)
    gan.compile(generator_optimizer="adam", discriminator_optimizer="adam")
    history = gan.fit(images(96, 5), batch_size=32, epochs=4, verbose=0, callbacks=[*callbacks])
    return gan, history.history


def test_the_judge_looks_on_and_changes_nothing(reference):
    judgement = Judgement(reference, every=2, seed=3)
    watched, history = trained(judgement)
    alone, _ = trained()
    for one, other in zip(watched.get_weights(), alone.get_weights(), strict=True):
        assert (one == other).all()
    assert judgement.steps == [6, 12]
    last = evaluate_generator(watched.generator, seed=3, reference=reference)
    assert judgement.evaluations[-1].estimates() == last.estimates()
    assert history["frechet_distance"] == [e.frechet_distance.value for e in judgement.evaluations]
    with pytest.raises(ValueError, match="given 0"):
        Judgement(reference, every=0)


def test_mnist_digits_are_told_from_half_of_them():
    _, (x_test, y_test) = load_mnist()
    pictures = to_tanh_range(x_test)
    reference = Reference(pictures[::10], pictures[1::10], real=dict.fromkeys(FIGURES, 0.0))
    small = np.flatnonzero(y_test < 5)[1::5][:1000]
    some = evaluate_images(pictures[np.resize(small, 1000)], reference=reference)
    all_of_them = evaluate_images(pictures[2::10], reference=reference)
    assert some.class_imbalance.value == pytest.approx(0.5, abs=0.02)
    assert some.frechet_distance.low > 5 * all_of_them.frechet_distance.high
    assert some.coverage.high < all_of_them.coverage.low
    assert some.precision.value == pytest.approx(all_of_them.precision.value, abs=0.1)
