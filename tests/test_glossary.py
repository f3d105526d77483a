"""Terms lead to the glossary where they are first used; every term of it is used somewhere."""

import re

import pytest
from docutils import nodes

from tests.test_pages import HTML, PAGES
from tools.glossary_links import linked, pattern_of_all

NAMES = ["mode collapse", "mode", "GAN", "normalizing flow", "generator"]


def found(text: str) -> list[str]:
    """The words that are linked, if each use were the first."""
    pieces = linked(
        text, pattern_of_all(NAMES), NAMES, lambda name, words: nodes.emphasis("", words)
    )
    if pieces:
        assert "".join(piece.astext() for piece in pieces) == text
    return [piece.astext() for piece in pieces if isinstance(piece, nodes.emphasis)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mode collapse: few modes are left.", ["Mode collapse", "modes"]),
        ("In training mode a gan is no WGAN-GP, model or GAN-like thing.", []),
        ("Python generators, NumPy's newer generator; a generator.", ["generator"]),
        ("GANs, normalizing\nflows.", ["GANs", "normalizing\nflows"]),
    ],
)
def test_a_term_is_found_as_a_whole_word_and_in_the_plural(text, words):
    assert found(text) == words


def test_every_term_is_linked_from_some_page_and_from_no_page_twice():
    anchors = re.findall(r'<dt id="(term-[^"]+)"', (HTML / "book/glossary.html").read_text("utf-8"))
    assert len(anchors) > 50
    unused = set(anchors)
    for file in PAGES:
        on_page = re.findall(
            r'class="glossary-term[^"]*" href="[^"#]*#(term-[^"]+)"', file.read_text("utf-8")
        )
        assert len(on_page) == len(set(on_page)), file.name
        unused -= set(on_page)
    assert not unused, "no page uses " + ", ".join(sorted(unused))
