"""What every page has as a part of a site, and does not weigh: rule(html, file), as in rules.py."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

from tools.fingerprint import ROOT
from tools.site.archive import NAME
from tools.site.edition import read_edition

MAX_IMAGE_BYTES = 200_000
SEARCHING = "#search-results"
# Scripts by the end of their address, and what in the page they are for; None: for nothing.
SCRIPTS = {
    "tex-mml-svg-mathjax-tex.js": ".math",
    "clipboard.min.js": "div.highlight pre",
    "copybutton.js": "div.highlight pre",
    "togglebutton.js": ".toggle, .admonition.dropdown",
    "design-tabs.js": ".sd-tab-set",
    "searchtools.js": SEARCHING,
    "language_data.js": SEARCHING,
    "searchindex.js": SEARCHING,
    "fontawesome.js": None,
}


def meta(html: BeautifulSoup, name: str) -> str:
    tag = html.find("meta", property=name) or html.find("meta", attrs={"name": name})
    return tag["content"] if tag else ""


def card_complete(html: BeautifulSoup, file: Path) -> list[str]:
    """A page of the book; those that Sphinx adds have no text."""
    if not html.select_one("article h1") or file.stem in ("404", "search"):
        return []
    problems = []
    about = meta(html, "description")
    if not 40 <= len(about) <= 210 or "\\" in about or meta(html, "og:description") != about:
        problems.append(f"its description is {about!r}: see tools/site/cards.py")
    title = html.select_one("article h1").get_text().removesuffix("#")
    if meta(html, "og:title") != title or title not in html.title.get_text():
        problems.append(f"its title on a card is {meta(html, 'og:title')!r}, not {title!r}")
    if not (file.parent / meta(html, "og:image")).is_file() or len(meta(html, "og:image:alt")) < 30:
        problems.append(
            f"its picture on a card is {meta(html, 'og:image')!r}: no file, or no words"
        )
    return problems


def own_icon(html: BeautifulSoup, file: Path) -> list[str]:
    icon = html.find("link", rel="icon")
    if icon and (file.parent / urlsplit(icon["href"]).path).is_file():
        return []
    return ["it has no icon: see html.favicon in _config.yml"]


def foot_complete(html: BeautifulSoup, file: Path) -> list[str]:
    """The archive, the version, its day, the authors and the licence."""
    if not html.find("article"):
        return []
    foot, edition = html.find("footer", class_="bd-footer-content"), read_edition(ROOT)
    said = " ".join(foot.get_text(" ").split()) if foot else ""
    licences = edition["license"]
    licences = [licences] if isinstance(licences, str) else licences
    expected = [f"version {edition['version']}", edition["authors"], *licences]
    problems = [f"its foot does not say {words!r}" for words in expected if words not in said]
    if not re.search(r"of \d{1,2} [A-Z][a-z]+ 20\d\d", said):
        problems.append("its foot has no date")
    links = [file.parent / link["href"] for link in foot.find_all("a")] if foot else []
    if not any(link.name == NAME and link.is_file() for link in links):
        problems.append("its foot does not link the archive with what runs the notebooks")
    return problems


def used_scripts(html: BeautifulSoup, file: Path) -> list[str]:
    sources = [urlsplit(tag["src"]).path for tag in html.find_all("script", src=True)]
    problems = []
    for name, target in SCRIPTS.items():
        loaded = any(source.endswith(name) for source in sources)
        needed = bool(target and html.select_one(target))
        if loaded and not needed:
            problems.append(f"it loads {name}, which does nothing there: see tools/site/scripts.py")
        if needed and not loaded:
            problems.append(f"it lacks {name}: see tools/site/scripts.py")
    return problems


def small_images(html: BeautifulSoup, file: Path) -> list[str]:
    sizes = {
        tag["src"]: (file.parent / tag["src"]).stat().st_size for tag in html.select("article img")
    }
    return [
        f"{name} has {size} bytes, of {MAX_IMAGE_BYTES} allowed: fewer colours, or a smaller figure"
        for name, size in sizes.items()
        if size > MAX_IMAGE_BYTES
    ]


SITE_RULES = [card_complete, own_icon, foot_complete, used_scripts, small_images]
