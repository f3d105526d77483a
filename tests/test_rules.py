"""Each rule on a small bad example that it must reject, and a good one that it must accept."""

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests import rules
from tools.fingerprint import KEY, code_cells, evidence
from tools.folding import fold, inside
from tools.opening import NOTE


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def shown(line, evidence):
    return new_output("display_data", {"text/plain": line}, metadata={"evidence": evidence})


def table(cell_text):
    html = f"<table><tr><td>{cell_text}</td></tr></table>"
    return new_output("display_data", {"text/html": html, "text/plain": "<HTML object at 0x7f>"})


def picture():
    return new_output("display_data", data={"image/png": "AAAA", "text/plain": "<Figure>"})


DESCRIBED = {
    "mystnb": {
        "image": {"alt": "A curve that rises from 0 to 1 and then stays there."},
        "figure": {"caption": "A curve.", "name": "fig-curve"},
    }
}
TRAINED = {"tags": ["nbval-ignore-output"]}
CHECKED = shown("loss: 1.10 (five other seeds: 1.00 to 1.20)", "bounds")
TIMING = {"tags": ["timing", "nbval-ignore-output"]}
MEASURED = shown("training: 3.1 s on this machine", "measured")


def cell(source="x = 1", outputs=(), metadata=None, count=1):
    return new_code_cell(
        source, outputs=list(outputs), metadata=metadata or {}, execution_count=count
    )


def notebook(*cells, prose=""):
    return new_notebook(cells=[*cells, new_markdown_cell(prose)])


def solution(*cells):
    start, end = (new_markdown_cell(f"```{{solution-{end}}}\n```") for end in ("start", "end"))
    return new_notebook(cells=[start, *cells, end])


def without_alt():
    figure = {"caption": "A curve.", "name": "fig-curve"}
    return {"mystnb": {"figure": figure, "image": {"alt": "curve"}}}


def altered():
    result = notebook(cell(outputs=[stream("1\n")]))
    result.metadata[KEY] = evidence(result)
    result.cells[0].outputs[0].text = "2\n"
    return result


EXERCISES = "".join(
    f"```{{exercise}} Title\n:label: ex-{i}\n```\n```{{solution-start}} ex-{i}\n```\n"
    for i in range(3)
)
FOLDED = {"jupyter": {"source_hidden": True, "outputs_hidden": True}}
SEEDED = "SEED = 42\nkeras.utils.set_random_seed(SEED)"

