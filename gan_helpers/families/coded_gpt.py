"""A GPT of images or points: a codebook makes sequences of tokens of them (ch02_gpt)."""

import keras
import tensorflow as tf

from gan_helpers.checks import check_codes, check_counts, sample_input
from gan_helpers.families.tiny_gpt import TinyGPT


@keras.saving.register_keras_serializable(package="gan_helpers")
class CodedGPT(TinyGPT):
    """A `TinyGPT` of images or points, which a codebook turns into tokens and back.

    What it learns is the distribution of the tokens. What a codebook leaves out of an image, it
    never sees; the likelihood is that of the tokens and not of the pixels.

    Args:
        codebook: from samples to tokens, as made by `gan_helpers.networks.codebook`.
        network, seed: as for `TinyGPT`.

    Raises:
        ValueError: for networks that do not fit.
    """

    networks: tuple[str, ...] = ("codebook", "network")

    def __init__(self, codebook: keras.Model, network: keras.Model, *, seed: int = 0, **kwargs):
        shape, _ = sample_input(codebook)
        super().__init__(network, seed=seed, **kwargs)
        if codebook.output_shape != network.input_shape:
            raise ValueError(
                f"The codebook makes {codebook.output_shape} tokens of a sample, but the network "
                f"takes {network.input_shape}."
            )
        self.codebook = codebook
        self.sample_shape, self.n_tokens = shape, None

    def log_probabilities(self, samples, training=False):
        """ln p of each of the tokens that stand for some samples, shape (n, length)."""
        return super().log_probabilities(self.codebook(samples), training)

    def samples(self, n, noise, classes, *, prompt=(), **rule):
        """n samples, float32.

        Args:
            prompt: the first tokens of each, shape (m,), m below the network's length; drawn too
                unless given.
            rule: as for `TinyGPT.samples`.

        Raises:
            ValueError: for options that cannot be.
        """
        given = check_codes("prompt", prompt, self.begin).tolist() if len(prompt) else []
        check_counts(prompt=len(given), at_least=0, at_most=self.length - 1, limit="length - 1")
        rest = super().samples(
            n, noise, classes, prompt=given, length=self.length - len(given), **rule
        )
        first = tf.tile(tf.constant([[*given]], tf.int32), (n, 1))
        return self.codebook.layers[-1].decode(tf.concat([first, rest], axis=1))
