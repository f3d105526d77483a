"""The judge during training."""

import keras
import numpy as np

from gan_helpers.checks import check_classes, check_counts, check_kinds, check_seed
from gan_helpers.metrics.evaluation import Evaluation, Reference, evaluate_generator
from gan_helpers.networks import draw_inputs


class Judgement(keras.callbacks.Callback):
    """Evaluate the generator after epochs, and add its figures to the epoch's metrics.

    Keras's own history then has them, and so has a `HistoryFile` that stands after this in the
    list of callbacks. Training goes on as it would without.

    Args:
        reference: the real images to hold generated ones against; fewer than the protocol's make
            it quicker (`mnist_reference(2000)`).
        every: after each so many epochs.
        classes: for a conditional GAN those of real images, as for `evaluate_generator`.
        seed: of the latent vectors, which are the same each time.

    Attributes:
        steps: the number of steps after which each evaluation was made.
        evaluations: the evaluations.

    Raises:
        ValueError: for what is no reference, no number of epochs or no seed; when training begins,
            if classes are missing or given in vain.
    """

    def __init__(
        self,
        reference: Reference,
        *,
        every: int = 1,
        classes: np.ndarray | None = None,
        seed: int = 0,
    ):
        super().__init__()
        check_kinds(Reference, reference=reference)
        check_counts(every=every)
        self.reference, self.every, self.seed = reference, every, check_seed(seed)
        self.classes = classes if classes is None else check_classes(classes)
        self.steps: list[int] = []
        self.evaluations: list[Evaluation] = []

    def on_train_begin(self, logs=None):
        draw_inputs(self.model.generator, 1, seed=0, classes=self.classes)  # can they be drawn?

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        evaluation = evaluate_generator(
            self.model.generator,
            seed=self.seed,
            classes=self.classes,
            reference=self.reference,
        )
        self.steps.append(self.model.steps)
        self.evaluations.append(evaluation)
        if logs is not None:
            logs.update((name, e.value) for name, e in evaluation.estimates().items())