BAD_NOTEBOOKS = {
    "altered output": (rules.fresh_outputs, altered(), "make refresh"),
    "cell not executed": (rules.executed_in_order, notebook(cell(count=None)), "None"),
    "executed out of order": (rules.executed_in_order, notebook(cell(count=2)), "[2]"),
    "error": (
        rules.no_errors,
        notebook(cell(outputs=[new_output("error", ename="E", evalue="", traceback=[])])),
        "shows an error",
    ),
    "stderr": (rules.no_errors, notebook(cell(outputs=[stream("w", "stderr")])), "stderr"),
    "path in output": (
        rules.no_absolute_paths,
        notebook(cell(outputs=[stream("/home/ada/x.npz")])),
        "/home/",
    ),
    "an address": (
        rules.no_addresses,
        notebook(cell(outputs=[stream("<f at 0x7f5>")])),
        "give the result a name",
    ),
    "path in code": (rules.no_absolute_paths, notebook(cell(r"open('C:\data')")), "C:"),
    "no seed": (rules.seeded, notebook(cell("keras.utils.set_random_seed(1)")), "SEED = 42"),
    "seed not set": (rules.seeded, notebook(cell("SEED = 42")), "set_random_seed"),
    "tag without assertion": (
        rules.trained_numbers_bounded,
        notebook(cell("print('done')", [stream("done\n")], TRAINED)),
        "asserts nothing",
    ),
    "tag with nothing but a time": (
        rules.trained_numbers_bounded,
        notebook(cell(outputs=[MEASURED], metadata=TRAINED)),
        "asserts nothing",
    ),
    "unchecked number beside a checked one": (
        rules.trained_numbers_bounded,
        notebook(cell(outputs=[CHECKED, stream("FID 12.3\n")], metadata=TRAINED)),
        "FID 12.3",
    ),
    "unchecked number that looks like a checked one": (
        rules.trained_numbers_bounded,
        notebook(
            cell(outputs=[CHECKED, stream(CHECKED.data["text/plain"])], metadata=TRAINED),
        ),
        "nothing checks",
    ),
    "unchecked number in a table": (
        rules.trained_numbers_bounded,
        notebook(cell(outputs=[CHECKED, table("12.3")], metadata=TRAINED)),
        "12.3",
    ),
    "time in another cell": (rules.times_apart, notebook(cell(outputs=[MEASURED])), "tag it"),
    "time that is compared": (
        rules.times_apart,
        notebook(cell(outputs=[MEASURED], metadata={"tags": ["timing"]})),
        "nbval-ignore-output",
    ),
    "words beside a time": (
        rules.times_apart,
        notebook(cell(outputs=[MEASURED, stream("done\n")], metadata=TIMING)),
        "split",
    ),
    "check beside a time": (
        rules.times_apart,
        notebook(cell(outputs=[MEASURED, CHECKED], metadata=TIMING)),
        "split",
    ),
    "timing of nothing": (rules.times_apart, notebook(cell(metadata=TIMING)), "shows nothing"),
    "skipped cell": (
        rules.trained_numbers_bounded,
        notebook(cell(metadata={"tags": ["nbval-skip"]})),
        "only the tag",
    ),
    "comment that relaxes": (
        rules.trained_numbers_bounded,
        notebook(cell("x  # NBVAL_IGNORE_OUTPUT")),
        "only the tag",
    ),
    "no alt text": (
        rules.figures_described,
        notebook(cell(outputs=[picture()], metadata=without_alt())),
        "mystnb.image.alt",
    ),
    "no caption": (
        rules.figures_described,
        notebook(cell(outputs=[picture()], metadata={"mystnb": {"image": {"alt": "x" * 40}}})),
        "caption",
    ),
    "two figures": (
        rules.figures_described,
        notebook(cell(outputs=[picture(), picture()], metadata=DESCRIBED)),
        "2 figures",
    ),
    "number in a caption": (
        rules.captions_without_typed_numbers,
        notebook(cell(metadata={"mystnb": {"figure": {"caption": "It ends at 0.8."}}})),
        "0.8",
    ),
    "number in prose": (rules.prose_without_typed_numbers, notebook(prose="It is 0.8."), "0.8"),
    "exercise without solution": (
        rules.exercises_solved,
        notebook(prose=EXERCISES.replace("{solution-start} ex-2", "")),
        "ex-2",
    ),
    "heavy file": (
        rules.light_notebook,
        notebook(cell(outputs=[stream("x" * 500_000)])),
        "bytes",
    ),
    "no note on the package": (
        rules.says_where_the_package_is,
        notebook(prose=f"# Title\n\n{NOTE}\n\nMore."),
        "tools.opening",
    ),
    "another time than measured": (
        rules.tells_its_time,
        new_notebook(
            cells=[new_markdown_cell("# T\n\n**Time:** 5 min to read, 1 min of computing.")],
            metadata={KEY: {"seconds": 31.0}},
        ),
        "30 s of computing",
    ),
    "a time that nobody measured": (
        rules.tells_its_time,
        notebook(prose="**Time:** 5 min to read, 10 s of computing on two cores."),
        "make refresh",
    ),
    "too few exercises": (rules.exercises_solved, notebook(), "three exercises"),
    "open solution": (rules.folded_alike, solution(cell(count=7)), "cell 7"),
    "folded on the page alone": (
        rules.folded_alike,
        notebook(cell(metadata={"tags": ["hide-input"]})),
        "tools.folding",
    ),
    "folded in JupyterLab alone": (rules.folded_alike, notebook(cell(metadata=FOLDED)), "tags"),
    **{
        f"open cell that only {what}": (rules.open_cells_teach, notebook(cell(source)), "open")
        for what, source in {
            "imports": "import keras\nfrom gan_helpers import data",
            "sets up": "SEED = 42\nSIZES = [1, -1]\nkeras.utils.set_random_seed(SEED)",
            "loads": "(x, _), _ = data.load_mnist()\nimages = data.to_tanh_range(x)",
            "draws": "figure, ax = plt.subplots()\nax.plot(x**2)\nplt.show()",
            "draws what it computes": "y = x**2\nplt.plot(y)",
            "tabulates": "rows = {'a': a}\nfor row in rows:\n    print(row)\nshow_table([], rows)",
            "checks": "assert x\nfor a in b:\n    if a:\n        bounds.check('a', f(a))",
            "shows a magic's output": "import keras\n\nprint(keras.__version__)",
        }.items()
    },
}

