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

from gan_helpers.checks import Looked, check_counts, check_data, check_seed
from gan_helpers.data import shuffled_batches
from gan_helpers.gan_parts.devices import device

OPTIONS = ("jit_compile", "run_eagerly", "steps_per_execution")  # of keras.Model.compile


class RepeatableModel(keras.Model):
    """A `keras.Model` that learns from images or points, with or without their classes.

    A family of models has a `train_step` and a `test_step` of its own, and says what follows.

    Args:
        sample_shape: of one image or point.
        conditional: whether each comes with a class.
        n_classes: how many classes there are, or None if that is not known.
        seed: a non-negative integer.

    Attributes:
        networks: the names of the networks that its constructor takes, which are saved with it.
        optimizers: the names of the optimizers that `compile` takes; the first one's steps count.
        game: of a GAN its `gan_helpers.game.Game`.
        report: whose `metrics` are reported, in place of Keras's own, which know a single loss.
    """

    networks: tuple[str, ...] = ()
    optimizers: tuple[str, ...] = ("optimizer",)
    game: Any = None
    report: Any = None

    def __init__(
        self,
        sample_shape: tuple[int, ...],
        conditional: bool = False,
        n_classes: int | None = None,
        *,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.sample_shape, self.conditional = sample_shape, conditional
        self.n_classes, self.seed = n_classes, check_seed(seed)
        self.built = True

    @property
    def step_counter(self) -> keras.Variable:
        """Counts the training steps."""
        return getattr(self, self.optimizers[0]).iterations

    @property
    def steps(self) -> int:
        """The number of training steps so far."""
        return int(self.step_counter.numpy())

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return self.report.metrics if self.report else super().metrics

    def check_batch(self, size: int, *, training: bool) -> None:
        """Refuse a number of images that a step cannot take.

        Raises:
            ValueError: for one that a game's steps or a network's layers cannot share.
        """
        if training and self.game:
            self.game.check_batch(size)
            size //= self.game.parts
        layers = [layer for name in self.networks for layer in getattr(self, name).layers]
        group = math.lcm(*(getattr(layer, "GROUP", 1) for layer in layers))
        if size % group:
            raise ValueError(
                f"A layer compares images in groups of {group}, so that the images which a "
                f"network sees together must be a multiple of {group}; given {size}."
            )

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

    def fit(self, x=None, y=None, *, batch_size=None, epochs=1, steps_per_epoch=None, **kwargs):
        """Train; `keras.Model.fit` with data looked at and an order that can be repeated.

        Args:
            x: floating-point images from -1 to 1, shape (n, height, width, channels), or points,
                shape (n, dimension). Or a `tf.data.Dataset` of batches of these, each for all of
                a step; of (images, classes) for a conditional model.
            y: for an array and a conditional model its classes, integers from 0, shape (n,).
            batch_size: images per step of a player, for an array: 64 unless given.
            epochs: as for `keras.Model.fit`.
            steps_per_epoch: for an array, one pass over it unless given, less an incomplete last
                batch.
            kwargs: as for `keras.Model.fit`; `validation_data` are images too, or (images,
                classes).

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: if images and classes are not what is described above, if a batch is
                larger than the data, if an array is not to be shuffled, or for numbers that cannot
                be. A later batch of a dataset is refused when it comes.
        """
        self._assert_compile_called("fit")
        check_counts(epochs=epochs)
        if steps_per_epoch is not None:
            check_counts(steps_per_epoch=steps_per_epoch)
        for name in ("sample_weight", "class_weight", "validation_split"):
            if kwargs.get(name) is not None:
                raise ValueError(f"{name} has no meaning for a GAN and must be left out.")
        if not kwargs.pop("shuffle", True):
            raise ValueError("An array is always shuffled; for another order give a dataset.")
        data, held_out = self._checked(x, y), None
        if kwargs.get("validation_data") is not None:
            pair = kwargs["validation_data"]
            pair = pair if isinstance(pair, tuple) else (pair, None)
            held_out = self._checked(*pair, training=False)
            kwargs["validation_data"] = getattr(held_out, "dataset", held_out)
        if isinstance(data, Looked):
            if batch_size is not None:
                raise ValueError("A dataset has its own batches: batch_size must be left out.")
            batches = data.dataset
        else:
            n, size = (
                len(data[0] if self.conditional else data),
                64 if batch_size is None else batch_size,
            )
            check_counts(batch_size=size)
            size *= self.game.discriminator_steps if self.game else 1
            batches = shuffled_batches(data, batch_size=size, seed=self.seed, first_step=self.steps)
            self.check_batch(size, training=True)
            steps_per_epoch = steps_per_epoch or n // size
        with self._whole_executions(steps_per_epoch), _as_it_was_raised(data, held_out):
            return super().fit(
                batches, epochs=epochs, steps_per_epoch=steps_per_epoch, shuffle=False, **kwargs
            )

    def evaluate(self, x=None, y=None, *, batch_size=None, **kwargs):
        """Metrics on images that training did not see, as `keras.Model.evaluate`.

        The same call gives the same result: its noise depends on the seed alone.
        """
        data = self._checked(x, y, training=False)
        if not isinstance(data, Looked):
            n, size = len(data[0] if self.conditional else data), batch_size or 32
            for part in {min(n, size), n % size} - {0}:
                self.check_batch(part, training=False)
            kwargs["batch_size"] = batch_size
        self.set_random_state(tf.constant(-1, tf.int64))
        arrays = data if isinstance(data, tuple) else (getattr(data, "dataset", data),)
        with _as_it_was_raised(data):
            return super().evaluate(*arrays, **kwargs)

    def _checked(self, x, y, *, training: bool = True):
        return check_data(
            x,
            y,
            shape=self.sample_shape,
            conditional=self.conditional,
            n_classes=self.n_classes,
            check_batch=lambda size: self.check_batch(size, training=training),
        )

    @contextlib.contextmanager
    def _whole_executions(self, steps: int | None):
        """As many steps together as `steps_per_execution` allows and an epoch can be divided into.

        Keras would go beyond the end of an epoch to make the last execution a whole one.
        """
        asked = self.steps_per_execution
        together = max(k for k in range(1, asked + 1) if (steps or asked) % k == 0)
        if together != asked:
            self.steps_per_execution, self.train_function = together, None
        try:
            yield
        finally:
            if together != asked:
                self.steps_per_execution, self.train_function = asked, None

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
        game = self.game.by_name() if self.game else {}
        if game is None or not self.compiled:
            return None
        arguments = {name: getattr(self, name) for name in (*self.optimizers, *OPTIONS)}
        return keras.saving.serialize_keras_object(game | arguments)

    def compile_from_config(self, config: dict) -> None:
        self.compile(**keras.saving.deserialize_keras_object(config))


@contextlib.contextmanager
def _as_it_was_raised(*given):
    """The error that a look at a batch raised, in place of TensorFlow's that holds it."""
    try:
        yield
    except tf.errors.OpError:
        for looked in given:
            if isinstance(looked, Looked) and looked.error:
                raise looked.error from None
        raise


def built(optimizer: keras.optimizers.Optimizer | str, network: keras.Model):
    """An optimizer, or the one of this name, for the weights of a network."""
    optimizer = keras.optimizers.get(optimizer)
    optimizer.build(network.trainable_variables)
    return optimizer
