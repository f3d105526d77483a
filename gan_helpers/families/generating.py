"""New samples from a model of any family, the same for the same seed."""

import inspect

import keras
import numpy as np
import tensorflow as tf

from gan_helpers.checks import check_classes, check_counts, check_seed

AT_ONCE = 500  # samples that are made together


class Generating:
    """Adds `generate` to a `gan_helpers.repeatable.RepeatableModel` that has `samples`."""

    conditional: bool
    n_classes: int | None

    def samples(self, n: int, noise: keras.random.SeedGenerator, classes: tf.Tensor | None):
        """n new samples, a tensor; `generate` calls this for a few at a time."""
        raise NotImplementedError

    def generate(self, n: int, seed: int = 0, *, classes=None, **options) -> np.ndarray:
        """n new samples, the same for the same seed.

        Args:
            n: how many.
            seed: of all that is drawn.
            classes: for a conditional model the class of each, integers from 0, shape (n,).
            options: of the family's `samples`.

        Returns:
            float32 samples, shape (n, ...), or int32 sequences of tokens.

        Raises:
            ValueError: for numbers that cannot be, for options that the family does not have, and
                for classes that are missing, given in vain or do not exist.
        """
        check_counts(n=n)
        known = [*inspect.signature(self.samples).parameters][3:]  # after n, noise and classes
        if unknown := options.keys() - known:
            raise ValueError(
                f"{type(self).__name__}.generate has the options {known or 'n, seed and classes'}; "
                f"given {sorted(unknown)}."
            )
        if self.conditional != (classes is not None):
            raise ValueError(
                "This model makes samples of given classes: classes are missing."
                if self.conditional
                else "This model knows no classes; some were given."
            )
        noise = keras.random.SeedGenerator(check_seed(seed))
        if classes is not None:
            classes = tf.constant(check_classes(classes, n, n_classes=self.n_classes))
        made = [
            self.samples(
                min(AT_ONCE, n - first),
                noise,
                None if classes is None else classes[first : first + AT_ONCE],
                **options,
            )
            for first in range(0, n, AT_ONCE)
        ]
        return np.concatenate([np.asarray(part) for part in made])
