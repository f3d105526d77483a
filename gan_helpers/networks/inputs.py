"""What a generator makes images from: latent vectors, and classes if it is conditional."""

import keras
import numpy as np
import tensorflow as tf

from gan_helpers.checks import check_classes, check_counts, check_kinds, check_seed, sample_input
from gan_helpers.checks.networks import n_classes


def draw_inputs(
    generator: keras.Model, n: int, *, seed: int, classes: np.ndarray | None = None
) -> np.ndarray | list[np.ndarray]:
    """What a generator makes n images from.

    Args:
        generator: from latent vectors, or from [latent vectors, classes].
        n: how many.
        seed: of both.
        classes: for the latter the classes of real images, integers, shape (m,); the images to
            be made have them `in_exact_shares`.

    Returns:
        Standard normal latent vectors, float32, shape (n, latent_dim), or a list of these and
        int32 classes, shape (n,).

    Raises:
        ValueError: if classes are missing, given in vain, or none that the generator knows; for
            what is no generator, no number of images, or no seed.
    """
    shape, conditional = sample_input(generator)
    if len(shape) != 1:
        raise ValueError(
            "A generator takes latent vectors, shape (n, latent_dim); given a network of inputs of "
            f"shape {generator.input_shape}."
        )
    check_counts(n=n)
    if conditional != (classes is not None):
        raise ValueError(
            "This generator makes an image of a given class: classes to draw from are missing."
            if conditional
            else "This generator takes no classes; some were given."
        )
    rng = np.random.default_rng(check_seed(seed))
    latent = rng.standard_normal((n, *shape), np.float32)
    if classes is None:
        return latent
    checked = check_classes(classes, n_classes=n_classes(generator))
    return [latent, in_exact_shares(checked, n, rng)]


def in_exact_shares(classes: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """n classes with the shares that they have in `classes`, to within one, in random order.

    This is systematic sampling: from the sorted classes, at equal distances. Drawing each at random
    instead would add noise to every figure of a generator (notebooks/ch05_conditional.ipynb).

    Args:
        classes: integers, shape (m,).
        n: how many to take.
        rng: where the first one is, and the order.

    Returns:
        int32, shape (n,).

    Raises:
        ValueError: for anything else.
    """
    classes = check_classes(classes)
    check_counts(n=n)
    check_kinds(np.random.Generator, rng=rng)
    places = (np.arange(n) + rng.random()) / n  # equally far apart, from 0 to 1
    chosen = np.sort(classes)[(places * len(classes)).astype(int)]
    return rng.permutation(chosen).astype(np.int32)


def with_classes(samples: tf.Tensor, classes: tf.Tensor | None) -> tf.Tensor | list[tf.Tensor]:
    """The inputs of a network, with classes if there are any.

    Args:
        samples: shape (n, ...).
        classes: shape (n,), or None.
    """
    return samples if classes is None else [samples, classes]
