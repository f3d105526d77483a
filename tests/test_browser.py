"""The rendered pages in a browser: nothing is cut, on a laptop, a phone and paper; nothing keeps
out who does not see, or does not use a mouse.

`make book` makes the pages. Where there is no browser, these tests are skipped.
"""

from collections import defaultdict
from pathlib import Path

import pytest

from tests.chromium import LAPTOP, PHONE, opened_tab, show, visit
from tests.test_pages import PAGES, name

PAPER = 718  # pixels: A4 less a centimetre on either side, at 96 dots an inch
TEXTS = [file for file in PAGES if "<article" in file.read_text("utf-8")]
CUT, ACCESSIBLE = (
    (Path(__file__).parent / script).read_text("utf-8") for script in ("cut.js", "accessible.js")
)

# Solutions, proofs, folded code and checks: what a reader can open must fit, too.
OPEN_ALL = """() => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const box of document.querySelectorAll(".toggle-hidden")) {
    box.classList.remove("toggle-hidden");
  }
}"""
CLOSE_ALL = """() => {
  for (const details of document.querySelectorAll("details")) details.open = false;
}"""
NOT_ON_PAPER = """() => [...document.querySelectorAll(
  ".bd-article :is(p, pre, td, mjx-container, img)")]
  .filter((element) => !element.checkVisibility() && !element.closest("summary, .head"))
  .map((element) => element.textContent.trim().slice(0, 50))
  .filter((words) => words)
  .map((words) => `not there: ${words}`)"""
NOT_DRAWN = """() => [...document.querySelectorAll(".math")]
  .filter((box) => !box.querySelector("mjx-container > svg[width]") ||
                   box.querySelector("[data-mml-node=merror]"))
  .map((box) => box.textContent)"""
REPEATED_IDS = """() => [...document.querySelectorAll("[id]")].map(({ id }) => id)
  .filter((id, place, ids) => ids.indexOf(id) < place)"""
# Most of a page's elements are words of code, many coloured alike, and the strokes of formulas.
FEWER_WORDS = """() => {
  const seen = new Set();
  for (const word of document.querySelectorAll("pre span[class]:not(:has(*))")) {
    if (seen.has(word.className)) word.replaceWith(word.textContent);
    seen.add(word.className);
  }
}"""
NO_STROKES = """() => {
  for (const part of document.querySelectorAll("mjx-container > *")) part.replaceChildren();
}"""

# Of a figure of 8 inches with letters of 10 points, six tenths are letters of 8 pixels. A sheet of
# images has none.
SHRUNK = """() => [...document.querySelectorAll(".bd-article figure img:not(.sheet)")]
  .filter((img) => img.checkVisibility())
  .map((img) => [img, img.style.width.endsWith("px")
    ? parseFloat(img.style.width) : img.naturalWidth / 2])
  .filter(([img, drawn]) => img.getBoundingClientRect().width < 0.6 * drawn)
  .map(([img, drawn]) => `${img.getBoundingClientRect().width} px of ${drawn}: ${img.alt}`)"""
SIDEWAYS = """() => [...document.querySelectorAll(
  ".bd-article :is(.pst-scrollable-table-container, figure, .output.text_html)")]
  .filter((box) => box.clientWidth && box.scrollWidth > box.clientWidth)
  .filter((box) => box.querySelector("table[data-stacks]") || !box.matches(".scrolls"))
  .map((box) => `${box.className || box.id} is ${box.scrollWidth} px wide`)"""


class Problems(defaultdict):
    """Sentences about a page, each with the views in which it holds."""

    def __init__(self):
        super().__init__(list)

    def add(self, view, sentences):
        for sentence in sentences:
            self[sentence].append(view)

    def __str__(self):
        return "\n  ".join(f"{problem} ({'; '.join(views)})" for problem, views in self.items())