GOOD_NOTEBOOKS = {
    "checked numbers": (
        rules.trained_numbers_bounded,
        notebook(
            cell(outputs=[CHECKED, stream("no number here\n"), picture()], metadata=TRAINED),
            cell(outputs=[MEASURED], metadata=TIMING),
        ),
    ),
    "times apart": (
        rules.times_apart,
        notebook(
            cell(outputs=[MEASURED, picture()], metadata=TIMING),
            cell(outputs=[CHECKED, stream("done\n")]),
        ),
    ),
    "described figure": (
        rules.figures_described,
        notebook(cell(outputs=[picture()], metadata=DESCRIBED)),
    ),
    "seeded": (rules.seeded, notebook(cell(SEEDED))),
    "in order": (rules.executed_in_order, notebook(cell(count=1), cell(count=2))),
    "relative path": (rules.no_absolute_paths, notebook(cell("open('../data/x.npz')"))),
    "note": (rules.says_where_the_package_is, notebook(prose=f"# Title\n\n{NOTE}")),
    "solved": (rules.exercises_solved, notebook(prose=EXERCISES)),
    "folded": (rules.folded_alike, solution(cell(metadata=FOLDED))),
    "cell after a solution": (
        rules.folded_alike,
        new_notebook(cells=[*solution(cell(metadata=FOLDED)).cells, cell()]),
    ),
    **{
        f"open cell with {what}": (rules.open_cells_teach, notebook(cell(source)))
        for what, source in {
            "a formula": "import keras\n\ny = x**2\nprint(y)",
            "a definition": "def f(x):\n    return x",
            "a call": "history = gan.fit(x)\ncheck_holds('it falls', True)",
            "a formula to be checked": "for x in y:\n    z = x**2\n    check_close('z', z, 1)",
        }.items()
    },
    "folded plumbing": (
        rules.open_cells_teach,
        notebook(cell("plt.show()", metadata={"tags": ["hide-input"]})),
    ),
}


@pytest.mark.parametrize("example", BAD_NOTEBOOKS)
def test_bad_notebook_is_rejected(example):
    rule, bad, expected = BAD_NOTEBOOKS[example]
    assert any(expected in problem for problem in rule(bad)), rule(bad)


@pytest.mark.parametrize("example", GOOD_NOTEBOOKS)
def test_good_notebook_is_accepted(example):
    rule, good = GOOD_NOTEBOOKS[example]
    assert rule(good) == []


def test_folding_makes_jupyterlab_follow_the_tags():
    tagged = [cell(metadata={"tags": [tag]}) for tag in ("hide-input", "hide-cell", "timing")]
    folded = new_notebook(cells=[*solution(cell()).cells, *tagged, cell(metadata=FOLDED)])
    fold(folded)
    assert rules.folded_alike(folded) == []
    source, both = {"source_hidden": True}, FOLDED["jupyter"]
    found = [cell.metadata.get("jupyter", {}) for cell in code_cells(folded)]
    assert found == [both, source, both, {}, {}]


