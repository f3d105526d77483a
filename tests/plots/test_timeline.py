import matplotlib.pyplot as plt
import pytest

from gan_helpers.data.timeline import FAMILIES, Work, load_timeline
from gan_helpers.plots.timeline import LOOKS, WIDTH, timeline_figure

PHONE = 358  # pixels of a figure in a window of 390


@pytest.fixture(autouse=True)
def no_window():
    plt.switch_backend("agg")
    yield
    plt.close("all")


def work(year: int, *kinds: str) -> Work:
    return Work(year, None, f"work of {year}", kinds, f"key{year}", None, None, year, "", "", "")


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_every_work_is_named_and_has_a_mark_in_each_of_its_columns():
    works = load_timeline()
    figure = timeline_figure(works)
    (ax,) = figure.axes
    names = [text for text in ax.texts if text.get_text() in {work.name for work in works}]
    assert [text.get_text() for text in names] == [work.name for work in works]
    marks = {}
    for line in ax.lines:
        if line.get_marker() not in ("None", None, ""):
            (y,) = line.get_ydata()
            marks.setdefault(round(float(y), 6), set()).add(line.get_marker())
    drawn = [marks[round(text.get_position()[1], 6)] for text in names]
    assert drawn == [{LOOKS[kind][1] for kind in work.kinds} for work in works]


def test_letters_can_be_read_on_a_phone_and_none_leaves_the_paper():
    figure = timeline_figure(load_timeline())
    shrink = min(1, PHONE / (WIDTH * 100))
    paper = figure.bbox
    for text in figure.axes[0].texts:
        assert text.get_fontsize() * 100 / 72 * shrink >= 8
        box = text.get_window_extent()
        assert paper.x0 <= box.x0 and box.x1 <= paper.x1, text.get_text()
        assert paper.y0 <= box.y0 and box.y1 <= paper.y1, text.get_text()


def test_families_differ_in_colour_and_in_marker():
    assert LOOKS.keys() == FAMILIES.keys()
    assert all(len(set(looks)) == len(LOOKS) for looks in zip(*LOOKS.values(), strict=True))


def test_a_year_is_written_once_and_a_long_pause_is_marked():
    shown = texts(timeline_figure([work(1900, "flow"), work(1909, "flow"), work(1919, "energy")]))
    assert "10 years" in shown and "9 years" not in shown
    twice = texts(timeline_figure([work(1900, "flow"), work(1900, "energy")]))
    assert twice.count("1900") == 1


@pytest.mark.parametrize(
    ("works", "message"),
    [
        ([], "works must be at least one"),
        ([work(1901, "flow"), work(1900, "flow")], "in the order of time"),
        ([work(1900, "magic")], r"given \['magic'\]"),
        ([1900], "work must be a Work; given int"),
        (None, "works must be a Sequence; given NoneType"),
    ],
)
def test_what_is_no_timeline_is_refused(works, message):
    with pytest.raises(ValueError, match=message):
        timeline_figure(works)
