"""Callbacks that hear of the steps which were made, and of no others."""

import keras

NO_BATCH = (
    "The dataset yielded no batch {when}. It must yield its batches anew each time it is read, of "
    "which one more time is before training, for a look at the first batch. "
    "tf.data.Dataset.from_generator does with a function that begins anew, such as "
    "lambda: iter(batches) for a list, but not over an iterator, which can be read only once."
)


class Epochs(keras.callbacks.CallbackList):
    """Keras's list of callbacks, for data that end before Keras expects it.

    An execution of several steps that the end of the data cuts short counts as a whole one for
    Keras, so that the last batch would have too large a number. An epoch, or an evaluation, of no
    batch has metrics all the same, which are 0.

    Raises:
        ValueError: at the end of an epoch or an evaluation of no batch.
    """

    def on_epoch_begin(self, epoch, logs=None):
        self.before = self.model.steps
        super().on_epoch_begin(epoch, logs)

    def on_train_batch_end(self, batch, logs=None):
        if self.model.steps_per_execution > 1:
            batch = min(batch, self.model.steps - self.before - 1)
        super().on_train_batch_end(batch, logs)

    def on_epoch_end(self, epoch, logs=None):
        if self.model.steps == self.before:
            raise ValueError(NO_BATCH.format(when=f"in epoch {epoch + 1}"))
        super().on_epoch_end(epoch, logs)

    def on_test_begin(self, logs=None):
        self.tested = False
        super().on_test_begin(logs)

    def on_test_batch_end(self, batch, logs=None):
        self.tested = True
        super().on_test_batch_end(batch, logs)

    def on_test_end(self, logs=None):
        if not self.tested:
            raise ValueError(NO_BATCH.format(when="to evaluate"))
        super().on_test_end(logs)
