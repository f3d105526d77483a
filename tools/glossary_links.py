"""A Sphinx extension: on each page a term of the glossary leads there where it is first used.

Authors write plain words. Headings, titles of folds, captions, code, formulas and what is a link
already stay as they are; capitals and a plural's s make no difference.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx_design.dropdown import dropdown_title

GLOSSARY = "book/glossary"
NO_LINKS = ("book/bibliography",)
NOT_MEANT = (  # another sense of a word, which is left as it is
    r"(?:training|inference|safe|two|dark|light) modes?|(?:double|half|single) precision"
    r"|(?:Python|NumPy's(?: newer)?|image) generators?"
)
LEFT_ALONE = (
    nodes.title,
    dropdown_title,  # which is a button
    nodes.caption,
    nodes.reference,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.citation,
    nodes.term,
)


def terms(app: Sphinx) -> dict[str, str]:
    """The anchor of each term in the glossary, by its name."""
    objects = app.env.domaindata["std"]["objects"]
    return {
        name: anchor
        for (kind, name), (page, anchor) in objects.items()
        if kind == "term" and page == GLOSSARY
    }


def pattern(term: str) -> str:
    """A regular expression for a term, or for its plural."""
    word = re.escape(term).replace(r"\ ", r"\s+")
    if term.endswith("y"):
        word = f"(?:{word}|{word[:-1]}ies)"
    capitals = "" if term.isupper() or term[0].isupper() else "(?i:"
    return f"{capitals}{word}(?:e?s)?{')' if capitals else ''}"


def pattern_of_all(names: list[str]) -> re.Pattern:
    """A group for each name, in their order; none within a word, or joined to one by a hyphen."""
    groups = "|".join(f"({pattern(name)})" for name in names)
    return re.compile(rf"(?<![\w-])(?:{NOT_MEANT}|{groups})(?![\w-])")


def linked(text: str, wanted: re.Pattern, names: list[str], link) -> list[nodes.Node]:
    """A text in pieces, of which the first use of each name is a link; the names are used up."""
    pieces: list[nodes.Node] = []
    start = 0
    for found in wanted.finditer(text):
        if found.lastindex is None:  # NOT_MEANT
            continue
        name = names[found.lastindex - 1]
        if not (reference := link(name, found.group())):
            continue
        pieces += [nodes.Text(text[start : found.start()]), reference]
        start = found.end()
    return [*pieces, nodes.Text(text[start:])] if pieces else []


def add_links(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the links into a page."""
    anchors = terms(app)
    if not anchors or page == GLOSSARY or page in NO_LINKS or app.builder.format != "html":
        return
    names = sorted(anchors, key=len, reverse=True)  # of two names, the longer one
    wanted = pattern_of_all(names)
    glossary, used = app.builder.get_relative_uri(page, GLOSSARY), set()

    def link(name: str, words: str) -> nodes.reference | None:
        if name in used:
            return None
        used.add(name)
        uri = f"{glossary}#{anchors[name]}"
        return nodes.reference("", words, refuri=uri, internal=True, classes=["glossary-term"])

    for text in list(doctree.findall(nodes.Text)):
        parent = text.parent
        while parent is not None and not isinstance(parent, LEFT_ALONE):
            parent = parent.parent
        if parent is None and (pieces := linked(str(text), wanted, names, link)):
            text.parent.replace(text, pieces)


def setup(app: Sphinx) -> dict:
    app.connect("doctree-resolved", add_links)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