@pytest.mark.parametrize(
    ("source", "data", "tags", "words"),
    [
        ("import numpy", {}, [], "Set-up"),
        ("import numpy\nnumpy.eye(2)", {"image/png": ""}, [], "this figure"),
        ("import time\ntime.time()", {"text/plain": "1 s"}, ["timing"], "is timed"),
        ("show(rows)", {"text/html": "<table></table>"}, [], "this table"),
        ("check('rows', 1)", {"text/html": "<table></table>"}, [], "is checked"),
        ("print(1)", {"text/plain": "1"}, [], "is computed"),
        ("def f():\n    return 1", {}, [], "Helper: f"),
    ],
)
def test_a_fold_says_what_is_inside(source, data, tags, words):
    outputs = [new_output("display_data", data=data)] if data else []
    assert words in inside(new_code_cell(source, outputs=outputs, metadata={"tags": tags}))


def test_long_open_cells_are_found():
    lines = "x = f()\n" * 26
    of_a_class = "class GAN:\n" + "    x = f()\n" * 44
    assert rules.long_open_cells(notebook(cell(lines))) == [1]
    assert rules.long_open_cells(notebook(cell(lines, metadata={"tags": ["hide-input"]}))) == []
    assert rules.long_open_cells(solution(cell(lines))) == []
    assert rules.long_open_cells(notebook(cell(of_a_class))) == []
    assert rules.long_open_cells(notebook(cell(of_a_class), cell(of_a_class, count=2))) == [2]
    assert rules.long_open_cells(notebook(cell(of_a_class + "    y = 1"))) == [1]


def test_no_notebook_rule_lacks_a_bad_example():
    assert {rule for rule, *_ in BAD_NOTEBOOKS.values()} == set(rules.NOTEBOOK_RULES)


@pytest.mark.parametrize(
    "markdown",
    [
        "The loss is 0.69 at the start.",
        "About 80 % of all pixels.",
        "About 80% of all pixels.",
        "It takes 45 seconds.",
        "It takes 3 min.",
        ":::{admonition} The source says\nThe loss is 0.69.\n:::",
        "```{note}\nThe loss is 0.69.\n```",
        "```{figure} a.png\n:alt: A loss of 0.69.\n\nA caption.\n```",
        "```{exercise} Title\n:label: ex-1\n\nThe loss is 0.69.\n```",
        "It takes 45\nseconds, or 45\u00a0s: a 45-second wait.",
        "Costs $5.\n\nThe loss is 0.69.\n\nCosts $5.",
        "a < b, the loss is 0.69, and c > d",
        "% source: elsewhere\nMarked.\n\nThe loss is 0.69.",
    ],
)
def test_typed_number_is_rejected(markdown):
    assert rules.no_typed_numbers(markdown)


@pytest.mark.parametrize(
    "markdown",
    [
        "All 70,000 images of 28 by 28 pixels, in 60 steps.",
        "Python `3.11` and $x = 0.69$.",
        "$$\nx = 0.69\n$$",
        "```python\nx = 0.69\n```",
        "Loss {glue:text}`../notebooks/a.ipynb::loss:.2f` and {cite:p}`someone2014`.",
        "[link](https://doi.org/10.23915/distill.00003)",
        "% source: Radford et al. 2015, section 4\nThey use 0.2.",
    ],
)
def test_computed_or_sourced_number_is_accepted(markdown):
    assert rules.no_typed_numbers(markdown) == []


