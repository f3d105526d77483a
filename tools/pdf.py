"""The whole book as a PDF, printed from its rendered pages by Chromium: `make pdf`.

Chromium cannot number the pages in a table of contents. So it prints twice: the first time tells
where each chapter begins.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, TextStringObject

from tools.binding import Page, bound, pages_in_order
from tools.chromium import CHROMIUM
from tools.fingerprint import ROOT

# A column of 718 pixels, as wide as pages are tested to fit on paper, at nine tenths of its size.
PAPER = {
    "format": "A4",
    "scale": 0.9,
    "margin": {"left": "19.5mm", "right": "19.5mm", "top": "18mm", "bottom": "20mm"},
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": "<p style='font: 8px sans-serif; text-align: center; width: 100%'>"
    "<span class='pageNumber'></span></p>",
    "outline": True,
    "tagged": True,
}
# A formula is a picture that is named by its TeX. Its MathML would be a third of the file.
NAME_FORMULAS = """async () => {
  await window.MathJax?.startup?.promise;
  for (const { math, typesetRoot } of window.MathJax?.startup?.document?.math ?? []) {
    typesetRoot.setAttribute("role", "img");
    typesetRoot.setAttribute("aria-label", math);
    typesetRoot.querySelector("mjx-assistive-mml")?.remove();
  }
  await document.fonts.ready;
}"""
HEADINGS = """() => [...document.querySelectorAll("article :is(h1, h2, h3, h4, h5, h6)")]
  .map((heading) => {
    const copy = heading.cloneNode(true);
    for (const formula of copy.querySelectorAll("mjx-container")) {
      formula.replaceWith(formula.ariaLabel);
    }
    return copy.textContent.trim();
  })"""
UNDRAWN = """() => [...document.querySelectorAll(".math")]
  .filter((box) => !box.querySelector("mjx-container > svg"))
  .map((box) => box.textContent.trim())"""
FILL_IN = """(numbers) => {
  for (const place of document.querySelectorAll("[data-page]")) {
    place.textContent = numbers[place.dataset.page];
  }
}"""


def beginnings(pdf: Path) -> dict[str, int]:
    """On which page each place of the document is that a link leads to."""
    reader = PdfReader(pdf)
    return {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def print_pdf(pages: list[Page], output: Path):
    document = output.with_suffix(".html")
    output.parent.mkdir(parents=True, exist_ok=True)
    document.write_text(bound(pages, document), "utf-8")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM)
        tab = browser.new_page(viewport={"width": 718, "height": 1000})
        tab.set_default_timeout(0)
        tab.emulate_media(media="print")
        tab.goto(document.resolve().as_uri())
        tab.evaluate(NAME_FORMULAS)
        if undrawn := tab.evaluate(UNDRAWN):
            raise RuntimeError(f"{len(undrawn)} formulas are not drawn, such as {undrawn[0]}")
        tab.pdf(path=output, **PAPER)
        tab.evaluate(FILL_IN, beginnings(output))
        tab.pdf(path=output, **PAPER)
        headings = tab.evaluate(HEADINGS)
        browser.close()
    name_bookmarks(output, headings)


def bookmarks(entry):
    """The entries of the PDF's outline below `entry`, in their order."""
    below = entry.get("/First")
    while below is not None:
        below = below.get_object()
        yield below
        yield from bookmarks(below)
        below = below.get("/Next")


def name_bookmarks(pdf: Path, headings: list[str]):
    """Chromium drops a space where a heading's line ends, and repeats one that begins a page."""
    writer = PdfWriter(clone_from=pdf)
    for entry, heading in zip(bookmarks(writer.root_object["/Outlines"]), headings, strict=True):
        entry[NameObject("/Title")] = TextStringObject(heading)
    writer.write(pdf)


def missing(pages: list[Page], pdf: Path) -> list[str]:
    """What is wrong with the order of the chapters and with what the contents say of them."""
    begin, named = beginnings(pdf), pages[1:]  # in the contents, whose first page is the root
    numbers = [begin.get(page.anchor) for page in named]
    lost = [page.title for page, number in zip(named, numbers, strict=True) if number is None]
    return lost or ([] if numbers == sorted(set(numbers)) else ["pages are not in order"])


def main():
    if CHROMIUM is None:
        sys.exit("The PDF is printed by Chromium, which is not on the path (Debian: chromium)")
    root = ROOT / "_build" / "html" / "book" / "index.html"
    if not root.exists():
        sys.exit(f"{root} is not there. `make pdf` renders the book, then prints it.")
    pages = pages_in_order(root)
    output = ROOT / "_build" / "pdf" / "book.pdf"
    print_pdf(pages, output)
    if problems := missing(pages, output):
        sys.exit("Not in the PDF: " + ", ".join(problems))
    print(f"The book: {output.relative_to(ROOT)}, {len(PdfReader(output).pages)} pages")


if __name__ == "__main__":
    main()
