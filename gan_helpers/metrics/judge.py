"""A judge: a classifier, and what it was trained to look at."""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import keras
import numpy as np
from scipy.special import softmax

from gan_helpers.checks import check_images
from gan_helpers.metrics.classifier import load_digit_classifier

IMAGES_AT_ONCE = 500


class Seen(NamedTuple):
    """What a judge sees in n images."""

    features: np.ndarray  # shape (n, dimension)
    probabilities: np.ndarray  # p(y|x), shape (n, classes)

    def of(self, rows: np.ndarray) -> "Seen":
        """What it sees in some of them, by their numbers."""
        return Seen(self.features[rows], self.probabilities[rows])


@dataclass(frozen=True)
class Judge:
    """A classifier whose features and probabilities the metrics are made of.

    Whatever it says holds for the images it was trained on. Figures of different judges cannot be
    compared, nor with those of Inception-v3, such as an FID.

    Args:
        classifier: a `keras.Model` from images, shape (n, height, width, channels), -1 to 1, to a
            dictionary of `features`, shape (n, dimension), and `logits`, shape (n, classes).
        looks_at: the images that the judge is for, in words: "handwritten digits (MNIST)".

    Raises:
        ValueError: if the classifier has other inputs or outputs.
    """

    classifier: keras.Model
    looks_at: str

    def __post_init__(self):
        outputs = getattr(self.classifier, "output", None)
        shapes = None
        if isinstance(outputs, dict):
            shapes = {name: output.shape for name, output in outputs.items()}
        if shapes is None or any(len(shapes.get(name, ())) != 2 for name in ("features", "logits")):
            raise ValueError(
                "A judge's classifier must give a dictionary of `features`, shape (n, dimension), "
                f"and `logits`, shape (n, classes); given outputs {shapes or outputs}."
            )
        if len(self.classifier.input_shape) != 4:
            raise ValueError(
                "A judge's classifier must take images of shape (n, height, width, channels); "
                f"given inputs of shape {self.classifier.input_shape}."
            )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the images that this judge can look at."""
        return self.classifier.input_shape[1:]

    def look(self, images: np.ndarray) -> Seen:
        """Features and class probabilities of images, shape (n, *image_shape), -1 to 1.

        Raises:
            ValueError: for another shape, another range, or NaN.
        """
        try:
            check_images(np.asarray(images), self.image_shape)
        except ValueError as error:
            raise ValueError(f"This judge looks at {self.looks_at}. {error}") from None
        outputs = self.classifier.predict(images, batch_size=IMAGES_AT_ONCE, verbose=0)
        return Seen(outputs["features"], softmax(outputs["logits"].astype(np.float64), axis=1))


@cache
def digit_judge() -> Judge:
    """The book's own judge, for grey handwritten digits of 28 by 28 pixels and nothing else."""
    return Judge(load_digit_classifier(), "handwritten digits as in MNIST, grey, 28 by 28 pixels")
