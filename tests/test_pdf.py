"""A book of three pages is bound into one document and printed."""

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from tools import pdf
from tools.binding import bound, pages_in_order
from tools.chromium import CHROMIUM
from tools.pdf import bookmarks, missing, print_pdf

# A page has the scripts that it needs, so the root page, without a formula, has none of MathJax's.
MATHJAX = """<script>window.MathJax = {}</script><script src="../_static/mathjax/tex.js?v=1">
</script><span class="math">\\(x\\)</span>"""
DRAW = """for (const box of document.querySelectorAll(".math"))
  box.innerHTML = "<mjx-container><svg></svg></mjx-container>";"""
HEAD = """<head><title>A page - A book</title><link rel="stylesheet" href="style.css">
<script>search()</script></head>"""
SIDEBAR = """<nav class="bd-docs-nav"><ul>
<li class="toctree-l1"><a class="reference internal" href="#">A book</a></li>
<li class="toctree-l1"><a class="reference internal" href="one.html">One</a><ul>
<li class="toctree-l2"><a class="reference internal" href="../notebooks/sheet.html">A sheet</a>
</li></ul></li></ul></nav>"""
ARTICLES = {
    "book/index.html": "<h1>A book</h1><p><a href='one.html'>One</a>",
    "book/one.html": "<h1>One</h1><b id='exercises'>here</b><a href='#exercises'>own</a> "
    "<a href='../notebooks/sheet.html#exercises'>other</a> <a href='../search.html'>search</a> "
    "<a href='https://example.org/#top'>away</a><img src='../pictures/a.png' alt='a'>",
    "notebooks/sheet.html": "<h1>A sheet</h1><details class='hide'>plumbing</details>"
    "<b id='exercises'>there</b><a href='../book/one.html'>up</a>",
}


@pytest.fixture
def pages(tmp_path):
    for path, article in ARTICLES.items():
        file = tmp_path / "html" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        mathjax = MATHJAX if path == "book/one.html" else ""
        body = f"{SIDEBAR}<article class='bd-article'>{article}{mathjax}</article>"
        file.write_text(f"<html>{HEAD}<body>{body}</body></html>", "utf-8")
    return pages_in_order(tmp_path / "html" / "book" / "index.html")


@pytest.fixture
def document(pages, tmp_path):
    return BeautifulSoup(bound(pages, tmp_path / "pdf" / "book.html"), "html.parser")


def test_pages_come_in_the_order_of_the_sidebar(pages):
    found = [(page.title, page.file.name, page.level) for page in pages]
    assert found == [
        ("A book", "index.html", 1),
        ("One", "one.html", 1),
        ("A sheet", "sheet.html", 2),
    ]


def test_links_lead_to_their_places_in_the_document(document):
    links = {link.get_text(): link["href"] for link in document.select("article a")}
    assert links.pop("away") == "https://example.org/#top"
    assert set(links) == {"One", "own", "other", "up"}  # there is no search on paper
    places = {words: document.find(id=href[1:]) for words, href in links.items()}
    assert places["own"].get_text() == "here"
    assert places["other"].get_text() == "there"
    assert places["One"] is places["up"] is document.select("article")[1]
    ids = [tag["id"] for tag in document.find_all(id=True)]
    assert len(ids) == len(set(ids))


def test_a_notebook_goes_below_its_chapter_and_leaves_its_plumbing_out(document):
    assert [tag.name for tag in document.select("h1, h2, h3")] == ["h1", "h1", "h2"]
    assert "plumbing" not in document.get_text()
    assert "search()" not in str(document)


def test_pictures_and_styles_are_found(document):
    assert document.select_one("article img")["src"] == "../html/pictures/a.png"
    assert document.select_one("head link")["href"] == "../html/book/style.css"


def test_the_document_has_the_scripts_of_mathjax_that_some_page_has(document):
    assert [tag.get("src") for tag in document.find_all("script")] == [
        None,
        "../html/_static/mathjax/tex.js",
    ]


@pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on the path (Debian: apt install chromium)"
)
def test_the_printed_book_has_its_chapters_and_their_numbers(pages, tmp_path):
    output = tmp_path / "pdf" / "book.pdf"
    with pytest.raises(RuntimeError, match="1 formulas are not drawn"):
        print_pdf(pages, output)
    script = tmp_path / "html" / "_static" / "mathjax" / "tex.js"
    script.parent.mkdir(parents=True)
    script.write_text(f"addEventListener('DOMContentLoaded', () => {{ {DRAW} }})", "utf-8")
    print_pdf(pages, output)
    assert missing(pages, output) == []
    assert missing([*pages[:2], pages[1], pages[2]], output)
    pages[2].title = "A page more"
    pages[2].file = pages[2].file.with_name("more.html")
    assert missing(pages, output) == ["A page more"]

    pdf = PdfReader(output)
    contents, root, one, sheet = (page.extract_text().split() for page in pdf.pages)
    assert contents[:-1] == ["A", "book", "One", "3", "A", "sheet", "4"]  # and the page's own
    assert root[:2] == ["A", "book"] and one[0] == "One" and sheet[:2] == ["A", "sheet"]
    assert pdf.metadata.title == "A book"
    titles = [entry["/Title"] for entry in bookmarks(pdf.trailer["/Root"]["/Outlines"])]
    assert titles == ["A book", "One", "A sheet"]


def test_without_a_rendered_book_it_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "ROOT", tmp_path)
    monkeypatch.setattr(pdf, "CHROMIUM", "chromium")
    with pytest.raises(SystemExit, match=r"index\.html is not there.*`make pdf`"):
        pdf.main()
