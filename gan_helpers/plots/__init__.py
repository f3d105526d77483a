"""Figures in the book's one visual language, a file a kind."""

from gan_helpers.plots.curves import training_curves
from gan_helpers.plots.diagrams import family_schemes, half_steps
from gan_helpers.plots.evaluations import class_shares_chart, evaluations_chart
from gan_helpers.plots.games import show_line_game, show_plane_game
from gan_helpers.plots.images import film_strip, show_image, tile
from gan_helpers.plots.style import DISCRIMINATOR, GENERATOR, NEUTRAL, REAL, WIDTH, use_book_style

__all__ = [
    "DISCRIMINATOR",
    "GENERATOR",
    "NEUTRAL",
    "REAL",
    "WIDTH",
    "class_shares_chart",
    "evaluations_chart",
    "family_schemes",
    "film_strip",
    "half_steps",
    "show_image",
    "show_line_game",
    "show_plane_game",
    "tile",
    "training_curves",
    "use_book_style",
]