@pytest.fixture(scope="module", params=TEXTS, ids=name)
def page(request, browser):
    """A page that all tests of it share, with everything unfolded."""
    tab = opened_tab(browser)
    visit(tab, request.param, LAPTOP, "light")
    tab.evaluate(OPEN_ALL)
    tab.evaluate(FEWER_WORDS)
    yield tab
    tab.close()


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("<table style='width: 900px'><td>wide</table>", "table: 500 px of “wide”"),
        ("<pre>" + "long " * 100 + "</pre>", "code: "),
        ("<div style='overflow: hidden'><p style='width: 450px'>so</div>", "text: 50 px of “so”"),
        ("<p style='height: 9px; overflow: auto'>high</p>", "scroll bar at the side of “high”"),
        ("<mjx-container><svg width=450><g><rect width=450 height=9 /></g></svg>", "formula in a"),
    ],
)
def test_what_is_cut_is_found(inside, says, tab):
    page = "<article class='bd-article' style='width: 400px; {}'><section id=a>{}</section>"
    tab.set_content(page.format("", inside))
    assert any(says in problem for problem in tab.evaluate(CUT, True)), tab.evaluate(CUT, True)


@pytest.mark.parametrize("scrolls", [True, False])
def test_what_scrolls_with_a_shadow_may_be_wide_on_a_phone(scrolls, tab):
    shadow = "overflow: auto hidden; background: linear-gradient(red, blue) local"
    wide = f"<div style='{shadow}'><table style='width: 900px'><td>wide</table></div>"
    tab.set_content(f"<article class='bd-article' style='width: 400px'>{wide}</article>")
    assert (tab.evaluate(CUT, scrolls) == []) == scrolls


def test_nothing_is_cut(page):
    problems = Problems()
    for view, width in (("laptop", LAPTOP), ("phone", PHONE)):
        for scheme in ("light", "dark"):
            show(page, width, scheme)
            problems.add(f"{view}, {scheme}", page.evaluate(CUT, width == PHONE))

    page.evaluate(CLOSE_ALL)
    page.set_viewport_size({"width": PAPER, "height": 800})
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_selector("html[data-theme=light]", state="attached")  # the screen was dark
    problems.add("paper", page.evaluate(CUT, False) + page.evaluate(NOT_ON_PAPER))
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    page.evaluate(OPEN_ALL)
    assert not problems, str(problems)


def test_a_phone_shows_figures_and_tables_that_can_be_read(page):
    """Letters of figures are not shrunk away, tables of words fit, and what must slide says so."""
    show(page, PHONE, "dark")
    assert page.evaluate(SHRUNK) + page.evaluate(SIDEWAYS) == []


def test_formulas_are_drawn_and_ids_are_unique(page):
    assert page.evaluate(NOT_DRAWN) == []
    assert page.evaluate(REPEATED_IDS) == []


@pytest.fixture(scope="module")
def axe():
    package = pytest.importorskip(
        "axe_playwright_python.base", reason="axe-core is not installed: `make env`"
    )
    return package.AXE_SCRIPT


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("<button></button>", "button-name"),
        ("<button aria-label='Close'>Open</button>", "label-content-name-mismatch"),
        ("<p>seen<p style='color: #999'>not seen", "color-contrast"),
        ("<div style='overflow: auto'><p style='width: 9999px'>" + "wide " * 500, "scrollable"),
    ],
)
def test_what_keeps_people_out_is_found(inside, says, tab, axe):
    tab.set_content(f"<html lang=en><title>A page</title><main>{inside}</main>")
    tab.evaluate(axe)
    (problem,), kinds = tab.evaluate(ACCESSIBLE, [True, []])
    assert says in problem
    again, _ = tab.evaluate(ACCESSIBLE, [True, kinds])
    assert again == ([] if says == "color-contrast" else [problem])


@pytest.fixture(scope="module")
def seen():
    """Kinds of text whose contrast has been looked at, on whichever page."""
    return set()


def test_nothing_keeps_people_out(page, axe, seen):
    """All rules of axe-core in two views, those of contrast in the other two."""
    page.evaluate(NO_STROKES)
    page.evaluate(axe)
    problems = Problems()
    for view, width in (("laptop", LAPTOP), ("phone", PHONE)):
        for scheme in ("light", "dark"):
            show(page, width, scheme)
            every_rule = (view, scheme) in (("laptop", "light"), ("phone", "dark"))
            found, kinds = page.evaluate(ACCESSIBLE, [every_rule, list(seen)])
            problems.add(f"{view}, {scheme}", found)
            seen.update(kinds)
    assert not problems, str(problems)


def test_page_says_nothing_and_asks_nobody(page):
    assert not page.messages
