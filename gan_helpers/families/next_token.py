"""How the next token is drawn from its logits: temperature, top-k, nucleus (ch02_gpt).

The draw itself is by a uniform number, so that the same numbers can be used at two temperatures.
"""

import tensorflow as tf

from gan_helpers.checks import check_counts, check_numbers, check_rate
from gan_helpers.networks.transformer import NEVER, continued

COLDEST = 1e-6  # of the temperatures above 0


class Choice:
    """The rule by which the next token is drawn.

    Args:
        temperature: what logits are divided by: below 1 the likely tokens become likelier, above 1
            all become alike; 0 takes the likeliest, and is what to give for less than 1e-6.
        top_k: only so many of the likeliest tokens are drawn; all if None (Fan et al. 2018).
        top_p: only the likeliest tokens are drawn, as many as it takes to have this probability
            together, above 0 and at most 1 (the nucleus of Holtzman et al. 2020).

    Raises:
        ValueError: for numbers that cannot be.
    """

    def __init__(self, temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0):
        check_numbers(temperature=temperature)
        if temperature != 0 and temperature < COLDEST:  # logits divided by it would be infinite
            raise ValueError(f"temperature must be 0, or {COLDEST} or more; given {temperature!r}.")
        if check_rate(top_p=top_p) > 1:
            raise ValueError(f"top_p must be above 0 and at most 1; given {top_p!r}.")
        self.temperature, self.top_p = float(temperature), float(top_p)
        self.top_k = None if top_k is None else check_counts(top_k=top_k)

    def probabilities(self, logits: tf.Tensor) -> tf.Tensor:
        """Those of the next token, by the rule; shape (n, tokens), as the logits."""
        if self.temperature == 0:
            return tf.one_hot(tf.argmax(logits, axis=1), tf.shape(logits)[1])
        logits = logits / self.temperature
        if self.top_k is not None:
            best, _ = tf.math.top_k(logits, tf.minimum(self.top_k, tf.shape(logits)[1]))
            logits = tf.where(logits < best[:, -1:], NEVER, logits)
        if self.top_p < 1:
            ordered = tf.sort(tf.nn.softmax(logits), axis=1, direction="DESCENDING")
            # A token is in the nucleus if those before it do not fill it: the first always is.
            inside = tf.cumsum(ordered, axis=1, exclusive=True) < self.top_p
            least = tf.reduce_min(tf.where(inside, ordered, 1.0), axis=1, keepdims=True)
            logits = tf.where(tf.nn.softmax(logits) < least, NEVER, logits)
        return tf.nn.softmax(logits)

    def draw(self, logits: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
        """A token for each row of logits, int32, shape (n,), by a number from 0 to 1 for each."""
        sums = tf.cumsum(self.probabilities(logits), axis=1)
        below = sums <= uniform[:, None] * sums[:, -1:]  # the last sum may be rounded below 1
        return tf.reduce_sum(tf.cast(below, tf.int32), axis=1)


def written(network, given: tf.Tensor, uniform: tf.Tensor, choice: Choice) -> tf.Tensor:
    """Tokens drawn one after the other, each from its logits given those before it.

    What the network's attention keeps is used again while it has places left. Then the later half
    of the tokens is read anew, as a text that begins there: each place has a vector of its own, so
    that what was kept cannot move.

    Args:
        network: made by `gan_helpers.networks.transformer.transformer`.
        given: integers, shape (n, places), the sign that a sequence begins among them; at least 1.
        uniform: numbers from 0 to 1, shape (steps, n): one for each token to be drawn.
        choice: the rule.

    Returns:
        The tokens that were drawn, int32, shape (n, steps).
    """
    length, start = network.input_shape[1], network.output_shape[-1]
    begin = tf.fill((tf.shape(given)[0], 1), start)
    tokens, kept = given, None
    drawn = []
    for numbers in uniform:
        if kept is None or kept[0][0].shape[2] == length:
            if tokens.shape[1] > length or kept is not None:
                tokens = tf.concat([begin, tokens[:, -(length // 2) :]], axis=1)
            logits, kept = continued(network, tokens)
        else:
            logits, kept = continued(network, tokens[:, -1:], kept)
        drawn.append(choice.draw(logits[:, -1], numbers))
        tokens = tf.concat([tokens, drawn[-1][:, None]], axis=1)
    return tf.stack(drawn, axis=1)
