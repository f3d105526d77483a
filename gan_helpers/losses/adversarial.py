"""Pairs of losses, as functions of the discriminator's logits on real and on fake samples.

A logit a stands for the probability D(x) = sigmoid(a) that x is real. Losses computed from logits
stay exact where the probability would round to 0 or 1: -log sigmoid(a) = softplus(-a) and
-log(1 - sigmoid(a)) = softplus(a).

Every function takes

- `real_logits`: the discriminator's on real samples, any numbers of any shape, one for each sample.
  A loss of the generator that is not paired does not look at them: they may be None;
- `fake_logits`: likewise on generated samples;

and returns a scalar mean; of two floating-point types the wider one counts. What are no numbers
raises a ValueError. p is the density of real samples, q that of the generator's. Each
docstring says what the pair measures where the discriminator is optimal;
notebooks/ch04_value.ipynb and notebooks/ch04_divergences.ipynb derive it and hold it against
numbers.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from gan_helpers.checks import check_backend, check_counts, check_kinds, check_tensors

check_backend()
LossFunction = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


@dataclass(frozen=True)
class Loss:
    """What each player minimises.

    Attributes:
        name: to choose it by.
        discriminator: `(real_logits, fake_logits)` to a scalar.
        generator: `(real_logits, fake_logits)` to a scalar.
        paired: whether the generator's loss looks at the real logits too.
        least: the fewest images that it is defined for.

    Raises:
        ValueError: for a name that is no text, losses that cannot be called, a `paired` that is
            no bool, or a `least` below 1.
    """

    name: str
    discriminator: LossFunction
    generator: LossFunction
    paired: bool = False
    least: int = 1

    def __post_init__(self):
        check_kinds(str, name=self.name)
        check_kinds(Callable, discriminator=self.discriminator, generator=self.generator)
        check_kinds(bool, paired=self.paired)
        check_counts(least=self.least)


def takes_logits(loss: LossFunction) -> LossFunction:
    """The loss of logits that have been looked at, and have one dtype.

    Args:
        loss: of (real_logits, fake_logits), to a scalar.

    Returns:
        A function of the same.

    Raises:
        ValueError: in that function, for what are no numbers.
    """

    @functools.wraps(loss)
    def looked_at(real_logits, fake_logits):
        return loss(*check_tensors(real_logits=real_logits, fake_logits=fake_logits))

    return looked_at


def takes_fake_logits(loss: LossFunction) -> LossFunction:
    """Likewise of a loss that does not look at the real logits.

    Args:
        loss: of (real_logits, fake_logits), to a scalar.

    Returns:
        A function of the same, whose real logits may be None.

    Raises:
        ValueError: in that function, for fake logits that are no numbers.
    """

    @functools.wraps(loss)
    def looked_at(real_logits, fake_logits):
        return loss(real_logits, *check_tensors(fake_logits=fake_logits))

    return looked_at


@takes_logits
def logistic_discriminator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """L_D = -mean log D(x) - mean log(1 - D(G(z))), in nats (Goodfellow et al. 2014, eq. 1).

    0 or more; 2 log 2 for a discriminator that always answers one half. Its least value is
    2 log 2 - 2 JSD(p, q), at the logit log p(x)/q(x).
    """
    return tf.reduce_mean(tf.nn.softplus(-real_logits)) + tf.reduce_mean(
        tf.nn.softplus(fake_logits)
    )


@takes_fake_logits
def saturating_generator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """L_G = mean log(1 - D(G(z))), in nats: the generator's side of the minimax game.

    0 or less; -log 2 where D(G(z)) is one half. Its derivative in a logit is -D, so that it
    vanishes where the discriminator is sure of a fake.
    """
    return -tf.reduce_mean(tf.nn.softplus(fake_logits))


@takes_fake_logits
def non_saturating_generator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """L_G = -mean log D(G(z)), in nats (Goodfellow et al. 2014, sec. 3).

    0 or more; log 2 where D(G(z)) is one half. Its derivative in a logit is -(1 - D), near -1
    where the discriminator is sure of a fake. At the optimal discriminator its gradient is that of
    KL(q, p) - 2 JSD(p, q) (Arjovsky and Bottou 2017, theorem 2.5).
    """
    return tf.reduce_mean(tf.nn.softplus(-fake_logits))


@takes_logits
def least_squares_discriminator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """L_D = mean (D(x) - 1)²/2 + mean (D(G(z)) + 1)²/2, with the outputs themselves for D.

    0 or more; 1 where all outputs are 0. Its least value is 1 - χ²/2 with the Pearson divergence
    χ² = χ²(p + q, 2q) below, at the output (p - q)/(p + q) (Mao et al. 2017, with the codes
    -1, 1 and 0).
    """
    return (
        tf.reduce_mean(tf.square(real_logits - 1)) + tf.reduce_mean(tf.square(fake_logits + 1))
    ) / 2


@takes_fake_logits
def least_squares_generator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """L_G = mean D(G(z))²/2: towards the output 0, half-way between the codes of fake and real.

    0 or more. With mean D(x)²/2 added, on which the generator has no influence, it is
    χ²(p + q, 2q)/2 at the optimal discriminator, where χ²(p + q, 2q) is the integral of
    (p - q)²/(p + q).
    """
    return tf.reduce_mean(tf.square(fake_logits)) / 2


@takes_logits
def hinge_discriminator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """L_D = mean max(0, 1 - D(x)) + mean max(0, 1 + D(G(z))) (Lim and Ye 2017).

    0 or more; 2 where all outputs are 0. Its least value is 2 - 2 TV(p, q), with the total
    variation TV between 0 and 1, at the output +1 where p > q and -1 where p < q.
    """
    return tf.reduce_mean(tf.nn.relu(1 - real_logits)) + tf.reduce_mean(tf.nn.relu(1 + fake_logits))


@takes_logits
def critic_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """L_D = mean D(G(z)) - mean D(x), the loss of a critic (Arjovsky, Chintala and Bottou 2017).

    Without a limit on the critic's gradient it has no least value. Over all functions whose
    gradient has a norm of 1 or less, its least value is minus the Wasserstein distance of p and q.
    """
    return tf.reduce_mean(fake_logits) - tf.reduce_mean(real_logits)


@takes_fake_logits
def critic_generator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """L_G = -mean D(G(z)): the generator's side of both the critic's game and the hinge game."""
    return -tf.reduce_mean(fake_logits)


@takes_logits
def relativistic_discriminator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """L_D = -mean log sigmoid(D(x) - D(G(z))), over pairs of a real and a fake sample.

    0 or more; log 2 where all logits are equal. Its least value is log 2 less the Jensen-Shannon
    divergence of the two orders of a pair, p(x) q(y) and q(x) p(y); it is reached at the logit
    log p(x)/q(x), give or take a constant (Jolicoeur-Martineau 2019 and 2020).

    Raises:
        ValueError: if the shapes differ: such a loss would compare every sample with every other.
    """
    _check_pairs(real_logits, fake_logits)
    return tf.reduce_mean(tf.nn.softplus(fake_logits - real_logits))


@takes_logits
def relativistic_generator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """L_G = -mean log sigmoid(D(G(z)) - D(x)), over pairs of a real and a fake sample.

    0 or more; log 2 where all logits are equal. The discriminator's loss with the roles exchanged.

    Raises:
        ValueError: if the shapes differ.
    """
    return relativistic_discriminator_loss(fake_logits, real_logits)


def _check_pairs(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> None:
    if not tf.convert_to_tensor(real_logits).shape.is_compatible_with(fake_logits.shape):
        raise ValueError(
            "A relativistic loss compares real and fake samples in pairs, so that both must have "
            f"one shape; given {real_logits.shape} and {fake_logits.shape}."
        )


NON_SATURATING = Loss("non_saturating", logistic_discriminator_loss, non_saturating_generator_loss)
SATURATING = Loss("saturating", logistic_discriminator_loss, saturating_generator_loss)
LEAST_SQUARES = Loss(
    "least_squares", least_squares_discriminator_loss, least_squares_generator_loss
)
HINGE = Loss("hinge", hinge_discriminator_loss, critic_generator_loss)
WASSERSTEIN = Loss("wasserstein", critic_loss, critic_generator_loss)
RELATIVISTIC = Loss(
    "relativistic", relativistic_discriminator_loss, relativistic_generator_loss, paired=True
)
