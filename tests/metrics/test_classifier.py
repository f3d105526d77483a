"""The digit classifier is what its recorded history says it is."""

import numpy as np
import pytest

from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.metrics import classifier
from gan_helpers.metrics.classifier import (
    digit_classifier,
    load_digit_classifier,
    train_digit_classifier,
)
from gan_helpers.recorded import read_history


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


def test_first_steps_of_its_training_repeat(mnist):
    (x_train, y_train), _ = mnist
    history = read_history(classifier.RUN)
    recorded = history["first_losses"]
    _, losses = train_digit_classifier(
        to_tanh_range(x_train), y_train, seed=history["seed"], steps=len(recorded)
    )
    # Another processor rounds differently, and each step multiplies the difference.
    assert losses[:3] == pytest.approx(recorded[:3], rel=1e-3)
    assert losses == pytest.approx(recorded, rel=0.05)


def test_it_errs_as_often_on_the_test_images_as_recorded(mnist):
    _, (x_test, y_test) = mnist
    outputs = load_digit_classifier().predict(to_tanh_range(x_test), batch_size=500, verbose=0)
    errors = int((outputs["logits"].argmax(axis=1) != y_test).sum())
    history = read_history(classifier.RUN)
    assert history["test_images"] == len(y_test)
    assert abs(errors - history["test_errors"]) <= 2
    assert errors <= 0.008 * len(y_test)
    features = outputs["features"]
    assert features.shape == (10_000, 64) and features.min() >= 0
    assert (features.std(axis=0) > 0.1).all()  # none of them is dead


def test_training_needs_a_label_for_each_image():
    images = np.full((3, 28, 28, 1), -0.5)
    for labels, message in [
        (np.zeros(2, int), r"for each of 3 images; given int64 of shape \(2,\)"),
        (np.zeros(3), "given float64"),
        (np.full(3, 10), "10 classes, 0 to 9; given 10"),
        (np.zeros(3, int), "fill a batch of 128 at least; given 3"),
    ]:
        with pytest.raises(ValueError, match=message):
            train_digit_classifier(images, labels, seed=0)
    with pytest.raises(ValueError, match="from -1 to 1"):
        train_digit_classifier(-images, np.zeros(3, int), seed=0)


def test_outputs_are_named():
    assert {name: out.shape for name, out in digit_classifier().output.items()} == {
        "features": (None, 64),
        "logits": (None, 10),
    }
