"""Recipes of the families beside GANs: what each is in the comparison of ch02_compare.

Trained by `gan_helpers.recipes.train_recipe` or `python -m tools.train NAME`, and recorded by
`python -m research.record NAME`, as those of GANs are.
"""

from collections.abc import Callable

import keras
import numpy as np

from gan_helpers.data.texts import Vocabulary, load_novel, split_novel
from gan_helpers.data.windows import windows
from gan_helpers.families.coded_gpt import CodedGPT
from gan_helpers.families.tiny_gpt import TinyGPT
from gan_helpers.networks.codebook import fitted_codebook
from gan_helpers.networks.transformer import transformer
from gan_helpers.recipes import Recipe, mnist_training

LETTERS = 68  # kinds of characters in the novel
LETTERS_AT_ONCE = 128
PATCH, CODES = 4, 256  # the side of the patches of a digit, and the codes that stand for them


def novel_windows() -> tuple[np.ndarray, None]:
    """The novel without its held-out end, as windows of characters, int32, shape (n, 128)."""
    novel = load_novel()
    codes = Vocabulary(sorted(set(novel))).encode(split_novel(novel)[0])
    return windows(codes, length=LETTERS_AT_ONCE, every=8), None


def _gpt(n_classes: int) -> tuple[keras.Model]:
    return (transformer(LETTERS, LETTERS_AT_ONCE),)


def _pixel_gpt(n_classes: int) -> tuple[keras.Model, keras.Model]:
    images, _ = mnist_training()
    codebook = fitted_codebook(images, n_codes=CODES, patch=PATCH)
    return codebook, transformer(CODES, codebook.output_shape[1])


def _rising_and_falling(peak: float, steps: int) -> Callable[[], dict]:
    """Adam, whose rate rises for a fortieth of the steps and falls to 0 along a cosine.

    Gradients longer than 1 are cut to that length: a few batches have much longer ones.
    """
    rise = steps // 40

    def game() -> dict:
        rate = keras.optimizers.schedules.CosineDecay(
            0.0, steps - rise, warmup_target=peak, warmup_steps=rise
        )
        optimizer = keras.optimizers.Adam(rate, beta_2=0.99, global_clipnorm=1.0)
        return {"optimizer": optimizer, "steps_per_execution": 50, "jit_compile": True}

    return game


_ALL: tuple[Recipe, ...] = (
    Recipe(
        "gpt",
        "a Transformer on the characters of a novel",
        _gpt,
        _rising_and_falling(3e-3, 3600),
        steps=3600,
        batch_size=8,
        every=200,
        family=TinyGPT,
        data=novel_windows,
    ),
    Recipe(
        "pixel-gpt",
        "the same on digits, as sequences of patches",
        _pixel_gpt,
        _rising_and_falling(3e-3, 3600),
        steps=3600,
        batch_size=16,
        every=200,
        family=CodedGPT,
    ),
)
FAMILY_RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _ALL}
