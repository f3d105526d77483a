"""Diagrams of what is computed from what."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import FancyBboxPatch

from gan_helpers.plots import family_schemes, half_steps


@pytest.mark.parametrize("draw", [family_schemes, half_steps])
def test_each_word_fits_its_box_and_each_box_its_row(draw):
    with plt.rc_context({"figure.constrained_layout.use": True}):
        figure = draw()
        figure.canvas.draw()
    for ax in figure.axes:
        boxes = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
        assert boxes
        for box in boxes:
            x0, _, width, _ = box.get_bbox().bounds
            assert ax.get_xlim()[0] <= x0 and x0 + width <= ax.get_xlim()[1]
            extent = box.get_window_extent()
            centres = [
                text.get_window_extent()
                for text in ax.texts
                if extent.contains(*text.get_window_extent().p0 + text.get_window_extent().size / 2)
            ]
            assert len(centres) == 1, "a box holds one text"
            assert extent.x0 < centres[0].x0 and centres[0].x1 < extent.x1
    plt.close(figure)
