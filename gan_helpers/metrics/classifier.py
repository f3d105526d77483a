"""The judge's eyes: a digit classifier whose features and probabilities the metrics use."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from gan_helpers.checks import check_backend, check_classes, check_counts, check_images, check_seed
from gan_helpers.checks.arrays import as_array
from gan_helpers.data import IMAGE_SHAPE, shuffled_batches
from gan_helpers.recorded import load_weights

check_backend()
RUN = "digit_classifier"
FEATURES = 64
BATCH, PASSES, LEARNING_RATE, SHIFT = 128, 10, 2e-3, 2


def digit_classifier() -> keras.Model:
    """An untrained convolutional network for grey digits of 28 by 28 pixels.

    Returns:
        A model from images, shape (n, 28, 28, 1), -1 to 1, to a dictionary of `features`, shape
        (n, 64), 0 or more, and `logits`, shape (n, 10). Batch normalisation before the last ReLU
        keeps each of the 64 features alive and all of them on a similar scale.
    """
    images = keras.Input(IMAGE_SHAPE, name="images")
    x = images
    for filters, shrinks in ((16, True), (32, False), (48, True), (64, False)):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        if shrinks:
            x = layers.MaxPooling2D(2)(x)
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    x = layers.BatchNormalization()(layers.Dense(FEATURES, use_bias=False)(x))
    features = layers.ReLU(name="features")(x)
    logits = layers.Dense(10, name="logits")(layers.Dropout(0.3)(features))
    return keras.Model(images, {"features": features, "logits": logits}, name=RUN)


def train_digit_classifier(
    images: np.ndarray, labels: np.ndarray, *, seed: int, steps: int | None = None
) -> tuple[keras.Model, list[float]]:
    """Train the classifier by the book's recipe.

    Adam with a learning rate that falls to 0 along a cosine, ten passes in batches of 128. Each
    batch is shifted by up to two pixels, another way each time, so that the classifier looks at
    shapes rather than at places.

    Args:
        images: shape (n, 28, 28, 1), -1 to 1.
        labels: shape (n,), 0 to 9.
        seed: of weights, dropout, order and shifts.
        steps: stop after so many, for a test; the whole recipe otherwise.

    Returns:
        The trained model, and the cross-entropy of each step's batch, in nats.

    Raises:
        ValueError: for anything else, or fewer images than a batch takes.
    """
    images = as_array(images)
    check_images(images, IMAGE_SHAPE)
    labels = check_classes(labels, len(images), n_classes=10)
    if len(images) < BATCH:
        raise ValueError(f"images must fill a batch of {BATCH} at least; given {len(images)}.")
    seed = check_seed(seed)
    if steps is not None:
        check_counts(steps=steps)
    keras.utils.set_random_seed(seed)
    model = digit_classifier()
    all_steps = PASSES * (len(images) // BATCH)
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(LEARNING_RATE, all_steps)
    )
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    weights = model.trainable_variables
    optimizer.build(weights)
    margin = [[0, 0], [SHIFT, SHIFT], [SHIFT, SHIFT], [0, 0]]

    @tf.function
    def step(images, labels, number):
        images = tf.image.stateless_random_crop(
            tf.pad(images, margin, constant_values=-1.0), (BATCH, *IMAGE_SHAPE), (seed, number)
        )
        with tf.GradientTape() as tape:
            loss = cross_entropy(labels, model(images, training=True)["logits"])
        optimizer.apply(tape.gradient(loss, weights), weights)
        return loss

    rows = shuffled_batches(np.arange(len(images)), batch_size=BATCH, seed=seed)
    images, labels = tf.constant(images), tf.constant(labels)
    losses = [
        step(tf.gather(images, chosen), tf.gather(labels, chosen), tf.constant(number))
        for number, chosen in enumerate(rows.take(steps or all_steps))
    ]
    return model, [float(loss) for loss in losses]


def load_digit_classifier() -> keras.Model:
    """The trained classifier that travels with the book; see its recorded run for its history."""
    return load_weights(digit_classifier(), RUN)
