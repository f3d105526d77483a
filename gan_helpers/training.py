"""The GAN as a `keras.Model` with its own training step (book/ch05_project.md)."""

import keras
import numpy as np
import tensorflow as tf

from gan_helpers.data import check_images, shuffled_batches
from gan_helpers.losses import discriminator_loss, non_saturating_generator_loss


@keras.saving.register_keras_serializable(package="gan_helpers")
class GAN(keras.Model):
    """A generator and a discriminator that learn from each other.

    `compile` takes two optimizers, `fit` images from -1 to 1 as an array or a `tf.data.Dataset`;
    calling the model on latent vectors gives images. Losses and accuracies are Keras metrics:
    means over the epoch of `discriminator_loss` and `generator_loss` (nats) and of the shares of
    real and of fake images that the discriminator judges correctly, `accuracy_on_real` and
    `accuracy_on_fake` (0 to 1). An accuracy counts logits above 0, that is D(x) above one half.

    Noise, dropout and the order of an array's images depend on the seed and the step alone. So a
    model that was saved, loaded and trained on is the model that never stopped, bit for bit.

    Args:
        generator: (n, latent_dim) to (n, height, width, channels), values from -1 to 1.
        discriminator: (n, height, width, channels) to one logit each, (n, 1).
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
        if generator.output_shape != discriminator.input_shape:
            raise ValueError(
                f"The generator makes images of shape {generator.output_shape[1:]}, but the "
                f"discriminator expects {discriminator.input_shape[1:]}."
            )
        if discriminator.output_shape != (None, 1):
            raise ValueError(
                "The discriminator must give one logit per image, shape (n, 1); "
                f"given output shape {discriminator.output_shape}."
            )
        self.generator = generator
        self.discriminator = discriminator
        self.seed = seed
        self.noise_source = keras.random.SeedGenerator(seed)
        self.discriminator_loss = keras.metrics.Mean("discriminator_loss")
        self.generator_loss = keras.metrics.Mean("generator_loss")
        self.accuracy_on_real = keras.metrics.Mean("accuracy_on_real")
        self.accuracy_on_fake = keras.metrics.Mean("accuracy_on_fake")
        self.built = True

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        # Without this, Keras adds a `loss` that stays 0: it knows of no single loss here.
        return [
            self.discriminator_loss,
            self.generator_loss,
            self.accuracy_on_real,
            self.accuracy_on_fake,
        ]

    @property
    def steps(self) -> int:
        """The number of training steps so far."""
        return int(self.generator_optimizer.iterations)

    # -- the game ------------------------------------------------------------------------------

    def sample_latent(self, n: int | tf.Tensor) -> tf.Tensor:
        """Draw n latent vectors from the standard normal distribution, shape (n, latent_dim)."""
        return keras.random.normal((n, self.generator.input_shape[-1]), seed=self.noise_source)

    def discriminator_step(self, real_images: tf.Tensor) -> None:
        """Move the discriminator alone: up on real images, down on fresh fakes."""
        latent = self.sample_latent(tf.shape(real_images)[0])
        fake_images = self.generator(latent, training=True)
        weights = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            real_logits = self.discriminator(real_images, training=True)
            fake_logits = self.discriminator(fake_images, training=True)
            loss = discriminator_loss(real_logits, fake_logits)
        self.discriminator_optimizer.apply(tape.gradient(loss, weights), weights)
        self._count_discriminator(loss, real_logits, fake_logits)

    def generator_step(self, n: int | tf.Tensor) -> None:
        """Move the generator alone: to where the discriminator finds n fresh fakes more real."""
        latent = self.sample_latent(n)
        weights = self.generator.trainable_variables
        with tf.GradientTape() as tape:
            fake_images = self.generator(latent, training=True)
            fake_logits = self.discriminator(fake_images, training=True)
            loss = non_saturating_generator_loss(fake_logits)
        self.generator_optimizer.apply(tape.gradient(loss, weights), weights)
        self.generator_loss.update_state(loss)

    def train_step(self, data) -> dict:
        """One step of each player on one batch of real images; what `fit` calls."""
        real_images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        self._set_random_state(self.generator_optimizer.iterations.value)
        self.discriminator_step(real_images)
        self.generator_step(tf.shape(real_images)[0])
        return self.get_metrics_result()

    def test_step(self, data) -> dict:
        """Losses and accuracies on one batch, both networks in inference mode, nothing moved."""
        real_images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        fake_images = self.generator(self.sample_latent(tf.shape(real_images)[0]), training=False)
        real_logits = self.discriminator(real_images, training=False)
        fake_logits = self.discriminator(fake_images, training=False)
        self._count_discriminator(
            discriminator_loss(real_logits, fake_logits), real_logits, fake_logits
        )
        self.generator_loss.update_state(non_saturating_generator_loss(fake_logits))
        return self.get_metrics_result()

    def call(self, latent, training=False):
        """Images for latent vectors."""
        return self.generator(latent, training=training)

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
        **kwargs,
    ) -> None:
        """Give each player its own optimizer.

        Args:
            generator_optimizer: moves the generator's trainable weights and no others.
            discriminator_optimizer: likewise for the discriminator.
            kwargs: as for `keras.Model.compile`: `jit_compile`, `run_eagerly`,
                `steps_per_execution`.

        Raises:
            ValueError: if both players are given the same optimizer object, or if losses or
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
        super().compile(optimizer=None, **kwargs)
        self.generator_optimizer = keras.optimizers.get(generator_optimizer)
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer = keras.optimizers.get(discriminator_optimizer)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)

    def fit(self, x=None, y=None, *, batch_size=None, steps_per_epoch=None, **kwargs):
        """Train on images; `keras.Model.fit` with images checked and the order made repeatable.

        Args:
            x: float images from -1 to 1, shape (n, height, width, channels), or a
                `tf.data.Dataset` of batches of such images and nothing else.
            y: nothing; a GAN has no targets.
            batch_size: images per step, for an array: 64 unless given.
            steps_per_epoch: for an array, one pass over it unless given, less an incomplete last
                batch.
            kwargs: as for `keras.Model.fit`; `validation_data` are images too.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: if the images are not what is described above, if labels are given, if a
                batch is larger than the data, or if an array is not to be shuffled.
        """
        self._assert_compile_called("fit")
        x = self._checked(x, y, kwargs)
        if kwargs.get("validation_data") is not None:
            kwargs["validation_data"] = self._checked(kwargs["validation_data"], None)
        if steps_per_epoch is not None and steps_per_epoch < 1:
            raise ValueError(f"steps_per_epoch must be 1 or more; given {steps_per_epoch}.")
        if not kwargs.pop("shuffle", True):
            raise ValueError("An array is always shuffled; for another order give a dataset.")
        if isinstance(x, tf.data.Dataset):
            if batch_size is not None:
                raise ValueError("A dataset has its own batches: batch_size must be left out.")
        else:
            n = len(x)
            batch_size = 64 if batch_size is None else batch_size
            x = shuffled_batches(x, batch_size=batch_size, seed=self.seed, first_step=self.steps)
            steps_per_epoch = steps_per_epoch or n // batch_size
        return super().fit(x, steps_per_epoch=steps_per_epoch, shuffle=False, **kwargs)

    def evaluate(self, x=None, y=None, **kwargs):
        """Losses and accuracies on images that training did not see, as `keras.Model.evaluate`.

        The same call gives the same result: its noise depends on the seed alone.
        """
        x = self._checked(x, y, kwargs)
        self._set_random_state(tf.constant(-1, tf.int64))
        return super().evaluate(x, **kwargs)

    def _checked(self, x, y, options=None):
        """The images of `x`, after a look at their shape and range, and at what came with them."""
        if y is not None:
            raise ValueError("A GAN learns from images alone: y must be left out; given labels.")
        for name in ("sample_weight", "class_weight", "validation_split"):
            if (options or {}).get(name) is not None:
                raise ValueError(f"{name} has no meaning for a GAN and must be left out.")
        shape = self.discriminator.input_shape[1:]
        if not isinstance(x, tf.data.Dataset):
            if not hasattr(x, "__array__"):
                raise ValueError(
                    "Images must be an array or a tf.data.Dataset of batches of images; given "
                    f"{type(x).__name__}."
                )
            x = np.asarray(x)
            check_images(x, shape)
            return x
        if not isinstance(x.element_spec, tf.TensorSpec):
            raise ValueError(
                "A GAN learns from images alone: the dataset must yield batches of images; given "
                f"{x.element_spec}. Drop labels with dataset.map(lambda images, labels: images)."
            )
        for batch in x.take(1):
            check_images(batch.numpy(), shape)
            return x
        raise ValueError("The dataset yields no batch.")

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
        if not self.compiled:
            return None
        serialize = keras.saving.serialize_keras_object
        return {
            "generator_optimizer": serialize(self.generator_optimizer),
            "discriminator_optimizer": serialize(self.discriminator_optimizer),
            "jit_compile": self.jit_compile,
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self.steps_per_execution,
        }

    def compile_from_config(self, config: dict) -> None:
        self.compile(**keras.saving.deserialize_keras_object(config))
