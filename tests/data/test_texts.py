import gzip
import hashlib
import re
import shutil
import struct
import zlib
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_helpers.data import texts
from research.make_texts import lines_in_r_s_format, novel, poems

NOVEL = texts.load_novel()


def test_the_novel_is_whole_and_has_one_line_a_paragraph():
    assert len(NOVEL) == 680_737 and len(set(NOVEL)) == 68
    assert NOVEL.startswith("It is a truth universally acknowledged, that a single man in")
    assert NOVEL.endswith("had been the means of uniting them.")
    assert not re.search(r"\n\n|  | \n|\n |_|\*|Chapter \d|\r|\t", NOVEL)
    # Facts about the book that anybody can look up: how often two names occur.
    assert Counter(re.findall(r"\w+", NOVEL))["Darcy"] > 350
    assert "Emma" not in NOVEL


def test_the_anthology_is_whole_and_has_no_notes():
    found = texts.load_poems()
    assert len(found) == 320
    assert found[0] == texts.Poem(
        "元稹", "行宮", "寥落古行宮，宮花寂寞紅。白頭宮女在，閒坐說玄宗。"
    )
    everything = "".join(poem.text for poem in found)
    odd = {symbol for symbol in everything if not "\u4e00" <= symbol <= "\u9fff"}
    assert odd == set("，。？！：；《》")
    assert "一作" not in everything  # as a note begins: another reading
    assert (
        max(Counter(poem.author for poem in found).items(), key=lambda item: item[1])[0] == "杜甫"
    )


@pytest.mark.parametrize(
    ("load", "path"), [(texts.load_novel, texts.NOVEL), (texts.load_poems, texts.POEMS)]
)
@pytest.mark.parametrize("damage", ["flipped bit", "truncated", "missing"])
def test_a_damaged_file_gives_one_clear_error(tmp_path, load, path, damage):
    copied = tmp_path / path.name
    shutil.copy(path, copied)
    content = bytearray(copied.read_bytes())
    if damage == "flipped bit":
        content[5_000] ^= 1
        copied.write_bytes(content)
    elif damage == "truncated":
        copied.write_bytes(content[:1000])
    else:
        copied.unlink()
    with pytest.raises(OSError, match=rf"{path.name}.*git checkout"):
        load(copied)


def test_the_files_hold_no_time():
    for path, sha256 in ((texts.NOVEL, texts.NOVEL_SHA256), (texts.POEMS, texts.POEMS_SHA256)):
        content = path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256
        assert content[4:8] == bytes(4)  # where gzip keeps the clock
        assert len(gzip.decompress(content)) > len(content)


def test_the_novel_is_split_between_two_paragraphs():
    learned, held_out = texts.split_novel(NOVEL)
    assert learned + held_out == NOVEL
    assert learned.endswith("\n") and NOVEL.count("\n") == learned.count("\n") + held_out.count(
        "\n"
    )
    assert 0.099 < len(held_out) / len(NOVEL) <= 0.1
    assert set(held_out) <= set(learned)


