"""The game of a GAN: what each player minimises, and in which order they move."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf

from gan_helpers.checks import check_counts, check_kinds, check_rate
from gan_helpers.checks.batches import nearest_sizes
from gan_helpers.gan_parts.devices import devices, whole
from gan_helpers.losses import LOSSES, PENALTIES, Loss
from gan_helpers.losses.penalties import Penalty
from gan_helpers.repeatable import OPTIONS


@dataclass(frozen=True)
class Game:
    """What each player minimises, and in which order they move.

    Attributes:
        loss: what each minimises: a name in `gan_helpers.losses.LOSSES`, or a `Loss`.
        penalties: what is added to the discriminator's loss: weights, above 0, by names in
            `gan_helpers.losses.PENALTIES` or functions like those.
        penalty_every: the discriminator's steps from one with penalties to the next. They count
            so many times as much then, which saves most of their cost: lazy regularisation
            (Karras et al. 2020, StyleGAN2, section 3.1).
        discriminator_steps: steps of the discriminator for one of the generator.
        same_fakes: whether the generator learns from the fakes that the discriminator has just
            seen, instead of fresh ones. That saves making them.
        replicas: parts of a batch that go through the networks separately, as
            `gan_parts.replicas` has it: the number of cores, or 1.

    Raises:
        ValueError: if a loss or a penalty is not known, if a weight is not a finite number above
            0, if `same_fakes` is no bool, or if a number of steps or replicas cannot be.
    """

    loss: Any = "non_saturating"
    penalties: Mapping[Any, float] = field(default_factory=dict)
    penalty_every: int = 1
    discriminator_steps: int = 1
    same_fakes: bool = False
    replicas: int = 1

    def __post_init__(self):
        check_counts(
            penalty_every=self.penalty_every,
            discriminator_steps=self.discriminator_steps,
            replicas=self.replicas,
        )
        check_kinds(bool, same_fakes=self.same_fakes)
        object.__setattr__(self, "loss", _loss(self.loss))
        object.__setattr__(self, "penalties", _penalties(self.penalties))

    @property
    def parts(self) -> int:
        """Into how many a batch is divided that a training step takes."""
        return self.discriminator_steps * self.replicas

    def check_batch(self, size: int) -> None:
        """Refuse a batch that cannot be divided.

        Raises:
            ValueError: if its parts would not be of one size, or single images for replicas.
        """
        # A sum over an axis of length 1 is the summand's own buffer, which others read too; and
        # TensorFlow adds three or more gradients in an order that depends on who has read theirs.
        if size % self.parts or (self.replicas > 1 and size == self.parts):
            least = self.parts * (2 if self.replicas > 1 else 1)
            raise ValueError(
                f"The images of a step on one device must divide into discriminator_steps, "
                f"{self.discriminator_steps}, times replicas, {self.replicas}, parts of one size, "
                f"of two images or more if there are replicas; given {size}. "
                f"{nearest_sizes(size, self.parts, least)}"
            )

    def discriminator_loss(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """The discriminator's loss, from its logits on the images of all devices: a scalar."""
        return self.loss.discriminator(whole(real_logits), whole(fake_logits))

    def generator_loss(self, real_logits: tf.Tensor | None, fake_logits: tf.Tensor) -> tf.Tensor:
        """The generator's loss, likewise; real logits only matter if the loss is `paired`."""
        real_logits = None if real_logits is None else whole(real_logits)
        return self.loss.generator(real_logits, whole(fake_logits))

    def penalty(self, discriminator: Callable, real: tf.Tensor, fake: tf.Tensor, *, seed):
        """The weighted sum of the penalties: a scalar, 0 or more; arguments as theirs."""
        real = tf.cast(real, fake.dtype)
        return sum(
            weight * function(discriminator, real, fake, seed=seed)
            for function, weight in self.penalties.items()
        )

    def with_penalty(
        self, gradients: list, weights: list, penalty: Callable, *, step, report: Callable
    ) -> list:
        """The discriminator's gradients, in each `penalty_every`th step with those of a penalty.

        Args:
            gradients: of its loss in its weights.
            weights: the weights.
            penalty: gives the penalty, a function of the weights.
            step: the number of steps that it has made.
            report: called with the penalty and whether this step has one.
        """
        if not self.penalties:
            return gradients
        gradients = [_dense(gradient) for gradient in gradients]

        def added():
            with tf.GradientTape() as tape:
                value = penalty()
                total = self.penalty_every * value / devices()  # whose gradients are added up
            more = tape.gradient(total, weights)  # None for the last bias: nothing depends on it
            both = zip(gradients, more, strict=True)
            summed = [a if b is None else a + _dense(b) for a, b in both]
            return summed, tf.cast(value, tf.float32)

        due = step % self.penalty_every == 0
        gradients, value = tf.cond(due, added, lambda: (gradients, 0.0))
        report(value, due)  # here, for within the condition devices cannot wait for each other
        return gradients

    def by_name(self) -> dict | None:
        """Its fields with functions by name, or None if it has some whose code no file can keep."""
        names = {function: name for name, function in PENALTIES.items()}
        if self.loss not in LOSSES.values() or not self.penalties.keys() <= names.keys():
            return None
        penalties = {names[function]: weight for function, weight in self.penalties.items()}
        return vars(self) | {"loss": self.loss.name, "penalties": penalties}


def game_and_options(options: dict) -> tuple[Game, dict]:
    """What `compile` was given: the game, and Keras's own options.

    Raises:
        ValueError: for other options, such as Keras's losses and metrics.
    """
    fields = Game.__dataclass_fields__
    unknown = sorted(options.keys() - fields.keys() - set(OPTIONS))
    if unknown:
        raise ValueError(
            f"A GAN has its own losses and metrics; given {unknown}. Beside generator_optimizer "
            f"and discriminator_optimizer, compile takes {[*fields, *OPTIONS]}."
        )
    game = Game(**{name: value for name, value in options.items() if name in fields})
    return game, {name: value for name, value in options.items() if name in OPTIONS}


def _dense(gradient):
    """A gradient as a tensor, where an embedding has one in its used rows alone."""
    return tf.convert_to_tensor(gradient) if isinstance(gradient, tf.IndexedSlices) else gradient


def _loss(loss: Loss | str) -> Loss:
    loss = _named(loss, LOSSES, "loss") if isinstance(loss, str) else loss
    if not isinstance(loss, Loss):
        raise ValueError(f"A loss is a name, of {sorted(LOSSES)}, or a Loss; given {loss!r}.")
    return loss


def _penalties(penalties: Mapping[Penalty | str, float]) -> dict[Penalty, float]:
    if not isinstance(penalties, Mapping):
        raise ValueError(
            "penalties must be a dictionary of weights by name, such as {'r1': 0.1}, or {} for "
            f"none; given {penalties!r}."
        )
    weights = {}
    for penalty, weight in penalties.items():
        function = _named(penalty, PENALTIES, "penalty") if isinstance(penalty, str) else penalty
        if not callable(function):
            raise ValueError(
                f"penalties must be names, of {sorted(PENALTIES)}, or functions; given {penalty!r}."
            )
        weights[function] = check_rate(**{f"the weight of the penalty {penalty!r}": weight})
    return weights


def _named(name: str, known: Mapping, what: str):
    if name not in known:
        raise ValueError(f"No {what} is named {name!r}; there are: {sorted(known)}.")
    return known[name]
