"""The time that a page takes to read: counted from its words and its open code."""

import nbformat
import pytest

from tools import reading_time


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "5 min"), (27, "25 min"), (52, "50 min"), (53, "1 h"), (100, "1¾ h"), (181, "3 h")],
)
def test_times_in_words(minutes, words):
    assert reading_time.said(minutes) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2, "10 s"), (44, "40 s"), (57, "1 min"), (80, "1½ min"), (599, "10 min"), (3000, "50 min")],
)
def test_computing_in_words(seconds, words):
    assert reading_time.computing_said(seconds) == words


def test_folded_cells_and_solutions_take_no_time(tmp_path, monkeypatch):
    new = nbformat.v4
    cells = [
        new.new_markdown_cell("word " * 400),
        new.new_code_cell("a = 1\n\nb = 2\n" * 10),
        new.new_code_cell("c = 3\n" * 100, metadata={"tags": ["hide-input"]}),
        new.new_markdown_cell("```{solution-start} ex\n```"),
        new.new_code_cell("d = 4\n" * 100),
        new.new_markdown_cell("```{solution-end}\n```"),
    ]
    (tmp_path / "page.ipynb").write_text(nbformat.writes(new.new_notebook(cells=cells)), "utf-8")
    (tmp_path / "prose.md").write_text("# Title\n\n" + "word " * 199, "utf-8")
    monkeypatch.setattr(reading_time, "ROOT", tmp_path)
    assert reading_time.minutes("page") == pytest.approx(400 / 200 + 20 / 20)
    assert reading_time.minutes("prose") == pytest.approx(1.0)


def test_a_chapter_is_its_page_and_the_notebooks_beneath_it():
    pages = reading_time.beneath("book/ch03_algorithm")
    assert pages[0] == "book/ch03_algorithm" and "notebooks/ch03_steps" in pages
    assert all(reading_time.minutes(page) > 1 for page in pages)