@pytest.mark.parametrize("lines", [10, 20, 23, 1000])
def test_a_line_that_begins_at_the_tenth_is_held_out(lines):
    learned, held_out = texts.split_novel("123456789\n" * lines)
    assert learned + held_out == "123456789\n" * lines
    assert len(held_out) == 10 * (lines // 10)


@pytest.mark.parametrize("text", ["", "one line only", "\n" + "x" * 100, "x" * 100 + "\n"])
def test_a_text_without_lines_to_hold_out_is_refused(text):
    with pytest.raises(ValueError, match=f"novel must have a line.*given {len(text)} char"):
        texts.split_novel(text)


def test_every_tenth_poem_is_held_out():
    found = texts.load_poems()
    learned, held_out = texts.split_poems(found)
    assert len(learned) == 288 and len(held_out) == 32
    assert held_out[0] == found[9] and held_out[-1] == found[319]
    assert sorted(learned + held_out) == sorted(found)
    with pytest.raises(ValueError, match="poems must be 10 at least; given 9"):
        texts.split_poems(found[:9])


@given(st.text(alphabet="abc\n 寥，", min_size=1))
def test_decoding_undoes_encoding(text):
    vocabulary = texts.Vocabulary(sorted(set(text)))
    codes = vocabulary.encode(text)
    assert codes.shape == (len(text),) and codes.max() == len(vocabulary) - 1
    assert vocabulary.decode(codes) == text


def test_the_whole_novel_is_encoded():
    vocabulary = texts.Vocabulary(sorted(set(NOVEL)))
    codes = vocabulary.encode(NOVEL)
    assert codes.dtype == np.int32 and len(vocabulary) == 68
    assert vocabulary.symbols[:2] == ["\n", " "]
    assert vocabulary.decode(codes) == NOVEL


def test_words_are_symbols_too():
    vocabulary = texts.Vocabulary(["a", "single", "man"])
    codes = vocabulary.encode(["a", "man", "a", "single", "man"])
    np.testing.assert_array_equal(codes, [0, 2, 0, 1, 2])
    assert vocabulary.decode(codes, separator=" ") == "a man a single man"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("man€", r"2 symbols; given, in place 0, 'm'"),
        ("aé", r"given, in place 1, 'é'"),
        (["a", 3], r"given, in place 1, 3"),
        ("", "given none"),
        (7, "text must be a Iterable; given int"),
    ],
)
def test_a_symbol_outside_the_vocabulary_is_named(text, message):
    with pytest.raises(ValueError, match=message):
        texts.Vocabulary("ab").encode(text)


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ([0, 2], "integers from 0 to 1, one for each of 2 symbols; given 2"),
        ([-1, 0], "given -1"),
        ([0.0, 1.0], "codes must be integers of shape"),
        ([[0, 1]], "codes must be integers of shape"),
        ([], "codes must be integers of shape"),
    ],
)
def test_what_stands_for_no_symbol_is_refused(codes, message):
    with pytest.raises(ValueError, match=message):
        texts.Vocabulary("ab").decode(codes)


@pytest.mark.parametrize("symbols", ["", "aba", ["a", 1], 3])
def test_a_vocabulary_of_no_or_equal_symbols_is_refused(symbols):
    with pytest.raises(ValueError, match="symbols"):
        texts.Vocabulary(symbols)


def in_r_s_format(lines: list[str]) -> bytes:
    def string(text):
        return struct.pack(">2i", 0x40009, len(text)) + text

    name = struct.pack(">i", 5) + b"UTF-8"
    content = b"X\n" + struct.pack(">3i", 3, 0x40201, 0x30500) + name
    content += struct.pack(">2i", 16, len(lines)) + b"".join(string(x.encode()) for x in lines)
    return struct.pack(">i", len(content)) + zlib.compress(content)


def test_what_made_the_files_reads_r_s_format_and_drops_headings():
    lines = ["PRIDE AND PREJUDICE", "", "By Jane Austen", "", "", "Chapter 1", "", ""]
    lines += ["It is a", "_truth_ not", "", "", "* * * * *", "", '"Ah!"  ', "said—he."]
    assert lines_in_r_s_format(in_r_s_format(lines)) == lines
    assert novel(lines) == 'It is a truth not\n"Ah!" said—he.'


def test_what_made_the_files_drops_notes():
    poem = {"chapter": "題", "author": "王維", "subchapter": "x"}
    poem["paragraphs"] = [
        "春草明年綠，王孫歸不歸？(明年 一作：年年)",
        " 之難,難!（名成 一作：名高）",
    ]
    text = poems({"content": [{"content": [poem, poem]}]})
    assert text == "\n".join(["王維\t題\t春草明年綠，王孫歸不歸？之難，難！"] * 2)
