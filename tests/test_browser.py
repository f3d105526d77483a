"""The rendered pages in a browser: nothing is cut, on a laptop, a phone and paper.

`make book` makes the pages. The browser is the machine's own Chromium or Chrome; where there is
none, these tests are skipped.
"""

import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from tests.test_pages import HTML, PAGES, name

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: `make env`"
)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on the path (Debian: apt install chromium)"
)

# In pixels. A laptop's scroll bar takes 15 from the page; a phone's lies upon it. Paper: A4 less a
# centimetre on either side, at 96 dots an inch.
LAPTOP, PHONE, PAPER = 1280 - 15, 390, 718
TEXTS = [file for file in PAGES if "<article" in file.read_text("utf-8")]
CUT = (Path(__file__).parent / "cut.js").read_text("utf-8")

FORMULAS_DRAWN = "() => window.MathJax?.startup.promise.then(() => document.fonts.ready)"
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
  .filter((element) => !element.checkVisibility() && !element.closest("summary"))
  .map((element) => element.textContent.trim().slice(0, 50))
  .filter((words) => words)
  .map((words) => `not there: ${words}`)"""


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def tab(browser):
    """An empty tab, and what its page writes to the console or asks of other hosts."""
    tab = browser.new_page()
    tab.messages = []

    def heard(message):
        if message.type in ("error", "warning"):
            tab.messages.append(f"console: {message.text}")

    def asked(request):
        if not request.url.startswith(("file:", "data:", "blob:")):
            tab.messages.append(f"request: {request.url}")

    tab.on("console", heard)
    tab.on("request", asked)
    tab.on("pageerror", lambda error: tab.messages.append(f"error: {error}"))
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


@pytest.mark.parametrize("file", TEXTS, ids=name)
def test_nothing_is_cut(file, tab):
    problems = defaultdict(list)  # and where they are seen

    def look(view, script, *argument):
        for problem in tab.evaluate(script, *argument):
            problems[problem].append(view)

    tab.set_viewport_size({"width": LAPTOP, "height": 800})
    tab.goto(file.as_uri())
    tab.evaluate(FORMULAS_DRAWN)
    tab.evaluate(OPEN_ALL)
    for view, width in (("laptop", LAPTOP), ("phone", PHONE)):
        tab.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            tab.emulate_media(color_scheme=scheme)
            tab.wait_for_selector(f"html[data-theme={scheme}]", state="attached")
            look(f"{view}, {scheme}", CUT, width == PHONE)

    tab.evaluate(CLOSE_ALL)
    tab.set_viewport_size({"width": PAPER, "height": 800})
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.wait_for_selector("html[data-theme=light]", state="attached")  # the screen was dark
    look("paper", CUT, False)
    look("paper", NOT_ON_PAPER)

    found = tab.messages + [
        f"{problem} ({'; '.join(views)})" for problem, views in problems.items()
    ]
    assert not found, f"{file.relative_to(HTML)}:\n  " + "\n  ".join(found)
