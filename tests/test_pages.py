"""The rendered pages in _build/html keep the rules. `make book` makes them."""

import pytest

from tests.rules import PAGE_RULES, parsed, remote_in_css
from tests.site_rules import SITE_RULES
from tools.fingerprint import ROOT

HTML = ROOT / "_build" / "html"
PAGES = sorted(HTML.glob("*.html")) + sorted(HTML.glob("[!_]*/*.html"))


@pytest.fixture(autouse=True)
def built():
    assert PAGES, "no rendered book in _build/html: run `make book`"


def name(value):
    return value.__name__ if callable(value) else value.relative_to(HTML).as_posix()


@pytest.mark.parametrize("rule", [*PAGE_RULES, *SITE_RULES], ids=name)
@pytest.mark.parametrize("file", PAGES, ids=name)
def test_page_keeps_rule(file, rule):
    problems = rule(parsed(file), file)
    assert not problems, f"{name(file)}:\n  " + "\n  ".join(problems)


def test_style_sheets_load_nothing_from_other_hosts():
    problems = {
        name(file): found
        for file in HTML.rglob("*.css")
        if (found := remote_in_css(file.read_text("utf-8")))
    }
    assert not problems
