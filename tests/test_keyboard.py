"""Who reads with the keyboard: where they are is seen; no formula stops them; search finds."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.chromium import LAPTOP, PHONE, visit
from tests.test_pages import HTML

pytestmark = pytest.mark.skipif(not HTML.exists(), reason="no rendered book: `make book`")
PAGES = ["book/index", "book/ch03_algorithm", "notebooks/ch04_table", "search"]  # of each kind
WHERE = (Path(__file__).parent / "keyboard.js").read_text("utf-8")


def pixels(tab, rectangle):
    return Image.open(io.BytesIO(tab.screenshot(clip=rectangle, animations="disabled")))


def marked(tab, rectangle):
    """Whether the place where the keyboard is looks otherwise than without it."""
    with_focus = pixels(tab, rectangle)
    tab.evaluate("window.stop.blur()")
    without = pixels(tab, rectangle)
    tab.evaluate("window.stop.focus()")
    difference = ImageChops.difference(with_focus.convert("L"), without.convert("L"))
    return sum(difference.histogram()[50:]) > 40  # pixels


def walk(tab):
    """Problems that the Tab key meets on its way through the page; each kind of stop once."""
    problems, kinds = [], set()
    for _ in range(1000):
        tab.keyboard.press("Tab")
        stop = tab.evaluate(WHERE)
        if stop is None:
            return problems, kinds
        if stop["inFormula"]:
            problems.append(f"a formula is a stop: {stop['kind']}")
        if stop["kind"] in kinds:
            continue
        kinds.add(stop["kind"])
        if stop["onScreen"] is None:
            problems.append(f"not on the screen: {stop['kind']}")
        elif not marked(tab, stop["onScreen"]):
            problems.append(f"looks as without the keyboard: {stop['kind']}")
    return [*problems, "the Tab key does not come to an end"], kinds


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("<a class=seen href=b>seen</a>", None),
        ("<a class=unseen href=b style='outline: none'>unseen</a>", "looks as without"),
        ("<a href=b style='position: fixed; top: -99px'>away</a>", "not on the screen"),
        ("<mjx-container tabindex=0>formula</mjx-container>", "a formula is a stop"),
    ],
)
def test_what_the_keyboard_meets_is_found(inside, says, tab):
    tab.set_content(f"<p>Some words and {inside}")
    problems, kinds = walk(tab)
    assert len(kinds) == 1
    assert len(problems) == bool(says) and all(says in problem for problem in problems)


@pytest.mark.parametrize("view", [(LAPTOP, "light"), (PHONE, "dark")], ids=["laptop", "phone"])
@pytest.mark.parametrize("page", PAGES)
def test_where_the_keyboard_is_can_be_seen(page, view, tab):
    visit(tab, HTML / f"{page}.html", *view)
    problems, kinds = walk(tab)
    assert not problems
    assert len(kinds) >= 5


def test_search_finds_a_term_from_the_file_system(tab):
    visit(tab, HTML / "book" / "index.html", LAPTOP, "light")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("Wasserstein distance")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#search-results li a")
    found = tab.eval_on_selector_all("#search-results li a", "links => links.map((a) => a.href)")
    assert any("ch04_wasserstein.html" in address for address in found)
    assert not tab.messages
