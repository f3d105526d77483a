"""The rules that notebooks, prose and rendered pages must keep. Each gives a list of problems.

A problem says what is wrong and what to do. tests/test_rules.py holds each rule against a small
bad example; test_notebooks.py and test_pages.py hold the book against the rules.
"""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from bs4 import BeautifulSoup

from tools.fingerprint import code_cells, stale_reasons

MAX_NOTEBOOK_BYTES = 400_000
MAX_PAGE_BYTES = 1_500_000  # with its images, but without what pages share
ABSOLUTE_PATH = re.compile(
    r"(?<![\w./])/(?:home|Users|root|tmp|work|mnt|opt|var|usr)/\w|(?<!\$)\b[A-Z]:\\\w"
)
EVIDENCE_LINE = re.compile(r"; allowed: .*\)$|, tolerance .*\)$| on this machine$")

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


def seeded(notebook: nbformat.NotebookNode) -> list[str]:
    code = "\n".join(cell.source for cell in code_cells(notebook))
    if re.search(r"^SEED = \d+$", code, re.MULTILINE) and "set_random_seed(SEED)" in code:
        return []
    return ["no seed: the first cells need `SEED = 42` and `keras.utils.set_random_seed(SEED)`"]


def trained_numbers_bounded(notebook: nbformat.NotebookNode) -> list[str]:
    """Outputs that nbval may ignore consist of numbers that the cell itself checks."""
    problems = []
    for cell in code_cells(notebook):
        place, tags = f"cell {cell.execution_count}", cell.metadata.get("tags", [])
        if "nbval-skip" in tags or re.search(r"# *NBVAL_(IGNORE|SKIP)", cell.source):
            problems.append(f"{place}: only the tag nbval-ignore-output may relax the comparison")
        if "nbval-ignore-output" not in tags:
            continue
        if not re.search(
            r"\.check(_evaluation)?\(|check_close\(|check_holds\(|show_measured\(", cell.source
        ):
            problems.append(
                f"{place} is tagged nbval-ignore-output but asserts nothing: show its numbers "
                "with Bounds.check or check_close, or remove the tag"
            )
        lines = "".join(out.get("text", "") for out in cell.outputs).splitlines()
        problems += [
            f"{place} prints a number that nothing checks: {line!r}: use Bounds.check, "
            "check_close or (times) show_measured"
            for line in lines
            if re.search(r"\d", line) and not EVIDENCE_LINE.search(line)
        ]
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
    return no_typed_numbers("\n\n".join(prose))


def exercises_solved(notebook: nbformat.NotebookNode) -> list[str]:
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    exercises = re.findall(r"{exercise}[^\n]*\n:label: (\S+)", prose)
    solutions = re.findall(r"{solution-start} (\S+)", prose)
    if len(exercises) >= 3 and exercises == solutions:
        return []
    return [f"needs three exercises or more, each solved: has {exercises}, solved {solutions}"]


def solutions_folded(notebook: nbformat.NotebookNode) -> list[str]:
    """In the rendered page the directive folds a solution, in JupyterLab each cell's metadata."""
    problems, inside = [], False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for mark in re.findall(r"{solution-(start|end)}", cell.source):
                inside = mark == "start"
        elif (
            inside
            and not {"source_hidden", "outputs_hidden"} <= cell.metadata.get("jupyter", {}).keys()
        ):
            problems.append(
                f"cell {cell.execution_count} belongs to a solution: give it the metadata "
                '"jupyter": {"source_hidden": true, "outputs_hidden": true}'
            )
    return problems


def light_notebook(notebook: nbformat.NotebookNode) -> list[str]:
    size = len(nbformat.writes(notebook).encode())
    if size <= MAX_NOTEBOOK_BYTES:
        return []
    return [f"the file has {size} bytes, of {MAX_NOTEBOOK_BYTES} allowed: fewer or smaller figures"]


NOTEBOOK_RULES = [
    fresh_outputs,
    executed_in_order,
    no_errors,
    no_absolute_paths,
    seeded,
    trained_numbers_bounded,
    figures_described,
    captions_without_typed_numbers,
    prose_without_typed_numbers,
    exercises_solved,
    solutions_folded,
    light_notebook,
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


def parsed(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text("utf-8"), "html.parser")


PAGE_RULES = [no_remote_assets, images_described, links_lead_somewhere, light_page, own_mathjax]

# -- the table of contents ---------------------------------------------------------------------


def missing_from_contents(contents: str, files: list[Path]) -> list[str]:
    named = [line.split("file:")[-1].split("root:")[-1].strip() for line in contents.splitlines()]
    return [
        f"{file.name} is not in _toc.yml: no reader will find it"
        for file in files
        if f"{file.parent.name}/{file.stem}" not in named
    ]
