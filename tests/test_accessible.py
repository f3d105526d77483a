"""What the theme writes is mended, and nothing else."""

from tools.accessible import mended


def test_a_fold_is_named_after_what_it_shows():
    fold = '<summary aria-label="Toggle hidden content">\n<p>Set-up</p></summary>'
    assert mended(fold) == "<summary>\n<p>Set-up</p></summary>"


def test_an_arrow_in_the_sidebar_gets_a_name():
    arrow = '<a href="x.html">1 · Start</a><details><summary><span class="toctree-toggle"></span>'
    assert '<summary aria-label="Pages under 1 · Start"><span' in mended(arrow)
    assert mended(mended(arrow)) == mended(arrow)


def test_ids_of_exercises_go():
    assert mended('<section id="solution-content">') == "<section>"


def test_first_cells_are_headings_where_their_column_has_none():
    table = (
        "<table><thead><tr><th>{}</th><th>b</th></tr></thead><tr><td>1</td><td>2</td></tr></table>"
    )
    assert '<td role="rowheader">1</td><td>2</td>' in mended(table.format(""))
    assert mended(table.format("a")) == table.format("a")
    assert mended(table.format("a") + table.format("")).count("rowheader") == 1
