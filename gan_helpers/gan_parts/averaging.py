"""The generator with the running mean of its weights."""

import keras
import numpy as np

from gan_helpers.checks import layers_of
from gan_helpers.networks import draw_inputs


def averaged_generator(gan: keras.Model, classes: np.ndarray | None = None) -> keras.Model:
    """A copy of a GAN's generator with the running mean of its weights (notebooks/ch03_circles).

    The generator's optimizer keeps the mean, if it was made with `use_ema=True`; before the first
    step it is the weights. The moving averages of batch normalisation are no weights, and belong
    to the last ones; the copy's are estimated anew, from the images of 10,000 latent vectors.

    Args:
        gan: a compiled `gan_helpers.gan.GAN`.
        classes: for a conditional GAN those of real images, integers from 0, shape (m,).

    Raises:
        ValueError: for anything else than a compiled GAN, if its optimizer keeps no mean, or if
            classes are missing or cannot be.
    """
    optimizer = getattr(gan, "generator_optimizer", None)
    if optimizer is None:
        raise ValueError(
            "gan must be a compiled gan_helpers.gan.GAN, whose generator_optimizer keeps the mean; "
            f"given {gan!r}."
        )
    if not optimizer.use_ema:
        raise ValueError(
            "No running mean of the generator's weights is kept: compile with a "
            "generator_optimizer that has use_ema=True."
        )
    draw_inputs(gan.generator, 1, seed=0, classes=classes)  # refuses classes that cannot be
    weights = gan.generator.trainable_variables
    copy, last = keras.models.clone_model(gan.generator), [w.numpy() for w in weights]
    if gan.steps:  # before, Keras's means are 0
        optimizer.finalize_variable_values(weights)  # puts the means in the weights' place
    copy.set_weights(gan.generator.get_weights())
    for weight, value in zip(weights, last, strict=True):
        weight.assign(value)

    norms = [x for x in layers_of(copy) if isinstance(x, keras.layers.BatchNormalization)]
    usual = [layer.momentum for layer in norms]
    for batch in range(20 if norms else 0):
        for layer in norms:  # so that each batch counts the same
            layer.momentum = batch / (batch + 1)
        copy(draw_inputs(gan.generator, 500, seed=batch, classes=classes), training=True)
    for layer, momentum in zip(norms, usual, strict=True):
        layer.momentum = momentum
    return copy
