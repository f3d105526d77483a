"""Recipes of the families beside GANs: what each is in the comparison of ch02_compare.

Trained by `gan_helpers.recipes.train_recipe` or `python -m tools.train NAME`, and recorded by
`python -m research.record NAME`, as those of GANs are.
"""

from collections.abc import Callable
from functools import partial

import keras

from gan_helpers.families.autoencoder import Autoencoder
from gan_helpers.networks import autoencoders
from gan_helpers.recipes import Recipe


def _adam(rate: float, steps: int) -> Callable[[], dict]:
    """What `compile` is given: Adam, with a rate that falls to 0 in a straight line."""

    def game() -> dict:
        falling = keras.optimizers.schedules.PolynomialDecay(rate, steps, end_learning_rate=0.0)
        return {"optimizer": keras.optimizers.Adam(falling), "steps_per_execution": 50}

    return game


_ALL: tuple[Recipe, ...] = (
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
    Recipe(
        "autoencoder",
        "a convolutional autoencoder with a mixture of normal densities of its codes",
        lambda n: (autoencoders.encoder(16), autoencoders.decoder(16)),
        _adam(2e-3, 6000),
        steps=6000,
        batch_size=128,
        every=500,
        family=partial(Autoencoder, components=50),
    ),
)
FAMILY_RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _ALL}
