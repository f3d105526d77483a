"""What the two players minimise, as functions of the discriminator's logits.

A logit a stands for the probability D(x) = sigmoid(a) that x is real. Losses computed from logits
stay exact where the probability would round to 0 or 1.
"""

import tensorflow as tf


def discriminator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """L_D = -mean log D(x) - mean log(1 - D(G(z))), in nats (Goodfellow et al. 2014, eq. 1).

    Uses -log sigmoid(a) = softplus(-a). Logits of any shape; returns a scalar, at least 0, and
    2 log 2 for a discriminator that always answers one half.
    """
    return tf.reduce_mean(tf.nn.softplus(-real_logits)) + tf.reduce_mean(
        tf.nn.softplus(fake_logits)
    )


def non_saturating_generator_loss(fake_logits: tf.Tensor) -> tf.Tensor:
    """L_G = -mean log D(G(z)), in nats: the non-saturating loss of Goodfellow et al. 2014, sec. 3.

    Logits of any shape; returns a scalar, at least 0, and log 2 where D(G(z)) is one half.
    """
    return tf.reduce_mean(tf.nn.softplus(-fake_logits))
