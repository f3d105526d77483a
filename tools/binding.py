"""All pages of the rendered book bound into one document, from which tools/pdf.py prints.

An id that several pages have gets a name of its own, links between pages become links inside, and
a notebook's headings go below those of its chapter. What stands folded on a page, but for
solutions, is left out: set-up, plotting and checks are for whoever runs the notebook.
"""

import os
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

UNCOLOURED = ".highlight :is(.n, .p, .w)"  # words of code: half of all elements
LEFT_OUT = "details.hide, details.checks, .headerlink, script"


@dataclass
class Page:
    file: Path
    title: str
    level: int  # 1: a chapter; 2: a notebook of it

    @property
    def anchor(self) -> str:
        return f"page-{self.file.parent.name}-{self.file.stem}"


def parsed(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text("utf-8"), "html.parser")


def pages_in_order(root: Path) -> list[Page]:
    """The root page and what its sidebar lists."""
    pages = []
    for link in parsed(root).select("nav.bd-docs-nav a.reference"):
        (level,) = re.findall(r"toctree-l(\d)", " ".join(link.find_parent("li")["class"]))
        file = root if link["href"] == "#" else (root.parent / link["href"]).resolve()
        pages.append(Page(file, link.get_text(strip=True), int(level)))
    return pages


def bound(pages: list[Page], output: Path) -> str:
    """The document's HTML, whose pictures and styles are found from where `output` lies."""
    articles = [parsed(page.file).select_one("article.bd-article") for page in pages]
    new_ids: dict[tuple[Path, str], str] = {}
    taken: set[str] = set()
    for page, article in zip(pages, articles, strict=True):
        for tag in article.select(LEFT_OUT):
            tag.decompose()
        for tag in article.select(UNCOLOURED):
            tag.unwrap()
        for tag in article.find_all(id=True):
            new = tag["id"] if tag["id"] not in taken else f"{page.anchor}-{tag['id']}"
            taken.add(new)
            new_ids[page.file, tag["id"]] = tag["id"] = new
        article["id"] = page.anchor
    anchors = {page.file: page.anchor for page in pages}
    for page, article in zip(pages, articles, strict=True):
        for image in article.find_all("img"):
            image["src"] = relative(page.file.parent / image["src"], output)
        for link in article.find_all("a", href=True):
            follow(link, page.file, anchors, new_ids)
        if page.level > 1:
            for heading in reversed(article.find_all(re.compile(r"^h[1-5]$"))):
                heading.name = f"h{int(heading.name[1]) + 1}"
    return "\n".join(
        [
            head(pages, output),
            "<body><main class='bd-content bd-article-container'>",
            contents(pages),
            *map(str, articles),
            "</main></body></html>",
        ]
    )


def relative(file: Path, output: Path) -> str:
    return Path(os.path.relpath(file, output.parent)).as_posix()


def follow(link: Tag, source: Path, anchors: dict, new_ids: dict):
    """Points a link to where its target is in the document, or takes it away if that is nowhere."""
    address = urlsplit(link["href"])
    if address.scheme:
        return
    target = source
    if address.path:
        target = Path(os.path.normpath(source.parent / unquote(address.path)))
    anchor = new_ids.get((target, unquote(address.fragment)), anchors.get(target))
    if anchor:
        link["href"] = f"#{anchor}"
    else:
        link.unwrap()


def is_mathjax(script: Tag) -> bool:
    return "mathjax" in script.get("src", "") or "window.MathJax" in script.get_text()


def mathjax(pages: list[Page]) -> tuple[Path, list[Tag]]:
    """MathJax's scripts, from the first page that has a formula, and where they are found from."""
    for page in pages:
        if found := [
            script for script in parsed(page.file).find_all("script") if is_mathjax(script)
        ]:
            return page.file, found
    return pages[0].file, []


def head(pages: list[Page], output: Path) -> str:
    """The root page's own; of all scripts, MathJax alone."""
    root = pages[0]
    tag = parsed(root.file).head
    tag.title.string = root.title
    for script in tag.find_all("script"):
        script.decompose()
    for link in tag.find_all("link"):
        if "stylesheet" not in link["rel"]:
            link.decompose()
    for attribute in ("src", "href"):
        for asset in tag.find_all(attrs={attribute: True}):
            address = urlsplit(asset[attribute]).path
            asset[attribute] = relative(root.file.parent / address, output)
    found_from, scripts = mathjax(pages)
    for script in scripts:
        if "src" in script.attrs:
            address = urlsplit(script["src"]).path
            script["src"] = relative(found_from.parent / address, output)
        tag.append(script)
    style = (Path(__file__).parent / "print.css").read_text("utf-8")
    return f"<!DOCTYPE html><html lang='en' data-theme='light'>{tag}<style>{style}</style>"


def contents(pages: list[Page]) -> str:
    """The title and the table of contents, with room for the numbers of pages."""
    root, *others = pages
    lines = "\n".join(
        f"<li class='level-{page.level}'><a href='#{page.anchor}'>{escape(page.title)}</a>"
        f"<span class='number' data-page='{page.anchor}'>000</span></li>"
        for page in others
    )
    return (
        f"<nav class='book-contents'><p class='book'>{escape(root.title)}</p><ol>{lines}</ol></nav>"
    )
