"""No page loads a script that does nothing there.

Extensions and the theme put their scripts into every page. MathJax has 2 MB; the theme's icons,
which its style sheet draws too, 1.5 MB; the index of the search, which works on its own page, 0.3.
"""

import re
from pathlib import Path

FORMULA = r'class="math\b'
CODE = r'class="highlight"'
TOGGLE = r'class="(?:[^"]* )?toggle[ "]|class="(?=[^"]*\badmonition\b)[^"]*\bdropdown\b'
SEARCH = r'id="search-results"'
NEVER = r"(?!)"
# How a script's address ends, or how one begins that stands in the page; and what it is for.
WHAT_FOR = {
    "tex-mml-svg-mathjax-tex.js": FORMULA,
    "window.MathJax = ": FORMULA,
    "clipboard.min.js": CODE,
    "copybutton.js": CODE,
    "togglebutton.js": TOGGLE,
    "let toggle": TOGGLE,
    "var togglebuttonSelector": TOGGLE,
    "design-tabs.js": r'class="(?:[^"]* )?sd-tab-',
    "searchtools.js": SEARCH,
    "language_data.js": SEARCH,
    "searchindex.js": SEARCH,
    "scripts/fontawesome.js": NEVER,
}
SCRIPT = re.compile(r"[ \t]*<script\b([^>]*)>(.*?)</script>\n?", re.DOTALL)


def with_used_scripts(page: str) -> str:
    """The HTML without scripts that its content gives nothing to do."""
    content = page[page.find("<body") :]

    def used(script: re.Match) -> str:
        source = re.search(r'\bsrc="([^"?]*)', script[1])
        for name, needed_by in WHAT_FOR.items():
            is_it = source[1].endswith(name) if source else script[2].lstrip().startswith(name)
            if is_it and not re.search(needed_by, content):
                return ""
        return script[0]

    return SCRIPT.sub(used, page)


def leave_out_unused(app, exception) -> None:
    if exception or app.builder.name != "html":
        return
    for file in Path(app.outdir).rglob("*.html"):
        page = file.read_text("utf-8")
        if (shorter := with_used_scripts(page)) != page:
            file.write_text(shorter, "utf-8")


def setup(app) -> None:
    app.connect("build-finished", leave_out_unused)
