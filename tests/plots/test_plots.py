from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from gan_helpers import plots


@pytest.fixture(autouse=True)
def no_window():
    plt.switch_backend("agg")
    yield
    plt.close("all")


def test_tile_puts_every_image_in_its_place():
    images = np.linspace(-1, 1, 5).reshape(5, 1, 1, 1) * np.ones((5, 4, 3, 1))
    sheet = plots.tile(images, columns=3, gap=1)
    assert sheet.shape == (9, 11)
    assert (sheet[0:4, 0:3] == -1).all() and (sheet[5:9, 4:7] == 1).all()
    assert (sheet[:, 3] == -1).all() and (sheet[5:9, 8:11] == -1).all()  # gap, empty place


def test_coloured_images_keep_their_colours_on_a_white_sheet():
    red, blue = np.array([1.0, -1.0, -1.0]), np.array([-1.0, -1.0, 1.0])
    sheet = plots.tile(np.stack([red, blue])[:, None, None], columns=2, gap=1)
    assert sheet.shape == (1, 3, 3)
    assert sheet[0].tolist() == [red.tolist(), [1.0, 1.0, 1.0], blue.tolist()]
    figure, ax = plt.subplots()
    plots.show_image(ax, sheet)
    drawn = ax.images[0].make_image(figure.canvas.get_renderer(), unsampled=True)[0]
    expected = [[255, 0, 0, 255], [255, 255, 255, 255], [0, 0, 255, 255]]
    assert drawn.reshape(-1, 4).tolist() == expected
    strip = plots.film_strip([np.stack([red, blue])[:, None, None]], ["now"], columns=2)
    assert strip.axes[0].images[0].get_array().shape == (1, 4, 3)


def test_coloured_images_are_scaled_as_grey_ones_are():
    _, ax = plt.subplots()
    plots.show_image(ax, np.array([[[0.0, 0.5, 2.0]]]), low=0, high=1)
    assert ax.images[0].get_array().ravel().tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((3, 4, 4, 2)), r"1 or 3\); given float64 of shape \(3, 4, 4, 2\)"),
        (np.zeros((32, 32, 3)), r"given shape \(32, 32, 3\), which looks like one image of 3"),
        (np.zeros((4, 4)), r"given float64 of shape \(4, 4\)"),
        (np.zeros((0, 4, 4, 1)), r"given float64 of shape \(0, 4, 4, 1\)"),
        (np.full((3, 4, 4, 1), np.nan), "NaN"),
        (np.full((3, 4, 4), 255, np.uint8), "given values from 255 to 255"),
    ],
)
def test_what_are_no_images_is_not_laid_out(images, message):
    with pytest.raises(ValueError, match=message):
        plots.tile(images, columns=2)


def test_images_are_shown_on_a_fixed_scale():
    _, ax = plt.subplots()
    plots.show_image(ax, np.zeros((5, 3)))  # three pixels wide, not three colours
    assert ax.images[0].get_array().shape == (5, 3)
    _, ax = plt.subplots()
    plots.show_image(ax, np.full((4, 4, 1), 0.02))
    assert ax.images[0].get_clim() == (-1.0, 1.0)


def test_film_strip_has_one_titled_sheet_for_each_moment():
    pictures = [np.zeros((6, 4, 4, 1)), np.ones((6, 4, 4, 1))]
    figure = plots.film_strip(pictures, ["before", "after"], columns=3)
    assert [ax.get_title() for ax in figure.axes] == ["before", "after"]
    with pytest.raises(ValueError, match=r"titles must be as many as pictures.*given 1 and 2"):
        plots.film_strip(pictures, ["before"], columns=3)


def test_players_keep_their_colours():
    names = ("discriminator_loss", "generator_loss", "accuracy_on_real", "accuracy_on_fake")
    figure = plots.training_curves([1, 2], {name: [0.5, 0.6] for name in names})
    losses, accuracies = figure.axes
    colours = {line.get_label(): line.get_color() for ax in figure.axes for line in ax.lines}
    assert colours["discriminator"] == plots.DISCRIMINATOR
    assert colours["generator"] == colours["on fake images"] == plots.GENERATOR
    assert colours["on real images"] == plots.REAL
    assert losses.get_ylabel() == "loss in nats"
    assert accuracies.get_ylabel() == "share classified correctly"
    with pytest.raises(ValueError, match=r"\['accuracy_on_fake'\] are missing"):
        plots.training_curves([1, 2], {name: [0.5, 0.6] for name in names[:-1]})


def test_a_line_game_shows_both_densities_and_the_probability():
    x = np.linspace(-1, 1, 5)
    figure, ax = plt.subplots()
    plots.show_line_game(ax, x, real=x**2, fake=1 - x**2, probability=x**2)
    scale = figure.axes[1]
    assert list(scale.lines[0].get_ydata()) == list(x**2) and scale.get_ylim() == (0, 1.02)
    assert [text.get_text() for text in ax.legend().get_texts()] == [
        "real data",
        "generator",
        "D(x)",
    ]
    with pytest.raises(ValueError, match=r"probability must be .* \(5,\); given float64.*\(4,\)"):
        plots.show_line_game(ax, x, real=x**2, fake=x**2, probability=x[:4])


def test_evaluations_are_drawn_figure_by_figure_on_rows_of_generators():
    def generator(value):
        figures = {
            name: SimpleNamespace(
                label=name,
                value=value,
                low=value - 0.1,
                high=value + 0.1,
                real=0.9,
                better="higher",
                limits=(0.0, 1.0),
            )
            for name in ("precision", "recall", "density", "coverage")
        }
        return SimpleNamespace(estimates=lambda: figures)

    figure = plots.evaluations_chart({"one": generator(0.3), "two": generator(0.6)})
    panels = [ax for ax in figure.axes if ax.get_title()]
    assert [ax.get_title().splitlines()[0] for ax in panels] == [
        "precision",
        "recall",
        "density",
        "coverage",
    ]
    for ax in panels:
        intervals = [line for line in ax.lines if line.get_linewidth() == 3]
        assert [list(line.get_xdata()) for line in intervals] == [
            pytest.approx([0.2, 0.4]),
            pytest.approx([0.5, 0.7]),
        ]
        assert intervals[0].get_ydata()[0] > intervals[1].get_ydata()[0]  # the first on top
    names = [label.get_text() for label in panels[0].get_yticklabels()]
    assert names == ["one", "two"]


def test_class_shares_are_drawn_as_bars_beside_equal_shares():
    shares = np.array([0.5, 0.3, 0.2])
    figure = plots.class_shares_chart({"one": SimpleNamespace(class_shares=shares)})
    (ax,) = figure.axes
    assert [bar.get_height() for bar in ax.patches] == pytest.approx(list(shares))
    assert ax.lines[0].get_ydata()[0] == pytest.approx(1 / 3)
    assert ax.get_title() == "one"
