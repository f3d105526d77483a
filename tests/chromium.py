"""What tests in a browser share: the machine's own Chromium or Chrome, and tabs that listen."""

import pytest

from tools.chromium import CHROMIUM

LAPTOP, PHONE = 1280 - 15, 390  # pixels; a laptop's scroll bar takes 15, a phone's lies on the page

DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")  # not longer: while it runs, nothing else may await
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: `make env`"
    )
    if CHROMIUM is None:
        pytest.skip("no Chromium on the path (Debian: apt install chromium)")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


def opened_tab(browser):
    """An empty tab, and what its page writes to the console or asks of other hosts."""
    tab = browser.new_page(reduced_motion="reduce")
    tab.set_default_timeout(120_000)  # on a busy machine
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
    return tab


@pytest.fixture
def tab(browser):
    tab = opened_tab(browser)
    yield tab
    tab.close()


def show(tab, width, scheme):
    tab.set_viewport_size({"width": width, "height": 800})
    tab.emulate_media(color_scheme=scheme)
    tab.wait_for_selector(f"html[data-theme={scheme}]", state="attached")
    tab.evaluate(DRAWN)


def visit(tab, file, width, scheme):
    """Opens a page and waits until its formulas are drawn."""
    tab.set_viewport_size({"width": width, "height": 800})
    tab.emulate_media(color_scheme=scheme)
    tab.goto(file.as_uri())
    tab.evaluate("() => window.MathJax?.startup?.promise.then(() => document.fonts.ready)")
