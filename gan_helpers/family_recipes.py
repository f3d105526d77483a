"""Recipes of the families beside GANs: what each is in the comparison of ch02_compare.

Trained by `gan_helpers.recipes.train_recipe` or `python -m tools.train NAME`, and recorded by
`python -m research.record NAME`, as those of GANs are.
"""

from collections.abc import Callable
from functools import partial

import keras

from gan_helpers.data.texts import Vocabulary, load_novel, split_novel
from gan_helpers.data.windows import windows
from gan_helpers.families.autoencoder import Autoencoder
from gan_helpers.families.coded_gpt import CodedGPT
from gan_helpers.families.diffusion import Diffusion
from gan_helpers.families.flow import Flow
from gan_helpers.families.flow_matching import FlowMatching
from gan_helpers.families.tiny_gpt import TinyGPT
from gan_helpers.families.vae import VAE
from gan_helpers.families.vae_gan import VAEGAN
from gan_helpers.networks import autoencoders
from gan_helpers.networks.codebook import fitted_codebook
from gan_helpers.networks.couplings import image_flow
from gan_helpers.networks.denoisers import unet
from gan_helpers.networks.features import feature_discriminator
from gan_helpers.networks.transformer import transformer
from gan_helpers.recipes import RECIPES, Recipe, Samples, scaled_mnist

LETTERS = 68  # kinds of characters in the novel
LETTERS_AT_ONCE = 128
GPT_STEPS, AUTOENCODER_STEPS, DENOISER_STEPS = 3600, 6000, 5500
PATCH, CODES = 4, 256  # the side of the patches of a digit, and the codes that stand for them


def novel_windows() -> tuple[Samples, Samples]:
    """The novel as windows of characters, int32, shape (n, 128); of its held-out end, the same."""
    novel = load_novel()
    vocabulary = Vocabulary(sorted(set(novel)))
    learned, held_out = map(vocabulary.encode, split_novel(novel))
    windows_of = partial(windows, length=LETTERS_AT_ONCE)
    return (windows_of(learned, every=8), None), (windows_of(held_out, every=LETTERS_AT_ONCE), None)


def _pixel_gpt(n_classes: int) -> tuple[keras.Model, keras.Model]:
    (images, _), _ = scaled_mnist()
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


def _adam(rate: float, steps: int, **options: float) -> Callable[[], dict]:
    """What `compile` is given: Adam, with a rate that falls to 0 in a straight line."""

    def game() -> dict:
        falling = keras.optimizers.schedules.PolynomialDecay(rate, steps, end_learning_rate=0.0)
        return {"optimizer": keras.optimizers.Adam(falling, **options), "steps_per_execution": 50}

    return game


def _variational(n_classes: int) -> tuple[keras.Model, keras.Model]:
    """The networks of the recipe "autoencoder", with two numbers for each number of a code."""
    return autoencoders.encoder(16, outputs=2), autoencoders.decoder(16)


def _adam_for_three(rate: float, steps: int) -> dict:
    """Adam without momentum for each network, whose rates fall to 0 in a straight line."""
    optimizers = {}
    for name in VAEGAN.optimizers:
        falling = keras.optimizers.schedules.PolynomialDecay(rate, steps, end_learning_rate=0.0)
        optimizers[name] = keras.optimizers.Adam(falling, beta_1=0.0, beta_2=0.99)
    return optimizers | {"steps_per_execution": 50}


def _gpt_recipe(name: str, about: str, steps: int) -> Recipe:
    """A Transformer on the characters of the novel."""
    return Recipe(
        name,
        about,
        lambda n: (transformer(LETTERS, LETTERS_AT_ONCE),),
        _rising_and_falling(3e-3, steps),
        steps=steps,
        batch_size=8,
        every=200,
        family=TinyGPT,
        data=novel_windows,
    )


def _autoencoder_recipe(name: str, about: str, networks: Callable, family: Callable) -> Recipe:
    """Convolutional networks with codes of 16 numbers."""
    return Recipe(
        name,
        about,
        networks,
        _adam(2e-3, AUTOENCODER_STEPS),
        steps=AUTOENCODER_STEPS,
        batch_size=128,
        every=500,
        family=family,
    )


def _denoiser_recipe(
    name: str, about: str, family: Callable, steps: int = DENOISER_STEPS, classes=None
) -> Recipe:
    """A small U-Net, whatever it learns to see in noised digits."""
    return Recipe(
        name,
        about,
        lambda n: (unet(n),),
        _adam(2e-3, steps),
        steps=steps,
        batch_size=64,
        every=500,
        classes=classes,
        family=family,
    )


_ALL: tuple[Recipe, ...] = (
    _gpt_recipe("gpt", "a Transformer on the characters of a novel", GPT_STEPS),
    _gpt_recipe("gpt-long", "the same, three times as long", 3 * GPT_STEPS),
    Recipe(
        "pixel-gpt",
        "the same on digits, as sequences of patches",
        _pixel_gpt,
        _rising_and_falling(3e-3, 2 * GPT_STEPS),
        steps=2 * GPT_STEPS,
        batch_size=16,
        every=200,
        family=CodedGPT,
    ),
    Recipe(
        "linear-autoencoder",
        "a linear autoencoder, which is PCA, with a normal density of its codes",
        lambda n: (autoencoders.linear_encoder(24), autoencoders.linear_decoder(24)),
        _adam(1e-2, 5000),
        steps=5000,
        batch_size=256,
        every=500,
        family=Autoencoder,
    ),
    _autoencoder_recipe(
        "autoencoder",
        "a convolutional autoencoder with a mixture of normal densities of its codes",
        lambda n: (autoencoders.encoder(16), autoencoders.decoder(16)),
        partial(Autoencoder, components=50),
    ),
    _autoencoder_recipe(
        "vae",
        "the same networks as a variational autoencoder, whose codes are normally distributed",
        _variational,
        VAE,
    ),
    _autoencoder_recipe(
        "vae-weighted",
        "the same, with eight times the price of a code",
        _variational,
        partial(VAE, beta=8.0),
    ),
    Recipe(
        "vae-gan",
        "the same with a discriminator, in whose features reconstructions are compared",
        lambda n: (*_variational(n), feature_discriminator()),
        lambda: _adam_for_three(2e-3, 2500),
        steps=2500,
        every=500,
        family=partial(VAEGAN, similarity=10.0, fidelity=0.05),
    ),
    Recipe(
        "flow",
        "affine couplings on dequantised pixels",
        lambda n: (image_flow(),),
        _adam(1e-3, 4000, beta_2=0.99),
        steps=4000,
        family=Flow,
    ),
    _denoiser_recipe(
        "diffusion", "a small U-Net that learns to see the noise in noised digits", Diffusion
    ),
    _denoiser_recipe(
        "flow-matching",
        "the same U-Net, which learns the velocity along straight paths",
        FlowMatching,
    ),
    _denoiser_recipe(
        "flow-matching-long",
        "the same, six times as long",
        FlowMatching,
        steps=6 * DENOISER_STEPS,
    ),
    _denoiser_recipe(
        "flow-matching-labels",
        "the same U-Net with velocities, which is told the digit",
        FlowMatching,
        classes=RECIPES["fast-labels"].classes,
    ),
)
FAMILY_RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _ALL}
