"""The GAN as a `keras.Model` with its own training step (book/ch05_project.md)."""

import functools
from collections.abc import Mapping
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from gan_helpers.data import check_classes, check_images, check_points, shuffled_batches
from gan_helpers.losses import LOSSES, PENALTIES, Loss
from gan_helpers.losses.penalties import Penalty
from gan_helpers.networks import draw_inputs, sample_input


class Fakes(NamedTuple):
    """Images that a generator has made, (n, height, width, channels), and the tape of how."""

    images: tf.Tensor
    tape: tf.GradientTape


@keras.saving.register_keras_serializable(package="gan_helpers")
class GAN(keras.Model):
    """A generator and a discriminator that learn from each other.

    `compile` takes two optimizers and the game, `fit` images from -1 to 1 as an array or a
    `tf.data.Dataset`; calling the model on latent vectors gives images. Losses and accuracies are
    Keras metrics: means over the epoch of `discriminator_loss` and `generator_loss` (in nats,
    where the loss is a logarithm), of `penalty` if there is one, and of the shares of real and of
    fake images that the discriminator judges correctly, `accuracy_on_real` and `accuracy_on_fake`
    (0 to 1). An accuracy counts logits above 0, that is D(x) above one half.

    Points of shape (dimension,), of any size, may stand in the place of images.

    If both networks take classes beside their other input, integers from 0, shape (n,), the GAN
    is conditional: `fit` takes the images' classes too, each batch of fakes has the classes of a
    batch of real images, and the discriminator is told the class of what it judges.

    Noise, dropout and the order of an array's images depend on the seed and the step alone. So a
    model that was saved, loaded and trained on is the model that never stopped, bit for bit.

    Args:
        generator: (n, latent_dim) to (n, height, width, channels), values from -1 to 1; or to
            points (n, dimension). Of a conditional GAN: [latent vectors, classes] to images.
        discriminator: the same to one logit each, (n, 1); or [images, classes].
        seed: a non-negative integer.

    Keras's callbacks work as with other models, but for those that change *the* learning rate:
    there are two. Give the optimizers schedules instead. Callbacks that watch a metric need to be
    told its `mode`.

    Raises:
        ValueError: if the two networks do not fit each other, or the seed is none.
    """

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model, *, seed: int = 0, **kwargs
    ):
        super().__init__(**kwargs)
        if not isinstance(seed, int) or seed < 0:
            raise ValueError(f"seed must be a non-negative integer; given {seed!r}.")
        (latent_shape, told), (image_shape, asks) = map(sample_input, (generator, discriminator))
        if told != asks:
            raise ValueError(
                "Both networks must take classes, or neither: of the generator's inputs "
                f"{generator.input_shape} and the discriminator's {discriminator.input_shape} "
                "only one does."
            )
        if generator.output_shape[1:] != image_shape:
            raise ValueError(
                f"The generator makes images of shape {generator.output_shape[1:]}, but the "
                f"discriminator expects {image_shape}."
            )
        if discriminator.output_shape != (None, 1):
            raise ValueError(
                "The discriminator must give one logit per image, shape (n, 1); "
                f"given output shape {discriminator.output_shape}."
            )
        self.generator = generator
        self.discriminator = discriminator
        self.conditional = told
        self.latent_dim = latent_shape[-1]
        self.image_shape = image_shape
        self.seed = seed
        self.noise = keras.random.SeedGenerator(seed)
        self.discriminator_loss = keras.metrics.Mean("discriminator_loss")
        self.generator_loss = keras.metrics.Mean("generator_loss")
        self.accuracy_on_real = keras.metrics.Mean("accuracy_on_real")
        self.accuracy_on_fake = keras.metrics.Mean("accuracy_on_fake")
        self.penalty = keras.metrics.Mean("penalty")
        self.penalties: dict[Penalty, float] = {}
        self.replicas = 1
        self.built = True

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        # Without this, Keras adds a `loss` that stays 0: it knows of no single loss here.
        return [
            self.discriminator_loss,
            self.generator_loss,
            self.accuracy_on_real,
            self.accuracy_on_fake,
            *([self.penalty] if self.penalties else []),
        ]

    @property
    def steps(self) -> int:
        """The number of training steps so far."""
        return int(self.generator_optimizer.iterations)

    # -- the game ------------------------------------------------------------------------------

    def sample_latent(self, n: int | tf.Tensor) -> tf.Tensor:
        """Draw n latent vectors from the standard normal distribution, shape (n, latent_dim)."""
        return keras.random.normal((n, self.latent_dim), seed=self.noise)

    def make_fakes(self, n: int | tf.Tensor, classes: tf.Tensor | None = None) -> "Fakes":
        """n new images in training mode, of these classes if the GAN is conditional."""
        with tf.GradientTape() as tape:
            latent = self.sample_latent(n)
            images = in_replicas(self.generator, _with(latent, classes), self.replicas)
        return Fakes(images, tape)

    def discriminator_step(
        self, real_images: tf.Tensor, classes: tf.Tensor | None = None
    ) -> "Fakes":
        """Move the discriminator alone: up on real images, down on fresh fakes, which it returns.

        `classes` are those of the real images, if the GAN is conditional; the fakes have them too.
        """
        fakes = self.make_fakes(tf.shape(real_images)[0], classes)
        fake_images = tf.stop_gradient(fakes.images)
        weights = self.discriminator.trainable_variables

        judge = functools.partial(self._judge, classes=classes)

        def with_penalties(slopes):
            with tf.GradientTape() as tape:
                penalty = sum(
                    weight * function(judge, real_images, fake_images, seed=self.noise)
                    for function, weight in self.penalties.items()
                )
                total = self.penalty_every * penalty
            self.penalty.update_state(penalty)
            more = tape.gradient(total, weights)  # None for the last bias: no slope depends on it
            return [a if b is None else a + b for a, b in zip(slopes, more, strict=True)]

        with tf.GradientTape() as tape:
            real_logits, fake_logits = judge(real_images), judge(fake_images)
            loss = self.adversarial_loss.discriminator(real_logits, fake_logits)
        slopes = tape.gradient(loss, weights)
        if self.penalties:
            due = self.discriminator_optimizer.iterations % self.penalty_every == 0
            slopes = tf.cond(due, lambda: with_penalties(slopes), lambda: slopes)
        self.discriminator_optimizer.apply(slopes, weights)
        self._count_discriminator(loss, real_logits, fake_logits)
        return fakes

    def generator_step(
        self,
        real_images: tf.Tensor,
        classes: tf.Tensor | None = None,
        fakes: "Fakes | None" = None,
    ) -> None:
        """Move the generator alone: to where the discriminator finds its fakes more real.

        They are fresh ones unless given: as many as there are real images, and of the same
        classes. The real ones themselves enter only if the loss is `paired`, and through the
        discriminator's logits only.
        """
        fakes = fakes or self.make_fakes(tf.shape(real_images)[0], classes)
        weights = self.generator.trainable_variables

        judge = functools.partial(self._judge, classes=classes)
        real_logits = judge(real_images) if self.adversarial_loss.paired else None
        with tf.GradientTape() as tape:
            tape.watch(fakes.images)
            loss = self.adversarial_loss.generator(real_logits, judge(fakes.images))
        pull = tape.gradient(loss, fakes.images)
        slopes = fakes.tape.gradient(fakes.images, weights, output_gradients=pull)
        self.generator_optimizer.apply(slopes, weights)
        self.generator_loss.update_state(loss)

    def train_step(self, data) -> dict:
        """`discriminator_steps` steps of the discriminator, each on its own part of a batch of
        real images, then one of the generator; what `fit` calls."""
        real_images, classes, _ = keras.utils.unpack_x_y_sample_weight(data)
        self._set_random_state(self.generator_optimizer.iterations.value)
        k = self.discriminator_steps
        parts = tf.split(real_images, k)
        their_classes = [None] * k if classes is None else tf.split(classes, k)
        for part in zip(parts, their_classes, strict=True):
            fakes = self.discriminator_step(*part)
        self.generator_step(*part, fakes if self.same_fakes else None)
        return self.get_metrics_result()

    def test_step(self, data) -> dict:
        """Losses and accuracies on one batch, both networks in inference mode, nothing moved."""
        real_images, classes, _ = keras.utils.unpack_x_y_sample_weight(data)
        latent = self.sample_latent(tf.shape(real_images)[0])
        fake_images = self.generator(_with(latent, classes), training=False)
        real_logits = self.discriminator(_with(real_images, classes), training=False)
        fake_logits = self.discriminator(_with(fake_images, classes), training=False)
        loss = self.adversarial_loss
        self._count_discriminator(
            loss.discriminator(real_logits, fake_logits), real_logits, fake_logits
        )
        self.generator_loss.update_state(loss.generator(real_logits, fake_logits))
        return self.get_metrics_result()

    def call(self, latent, training=False):
        """Images for latent vectors, or for [latent vectors, classes]."""
        return self.generator(latent, training=training)

    def averaged_generator(self, classes: np.ndarray | None = None) -> keras.Model:
        """A copy of the generator with the running mean of its weights (notebooks/ch03_circles).

        The generator's optimizer keeps the mean, if it was made with `use_ema=True`. The moving
        averages of batch normalisation are no weights, and belong to the last ones; the copy's are
        estimated anew, from the images of 10,000 latent vectors.

        Args:
            classes: for a conditional GAN those of real images, shape (m,).

        Raises:
            ValueError: if the optimizer keeps no mean, or if classes are missing.
        """
        optimizer, weights = self.generator_optimizer, self.generator.trainable_variables
        if not optimizer.use_ema:
            raise ValueError(
                "No running mean of the generator's weights is kept: compile with a "
                "generator_optimizer that has use_ema=True."
            )
        copy, last = keras.models.clone_model(self.generator), [w.numpy() for w in weights]
        optimizer.finalize_variable_values(weights)  # puts the means in the weights' place
        copy.set_weights(self.generator.get_weights())
        for weight, value in zip(weights, last, strict=True):
            weight.assign(value)

        norms = [x for x in copy.layers if isinstance(x, keras.layers.BatchNormalization)]
        usual = [layer.momentum for layer in norms]
        for batch in range(20 if norms else 0):
            for layer in norms:  # so that each batch counts the same
                layer.momentum = batch / (batch + 1)
            copy(draw_inputs(self.generator, 500, seed=batch, classes=classes), training=True)
        for layer, momentum in zip(norms, usual, strict=True):
            layer.momentum = momentum
        return copy

    def _judge(self, images, classes, training=True) -> tf.Tensor:
        inputs = _with(images, classes)
        return in_replicas(self.discriminator, inputs, self.replicas, training=training)

    def _count_discriminator(self, loss, real_logits, fake_logits) -> None:
        self.discriminator_loss.update_state(loss)
        self.accuracy_on_real.update_state(tf.cast(real_logits > 0, tf.float32))
        self.accuracy_on_fake.update_state(tf.cast(fake_logits < 0, tf.float32))

    def _set_random_state(self, step) -> None:
        # The noise source, and one seed generator in each dropout layer. Keras does not save
        # their states; they need no saving when each step draws them anew from the seed and the
        # step's number.
        states = [v for v in self.variables if v.name == "seed_generator_state"]
        drawn = tf.random.stateless_uniform(
            (len(states), 2), seed=(self.seed, step), minval=None, maxval=None, dtype=tf.int32
        )
        for place, state in enumerate(states):
            state.assign(tf.cast(drawn[place], state.dtype))

    # -- compiling, fitting, evaluating ----------------------------------------------------------

    def compile(
        self,
        *,
        generator_optimizer: keras.optimizers.Optimizer | str,
        discriminator_optimizer: keras.optimizers.Optimizer | str,
        loss: Loss | str = "non_saturating",
        penalties: Mapping[Penalty | str, float] | None = None,
        penalty_every: int = 1,
        discriminator_steps: int = 1,
        same_fakes: bool = False,
        replicas: int = 1,
        **kwargs,
    ) -> None:
        """Give each player its own optimizer, and both their game.

        Args:
            generator_optimizer: moves the generator's trainable weights and no others.
            discriminator_optimizer: likewise for the discriminator.
            loss: what each player minimises: a name in `gan_helpers.losses.LOSSES`, or a `Loss`.
            penalties: what is added to the discriminator's loss: weights, above 0, by names in
                `gan_helpers.losses.PENALTIES` or functions like those.
            penalty_every: the discriminator's steps from one with penalties to the next. They
                count so many times as much then, which saves most of their cost: lazy
                regularisation (Karras et al. 2020, StyleGAN2, section 3.1).
            discriminator_steps: steps of the discriminator for one of the generator.
            same_fakes: whether the generator learns from the fakes that the discriminator has just
                seen, instead of fresh ones. That saves making them.
            replicas: parts of a batch that go through the networks separately, as
                `in_replicas` has it: the number of cores, or 1.
            kwargs: as for `keras.Model.compile`: `jit_compile`, `run_eagerly`,
                `steps_per_execution`.

        Raises:
            ValueError: if both players are given the same optimizer object, if a loss or a penalty
                is not known, if a weight or a number of steps cannot be, or if other losses or
                metrics are given.
        """
        if generator_optimizer is discriminator_optimizer and not isinstance(
            generator_optimizer, str
        ):
            raise ValueError(
                "Each player needs an optimizer of its own: an optimizer keeps averages for the "
                "weights it moves. Given the same object twice."
            )
        unknown = kwargs.keys() - {"jit_compile", "run_eagerly", "steps_per_execution"}
        if unknown:
            raise ValueError(f"A GAN has its own losses and metrics; given {sorted(unknown)}.")
        check_counts(
            penalty_every=penalty_every,
            discriminator_steps=discriminator_steps,
            replicas=replicas,
        )
        game, weights = chosen_game(loss, penalties)
        super().compile(optimizer=None, **kwargs)
        self.adversarial_loss = game
        self.penalties = weights
        self.penalty_every = penalty_every
        self.discriminator_steps = discriminator_steps
        self.same_fakes = same_fakes
        self.replicas = replicas
        self.generator_optimizer = keras.optimizers.get(generator_optimizer)
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer = keras.optimizers.get(discriminator_optimizer)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)

    def fit(self, x=None, y=None, *, batch_size=None, steps_per_epoch=None, **kwargs):
        """Train on images; `keras.Model.fit` with images checked and the order made repeatable.

        Args:
            x: float images from -1 to 1, shape (n, height, width, channels), or a
                `tf.data.Dataset` of batches of such images and nothing else, each for all of a
                step: of a size that `discriminator_steps` times `replicas` divides. For a
                conditional GAN the dataset yields (images, classes).
            y: the images' classes, integers from 0, shape (n,), for an array and a conditional
                GAN; else nothing, since a GAN has no targets.
            batch_size: images per step of a player, for an array: 64 unless given. `replicas`
                divides it, into parts of two images or more: training with parts of a single one
                would not end the same each time.
            steps_per_epoch: for an array, one pass over it unless given, less an incomplete last
                batch.
            kwargs: as for `keras.Model.fit`; `validation_data` are images too, or (images,
                classes).

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: if images and classes are not what is described above, if a batch is
                larger than the data, or if an array is not to be shuffled.
        """
        self._assert_compile_called("fit")
        x = self._checked(x, y, kwargs)
        held_out = kwargs.get("validation_data")
        if held_out is not None:
            pair = held_out if isinstance(held_out, tuple) else (held_out, None)
            kwargs["validation_data"] = self._checked(*pair)
        if steps_per_epoch is not None and steps_per_epoch < 1:
            raise ValueError(f"steps_per_epoch must be 1 or more; given {steps_per_epoch}.")
        if not kwargs.pop("shuffle", True):
            raise ValueError("An array is always shuffled; for another order give a dataset.")
        if isinstance(x, tf.data.Dataset):
            if batch_size is not None:
                raise ValueError("A dataset has its own batches: batch_size must be left out.")
        else:
            n = len(x[0] if self.conditional else x)
            batch_size = (64 if batch_size is None else batch_size) * self.discriminator_steps
            x = shuffled_batches(x, batch_size=batch_size, seed=self.seed, first_step=self.steps)
            self._check_batch(batch_size)
            steps_per_epoch = steps_per_epoch or n // batch_size
        return super().fit(x, steps_per_epoch=steps_per_epoch, shuffle=False, **kwargs)

    def evaluate(self, x=None, y=None, **kwargs):
        """Losses and accuracies on images that training did not see, as `keras.Model.evaluate`.

        The same call gives the same result: its noise depends on the seed alone.
        """
        x = self._checked(x, y, kwargs)
        self._set_random_state(tf.constant(-1, tf.int64))
        arrays = x if isinstance(x, tuple) else (x,)
        return super().evaluate(*arrays, **kwargs)

    def _checked(self, x, y, options=None):
        """What to train on, after a look at it: images, (images, classes), or a dataset."""
        given = not isinstance(x, tf.data.Dataset) and self.conditional
        if (y is not None) != given:
            raise ValueError(
                "A conditional GAN learns from an array of images and their classes: y is missing."
                if given
                else "A GAN without classes learns from images alone, and a dataset brings its own "
                "classes: y must be left out; given labels."
            )
        for name in ("sample_weight", "class_weight", "validation_split"):
            if (options or {}).get(name) is not None:
                raise ValueError(f"{name} has no meaning for a GAN and must be left out.")
        if not isinstance(x, tf.data.Dataset):
            if not hasattr(x, "__array__"):
                raise ValueError(
                    "Images must be an array or a tf.data.Dataset of batches of images; given "
                    f"{type(x).__name__}."
                )
            x = np.asarray(x)
            check_samples(x, self.image_shape)
            return (x, check_classes(y, len(x))) if self.conditional else x
        pair = isinstance(x.element_spec, tuple) and len(x.element_spec) == 2
        if not (pair if self.conditional else isinstance(x.element_spec, tf.TensorSpec)):
            raise ValueError(
                "The dataset of a conditional GAN must yield batches of (images, classes); given "
                f"{x.element_spec}."
                if self.conditional
                else "A GAN without classes learns from images alone: the dataset must yield "
                f"batches of images; given {x.element_spec}. Drop labels with "
                "dataset.map(lambda images, labels: images)."
            )
        for batch in x.take(1):
            if self.conditional:
                batch, classes = batch
                check_classes(classes.numpy(), len(batch))
            check_samples(batch.numpy(), self.image_shape)
            self._check_batch(len(batch))
            return x
        raise ValueError("The dataset yields no batch.")

    def _check_batch(self, size: int) -> None:
        parts = self.discriminator_steps * self.replicas
        # A sum over an axis of length 1 is the summand's own buffer, which others read too; and
        # TensorFlow adds three or more slopes in an order that depends on who has read theirs.
        if size % parts or (self.replicas > 1 and size == parts):
            raise ValueError(
                f"All images of a step must divide into discriminator_steps, "
                f"{self.discriminator_steps}, times replicas, {self.replicas}, parts of one size, "
                f"of two images or more if there are replicas; given {size}."
            )

    # -- saving ----------------------------------------------------------------------------------

    def get_config(self) -> dict:
        serialize = keras.saving.serialize_keras_object
        return super().get_config() | {
            "generator": serialize(self.generator),
            "discriminator": serialize(self.discriminator),
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict) -> "GAN":
        deserialize = keras.saving.deserialize_keras_object
        networks = {name: deserialize(config.pop(name)) for name in ("generator", "discriminator")}
        return cls(**networks, **config)

    def get_compile_config(self) -> dict | None:
        loss = self.adversarial_loss if self.compiled else None
        names = {function: name for name, function in PENALTIES.items()}
        if loss not in LOSSES.values() or not self.penalties.keys() <= names.keys():
            return None  # not compiled, or with functions of which no file could keep the code
        serialize = keras.saving.serialize_keras_object
        return {
            "loss": loss.name,
            "penalties": {names[function]: w for function, w in self.penalties.items()},
            "penalty_every": self.penalty_every,
            "discriminator_steps": self.discriminator_steps,
            "same_fakes": self.same_fakes,
            "replicas": self.replicas,
            "generator_optimizer": serialize(self.generator_optimizer),
            "discriminator_optimizer": serialize(self.discriminator_optimizer),
            "jit_compile": self.jit_compile,
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self.steps_per_execution,
        }

    def compile_from_config(self, config: dict) -> None:
        self.compile(**keras.saving.deserialize_keras_object(config))


