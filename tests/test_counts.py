"""The live counts of “How the book is tested” count what they say."""

import json

from tests.test_pages import HTML
from tools import counts


def test_each_kind_is_counted_once(tmp_path, monkeypatch):
    shown = [
        {"metadata": {"evidence": "bounds"}},
        {"metadata": {"evidence": "bounds", "scrapbook": {}}},  # the same number, for a page
        {"metadata": {"evidence": "holds"}},
        {},
    ]
    text = {"cell_type": "markdown", "source": "```{exercise} One\n", "metadata": {}}
    code = {"cell_type": "code", "source": "1", "outputs": shown}
    code["metadata"] = {"mystnb": {"figure": {"name": "fig-one"}}}
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "one.ipynb").write_text(json.dumps({"cells": [text, code]}), "utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_one.py").write_text(
        "def test_a():\n    def test_b(): ...\n", "utf-8"
    )
    monkeypatch.setattr(counts, "ROOT", tmp_path)
    found = {name: count() for name, count in counts.COUNTS.items()}
    assert found == {
        "notebooks": 1,
        "figures": 1,
        "exercises": 1,
        "bounded": 1,
        "close": 0,
        "holds": 1,
        "tests": 2,
        "references": 0,
        "rows": 0,
    }


def test_the_page_has_them():
    page = (HTML / "book" / "testing.html").read_text("utf-8")
    assert f"{counts.COUNTS['notebooks']()} notebooks" in page
    assert all(count() > 30 for count in counts.COUNTS.values())
