"""The judge during training."""

import keras

from gan_helpers.metrics.evaluation import Evaluation, Reference, evaluate_generator


class Judgement(keras.callbacks.Callback):
    """Have the generator judged after epochs, and add its figures to the epoch's metrics.

    Keras's own history then has them, and so has a `HistoryFile` that stands after this in the
    list of callbacks. Training goes on as it would without.

    Args:
        reference: the real images to hold generated ones against; fewer than the protocol's make
            it quicker (`mnist_reference(2000)`).
        every: after each so many epochs.
        seed: of the latent vectors, which are the same each time.

    Attributes:
        steps: the number of steps after which each evaluation was made.
        evaluations: the evaluations.

    Raises:
        ValueError: if `every` is not a positive integer.
    """

    def __init__(self, reference: Reference, *, every: int = 1, seed: int = 0):
        super().__init__()
        if not isinstance(every, int) or every < 1:
            raise ValueError(f"every must be a positive number of epochs; given {every!r}.")
        self.reference, self.every, self.seed = reference, every, seed
        self.steps: list[int] = []
        self.evaluations: list[Evaluation] = []

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        evaluation = evaluate_generator(
            self.model.generator, seed=self.seed, reference=self.reference
        )
        self.steps.append(self.model.steps)
        self.evaluations.append(evaluation)
        if logs is not None:
            logs.update((name, e.value) for name, e in evaluation.estimates().items())
