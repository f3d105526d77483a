"""The book as a site: a small one, built with addresses and without, and its rules' bad examples.

The addresses are examples. That the whole book keeps the rules, tests/test_pages.py tests.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from xml.etree import ElementTree

import pytest
import yaml
from bs4 import BeautifulSoup
from docutils import nodes
from nbformat import v4, write

from tests import site_rules
from tests.rules import parsed
from tools.fingerprint import ROOT, notebook_paths
from tools.opening import NOTE, add_note
from tools.site import archive, cards, edition, lines, scripts

BOOK, REPOSITORY = "https://books.example/gan/", "https://github.com/ada/gan"
INDEX = """# The book

```{figure} assets/one_page.png
:alt: Ten rows of ten digits, which a network has drawn.
:name: fig-digits

Digits.
```

The first sentence. The second.

```{how-to-cite}
```
"""


def build(folder, config: dict):
    """The folder with the pages of a book of a page and a notebook, under these settings."""
    (folder / "notebooks").mkdir()
    shutil.copytree(ROOT / "book" / "assets", folder / "book" / "assets")
    for name in ("CITATION.cff", "book/references.bib"):
        shutil.copy(ROOT / name, folder / name)
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# A notebook\n\nIt has $x$. It ends.")])
    add_note(notebook)
    write(notebook, folder / "notebooks" / "one.ipynb")
    (folder / "book" / "index.md").write_text(INDEX, "utf-8")
    contents = {"format": "jb-book", "root": "book/index", "chapters": [{"file": "notebooks/one"}]}
    (folder / "_toc.yml").write_text(yaml.dump(contents), "utf-8")
    (folder / "_config.yml").write_text(yaml.dump(config), "utf-8")
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build"]
    done = subprocess.run(
        [*command, str(folder), "--warningiserror", "--quiet"], cwd=ROOT, **archive.CAPTURED
    )
    assert done.returncode == 0, done.stderr
    return folder / "_build" / "html"


@pytest.fixture(scope="module")
def settings():
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    config["sphinx"]["config"]["book_archive"] = False
    return config


@pytest.fixture(scope="module")
def nowhere(settings, tmp_path_factory):
    """Pages of a book that has no address, as this one."""
    return build(tmp_path_factory.mktemp("nowhere"), settings)


@pytest.fixture(scope="module")
def somewhere(nowhere, settings, tmp_path_factory):
    """Pages of a book that has one, and a repository."""
    settings["html"]["baseurl"] = BOOK
    settings["sphinx"]["config"]["html_theme_options"]["repository_url"] = REPOSITORY
    return build(tmp_path_factory.mktemp("somewhere"), settings)


def hrefs(page) -> list[str]:
    return [link["href"] for link in parsed(page).find_all("a", href=True)]


def test_without_addresses_none_is_invented(nowhere):
    assert not (nowhere / "sitemap.xml").exists()
    for page in nowhere.rglob("*.html"):
        assert not [link for link in hrefs(page) if link.startswith("http")]
        assert not parsed(page).find("base") and not parsed(page).find("link", rel="canonical")
        assert not site_rules.meta(parsed(page), "og:url")


def test_a_repository_switches_on_source_issues_and_colab(somewhere):
    links = hrefs(somewhere / "notebooks" / "one.html")
    colab = "https://colab.research.google.com/github/ada/gan/blob/main/notebooks/one.ipynb"
    assert {REPOSITORY, f"{REPOSITORY}/blob/main/notebooks/one.ipynb?plain=1", colab} <= {*links}
    assert any(link.startswith(f"{REPOSITORY}/issues/new?") for link in links)
    assert not any("colab" in link for link in hrefs(somewhere / "book" / "index.html"))


def test_an_address_makes_a_sitemap_and_whole_addresses(somewhere):
    places = ElementTree.parse(somewhere / "sitemap.xml").iterfind(".//{*}loc")
    pages = ["book/index.html", "notebooks/one.html"]
    assert [place.text for place in places] == [BOOK + page for page in pages]
    first = parsed(somewhere / pages[0])
    assert site_rules.meta(first, "og:url") == BOOK + pages[0]
    assert site_rules.meta(first, "og:image") == BOOK + "_images/one_page.png"
    # Shown in place of a missing page of any folder, it finds its style and its links.
    assert parsed(somewhere / "404.html").find("base")["href"] == BOOK


def test_index_forwards_without_a_script(nowhere):
    page = parsed(nowhere / "index.html")
    assert page.find("meta", attrs={"http-equiv": "refresh"})["content"].endswith("book/index.html")
    assert page.a["href"] == "book/index.html" and page.a.text == page.title.text
    assert not page.find("script")


def test_cards(nowhere):
    first, notebook = (parsed(nowhere / f"{n}.html") for n in ("book/index", "notebooks/one"))
    about = "The first sentence. The second."
    assert site_rules.meta(first, "description").startswith(about)
    assert site_rules.meta(notebook, "description") == "It ends."
    for page in (first, notebook):  # one has no figure of its own
        assert site_rules.meta(page, "og:image") == "../_images/one_page.png"
    assert first.title.text.count("checked") == 0  # its title is not followed by the book's


def test_how_to_cite_is_on_the_page(nowhere):
    said = parsed(nowhere / "book" / "index.html").article.get_text()
    told = edition.read_edition(ROOT)
    assert f"version {told['version']}" in said and "@book{gan-checked" in said
    assert said.count("contributors") == 2


def test_the_page_leaves_out_the_note_that_the_download_has(nowhere):
    said = parsed(nowhere / "notebooks" / "one.html").get_text()
    assert "It ends." in said and "gan_helpers" not in said
    assert NOTE in (nowhere / "_sources" / "notebooks" / "one.ipynb").read_text("utf-8")


def test_the_note_is_written_once():
    notebook = v4.new_notebook(cells=[v4.new_code_cell("1"), v4.new_markdown_cell("# Title\n")])
    add_note(notebook)
    add_note(notebook)
    assert notebook.cells[1].source == f"# Title\n\n{NOTE}"


def paragraphs(*texts: str) -> nodes.document:
    document = nodes.section()
    document += [nodes.paragraph(text=text) for text in texts]
    return document


def unbroken(doctree: nodes.document) -> list[str]:
    return [
        node.astext() for node in doctree.findall(nodes.inline) if "unbroken" in node["classes"]
    ]


def test_no_line_ends_behind_the_first_letter_of_a_word():
    doctree = paragraphs("An n-gram, f-divergences; well-known, x - y, non-k-means.")
    lines.keep_words(doctree)
    assert unbroken(doctree) == ["n-gram", "f-divergences"]
    assert doctree.astext() == "An n-gram, f-divergences; well-known, x - y, non-k-means."


@pytest.mark.parametrize(
    ("before", "behind", "kept"),
    [("of ", ", and", "x,"), ("(", "-th) one", "(x-th)"), ("of ", " and", None), ("", "", None)],
)
def test_a_formula_keeps_what_belongs_to_it(before, behind, kept):
    doctree = paragraphs("")
    doctree[0].extend([nodes.Text(before), nodes.math("", "x"), nodes.Text(behind)])
    lines.keep_punctuation(doctree)
    assert unbroken(doctree) == ([kept] if kept else [])
    assert doctree.astext() == f"{before}x{behind}"


@pytest.mark.parametrize(
    ("printed", "columns"),
    [
        ("beta  error\n   0   0.26\n", True),
        ("abcdefghijklmnop\n1112111111111111\n", True),
        ("a sentence of words\nanother of as many\n", False),
        ("one line  with a gap\n", False),
    ],
)
def test_lines_that_stand_under_each_other(printed, columns):
    assert lines.stand_under_each_other(printed) is columns


def test_a_long_first_sentence_is_cut_where_it_pauses():
    long = "One can say " + "very " * 20 + "much; and then, " + "so " * 40 + "on."
    assert cards.description(paragraphs(long)) == long[: long.index(";")] + " …"
    assert cards.description(paragraphs("It is so.", long)) == "It is so."
    assert cards.description(nodes.section()) == ""


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("<p>Words.</p>", set()),
        ('<span class="math notranslate">x</span>', {"tex-mml-svg-mathjax-tex.js"}),
        ('<div class="highlight"><pre>', {"clipboard.min.js", "copybutton.js"}),
        ('<div class="solution dropdown admonition" id="a">', {"togglebutton.js"}),
        ('<div class="dropdown menu"><b class="btn dropdown-toggle">', set()),
        ('<div id="search-results">', {"searchtools.js", "language_data.js", "searchindex.js"}),
    ],
)
def test_scripts_that_stay(content, kept):
    files = [name for name in scripts.WHAT_FOR if name.endswith(".js")]
    head = "".join(f'<script defer src="../a/{name}?v=1"></script>\n' for name in files)
    page = f"<head>{head}<script>other()</script></head><body>{content}</body>"
    shorter = parsed_text(scripts.with_used_scripts(page))
    sources = [tag["src"] for tag in shorter.find_all("script", src=True)]
    named = {source.split("/")[-1].split("?")[0] for source in sources}
    assert named == kept and "other()" in str(shorter)


def parsed_text(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


ICON = '<link rel="icon" href="favicon.png">'
BAD_PAGES = {
    "no description": (site_rules.card_complete, "<article><h1>T</h1></article>", "description is"),
    "no picture": (site_rules.card_complete, "<article><h1>T</h1></article>", "picture on a card"),
    "no icon": (site_rules.own_icon, "<p>", "no icon"),
    "lost icon": (site_rules.own_icon, ICON, "no icon"),
    "no foot": (site_rules.foot_complete, "<article>", "does not say 'version"),
    "no archive": (site_rules.foot_complete, "<article>", "does not link the archive"),
    "script for nothing": (site_rules.used_scripts, "<script src='a/copybutton.js'>", "nothing"),
    "script lacks": (site_rules.used_scripts, "<p class='math'>", "lacks tex-mml"),
    "large image": (site_rules.small_images, "<article><img src='a.png'>", "200000 allowed"),
}


@pytest.mark.parametrize("case", BAD_PAGES)
def test_bad_page_is_rejected(case, tmp_path):
    rule, html, says = BAD_PAGES[case]
    (tmp_path / "a.png").write_bytes(b" " * 200_001)
    page = parsed_text(f"<title>x</title>{html}")
    assert any(says in problem for problem in rule(page, tmp_path / "page.html"))


def test_no_site_rule_lacks_a_bad_example():
    assert {rule for rule, *_ in BAD_PAGES.values()} == set(site_rules.SITE_RULES)


def test_a_page_of_the_small_book_is_accepted(nowhere):
    page = nowhere / "book" / "index.html"
    for rule in site_rules.SITE_RULES:
        problems = rule(parsed(page), page)
        if rule is site_rules.foot_complete:  # the small book has no archive
            assert "archive" in problems.pop()
        assert problems == []


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reader")
    archive.make_archive(folder / archive.NAME)
    zipfile.ZipFile(folder / archive.NAME).extractall(folder)
    return folder / archive.FOLDER


def test_the_archive_holds_what_its_guide_names(unpacked):
    guide = (unpacked / "READ_ME.txt").read_text("utf-8")
    assert len([line for line in guide.splitlines() if line[0].isdigit()]) == 4
    (wheel,) = unpacked.glob("*.whl")
    assert wheel.name in guide, "book/run_it.txt names the wheel of another version"
    assert (unpacked / "requirements.lock").exists() and "requirements.lock" in guide
    assert {p.name for p in unpacked.glob("notebooks/*")} == {p.name for p in notebook_paths()}


def test_the_archive_s_package_works_by_itself(unpacked, tmp_path):
    (wheel,) = unpacked.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import gan_helpers; from gan_helpers.data.mnist import load_mnist; "
        "print(gan_helpers.__file__, len(load_mnist()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=unpacked / "notebooks",
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        **archive.CAPTURED,
    )
    assert done.returncode == 0 and done.stdout.startswith(str(tmp_path)), done.stderr