def check_counts(**counts: int) -> None:
    """Refuse what cannot be a number of steps, by its name.

    Raises:
        ValueError: for what is not an integer from 1.
    """
    for name, count in counts.items():
        if not isinstance(count, int) or count < 1:
            raise ValueError(f"{name} must be an integer, at least 1; given {count!r}.")


def in_replicas(
    network: keras.Model,
    inputs: tf.Tensor | list[tf.Tensor],
    replicas: int,
    *,
    training: bool = True,
) -> tf.Tensor:
    """A network's outputs for each part of a batch separately, then put together.

    As no part depends on another, TensorFlow computes them at once, one on each core, if an
    operation is not itself shared among the cores:
    `tf.config.threading.set_intra_op_parallelism_threads(1)` before anything is computed. For
    small networks that is faster. What looks at a batch as a whole sees a part instead: for batch
    normalisation this is "ghost batch normalization" (Hoffer, Hubara and Soudry 2017).

    Args:
        network: to be called.
        inputs: its inputs, each of shape (n, ...).
        replicas: the number of parts; divides n.
        training: whether the network is in training mode.
    """
    if replicas == 1:
        return network(inputs, training=training)
    parts = zip(*(tf.split(x, replicas) for x in tf.nest.flatten(inputs)), strict=True)
    outputs = [network(tf.nest.pack_sequence_as(inputs, x), training=training) for x in parts]
    return tf.concat(outputs, axis=0)


