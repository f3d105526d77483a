"""The book's one visual language.

Real data, generator and discriminator keep their colours in every figure. They are three colours
of Okabe and Ito's palette, which readers with any common colour blindness can tell apart.
"""

import matplotlib.pyplot as plt

REAL = "#0072B2"  # blue
GENERATOR = "#D55E00"  # vermilion
DISCRIMINATOR = "#009E73"  # bluish green
NEUTRAL = "#555555"
WIDTH = 8.0  # inches, the width of the text column


def use_book_style() -> None:
    """Set Matplotlib's defaults for the book: quiet axes, readable sizes, sharp figures."""
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("retina")
    plt.rcParams.update(
        {
            "figure.figsize": (WIDTH, 3.0),
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "font.size": 10,
            "axes.titlesize": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#dddddd",
            "grid.linewidth": 0.6,
            "lines.linewidth": 1.8,
            "legend.frameon": False,
        }
    )
