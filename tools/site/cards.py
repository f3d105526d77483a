"""What a search engine or a message shows of a page: title, first sentences, first figure."""

import re
from html import escape
from pathlib import PurePosixPath
from urllib.parse import urljoin

from docutils import nodes

LONGEST = 200  # characters of a description
ASIDE = (nodes.Admonition, nodes.figure, nodes.table, nodes.list_item, nodes.citation)
LEFT_OUT = "\ufffc"  # stands for a formula


def is_aside(paragraph: nodes.paragraph) -> bool:
    """Whether a paragraph stands in a box, a figure, a list, or in what a cell shows."""
    while paragraph := paragraph.parent:
        if isinstance(paragraph, ASIDE) or "cell" in paragraph.get("classes", []):
            return True
    return False


def sentences(doctree: nodes.document) -> list[str]:
    """Those of the running text; one with a formula in it is left out, for it would be TeX."""
    doctree, found = doctree.deepcopy(), []
    for kind, words in ((nodes.math, LEFT_OUT), (nodes.raw, "")):
        for node in list(doctree.findall(kind)):
            node.parent.replace(node, nodes.Text(words))
    for paragraph in doctree.findall(nodes.paragraph):
        if not is_aside(paragraph):
            found += re.split(r"(?<=[.?!])\s+", " ".join(paragraph.astext().split()))
    return [sentence for sentence in found if sentence and LEFT_OUT not in sentence]


def description(doctree: nodes.document) -> str:
    """The first sentences, as many as fit; of a first one that is too long, its first part."""
    told = ""
    for sentence in sentences(doctree):
        if len(longer := f"{told} {sentence}".strip()) > LONGEST:
            start = sentence[: LONGEST - 2]
            part = start.rsplit("; ", 1)[0] if "; " in start else start.rsplit(" ", 1)[0]
            return told or part.rstrip(",:") + " …"
        told = longer
    return told


def first_picture(doctree: nodes.document, names: set[str]) -> tuple[str, str] | None:
    """Its file's name, which is among those of the book's images, and what it shows in words."""
    for image in doctree.findall(nodes.image):
        if (name := PurePosixPath(image["uri"]).name) in names:
            return name, image.get("alt", "")
    return None


def tags(card: dict[str, str]) -> str:
    lines = []
    for name, value in card.items():
        key = "property" if name.startswith("og:") else "name"
        lines.append(f'\n    <meta {key}="{name}" content="{escape(value)}" />')
    return "".join(lines)


def add_card(app, pagename, templatename, context, doctree) -> None:
    if doctree is None:
        return
    root = app.config.root_doc
    metas = {node.get("name"): node["content"] for node in doctree.findall(nodes.meta)}
    about = metas.get("description") or description(doctree)
    card = {} if "description" in metas else {"description": about}
    card |= {
        "og:type": "article",
        "og:site_name": app.config.html_title,
        "og:title": app.env.titles[pagename].astext(),
        "og:description": about,
    }
    address = context["pageurl"]
    names = {name for _, name in app.env.images.values()} | set(app.builder.images.values())
    picture = first_picture(doctree, names) or first_picture(app.env.get_doctree(root), names)
    if address:
        card["og:url"] = address
    if picture:
        name, alt = picture
        place = context["pathto"](f"_images/{name}", 1)
        card |= {"og:image": urljoin(address or "", place), "og:image:alt": alt}
    context["metatags"] += tags(card | {"twitter:card": "summary_large_image"})
    if pagename == root:
        context["docstitle"] = ""  # or the title in the tab would be the book's twice


def setup(app) -> None:
    app.connect("html-page-context", add_card)