FIGURE = (
    '<article><figure><img src="a.png" alt="A curve that rises from zero to one.">'
    '<figcaption><span class="caption-number">Fig. 1</span></figcaption></figure></article>'
)
BAD_PAGES = {
    "remote script": (
        rules.no_remote_assets,
        '<script src="https://cdn.example/x.js"></script>',
        "cdn.example",
    ),
    "protocol-relative style sheet": (
        rules.no_remote_assets,
        '<link rel="stylesheet" href="//cdn.example/x.css">',
        "cdn.example",
    ),
    "remote address in a script": (
        rules.no_remote_assets,
        '<script>require.config({paths: {p: "https://cdn.example/x"}})</script>',
        "cdn.example",
    ),
    "remote background": (
        rules.no_remote_assets,
        "<p style=\"background: url('https://x.example/a.png')\"></p>",
        "x.example",
    ),
    "remote image set": (
        rules.no_remote_assets,
        '<img src="a.png" srcset="HTTPS://x.example/b.png 2x">',
        "x.example",
    ),
    "remote image": (rules.no_remote_assets, '<img src="http://x.example/a.png">', "x.example"),
    "remote font": (
        rules.no_remote_assets,
        "<style>@font-face {src: url('https://f.example/a.woff')}</style>",
        "f.example",
    ),
    "image without alt": (
        rules.images_described,
        re.sub(r' alt="[^"]*"', "", FIGURE),
        "no alt text",
    ),
    "file name as alt": (
        rules.images_described,
        re.sub(r'alt="[^"]*"', 'alt="../_images/a.png"', FIGURE),
        "no alt text",
    ),
    "image without caption": (
        rules.images_described,
        FIGURE.replace("caption-number", "caption-text"),
        "no numbered caption",
    ),
    "heavy page": (
        rules.light_page,
        '<article><img src="heavy.png"></article>',
        "of 1500000 allowed",
    ),
    "formula without MathJax": (rules.own_mathjax, '<p class="math">x</p>', "no MathJax"),
    "link to nowhere": (rules.links_lead_somewhere, '<a href="gone.html">x</a>', "gone.html"),
    "link to no place": (rules.links_lead_somewhere, '<a href="#gone">x</a>', "#gone"),
    "download of what is no notebook": (
        rules.downloads_open,
        '<a class="btn btn-download-source-button" href="broken.ipynb">x</a>',
        "does not open",
    ),
    "link to no place on another page": (
        rules.links_lead_somewhere,
        '<a href="other.html#gone">x</a>',
        "no such place",
    ),
}
GOOD_PAGE = (
    '<link rel="canonical" href="https://book.example/">'
    '<script src="_static/x.js"></script><a href="https://example.org">x</a>'
    '<a href="other.html#here">x</a><p id="top"></p><a href="#top">x</a>'
    '<a class="btn btn-download-source-button" href="whole.ipynb">x</a>' + FIGURE
)


@pytest.fixture
def page(tmp_path):
    (tmp_path / "other.html").write_text('<p id="here"></p>')
    (tmp_path / "broken.ipynb").write_text("{}")
    nbformat.write(new_notebook(), tmp_path / "whole.ipynb")
    (tmp_path / "page.html").touch()
    (tmp_path / "heavy.png").write_bytes(bytes(1_600_000))
    return tmp_path / "page.html"


@pytest.mark.parametrize("example", BAD_PAGES)
def test_bad_page_is_rejected(example, page):
    rule, html, expected = BAD_PAGES[example]
    problems = rule(BeautifulSoup(html, "html.parser"), page)
    assert any(expected in problem for problem in problems), problems


@pytest.mark.parametrize("rule", rules.PAGE_RULES)
def test_good_page_is_accepted(rule, page):
    assert rule(BeautifulSoup(GOOD_PAGE, "html.parser"), page) == []


def test_page_that_no_reader_would_find_is_rejected():
    contents = "root: book/index\nchapters:\n  - file: book/ch01\n"
    files = [Path("book/index.md"), Path("book/ch01.md")]
    assert rules.missing_from_contents(contents, files) == []
    assert rules.missing_from_contents(contents, [Path("book/ch0.md"), *files])


def test_no_page_rule_lacks_a_bad_example():
    assert {rule for rule, *_ in BAD_PAGES.values()} == set(rules.PAGE_RULES)
