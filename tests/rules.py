"""The rules that notebooks, prose and rendered pages must keep. Each gives a list of problems.

A problem says what is wrong and what to do. tests/test_rules.py holds each rule against a small
bad example; test_notebooks.py and test_pages.py hold the book against the rules.
"""

import ast
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from bs4 import BeautifulSoup

from tools.fingerprint import KEY, code_cells, parsed_code, stale_reasons
from tools.folding import SOLUTION, folds
from tools.opening import NOTE, TIME, first_text, time_told

MAX_NOTEBOOK_BYTES = 400_000
MAX_PAGE_BYTES = 1_500_000  # with its images, but without what pages share
ABSOLUTE_PATH = re.compile(
    r"(?<![\w./])/(?:home|Users|root|tmp|work|mnt|opt|var|usr)/\w|(?<!\$)\b[A-Z]:\\\w"
)
MAX_LINES, MAX_CLASS_LINES = 25, 45  # of an open cell; of the class that a notebook is about

# -- notebooks: rule(notebook) -----------------------------------------------------------------


def fresh_outputs(notebook: nbformat.NotebookNode) -> list[str]:
    """Data files are named apart: one that changed by accident must be restored."""
    return [
        f"{reason}: "
        + ("restore it with git or, if the change is meant, " if "assets/" in reason else "")
        + "run `make refresh`"
        for reason in stale_reasons(notebook)
    ]


def executed_in_order(notebook: nbformat.NotebookNode) -> list[str]:
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts == list(range(1, len(counts) + 1)):
        return []
    return [f"execution counts are {counts}, not 1, 2, 3...: nbval skips cells without: refresh"]


def no_errors(notebook: nbformat.NotebookNode) -> list[str]:
    """An error that a notebook means to show is caught and printed."""
    return [
        f"cell {cell.execution_count} shows an error or writes to stderr: {str(out)[:200]}"
        for cell in code_cells(notebook)
        for out in cell.outputs
        if out.output_type == "error" or out.get("name") == "stderr"
    ]


def no_absolute_paths(notebook: nbformat.NotebookNode) -> list[str]:
    texts = [
        str(text) for cell in notebook.cells for text in (cell.source, cell.get("outputs", ""))
    ]
    found = [match.group() for text in texts for match in ABSOLUTE_PATH.finditer(text)]
    return [f"a path of one machine, {path}...: write it relative" for path in found]


def no_addresses(notebook: nbformat.NotebookNode) -> list[str]:
    """An object without a text of its own is shown with its place in memory, which changes."""
    return [
        f"cell {cell.execution_count} shows {str(out)[:200]}: give the result a name"
        for cell in code_cells(notebook)
        for out in cell.outputs
        if " at 0x" in shown_text(out)
    ]


def seeded(notebook: nbformat.NotebookNode) -> list[str]:
    code = "\n".join(cell.source for cell in code_cells(notebook))
    if re.search(r"^SEED = \d+$", code, re.MULTILINE) and "set_random_seed(SEED)" in code:
        return []
    return ["no seed: the first cells need `SEED = 42` and `keras.utils.set_random_seed(SEED)`"]


def kind_of_evidence(output: nbformat.NotebookNode) -> str | None:
    """What gan_helpers.notebook wrote into the output's metadata; None if it came otherwise."""
    return output.get("metadata", {}).get("evidence")


def shown_text(output: nbformat.NotebookNode) -> str:
    """What a reader reads of it: a picture's text and HTML's tags are not read."""
    data = output.get("data", {})
    if any(kind.startswith("image/") for kind in data):
        return ""
    html = re.sub(r"<[^>]*>", " ", data.get("text/html", ""))
    return output.get("text", "") or html or data.get("text/plain", "")


