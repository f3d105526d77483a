"""Callbacks of Keras's that would do nothing, or something wrong (book/keras_features.md)."""

import importlib.util

import keras

_SEVERAL_OPTIMIZERS = (
    "changes a model's only optimizer, and this model has several. Give each optimizer a schedule "
    "of keras.optimizers.schedules, or set their learning_rate in a callback of your own."
)
NEED_ONE_OPTIMIZER = {
    "LearningRateScheduler": _SEVERAL_OPTIMIZERS,
    "ReduceLROnPlateau": _SEVERAL_OPTIMIZERS,
    "SwapEMAWeights": "changes a model's only optimizer, and this model has several. "
    "gan_helpers.gan_parts.averaging.averaged_generator gives the generator with averaged weights.",
}
NEED_A_METRIC_NAMED_LOSS = {
    "TerminateOnNaN": "looks at a metric named loss, and this model has none. "
    "gan_helpers.callbacks.StopOnNonFinite looks at all metrics.",
}
NEVER = {
    "BackupAndRestore": "loads weights when the order of the batches stands already, so that "
    "training would not go on where it stopped. gan_helpers.checkpoints does that.",
}
WATCH = {"EarlyStopping", "ModelCheckpoint", "ReduceLROnPlateau"}
TESTED = {
    "Callback",
    "CallbackList",
    "CSVLogger",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "ModelCheckpoint",
    "MonitorCallback",
    "ProgbarLogger",
    "TensorBoard",
}
ADD_NO_METRIC = ("keras.", "gan_helpers.callbacks", "gan_helpers.checkpoints")


def check_callbacks(
    callbacks, *, one_optimizer: bool, metrics: list[str], validated: bool = False
) -> None:
    """Refuse callbacks that would do nothing for a model, or something wrong.

    Args:
        callbacks: as for `keras.Model.fit`.
        one_optimizer: whether the model has a single optimizer.
        metrics: the names of what it reports.
        validated: whether there is validation data, whose metrics begin with val_.

    Raises:
        ValueError: for these, for what is no callback, for callbacks of Keras's that are in no
            test, for TensorBoard if its package is not installed, and for one that watches a
            metric which is not there.
    """
    known = [*metrics, *(f"val_{name}" for name in metrics if validated)]
    complete = True
    refused = dict(NEVER)
    if not one_optimizer:
        refused |= NEED_ONE_OPTIMIZER
    if "loss" not in metrics:
        refused |= NEED_A_METRIC_NAMED_LOSS
    allowed = TESTED | NEED_ONE_OPTIMIZER.keys() | NEED_A_METRIC_NAMED_LOSS.keys()
    for callback in keras.tree.flatten(getattr(callbacks, "callbacks", callbacks)):
        if callback is None:
            continue
        if not isinstance(callback, keras.callbacks.Callback):
            raise ValueError(f"A callback must be a keras.callbacks.Callback; given {callback!r}.")
        kinds = type(callback).__mro__  # a subclass of one of Keras's is as that one
        name = next(kind.__name__ for kind in kinds if kind.__module__.startswith("keras."))
        if name in refused:
            raise ValueError(f"{name} {refused[name]}")
        if name not in allowed:
            raise ValueError(
                f"{name} has not been tested with this model, and may do something wrong. "
                f"Callbacks of Keras's that work: {sorted(allowed - refused.keys())}."
            )
        if getattr(callback, "write_steps_per_second", False) and not one_optimizer:
            raise ValueError(
                "TensorBoard's write_steps_per_second counts the steps of a model's only "
                "optimizer, and this model has several. Leave it out."
            )
        watched = getattr(callback, "monitor", None)
        if name == "ModelCheckpoint" and not callback.save_best_only:
            watched = None
        if complete and name in WATCH and watched is not None and watched not in known:
            raise ValueError(
                f"{name} watches {watched!r}, and would do nothing without it. Give it a monitor "
                f"and its mode, 'min' or 'max'; metrics here are {known}"
                f"{'' if validated else ', and with validation_data the same with val_ before'}."
            )
        # Others may add metrics of their own for what comes after them, as Judgement does.
        module = type(callback).__module__
        complete &= module.startswith(ADD_NO_METRIC) and name != "LambdaCallback"
        if name == "TensorBoard" and importlib.util.find_spec("tensorboard") is None:
            raise ValueError(
                "The callback TensorBoard needs the package tensorboard, which is not installed: "
                "pip install tensorboard."
            )
