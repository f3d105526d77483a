"""What is reported, held against formulas."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.small_gans import IMAGES, line_gan, small_gan


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


NUMBERS = np.random.default_rng(6).normal(size=(65, 1)).astype("float32")
NUMBERS[-1] = 30.0  # a last batch of one, unlike the others
# Fakes are all 2 and D(x) is x, so that these are means over 65 numbers.
BY_HAND = {
    "wasserstein": (2 - NUMBERS.mean(), -2.0),
    "non_saturating": (
        np.logaddexp(0, -NUMBERS).mean() + np.logaddexp(0, 2.0),
        np.logaddexp(0, -2.0),
    ),
    "relativistic": (np.logaddexp(0, 2 - NUMBERS).mean(), np.logaddexp(0, NUMBERS - 2).mean()),
}


@pytest.mark.parametrize("loss", BY_HAND)
@pytest.mark.parametrize("batch_size", [65, 64, 7])
def test_each_image_counts_once_in_batches_of_any_size(loss, batch_size):
    expected = dict(zip(("discriminator_loss", "generator_loss"), BY_HAND[loss], strict=True))
    expected |= {"accuracy_on_real": (NUMBERS > 0).mean(), "accuracy_on_fake": 0.0}
    batches = tf.data.Dataset.from_tensor_slices(NUMBERS).batch(batch_size)
    gan = line_gan(loss=loss)
    for given in ({"x": NUMBERS, "batch_size": batch_size}, {"x": batches}):
        result = gan.evaluate(**given, verbose=0, return_dict=True)
        assert {name: result[name] for name in expected} == pytest.approx(expected, rel=1e-5)
    history = gan.fit(batches, verbose=0, validation_data=batches).history
    for prefix in ("", "val_"):
        seen = {name: history[prefix + name][0] for name in expected}
        assert seen == pytest.approx(expected, rel=1e-5)


def test_penalties_of_batches_of_any_size_count_by_their_images():
    mean = lambda discriminator, real, fake, seed: tf.reduce_mean(real) + 10  # noqa: E731
    gan = line_gan(penalties={mean: 2.0})
    batches = tf.data.Dataset.from_tensor_slices(NUMBERS).batch(64)
    seen = gan.fit(batches, verbose=0).history["penalty"][0]
    assert seen == pytest.approx(2 * (NUMBERS.mean() + 10), rel=1e-5)


def test_kernel_loss_needs_two_images_in_the_last_batch_too():
    gan = line_gan(loss="kernel")
    with pytest.raises(ValueError, match="'kernel' needs 2 images at a time, in the last batch"):
        gan.evaluate(NUMBERS[:12], batch_size=11, verbose=0)
    assert np.isfinite(gan.evaluate(NUMBERS[:12], batch_size=5, verbose=0)).all()