def trained_numbers_bounded(notebook: nbformat.NotebookNode) -> list[str]:
    """Outputs that nbval may ignore consist of numbers that the cell itself checks."""
    problems = []
    for cell in code_cells(notebook):
        place, tags = f"cell {cell.execution_count}", cell.metadata.get("tags", [])
        if "nbval-skip" in tags or re.search(r"# *NBVAL_(IGNORE|SKIP)", cell.source):
            problems.append(f"{place}: only the tag nbval-ignore-output may relax the comparison")
        if "nbval-ignore-output" not in tags or "timing" in tags:
            continue
        if not any(kind_of_evidence(out) in ("bounds", "close", "holds") for out in cell.outputs):
            problems.append(
                f"{place} is tagged nbval-ignore-output but asserts nothing: show its numbers "
                "with Bounds.check or check_close, or remove the tag"
            )
        problems += [
            f"{place} shows a number that nothing checks: {shown_text(out)[:200]!r}: use "
            "Bounds.check, check_close or (times, in a cell tagged timing) show_measured"
            for out in cell.outputs
            if kind_of_evidence(out) is None and re.search(r"\d", shown_text(out))
        ]
    return problems


def times_apart(notebook: nbformat.NotebookNode) -> list[str]:
    """What depends on the clock stands in cells tagged timing, and nothing else stands there.

    A picture may: a chart of times, or what a training of so many seconds has drawn.
    """
    problems = []
    for cell in code_cells(notebook):
        place, tags = f"cell {cell.execution_count}", cell.metadata.get("tags", [])
        kinds = {
            "a picture" if "image/png" in out.get("data", {}) else kind_of_evidence(out)
            for out in cell.outputs
        }
        if "timing" not in tags:
            if "measured" in kinds:
                problems.append(f"{place} shows a time: tag it timing and nbval-ignore-output")
            continue
        if "nbval-ignore-output" not in tags:
            problems.append(f"{place} is tagged timing: it needs nbval-ignore-output too")
        if not kinds:
            problems.append(f"{place} is tagged timing, but shows nothing: remove the tag")
        if kinds - {"measured", "a picture"}:
            problems.append(
                f"{place} is tagged timing, but does not only show_measured: split the cell"
            )
    return problems


def figures_described(notebook: nbformat.NotebookNode) -> list[str]:
    problems = []
    for cell in code_cells(notebook):
        pictures = sum("image/png" in out.get("data", {}) for out in cell.outputs)
        if not pictures:
            continue
        place, mystnb = f"cell {cell.execution_count}", cell.metadata.get("mystnb", {})
        if pictures > 1:
            problems.append(f"{place} draws {pictures} figures; one each, for one alt text each")
        if len(mystnb.get("image", {}).get("alt", "")) < 30:
            problems.append(f"{place}: say in its metadata mystnb.image.alt what the figure shows")
        figure = mystnb.get("figure", {})
        if not figure.get("caption") or not figure.get("name"):
            problems.append(f"{place}: its metadata mystnb.figure needs a caption and a name")
    return problems


def captions_without_typed_numbers(notebook: nbformat.NotebookNode) -> list[str]:
    texts = []
    for cell in code_cells(notebook):
        mystnb = cell.metadata.get("mystnb", {})
        texts += [
            mystnb.get("image", {}).get("alt", ""),
            mystnb.get("figure", {}).get("caption", ""),
        ]
    return [problem for text in texts for problem in no_typed_numbers(text)]


def prose_without_typed_numbers(notebook: nbformat.NotebookNode) -> list[str]:
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    prose[:1] = [TIME.sub("", text, count=1) for text in prose[:1]]  # a tool writes it
    return no_typed_numbers("\n\n".join(prose))


def exercises_solved(notebook: nbformat.NotebookNode) -> list[str]:
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    exercises = re.findall(r"{exercise}[^\n]*\n:label: (\S+)", prose)
    solutions = re.findall(r"{solution-start} (\S+)", prose)
    if len(exercises) >= 3 and exercises == solutions:
        return []
    return [f"needs three exercises or more, each solved: has {exercises}, solved {solutions}"]


