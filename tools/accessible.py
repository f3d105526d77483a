"""What the theme and MyST-NB write that people who do not see or do not use a mouse stumble over.

A Sphinx extension: it mends the finished pages, text by text. tests/test_browser.py says whether
each is still needed and enough: axe-core reads every page.
"""

import re
from pathlib import Path

MENDED = {
    # A fold is named after what it shows, which it says already.
    r'<summary aria-label="Toggle hidden content">': "<summary>",
    # An arrow in the table of contents has no name at all.
    r'>([^<]+)(</a><details[^>]*><summary)(?=><span class="toctree-toggle")': (
        r'>\1\2 aria-label="Pages under \1"'
    ),
    # A button that reads “Search Ctrl+K” must not be called otherwise.
    r'(<button class="btn search-button-field[^>]*) title="Search" aria-label="Search"': r"\1",
    # Nor one that is called “Color mode” carry the title of its picture.
    r'(<i class="theme-switch [^>]*) title="[^"]*"': r"\1",
    # The bibliography is a list, but its entries are no list items.
    r'<div role="list" class="citation-list">': '<div class="citation-list">',
    r'(<div class="citation" id="[^"]*") role="doc-biblioentry"': r"\1",
    # Every exercise of a page has the same id.
    r'<section id="(exercise|solution)-content">': "<section>",
}


# Where the first column has no heading, its cells are headings of their rows.
NAMELESS_COLUMN = re.compile(
    r"<table[^>]*>\s*<thead>\s*<tr[^>]*>\s*<th[^>]*>(?:<p></p>)?\s*</th>.*?</table>", re.DOTALL
)


def with_row_headings(table: re.Match) -> str:
    return re.sub(r"(<tr[^>]*>\s*<td)", r'\1 role="rowheader"', table[0])


def mended(html: str) -> str:
    for pattern, replacement in MENDED.items():
        html = re.sub(pattern, replacement, html)
    return NAMELESS_COLUMN.sub(with_row_headings, html)


def mend_pages(app, error):
    if error is None and app.builder.format == "html":
        for page in Path(app.outdir).rglob("*.html"):
            page.write_text(mended(page.read_text("utf-8")), "utf-8")


def setup(app):
    app.connect("build-finished", mend_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
