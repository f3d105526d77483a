"""A GPT of images or points: a codebook makes sequences of tokens of them (ch02_gpt)."""

import keras

from gan_helpers.checks import sample_input
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

    def samples(self, n, noise, classes, **options):
        """n samples; options as for `TinyGPT.samples`, but for `length`."""
        return self.codebook.layers[-1].decode(super().samples(n, noise, classes, **options))
