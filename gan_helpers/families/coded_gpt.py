"""A GPT of images or points: a codebook makes sequences of tokens of them (ch02_gpt)."""

import keras
import tensorflow as tf

from gan_helpers.checks import check_codes, check_counts, sample_input
from gan_helpers.families.tiny_gpt import TinyGPT
from gan_helpers.networks.codebook import Codebook


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
        if not isinstance(book := codebook.layers[-1], Codebook):
            raise ValueError(
                "codebook must be made by gan_helpers.networks.codebook.fitted_codebook; given a "
                f"network whose last layer is a {type(book).__name__}."
            )
        made, taken = (codebook.output_shape[1], book.n_codes), (self.length, self.begin)
        if made != taken:
            raise ValueError(
                "The codebook makes {} tokens of a sample, out of {}; the network takes {}, out of "
                "{}. Both numbers must be the same.".format(*made, *taken)
            )
        self.codebook = codebook
        self.sample_shape, self.n_tokens = shape, None

    def log_probabilities(self, samples, training=False):
        """ln p of each of the tokens that stand for some samples, shape (n, length)."""
        return super().log_probabilities(self.codebook(samples), training)

    def fit(self, *args, **kwargs):
        """As for all families, once the codebook has its codes."""
        if not self.codebook.layers[-1].codes.numpy().any():
            raise ValueError(
                "All codes of the codebook are 0, so that samples cannot be told apart: "
                "fitted_codebook(samples, ...) finds codes."
            )
        return super().fit(*args, **kwargs)

    def surprise(self, codes, *, least=None):
        """Refused, as `bits` is: a sample is no long text. `log_probabilities` takes samples."""
        raise ValueError(
            "Texts have a surprise; of samples, log_probabilities(samples) gives ln p of each of "
            "their tokens."
        )

    def samples(  # type: ignore[override]  # without a length, which the codebook gives
        self, n, noise, classes, *, prompt=(), temperature=1.0, top_k=None, top_p=1.0
    ):
        """n samples, float32.

        Args:
            prompt: the first tokens of each, shape (m,), m below the network's length; drawn too
                unless given.
            temperature, top_k, top_p: as for `TinyGPT.samples`.

        Raises:
            ValueError: for options that cannot be.
        """
        given = check_codes("prompt", prompt, self.begin).tolist() if len(prompt) else []
        check_counts(prompt=len(given), at_least=0, at_most=self.length - 1, limit="length - 1")
        rule = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
        length = self.length - len(given)
        rest = super().samples(n, noise, classes, prompt=given, length=length, **rule)
        first = tf.tile(tf.constant([[*given]], tf.int32), (n, 1))
        return self.codebook.layers[-1].decode(tf.concat([first, rest], axis=1))
