"""Training that can be repeated, checked and gone on with: what all families of models inherit.

The batches and the noise of a step depend on the model's seed and on the step's number alone. So a
model that was saved, loaded and trained on is the model that never stopped, bit for bit. What is
given is looked at before anything is trained, and a dataset's later batches when they come.
"""

import contextlib
import math
from typing import Any

import keras
import tensorflow as tf

from gan_helpers import feeding
from gan_helpers.checks import (
    Looked,
    check_backend,
    check_callbacks,
    check_counts,
    check_device_batch,
    check_device_optimizer,
    check_device_options,
    check_inputs,
    check_kinds,
    check_optimizer_of,
    check_scope,
    check_seed,
    layers_of,
)
from gan_helpers.checks.arrays import as_array
from gan_helpers.checks.batches import nearest_sizes
from gan_helpers.gan_parts.devices import device
from gan_helpers.gan_parts.epochs import Epochs

check_backend()
OPTIONS = ("jit_compile", "run_eagerly", "steps_per_execution")  # of keras.Model.compile


class RepeatableModel(keras.Model):
    """A `keras.Model` that learns from images, points or sequences, with or without classes.

    A family of models has a `train_step` and a `test_step` of its own, and says what follows.

    Args:
        sample_shape: of one image, point or sequence of tokens.
        conditional: whether each comes with a class.
        n_classes: how many classes there are, or None if that is not known.
        n_tokens: how many tokens there are, for a model of sequences, which are integers from 0.
        seed: a non-negative integer.

    Attributes:
        networks: the names of the networks that its constructor takes, which are saved with it;
            the first is the one that a call of the model calls.
        optimizers: the names of the optimizers that `compile` takes; the first one's steps count.
        game: of a GAN its `gan_helpers.game.Game`.
        report: whose `metrics` are reported, in place of Keras's own, which know a single loss.

    Raises:
        ValueError: for what is no seed.
    """

    networks: tuple[str, ...] = ()
    optimizers: tuple[str, ...] = ("optimizer",)
    game: Any = None
    report: Any = None
    steps_per_execution: int

    def __init__(
        self,
        sample_shape: tuple[int, ...],
        conditional: bool = False,
        n_classes: int | None = None,
        *,
        n_tokens: int | None = None,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.sample_shape, self.conditional = sample_shape, conditional
        self.n_classes, self.n_tokens, self.seed = n_classes, n_tokens, check_seed(seed)
        self.built = True

    @property
    def step_counter(self) -> keras.Variable:
        """Counts the training steps."""
        optimizer = getattr(self, self.optimizers[0], None)
        if optimizer is None:
            raise ValueError("Steps are counted by an optimizer: call compile(...) first.")
        # Not `iterations`, which counts an optimizer's moves if it accumulates gradients.
        return optimizer._iterations

    @property
    def steps(self) -> int:
        """The number of training steps so far."""
        return int(self.step_counter.numpy())

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return self.report.metrics if self.report else super().metrics

    def compile(self, *args, **options) -> None:
        """As `keras.Model.compile`, with what a family's own `compile` leaves to it."""
        check_counts(steps_per_execution=options.get("steps_per_execution", 1))
        check_kinds(bool, run_eagerly=options.get("run_eagerly", False))
        if (jit_compile := options.get("jit_compile", "auto")) != "auto":
            check_kinds(bool, jit_compile=jit_compile)
        check_scope(self)
        check_device_options(self.game, getattr(self, "discriminator", None), options)
        super().compile(*args, **options)

    def check_batch(self, size: int, *, training: bool) -> None:
        """Refuse a number of images that a step cannot take.

        Raises:
            ValueError: for one that devices, a game's steps or a network's layers cannot share.
        """
        devices = self.distribute_strategy.num_replicas_in_sync
        check_device_batch(size, devices)
        size //= devices
        if training and self.game:
            self.game.check_batch(size)
            size //= self.game.parts
        least = self.game.loss.least if self.game else 1
        if size < least:
            raise ValueError(
                f"The loss {self.game.loss.name!r} needs {least} images at a time, in the last "
                f"batch too; given {size}."
            )
        layers = [layer for name in self.networks for layer in layers_of(getattr(self, name))]
        group = math.lcm(*(getattr(layer, "GROUP", 1) for layer in layers))
        if size % group:
            raise ValueError(
                f"A layer compares images in groups of {group}, so that the images which a "
                f"network sees together must be a multiple of {group}; given {size}. "
                f"{nearest_sizes(size, group)}"
            )

    def check_inputs(self, inputs) -> None:
        """Refuse what the model cannot be called with: what its first network does not take.

        Raises:
            ValueError: for that.
        """
        check_inputs(getattr(self, self.networks[0]), inputs, n_classes=self.n_classes)

    def set_random_state(self, step) -> None:
        """Draw the states of noise and dropout from the seed and the step: none need be saved."""
        states = [v for v in self.variables if v.name == "seed_generator_state"]
        layers = {id(v) for name in self.networks for v in getattr(self, name).variables}
        drawn = tf.random.stateless_uniform(
            (len(states), 2), seed=(self.seed, step), minval=None, maxval=None, dtype=tf.int32
        )
        for place, state in enumerate(states):
            own = device() if id(state) in layers else 0  # the rest is drawn for all devices
            state.assign(tf.cast(drawn[place] + [own, 0], state.dtype))

    @contextlib.contextmanager
    def one_step(self, data):
        """A training step, with the noise of its number, which begins when its batch is there.

        TensorFlow would do what needs no batch, such as counting the step, before it finds out that
        a dataset has ended.
        """
        given = [part for part in tf.nest.flatten(data) if part is not None]
        with tf.control_dependencies(given):
            self.set_random_state(self.step_counter.value)
            yield

    def fit(self, x=None, y=None, *, batch_size=None, epochs=1, steps_per_epoch=None, **kwargs):
        """Train; `keras.Model.fit` with data looked at and an order that can be repeated.

        Args:
            x: floating-point images from -1 to 1, shape (n, height, width, channels), points,
                shape (n, dimension), or sequences of tokens, shape (n, length). Or a
                `tf.data.Dataset` of batches of these, each for all of a step; of (images,
                classes) for a conditional model. It is read once more than there are epochs:
                before training, for a look at the first batch. So it must yield its batches anew
                each time. Whether images are from 0 to 1 is looked at in an array
                and in the first batch alone: a later, small batch may be so by chance.
            y: for an array and a conditional model its classes, integers from 0, shape (n,).
            batch_size: images per step of a player, on all devices together, for an array: 64
                unless given.
            epochs: as for `keras.Model.fit`.
            steps_per_epoch: for an array, one pass over it unless given, less an incomplete last
                batch.
            kwargs: as for `keras.Model.fit`; `validation_data` are images too, or (images,
                classes).

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: if images and classes are not what is described above, if a batch is
                larger than the data, if an array is not to be shuffled, for numbers that cannot
                be, and for callbacks that do not work. A later batch of a dataset is refused when
                it comes, and so is an epoch for which it yields none.
        """
        self._assert_compile_called("fit")
        check_counts(at_least=0, epochs=epochs, initial_epoch=kwargs.get("initial_epoch", 0))
        check_callbacks(
            kwargs.get("callbacks"),
            one_optimizer=len(self.optimizers) == 1,
            metrics=[metric.name for metric in self.metrics],
            validated=kwargs.get("validation_data") is not None,
        )
        feeding.refuse_weights(kwargs)
        if not kwargs.pop("shuffle", True):
            raise ValueError("An array is always shuffled; for another order give a dataset.")
        data = feeding.checked(self, x, y)
        if isinstance(data, Looked):
            batches = feeding.own_batches(data, batch_size, steps_per_epoch=steps_per_epoch)
        else:
            batches, steps_per_epoch = feeding.shuffled(self, data, batch_size, steps_per_epoch)
            single = epochs - kwargs.get("initial_epoch", 0) == 1
            if single and steps_per_epoch % self.steps_per_execution:
                # Where the data end, Keras's last execution is a shorter one of the same graph;
                # another graph, such as that of a single step, may round differently.
                end = tf.data.experimental.assert_cardinality(steps_per_epoch)
                batches, steps_per_epoch = batches.take(steps_per_epoch).apply(end), None
        held_out = feeding.held_out(self, kwargs, batch_size)
        number = steps_per_epoch or batches.cardinality()
        self._count_batches(kwargs, number, epochs=epochs, add_history=True)
        steps = steps_per_epoch, kwargs.get("validation_steps")
        with self._whole_executions(*steps), feeding.as_it_was_raised(data, held_out):
            return super().fit(
                batches, epochs=epochs, steps_per_epoch=steps_per_epoch, shuffle=False, **kwargs
            )

    def evaluate(self, x=None, y=None, *, batch_size=None, steps=None, **kwargs):
        """Metrics on images that training did not see, as `keras.Model.evaluate`.

        The same call gives the same result: its noise depends on the seed alone.

        Raises:
            ValueError: for what `fit` refuses.
        """
        self._assert_compile_called("evaluate")
        feeding.refuse_weights(kwargs)
        if kwargs.get("_use_cached_eval_dataset"):  # by `fit`, which has looked at all of it
            data, given = None, (x, y)
        else:
            data = feeding.checked(self, x, y, training=False)
            given = feeding.to_evaluate(self, data, batch_size, steps=steps)
            if isinstance(data, Looked):
                self._count_batches(kwargs, steps or data.dataset.cardinality(), epochs=1)
        self.set_random_state(tf.constant(-1, tf.int64))
        with self._whole_executions(steps), feeding.as_it_was_raised(data):
            return super().evaluate(*given, batch_size=batch_size, steps=steps, **kwargs)

    def predict(self, x, *args, **kwargs):
        """As `keras.Model.predict`.

        Raises:
            ValueError: for inputs of another shape than the model's, and for classes that are
                missing, given in vain or do not exist.
        """
        dataset = isinstance(x, tf.data.Dataset)
        if dataset and self.conditional:
            raise ValueError(
                "A conditional model predicts from a list of two arrays, [samples, classes]; given "
                "a dataset."
            )
        if not dataset and self.networks:
            self.check_inputs(x)
            x = [as_array(part) for part in x] if isinstance(x, list | tuple) else as_array(x)
        return super().predict(x, *args, **kwargs)

    def train_on_batch(self, x, y=None, **kwargs):
        """One step, as `keras.Model.train_on_batch`, with images and classes as for `fit`.

        Whether images are from 0 to 1 is looked at before the first step alone.

        Raises:
            ValueError: for what `fit` refuses.
        """
        return super().train_on_batch(
            *feeding.one_batch(self, "train_on_batch", x, y, kwargs), **kwargs
        )

    def test_on_batch(self, x, y=None, **kwargs):
        """Metrics on one batch, as `keras.Model.test_on_batch`, likewise."""
        return super().test_on_batch(
            *feeding.one_batch(self, "test_on_batch", x, y, kwargs), **kwargs
        )

    def __call__(self, inputs, *args, **kwargs):
        if self.networks:
            self.check_inputs(inputs)
        return super().__call__(inputs, *args, **kwargs)

    def _count_batches(self, kwargs: dict, steps, **options) -> None:
        """Put `Epochs` in the place of a list of callbacks among the arguments, as Keras would."""
        if not isinstance(kwargs.get("callbacks"), keras.callbacks.CallbackList):
            verbose = kwargs.get("verbose", "auto")
            kwargs["callbacks"] = Epochs(
                kwargs.get("callbacks"),
                add_progbar=verbose != 0,
                verbose=verbose,
                steps=int(steps) if steps > 0 else None,  # not where their number is unknown
                model=self,
                **options,
            )

    @contextlib.contextmanager
    def _whole_executions(self, *steps: int | None):
        """As many steps together as `steps_per_execution` allows and all of these are divided by.

        Keras would go beyond the end of an epoch to make the last execution a whole one.
        """
        asked = self.steps_per_execution
        given = [number for number in steps if number]
        together = max(k for k in range(1, asked + 1) if not any(n % k for n in given))
        if together != asked:
            self.steps_per_execution = together
            self.train_function = self.test_function = None  # which have the number in them
        try:
            yield
        finally:
            if together != asked:
                self.steps_per_execution = asked
                self.train_function = self.test_function = None

    def finish(self, samples) -> None:
        """What `train_recipe` has a model do when the last step is done: nothing, for most.

        Args:
            samples: those it was trained on.
        """

    # -- saving ----------------------------------------------------------------------------------

    def get_config(self) -> dict:
        serialize = keras.saving.serialize_keras_object
        parts = {name: serialize(getattr(self, name)) for name in self.networks}
        return super().get_config() | parts | {"seed": self.seed}

    @classmethod
    def from_config(cls, config: dict) -> "RepeatableModel":
        deserialize = keras.saving.deserialize_keras_object
        parts = {name: deserialize(config.pop(name)) for name in cls.networks}
        return cls(**parts, **config)

    def get_compile_config(self) -> dict | None:
        """What it was compiled with, or None if a file could not keep it: a function's code."""
        game: dict | None = self.game.by_name() if self.game else {}
        if game is None or not self.compiled:
            return None
        arguments = {name: getattr(self, name) for name in (*self.optimizers, *OPTIONS)}
        return keras.saving.serialize_keras_object(game | arguments)

    def compile_from_config(self, config: dict) -> None:
        self.compile(**keras.saving.deserialize_keras_object(config))


def built(optimizer: keras.optimizers.Optimizer | str, network: keras.Model):
    """An optimizer, or the one of this name, for the weights of a network.

    Raises:
        ValueError: if it belongs to other weights, or if there are none.
    """
    optimizer = keras.optimizers.get(optimizer)
    check_device_optimizer(optimizer)
    check_optimizer_of(optimizer, network)
    optimizer.build(network.trainable_variables)
    return optimizer
