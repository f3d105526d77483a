"""The source's way to train, its mistakes included, each with a switch that repairs it.

Written anew for notebooks/ch05_ladder.ipynb, which explains each mistake; beside it only
research/record.py, which trains larger networks on the same ladder, uses it. The listing itself
stops at its first batch. What follows is what it would do after that repair.
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from gan_helpers.checks import check_array, check_counts, check_kinds, check_rate, check_seed
from gan_helpers.checks.arrays import as_array
from gan_helpers.networks import draw_inputs


@dataclass(frozen=True)
class Repairs:
    """Which of the mistakes that change training are repaired.

    Attributes:
        loss_of_logits: the loss takes what the discriminator gives for logits, not probabilities.
        frozen: the generator's step moves the generator's weights alone.
        same_generator: the discriminator is shown what the generator makes in training mode, as
            in the generator's own step, instead of what `predict` gives.
        data_range: images from -1 to 1, the range of the generator's tanh, instead of 0 to 1.
    """

    loss_of_logits: bool = False
    frozen: bool = False
    same_generator: bool = False
    data_range: bool = False

    def __post_init__(self):
        check_kinds(bool, **vars(self))


# The rungs of the ladder: each has all repairs of the one before it, and one more.
RUNGS = {
    "it runs": Repairs(),
    "loss of logits": Repairs(True),
    "discriminator frozen": Repairs(True, True),
    "same generator": Repairs(True, True, True),
    "data range": Repairs(True, True, True, True),
}


def to_judge(images: np.ndarray, repairs: Repairs) -> np.ndarray:
    """Generated images in the range that the judge and all figures of the book expect, -1 to 1.

    A generator that was trained on data from 0 to 1 draws the paper as 0; what it draws below is
    out of its data's range, and is cut off as a picture of them would.

    Args:
        images: what the generator gave, any shape, -1 to 1.
        repairs: those of its training.

    Raises:
        ValueError: for anything else.
    """
    images = check_array("images", images)
    check_kinds(Repairs, repairs=repairs)
    return images if repairs.data_range else 2 * np.clip(images, 0, 1) - 1


def images_for_judge(generator: keras.Model, repairs: Repairs) -> Callable[[int, int], np.ndarray]:
    """What `evaluate_generator` asks for: from n and a seed to n images in the judge's range.

    Args:
        generator: latent vectors to images.
        repairs: those of its training.

    Raises:
        ValueError: for what is no repairs; the function, for what is no generator.
    """
    check_kinds(keras.Model, generator=generator)
    check_kinds(Repairs, repairs=repairs)

    def images(n: int, seed: int) -> np.ndarray:
        inputs = draw_inputs(generator, n, seed=seed)
        return to_judge(generator.predict(inputs, batch_size=500, verbose=0), repairs)

    return images


def train_as_listed(
    generator: keras.Model,
    discriminator: keras.Model,
    images: np.ndarray,
    repairs: Repairs,
    *,
    steps: int,
    seed: int,
    rate: float = 1e-4,
    batch_size: int = 64,
    watch: Callable[[int, dict[str, float]], None] | None = None,
) -> None:
    """Train both networks in place, as the source's listing does but for what is repaired.

    Args:
        generator: latent vectors to images; ends in tanh.
        discriminator: images to one logit each.
        images: uint8, shape (n, height, width), 0 to 255.
        repairs: what is done right.
        steps: each is a step of the discriminator on real images, one on fakes, and one of the
            generator.
        seed: of the batches and the latent vectors.
        rate: of the two Adam optimizers.
        batch_size: images in each step.
        watch: called after each step with its number, from 1, and its losses: `real`, `fake`,
            `generator`; and `pull`, the length of the gradient in the generator's weights.

    Raises:
        ValueError: for anything else.
    """
    check_kinds(keras.Model, generator=generator, discriminator=discriminator)
    check_kinds(Repairs, repairs=repairs)
    steps, batch_size = check_counts(steps=steps, batch_size=batch_size)
    rate = check_rate(rate=rate)
    seed = check_seed(seed)
    if watch is not None:
        check_kinds(Callable, watch=watch)
    images = as_array(images)
    if (
        images.dtype != np.uint8
        or not len(images)
        or images[..., None].shape[1:] != generator.output_shape[1:]
    ):
        raise ValueError(
            f"images must be uint8 of shape (n, {', '.join(map(str, generator.output_shape[1:3]))}"
            f"), as the generator makes them; given {images.dtype} of shape {images.shape}."
        )
    bce = keras.losses.BinaryCrossentropy(from_logits=repairs.loss_of_logits)
    real_images = images[..., None].astype("float32") / 255
    if repairs.data_range:
        real_images = 2 * real_images - 1
    ours, theirs = generator.trainable_variables, discriminator.trainable_variables
    moved = ours if repairs.frozen else [*ours, *theirs]
    discriminator_adam, combined_adam = (keras.optimizers.Adam(rate) for _ in range(2))
    discriminator_adam.build(theirs)
    combined_adam.build(moved)
    latent_dim = generator.input_shape[-1]
    ones, zeros = tf.ones((batch_size, 1)), tf.zeros((batch_size, 1))

    @tf.function
    def step(real, number):
        latent = tf.random.stateless_normal((2, batch_size, latent_dim), seed=(seed, number))
        fakes = generator(latent[0], training=repairs.same_generator)
        losses = []
        for batch, labels in ((real, ones), (fakes, zeros)):
            with tf.GradientTape() as tape:
                loss = bce(labels, discriminator(batch, training=True))
            discriminator_adam.apply(tape.gradient(loss, theirs), theirs)
            losses.append(loss)
        with tf.GradientTape() as tape:
            fakes = generator(latent[1], training=True)
            loss = bce(ones, discriminator(fakes, training=True))
        gradients = tape.gradient(loss, moved)
        combined_adam.apply(gradients, moved)
        return *losses, loss, tf.linalg.global_norm(gradients[: len(ours)])

    rng = np.random.default_rng(seed)
    for number in range(1, steps + 1):
        rows = rng.integers(0, len(images), batch_size)  # the listing draws with replacement too
        values = step(tf.constant(real_images[rows]), tf.constant(number))
        if watch:
            names = ("real", "fake", "generator", "pull")
            watch(number, dict(zip(names, map(float, values), strict=True)))