def _with(samples: tf.Tensor, classes: tf.Tensor | None) -> tf.Tensor | list[tf.Tensor]:
    """The inputs of a network, with classes if there are any."""
    return samples if classes is None else [samples, classes]


def check_samples(samples: np.ndarray, shape: tuple) -> None:
    """Refuse what is no batch of images, or of points, of the given shape of one sample.

    Raises:
        ValueError: for another shape or kind of numbers, or values out of range.
    """
    (check_images if len(shape) == 3 else check_points)(samples, shape)


def chosen_game(
    loss: Loss | str, penalties: Mapping[Penalty | str, float] | None
) -> tuple[Loss, dict[Penalty, float]]:
    """A loss, and penalties with their weights, by name or not.

    Args:
        loss, penalties: as for `GAN.compile`.

    Raises:
        ValueError: for a name that is not known, or a weight that is not above 0.
    """
    game = _named(loss, LOSSES, "loss") if isinstance(loss, str) else loss
    if not isinstance(game, Loss):
        raise ValueError(f"A loss is a name, of {sorted(LOSSES)}, or a Loss; given {loss!r}.")
    weights = {
        _named(penalty, PENALTIES, "penalty") if isinstance(penalty, str) else penalty: weight
        for penalty, weight in (penalties or {}).items()
    }
    if not all(callable(penalty) and weight > 0 for penalty, weight in weights.items()):
        raise ValueError(
            f"Penalties are names, of {sorted(PENALTIES)}, or functions, each with a weight "
            f"above 0; given {dict(penalties)}."
        )
    return game, weights


def _named(name: str, known: Mapping[str, Loss | Penalty], what: str) -> Loss | Penalty:
    if name not in known:
        raise ValueError(f"No {what} is named {name!r}; there are: {sorted(known)}.")
    return known[name]
