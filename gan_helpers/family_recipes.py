"""Recipes of the families beside GANs: what each is in the comparison of ch02_compare.

Trained by `gan_helpers.recipes.train_recipe` or `python -m tools.train NAME`, and recorded by
`python -m research.record NAME`, as those of GANs are.
"""

from gan_helpers.recipes import Recipe

_ALL: tuple[Recipe, ...] = ()
FAMILY_RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _ALL}
