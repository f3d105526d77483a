"""Recipes of the families beside GANs: what each is in the comparison of ch02_compare.

Trained by `gan_helpers.recipes.train_recipe` or `python -m tools.train NAME`, and recorded by
`python -m research.record NAME`, as those of GANs are.
"""

import keras

from gan_helpers.families.vae import VAE
from gan_helpers.families.vae_gan import VAEGAN
from gan_helpers.networks import autoencoders
from gan_helpers.networks.features import feature_discriminator
from gan_helpers.recipes import Recipe


def _falling(rate: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    return keras.optimizers.schedules.PolynomialDecay(rate, steps, end_learning_rate=0.0)


def _halves(code_dim: int = 16) -> tuple[keras.Model, keras.Model]:
    """A variational encoder, and the decoder of the recipe "autoencoder"."""
    return autoencoders.encoder(code_dim, outputs=2), autoencoders.decoder(code_dim)


_ALL: tuple[Recipe, ...] = (
    Recipe(
        "vae",
        "a convolutional variational autoencoder with sixteen latent numbers",
        lambda n: _halves(),
        lambda: {
            "optimizer": keras.optimizers.Adam(_falling(2e-3, 6000)),
            "steps_per_execution": 50,
        },
        steps=6000,
        batch_size=128,
        every=500,
        family=VAE,
    ),
    Recipe(
        "vae-gan",
        "the same with a discriminator, in whose features reconstructions are compared",
        lambda n: (*_halves(), feature_discriminator()),
        lambda: {
            "steps_per_execution": 50,
            **{
                f"{name}_optimizer": keras.optimizers.Adam(
                    _falling(rate, 2500), beta_1=0.0, beta_2=0.99
                )
                for name, rate in (("encoder", 2e-3), ("decoder", 2e-3), ("discriminator", 2e-3))
            },
        },
        steps=2500,
        every=500,
        family=VAEGAN,
    ),
)
FAMILY_RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _ALL}
