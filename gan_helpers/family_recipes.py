"""Recipes of the families beside GANs: what each is in the comparison of ch02_compare.

Trained by `gan_helpers.recipes.train_recipe` or `python -m tools.train NAME`, and recorded by
`python -m research.record NAME`, as those of GANs are.
"""

import keras

from gan_helpers.families.flow import Flow
from gan_helpers.networks.couplings import image_flow
from gan_helpers.recipes import Recipe


def _falling(rate: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    return keras.optimizers.schedules.PolynomialDecay(rate, steps, end_learning_rate=0.0)


_FLOW_STEPS = 4000

_ALL: tuple[Recipe, ...] = (
    Recipe(
        "flow",
        "affine couplings on dequantised pixels",
        lambda n: (image_flow(),),
        lambda: {
            "optimizer": keras.optimizers.Adam(_falling(1e-3, _FLOW_STEPS), beta_2=0.99),
            "steps_per_execution": 50,
        },
        steps=_FLOW_STEPS,
        family=Flow,
    ),
)
FAMILY_RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _ALL}
