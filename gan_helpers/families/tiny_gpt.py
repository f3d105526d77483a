"""A tiny GPT: a network that gives the probabilities of the next token (ch02_gpt).

A text, or an image cut into patches, is a sequence of tokens x_1 ... x_L. Its probability is the
product of p(x_t | x_1 ... x_(t-1)), and the loss is minus its logarithm, which is computed exactly:
there is no encoder, no latent variable and no bound.
"""

import keras
import numpy as np
import tensorflow as tf

from gan_helpers.checks import check_codes, check_counts, sample_input
from gan_helpers.families.next_token import Choice, written
from gan_helpers.families.one_loss import OneLossModel
from gan_helpers.networks.transformer import is_transformer

WINDOWS = 64  # of a text, whose likelihood is measured together


@keras.saving.register_keras_serializable(package="gan_helpers")
class TinyGPT(OneLossModel):
    """A decoder-only Transformer that learns sequences of tokens, integers from 0.

    Args:
        network: from tokens, shape (n, length), to logits of the token after each, shape
            (n, length, n_tokens), as `gan_helpers.networks.transformer.transformer` makes it. The
            integer `n_tokens` is the sign that a sequence begins.
        seed: of the order of sequences.

    Raises:
        ValueError: for another network.
    """

    networks: tuple[str, ...] = ("network",)

    def __init__(self, network: keras.Model, *, seed: int = 0, **kwargs):
        shape, _ = sample_input(network)
        if not is_transformer(network):
            raise ValueError(
                "network must lead from tokens, shape (n, length), to logits, shape (n, length, "
                "n_tokens), as gan_helpers.networks.transformer.transformer makes it: new tokens "
                "are drawn by what its layers keep. Given one of the layers "
                f"{[type(layer).__name__ for layer in network.layers]}."
            )
        super().__init__(shape, n_tokens=network.output_shape[2], seed=seed, **kwargs)
        self.network = network
        self.length, self.begin = shape[0], network.output_shape[2]

    def log_probabilities(self, tokens: tf.Tensor, training: bool = False) -> tf.Tensor:
        """ln p of each token of sequences, given those before it; both of shape (n, length)."""
        tokens = tf.cast(tokens, tf.int32)
        before = tf.concat([tf.fill((tf.shape(tokens)[0], 1), self.begin), tokens[:, :-1]], axis=1)
        logits = self.network(before, training=training)
        return -tf.nn.sparse_softmax_cross_entropy_with_logits(tokens, logits)

    def losses(self, samples, classes, training):
        """The cross-entropy of the next token in nats, a mean over places."""
        return {"loss": -tf.reduce_mean(self.log_probabilities(samples, training))}

    def surprise(self, codes: np.ndarray, *, least: int | None = None) -> np.ndarray:
        """-log2 p of each token of a long text, which is read in windows that overlap.

        Args:
            codes: the text, integers from 0, shape (n,), n from `length`.
            least: the fewest tokens before it that each is predicted from, but at the beginning:
                below `length`, three quarters of it unless given.

        Returns:
            Bits, float64, shape (n,).

        Raises:
            ValueError: for other codes or another number.
        """
        length = self.length
        codes = check_codes("codes", codes, self.begin)
        least = 3 * length // 4 if least is None else least
        check_counts(least=least, at_least=0, at_most=length - 1, limit="length - 1")
        if len(codes) < length:
            raise ValueError(f"codes must be {length} at least; given {len(codes)}.")
        starts = [*range(0, len(codes) - length, length - least), len(codes) - length]
        logs: list[float] = []
        for some in np.array_split(starts, -(-len(starts) // WINDOWS)):
            texts = np.stack([codes[start : start + length] for start in some])
            for start, row in zip(some, self.log_probabilities(texts).numpy(), strict=True):
                logs += row[len(logs) - start :].tolist()  # what no window before has reached
        return -np.array(logs) / np.log(2)

    def bits(self, codes: np.ndarray, *, least: int | None = None) -> float:
        """The cross-entropy of a text in bits a token: the mean of `surprise`, with its arguments.

        Raises:
            ValueError: as `surprise`.
        """
        return float(self.surprise(codes, least=least).mean())

    def samples(
        self, n, noise, classes, *, prompt=(), length=None, temperature=1.0, top_k=None, top_p=1.0
    ):
        """n sequences, int32, shape (n, length).

        Args:
            prompt: tokens that stand before each of them, shape (m,).
            length: how many to draw, also more than the network takes; as many unless given.
            temperature, top_k, top_p: as for `gan_helpers.families.next_token.Choice`.

        Raises:
            ValueError: for options that cannot be.
        """
        length = self.length if length is None else check_counts(length=length)
        before = check_codes("prompt", prompt, self.begin).tolist() if len(prompt) else []
        given = tf.tile(tf.constant([[self.begin, *before]], tf.int32), (n, 1))
        uniform = keras.random.uniform((length, n), seed=noise)
        return written(self.network, given, uniform, Choice(temperature, top_k, top_p))
