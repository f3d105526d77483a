"""The page book/source_checked.md, written from book/source_items.toml.

`python -m tools.source_table` writes it. A chapter's last section includes the rows of its chapter
from there, between the two marks, so that each fact is written once.
"""

import re
import tomllib

from tools.fingerprint import ROOT

ITEMS = ROOT / "book" / "source_items.toml"
PAGE = ROOT / "book" / "source_checked.md"
COLUMNS = {
    "heading": ("no.", "in Chinese", "in English", "answered"),
    "row": ("row", "it says", "what holds", "the evidence"),
}
FIELDS = {
    "heading": ("source", "english", "answered"),
    "row": ("where", "says", "holds", "evidence"),
}


def read_items() -> tuple[str, dict, dict]:
    """The introduction, the headings by their numbers, and the rows by their names."""
    rows = tomllib.loads(ITEMS.read_text("utf-8"))
    introduction, headings = rows.pop("introduction"), rows.pop("headings")
    for kind, parts in (("heading", headings), ("row", rows)):
        for name, part in parts.items():
            if tuple(part) != FIELDS[kind]:
                raise ValueError(f"{kind} {name} needs {', '.join(FIELDS[kind])}, in this order")
            if any("|" in text or "\n" in text for text in part.values()):
                raise ValueError(f"{kind} {name} holds a | or a new line: both break the table")
    return introduction, headings, rows


def numbers(row: dict) -> list[str]:
    """The headings under which the source says it."""
    return row["where"].split(", ")


def chapter_of(heading: str) -> int:
    return int(re.match(r"\d+", heading)[0])


def table(kind: str, cells: list[tuple]) -> str:
    head = [COLUMNS[kind], ("---",) * len(COLUMNS[kind])]
    return "\n".join(f"| {' | '.join(row)} |" for row in [*head, *cells])


def title(chapter: int, headings: dict) -> str:
    return f"Chapter {chapter}: {headings[str(chapter)]['english']}"


def address(chapter: int, headings: dict) -> str:
    """Of a chapter's rows, from any page of the book's folder."""
    anchor = re.sub(r"[^\w\- ]", "", title(chapter, headings).lower()).replace(" ", "-")
    return f"{PAGE.name}#{anchor}"


def told_elsewhere(chapter: int, headings: dict, rows: dict) -> str:
    """A line with the rows of other chapters that concern this one, too."""
    names = {}
    for name, row in rows.items():
        first, *others = map(chapter_of, numbers(row))
        if chapter in others and chapter != first:
            names.setdefault(first, []).append(name)
    found = [
        f"{', '.join(some)} ([chapter {first}]({address(first, headings)}))"
        for first, some in names.items()
    ]
    return f"Rows of other chapters that concern this one, too: {'; '.join(found)}." * bool(found)


def chapter_rows(chapter: int, headings: dict, rows: dict) -> str:
    """What is included in the chapter's own page: its table, and a line."""
    cells = [
        (f"{name} in {row['where']}", *(row[field] for field in FIELDS["row"][1:]))
        for name, row in rows.items()
        if chapter_of(numbers(row)[0]) == chapter
    ]
    parts = [table("row", cells) * bool(cells), told_elsewhere(chapter, headings, rows)]
    return "\n\n".join(filter(None, parts))


def page() -> str:
    introduction, headings, rows = read_items()
    listed = [(number, *heading.values()) for number, heading in headings.items()]
    parts = [
        "% Written by `python -m tools.source_table` from source_items.toml: change that file.",
        introduction.strip(),
        "## Its headings",
        table("heading", listed),
    ]
    for chapter in filter(str.isdigit, headings):
        parts += [
            f"## {title(int(chapter), headings)}",
            f"% rows of chapter {chapter}",
            chapter_rows(int(chapter), headings, rows),
            f"% end of chapter {chapter}",
        ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
