"""Where a line may break, which a style sheet cannot know.

No line ends after the first letter of “n-gram”, nor between a formula and the comma behind it. What
a cell prints wraps where the screen ends, but for lines that must stand under each other.
"""

import re
from itertools import pairwise

from docutils import nodes

UNBROKEN, COLUMNS = "unbroken", "columns"  # classes, which style.css knows
ONE_LETTER = re.compile(r"(?<![\w-])[A-Za-z]-[A-Za-z]+")
LEFT_ALONE = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)
LEFT_ALONE += (nodes.comment,)
LONGEST = 12  # letters that stay with a formula: punctuation, or what makes a word of it
TABLE = re.compile(r"\S {2,}\S")  # a line with columns in it


def unbroken(*parts: nodes.Node) -> nodes.inline:
    return nodes.inline("", "", *parts, classes=[UNBROKEN])


def in_pieces(text: str) -> list[nodes.Node]:
    """A text, of which words that begin with a letter and a hyphen are nodes of their own."""
    pieces, start = [], 0
    for word in ONE_LETTER.finditer(text):
        pieces += [nodes.Text(text[start : word.start()]), unbroken(nodes.Text(word[0]))]
        start = word.end()
    return [*pieces, nodes.Text(text[start:])] if pieces else []


def keep_words(doctree: nodes.document) -> None:
    for text in list(doctree.findall(nodes.Text)):
        around = text.parent
        while around is not None and not isinstance(around, LEFT_ALONE):
            around = around.parent
        if around is None and (pieces := in_pieces(str(text))):
            text.parent.replace(text, pieces)


def neighbour(formula: nodes.math, step: int) -> str:
    """The text before or behind a formula, if there is nothing between them."""
    place = formula.parent.index(formula) + step
    if 0 <= place < len(formula.parent) and isinstance(formula.parent[place], nodes.Text):
        return str(formula.parent[place])
    return ""


def keep_punctuation(doctree: nodes.document) -> None:
    for formula in list(doctree.findall(nodes.math)):
        before = re.search(r"[(\[“]*$", neighbour(formula, -1))[0]
        behind = re.match(r"\S*", neighbour(formula, 1))[0]
        if not before and not 0 < len(behind) <= LONGEST:
            continue
        parent, place = formula.parent, formula.parent.index(formula)
        behind = behind if len(behind) <= LONGEST else ""
        if before:
            parent[place - 1] = nodes.Text(str(parent[place - 1])[: -len(before)])
        if behind:
            parent[place + 1] = nodes.Text(str(parent[place + 1])[len(behind) :])
        whole = unbroken(nodes.Text(before), formula.deepcopy(), nodes.Text(behind))
        parent[place] = whole


def stand_under_each_other(printed: str) -> bool:
    """Whether two lines in a row are columns of a table, or say something letter by letter."""
    lines = printed.splitlines()
    for one, two in pairwise(lines):
        if TABLE.search(one) and TABLE.search(two):
            return True
        if len(one) == len(two) > LONGEST and not (" " in one.strip() and " " in two.strip()):
            return True
    return False


def keep_columns(doctree: nodes.document) -> None:
    for block in doctree.findall(nodes.literal_block):
        if "output" in block["classes"] and stand_under_each_other(block.astext()):
            block["classes"].append(COLUMNS)


def keep(app, doctree: nodes.document, page: str) -> None:
    if app.builder.format == "html":
        keep_words(doctree)
        keep_punctuation(doctree)
        keep_columns(doctree)


def setup(app) -> None:
    app.connect("doctree-resolved", keep, priority=900)  # behind the links to the glossary
