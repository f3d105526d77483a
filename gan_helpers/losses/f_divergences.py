"""f-divergences and the pairs of losses that bound them from below.

D_f(p, q) is the mean over q of f(p/q), for a convex f with f(1) = 0. For every function T whose
values lie where f* is finite,

    D_f(p, q) >= mean of T over p  -  mean of f*(T) over q,      f*(t) = sup over u of u t - f(u),

with equality at T = f'(p/q) (Nguyen, Wainwright and Jordan 2010). A discriminator with outputs v
of any size supplies T = g(v); f, f* and g are those of Nowozin, Cseke and Tomioka (2016, tables 1
and 2). Derived and measured in notebooks/ch04_divergences.ipynb.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from gan_helpers.checks import check_kinds
from gan_helpers.losses.adversarial import Loss, takes_fake_logits, takes_logits

Function = Callable[[tf.Tensor], tf.Tensor]


@dataclass(frozen=True)
class FDivergence:
    """One f-divergence and what its pair of losses is made of; all functions work elementwise.

    Attributes:
        name: to choose it by.
        f: of the density ratio u = p/q, above 0.
        activation: g, from a discriminator's output v to the domain of f*.
        conjugate: f*, of t in the range of g.
        conjugate_of_activation: f*(g(v)) in a form that neither overflows nor cancels before its
            exact value does.
        optimal_output: the output v at which g(v) = f'(u), for a density ratio u.

    Raises:
        ValueError: for a name that is no text, or what is no function.
    """

    name: str
    f: Function
    activation: Function
    conjugate: Function
    conjugate_of_activation: Function
    optimal_output: Function

    def __post_init__(self):
        functions = dict(vars(self))
        check_kinds(str, name=functions.pop("name"))
        check_kinds(Callable, **functions)


def f_divergence_loss(divergence: FDivergence) -> Loss:
    """The pair of losses of an f-divergence.

    The discriminator minimises minus the bound, so that its least value is -D_f(p, q); the
    generator minimises the part of the bound that depends on it.

    Args:
        divergence: one of `F_DIVERGENCES`, or one of your own.

    Raises:
        ValueError: for what is no `FDivergence`.
    """
    check_kinds(FDivergence, divergence=divergence)

    @takes_logits
    def discriminator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(divergence.conjugate_of_activation(fake_logits)) - tf.reduce_mean(
            divergence.activation(real_logits)
        )

    @takes_fake_logits
    def generator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        return -tf.reduce_mean(divergence.conjugate_of_activation(fake_logits))

    return Loss(divergence.name, discriminator_loss, generator_loss)


KULLBACK_LEIBLER = FDivergence(
    "kullback_leibler",
    f=lambda u: u * tf.math.log(u),
    activation=lambda v: v,
    conjugate=lambda t: tf.exp(t - 1),
    conjugate_of_activation=lambda v: tf.exp(v - 1),
    optimal_output=lambda u: 1 + tf.math.log(u),
)
REVERSE_KULLBACK_LEIBLER = FDivergence(
    "reverse_kullback_leibler",
    f=lambda u: -tf.math.log(u),
    activation=lambda v: -tf.exp(-v),
    conjugate=lambda t: -1 - tf.math.log(-t),
    conjugate_of_activation=lambda v: v - 1,
    optimal_output=tf.math.log,
)
PEARSON = FDivergence(
    "pearson",
    f=lambda u: tf.square(u - 1),
    activation=lambda v: v,
    conjugate=lambda t: tf.square(t) / 4 + t,
    conjugate_of_activation=lambda v: tf.square(v) / 4 + v,
    optimal_output=lambda u: 2 * (u - 1),
)
SQUARED_HELLINGER = FDivergence(
    "squared_hellinger",
    f=lambda u: tf.square(tf.sqrt(u) - 1),
    activation=lambda v: -tf.math.expm1(-v),
    conjugate=lambda t: t / (1 - t),
    conjugate_of_activation=tf.math.expm1,
    optimal_output=lambda u: tf.math.log(u) / 2,
)
JENSEN_SHANNON = FDivergence(  # twice the divergence that is at most log 2
    "jensen_shannon",
    f=lambda u: u * tf.math.log(u) - (u + 1) * tf.math.log((u + 1) / 2),
    activation=lambda v: math.log(2) - tf.nn.softplus(-v),
    conjugate=lambda t: -tf.math.log(2 - tf.exp(t)),
    conjugate_of_activation=lambda v: tf.nn.softplus(v) - math.log(2),
    optimal_output=tf.math.log,
)

F_DIVERGENCES: dict[str, FDivergence] = {
    divergence.name: divergence
    for divergence in (
        KULLBACK_LEIBLER,
        REVERSE_KULLBACK_LEIBLER,
        PEARSON,
        SQUARED_HELLINGER,
        JENSEN_SHANNON,
    )
}
