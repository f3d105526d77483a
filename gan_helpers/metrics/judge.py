"""A judge: a classifier, and what it was trained to look at."""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import keras
import numpy as np
from scipy.special import softmax

from gan_helpers.checks import check_images, check_kinds
from gan_helpers.checks.arrays import as_array
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
        ValueError: if the classifier has other inputs or outputs, or fewer than two classes.
    """

    classifier: keras.Model
    looks_at: str

    def __post_init__(self):
        check_kinds(keras.Model, classifier=self.classifier)
        check_kinds(str, looks_at=self.looks_at)
        outputs = getattr(self.classifier, "output", None)
        shapes = None
        if outputs is None:
            outputs = (
                "None; a Sequential or a subclass becomes one of the functional API by inputs = "
                "keras.Input(...); keras.Model(inputs, network(inputs))"
            )
        if isinstance(outputs, dict):
            shapes = {name: tuple(output.shape) for name, output in outputs.items()}
        features, logits = ((shapes or {}).get(name, ()) for name in ("features", "logits"))
        if not len(features) == len(logits) == 2 or None in (features[1], logits[1]):
            raise ValueError(
                "A judge's classifier must give a dictionary of `features`, shape (n, dimension), "
                f"and `logits`, shape (n, classes); given outputs {shapes or outputs}."
            )
        if logits[1] < 2:
            raise ValueError(
                f"A judge's classifier must know two classes or more; given logits of shape "
                f"{logits}."
            )
        shape = self.classifier.input_shape
        if not isinstance(shape, tuple) or len(shape) != 4 or None in shape[1:]:
            raise ValueError(
                "A judge's classifier must take images of shape (n, height, width, channels), all "
                f"but n known; given inputs of shape {shape}."
            )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the images that this judge can look at."""
        return self.classifier.input_shape[1:]

    def look(self, images: np.ndarray) -> Seen:
        """Features and class probabilities of images, shape (n, *image_shape), -1 to 1.

        Raises:
            ValueError: for images of another shape or range, or with NaN; for features or logits
                that are not finite, and for probabilities where logits should be.
        """
        images = as_array(images)
        try:
            check_images(images, self.image_shape)
        except ValueError as error:
            raise ValueError(f"This judge looks at {self.looks_at}. {error}") from None
        outputs = self.classifier.predict(images, batch_size=IMAGES_AT_ONCE, verbose=0)
        features, logits = (np.asarray(outputs[name]) for name in ("features", "logits"))
        for name, values in (("features", features), ("logits", logits)):
            if values.dtype.kind != "f" or not np.isfinite(values).all():
                raise ValueError(
                    f"The judge's classifier must give finite floating-point {name}; given "
                    f"{values.dtype} from {values.min()} to {values.max()}."
                )
        if logits.min() >= 0 and np.allclose(logits.sum(axis=1), 1, atol=1e-3):
            raise ValueError(
                "The judge's classifier must give logits, any numbers; given probabilities, rows "
                "from 0 with the sum 1. Leave out the softmax at its end."
            )
        return Seen(features, softmax(logits.astype(np.float64), axis=1))


@cache
def digit_judge() -> Judge:
    """The book's own judge, for grey handwritten digits of 28 by 28 pixels and nothing else."""
    return Judge(load_digit_classifier(), "handwritten digits as in MNIST, grey, 28 by 28 pixels")