def folded_alike(notebook: nbformat.NotebookNode) -> list[str]:
    """JupyterLab folds what the page folds, and solutions."""
    return [
        f"cell {cell.execution_count}: its metadata `jupyter` do not follow from its tags, or from "
        "its place in a solution: run `python -m tools.folding`"
        for cell, folded in folds(notebook)
        if {key for key in SOLUTION if cell.metadata.get("jupyter", {}).get(key)} != folded
    ]


# Calls that show what is there already, and calls that set up or load; by their last name. With
# names and literals they make plumbing. A definition, a formula, any other call is the lesson.
SHOWING = {"print", "show_table", "glue"}
CHECKING = {"check", "check_evaluation", "check_close", "check_holds", "show_measured"}
SETTING_UP = {
    *("set_random_seed", "use_book_style", "Bounds", "default_rng", "load_mnist", "to_tanh_range"),
    *("digit_judge", "mnist_reference", "read_history", "load_weights", "load_sheets"),
}
PLUMBING = SHOWING | CHECKING | SETTING_UP


def is_plumbing(statement: ast.stmt) -> bool:
    """Whether a statement only imports, sets up, loads, tabulates or checks."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Assert() | ast.Pass():
            return True
        case ast.For() | ast.With() | ast.If():
            return all(map(is_plumbing, [*statement.body, *getattr(statement, "orelse", [])]))
        case ast.Expr(value=ast.Call() as call) | ast.Assign(value=ast.Call() as call):
            return ast.unparse(call.func).split(".")[-1] in PLUMBING
        case ast.Expr(value=value) | ast.Assign(value=value):
            simple = (ast.Constant, ast.Name, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.UnaryOp)
            inner = (ast.expr_context, ast.unaryop)
            return all(isinstance(node, simple + inner) for node in ast.walk(value))
    return False


def open_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell, folded in folds(notebook) if not folded]


def open_cells_teach(notebook: nbformat.NotebookNode) -> list[str]:
    """An open cell draws nothing, and does more than set up, tabulate and check."""
    problems = []
    for cell in open_cells(notebook):
        place, code = f"cell {cell.execution_count}", parsed_code(cell.source).body
        names = {node.id for line in code for node in ast.walk(line) if isinstance(node, ast.Name)}
        if "plt" in names:
            problems.append(
                f"{place} draws, and stands open: tag it hide-input, after splitting "
                "off what belongs to the lesson"
            )
        elif all(map(is_plumbing, code)):
            problems.append(
                f"{place} only sets up, tabulates or checks, and stands open: tag it "
                "hide-cell or, if a reader should see what it shows, hide-input"
            )
    return problems


def long_open_cells(notebook: nbformat.NotebookNode) -> list[int]:
    """The execution counts of open cells that are too long; one class may be longer."""
    lines = {cell.execution_count: len(cell.source.splitlines()) for cell in open_cells(notebook)}
    classes = [
        cell.execution_count
        for cell in open_cells(notebook)
        if [type(statement) for statement in parsed_code(cell.source).body] == [ast.ClassDef]
        and MAX_LINES < lines[cell.execution_count] <= MAX_CLASS_LINES
    ]
    return [n for n, length in lines.items() if length > MAX_LINES and n not in classes[:1]]


def light_notebook(notebook: nbformat.NotebookNode) -> list[str]:
    size = len(nbformat.writes(notebook).encode())
    if size <= MAX_NOTEBOOK_BYTES:
        return []
    return [f"the file has {size} bytes, of {MAX_NOTEBOOK_BYTES} allowed: fewer or smaller figures"]


def says_where_the_package_is(notebook: nbformat.NotebookNode) -> list[str]:
    """To those who have downloaded it alone."""
    if any(cell.source.endswith(f"\n\n{NOTE}") for cell in first_text(notebook)):
        return []
    return ["its first text does not end with the note: run `python -m tools.opening`"]


def tells_its_time(notebook: nbformat.NotebookNode) -> list[str]:
    """As counted and measured; its other sentences are its own."""
    if "seconds" not in notebook.metadata.get(KEY, {}):
        return ["how long it computes was not measured: run `make refresh`"]
    said = [sentence for cell in first_text(notebook) for sentence in TIME.findall(cell.source)]
    expected = time_told(notebook)
    if said == [expected]:
        return []
    return [f"its first text says {said}, not {expected!r}: run `python -m tools.opening`"]


NOTEBOOK_RULES = [
    fresh_outputs,
    executed_in_order,
    no_errors,
    no_absolute_paths,
    no_addresses,
    seeded,
    trained_numbers_bounded,
    times_apart,
    figures_described,
    captions_without_typed_numbers,
    prose_without_typed_numbers,
    exercises_solved,
    folded_alike,
    open_cells_teach,
    light_notebook,
    says_where_the_package_is,
    tells_its_time,
]

# -- prose: rule(markdown) ---------------------------------------------------------------------

# Fenced blocks are code, but for directives with text: an admonition, a figure, an exercise.
FENCE = re.compile(r"^(`{3,})([^\n]*)\n(.*?)^\1 *$", re.MULTILINE | re.DOTALL)
CODE_DIRECTIVES = ("{code", "{math", "{bibliography", "{eval-rst")
OPTION = re.compile(r"^:(?!alt)[\w-]+:.*$", re.MULTILINE)
NOT_PROSE = re.compile(
    r"\$\$.*?\$\$|\$(?:[^$\n]|\n(?!\n))+\$"  # formulas
    r"|`[^`\n]+`"  # code, and the content of roles such as {cite}`...`
    r"|\]\([^)\s]*\)|<(?:/?[a-z]|!|https?:)[^>\n]*>"  # link targets, tags
    r"|^% source: [^\n]*\n(?:[^\n]+\n?)+",  # a paragraph under a line that names its source
    re.MULTILINE | re.DOTALL,
)
SPACE = "[\\s\u00a0\u202f-]*"  # also the spaces that do not break, and the hyphen of "45-second"
UNITS = "%|percent|(?:ms|µs|s|sec|seconds?|min|minutes?|h|hours?|days?)\\b"
TYPED_NUMBER = re.compile(rf"\d+\.\d+|\d+e-?\d+|\d+{SPACE}(?:{UNITS})")


def no_typed_numbers(markdown: str) -> list[str]:
    """Measured numbers are glued; others stand in code or formulas, or name a source."""

    def without_code(fence: re.Match) -> str:
        info, content = fence.group(2).strip(), fence.group(3)
        is_code = not info.startswith("{") or info.startswith(CODE_DIRECTIVES)
        return "" if is_code else OPTION.sub("", content)

    prose = NOT_PROSE.sub(" ", FENCE.sub(without_code, markdown))
    return [
        f"typed number {match.group()!r}: glue it from a notebook, or put a line "
        "`% source: ...` above its paragraph"
        for match in TYPED_NUMBER.finditer(prose)
    ]


# -- rendered pages: rule(html, file) ----------------------------------------------------------

LOADING_ATTRIBUTES = ("src", "srcset", "data", "poster", "style", "xlink:href")
LINKS_THAT_LOAD_NOTHING = {"canonical", "next", "prev", "index", "search", "author", "help"}
REMOTE = re.compile(r"(?:^|[\s,(\"'])(?:https?:)?//[\w.-]+\.\w[^\s\"')]*", re.IGNORECASE)
REMOTE_IN_CSS = re.compile(r"(?:url\(\s*|@import\s+)['\"]?(?:https?:)?//[^'\")]+", re.IGNORECASE)
REMOTE_IN_SCRIPT = re.compile(r"['\"](?:https?:)?//[\w.-]+\.\w[^'\"]*['\"]", re.IGNORECASE)


def no_remote_assets(html: BeautifulSoup, file: Path) -> list[str]:
    found = []
    for tag in html.find_all(True):
        values = [tag.get(name, "") for name in LOADING_ATTRIBUTES]
        if tag.name == "image" or (
            tag.name == "link" and not LINKS_THAT_LOAD_NOTHING & set(tag.get("rel", []))
        ):
            values.append(tag.get("href", ""))
        found += [match.group() for value in values for match in REMOTE.finditer(value)]
        if tag.name == "style":
            found += remote_in_css(tag.get_text())
        if tag.name == "script" and "json" not in tag.get("type", ""):
            found += REMOTE_IN_SCRIPT.findall(tag.get_text())
    return [f"loads {address} from another host: put a copy into book/assets" for address in found]


def remote_in_css(css: str) -> list[str]:
    return REMOTE_IN_CSS.findall(css)


def images_described(html: BeautifulSoup, file: Path) -> list[str]:
    problems = []
    for image in html.select("article img"):
        name, alt = Path(image["src"]).name, image.get("alt", "")
        if name in alt or len(alt) < 30:
            problems.append(f"image {name} has no alt text that describes it (mystnb.image.alt)")
        figure = image.find_parent("figure")
        if not figure or not figure.select_one("figcaption .caption-number"):
            problems.append(f"image {name} has no numbered caption (mystnb.figure)")
    return problems


def links_lead_somewhere(html: BeautifulSoup, file: Path) -> list[str]:
    problems = []
    for tag in html.find_all("a", href=True):
        address = urlsplit(tag["href"])
        if address.scheme or address.netloc or tag["href"] == "#":
            continue
        target = file.parent / unquote(address.path) if address.path else file
        if not target.exists():
            problems.append(f"link to {tag['href']}, which does not exist")
        elif address.fragment and target.suffix == ".html":
            page = html if target == file else parsed(target)
            if not page.find(id=unquote(address.fragment)):
                problems.append(f"link to {tag['href']}: no such place on that page")
    return problems


def light_page(html: BeautifulSoup, file: Path) -> list[str]:
    images = {file.parent / tag["src"] for tag in html.select("article img")}
    size = sum(path.stat().st_size for path in [file, *images] if path.exists())
    if size <= MAX_PAGE_BYTES:
        return []
    return [f"the page and its images have {size} bytes, of {MAX_PAGE_BYTES} allowed"]


def own_mathjax(html: BeautifulSoup, file: Path) -> list[str]:
    sources = [urlsplit(tag["src"]).path for tag in html.find_all("script", src=True)]
    own = [file.parent / path for path in sources if "mathjax" in path]
    if not html.select(".math") or (own and all(script.exists() for script in own)):
        return []
    return ["formulas, but no MathJax of the book's own: see mathjax_path in _config.yml"]


def downloads_open(html: BeautifulSoup, file: Path) -> list[str]:
    """What a page offers to download exists, and each notebook among it can be opened."""
    problems = []
    for tag in html.select("a[class*=btn-download]"):
        source = file.parent / unquote(tag["href"])
        try:
            if source.suffix == ".ipynb":
                nbformat.validate(nbformat.read(source, as_version=4))
            elif not source.read_text("utf-8"):
                raise ValueError("it is empty")
        except Exception as error:  # of the file system, of JSON, of the notebook's format
            problems.append(f"download of {tag['href']}, which does not open: {error}")
    return problems


def parsed(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text("utf-8"), "html.parser")


PAGE_RULES = [
    no_remote_assets,
    images_described,
    links_lead_somewhere,
    light_page,
    own_mathjax,
    downloads_open,
]

# -- the table of contents ---------------------------------------------------------------------


def missing_from_contents(contents: str, files: list[Path]) -> list[str]:
    named = [line.split("file:")[-1].split("root:")[-1].strip() for line in contents.splitlines()]
    return [
        f"{file.name} is not in _toc.yml: no reader will find it"
        for file in files
        if f"{file.parent.name}/{file.stem}" not in named
    ]
