"""Evidence in notebooks: numbers that are shown, held against what is known, and quoted in pages.

One function for each kind of evidence (book/testing.md):

- `Bounds.check`: depends on training; five recorded seeds say how far it may go.
- `check_close`: theory gives the value; the tolerance is stated.
- `check_holds`: a relation, such as one loss above another.
- `show_measured`: a time or a speed of this machine; shown, never compared.

Each shows one short line. What the number is held against folds out below the cell. The line, and
the number that pages may quote, carry the kind of evidence in their metadata, by which the rules
in tests/rules.py know them.

Numbers that are the same everywhere are simply printed, and nbval compares them.
"""

import json
import math
import os
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from IPython import get_ipython
from IPython.display import HTML, display

BOUNDS_FOLDER = Path(__file__).parent / "assets" / "bounds"
RECORD = "GAN_BOOK_RECORD"  # set by tools/bounds.py: a file to add the values to
TESTED = ("PYTEST_CURRENT_TEST", "GAN_BOOK_REFRESH")  # set by pytest, by tests/notebook_plugin.py


def live() -> bool:
    """Whether a person runs this notebook, rather than a test or `make refresh`.

    Where a person does, Keras shows its progress bar (`fit(..., verbose=live())`), and a number
    outside its bounds is reported but stops nothing: whoever edits a cell wants to see what
    happens.
    """
    return not any(name in os.environ for name in (*TESTED, RECORD))


def glue(name: str, value: float, evidence: str = "shown") -> None:
    """Store a number in the notebook's outputs, where pages of the book can quote it.

    What `myst_nb.glue` does, without that import, so that notebooks run where the book is not
    installed. A page writes {glue:text}`../notebooks/NOTEBOOK.ipynb::NAME:.1f`.

    Args:
        name: what to quote it by.
        value: the number.
        evidence: what stands behind it: "bounds", "close", "measured", or nothing but that a
            cell has shown it.
    """
    if get_ipython() is None:
        return
    prefix = "application/papermill.record/"
    metadata = {"scrapbook": {"name": name, "mime_prefix": prefix}, "evidence": evidence}
    display({prefix + "text/plain": repr(float(value))}, raw=True, metadata=metadata)


def _show(line: str, evidence: str) -> None:
    """Show a line as an output of its own, which says what kind of evidence it is."""
    if get_ipython() is None:
        print(line)
    else:
        display({"text/plain": line}, raw=True, metadata={"evidence": evidence})


_checks: list[tuple[str, str, str, str]] = []  # of the cell that is running


def _fold_below(name: str, value: str, allowed: str, holds: bool) -> None:
    """Add a row to the table that folds out below the cell that is running."""
    shell = get_ipython()
    if shell is None:
        return
    if not _checks:
        shell.events.register("post_run_cell", _show_checks)
    _checks.append((name, value, allowed, "yes" if holds else "no"))


def _show_checks(result) -> None:
    get_ipython().events.unregister("post_run_cell", _show_checks)
    table = _table(("number", "value", "allowed", "holds"), _checks)
    _checks.clear()
    summary = "<summary>How these numbers are checked</summary>"
    folded = HTML(f'<details class="checks">{summary}{table}</details>')
    display(folded, metadata={"evidence": "allowed"})


def show_measured(name: str, value: float, unit: str, digits: int = 1) -> None:
    """Show and glue a time or a speed, in a cell with the tag `timing`. No test compares it."""
    number = f"{value:.{digits}f} {unit}".rstrip()
    _show(f"{name}: {number} on this machine", "measured")
    glue(name, value, "measured")


def show_table(header: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Display rows as a table; numbers with thousands separators and to the right."""
    display(HTML(_table(header, rows)))


def _table(header: Sequence[str], rows: Iterable[Sequence]) -> str:
    def cell(value) -> str:
        if isinstance(value, int):
            return f'<td style="text-align: right">{value:,}</td>'
        return f'<td style="text-align: left">{escape(str(value))}</td>'

    head = "".join(
        f'<th scope="col" style="text-align: left">{escape(name)}</th>' for name in header
    )
    body = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def check_close(
    name: str,
    value: float,
    theory: float,
    *,
    tolerance: float,
    digits: int = 3,
    source: str = "theory",
) -> None:
    """Show and glue a number beside the value that theory gives; AssertionError if they differ.

    Args:
        name: what the number is; also the name to quote it by.
        value: the measured number.
        theory: what it should be.
        tolerance: the largest difference allowed.
        digits: decimals to show.
        source: where the value comes from, if not from theory: "recorded".
    """
    value, theory = float(value), float(theory)
    holds = abs(value - theory) <= tolerance
    # Adding 0 turns a rounded -0, which another machine may print as 0, into 0.
    shown, beside = (f"{round(number, digits) + 0.0:.{digits}f}" for number in (value, theory))
    _show(f"{name}: {shown} ({source}: {beside})", "close")
    glue(name, value, "close")
    _fold_below(name, shown, f"{beside} ± {tolerance:g}", holds)
    if not holds:
        _outside(f"{name} is {value:g}; {source}: {theory:g}, give or take {tolerance:g}.")


def check_holds(claim: str, holds: bool) -> None:
    """Show a claim and a tick, or a cross where it does not hold; AssertionError then."""
    _show(f"{'✓' if holds else '✗'} {claim}", "holds")
    if not holds:
        _outside(f"{claim}: this does not hold.")


class Bounds:
    """The bounds of one notebook's trained numbers, recorded by `make bounds` under five seeds.

    Args:
        notebook: the notebook's name without its ending.
    """

    def __init__(self, notebook: str):
        self.path = BOUNDS_FOLDER / f"{notebook}.json"
        self.recorded = json.loads(self.path.read_text("utf-8")) if self.path.exists() else {}

    def check(
        self,
        name: str,
        value: float,
        *,
        least_width: float,
        limits: tuple[float, float] = (-math.inf, math.inf),
        digits: int = 2,
        beside: str = "",
    ) -> None:
        """Show and glue a trained number beside the seeds' range; AssertionError out of bounds.

        The bounds are the range of the recorded values, widened on each side by its own length,
        or by `least_width` if that is more, and cut off at `limits`.

        Args:
            name: what the number is; also the name to quote it by.
            value: the number, from this run.
            least_width: in the number's own unit, how far beyond the recorded range is still
                nothing to worry about.
            limits: the least and the largest value that the number can have at all, such as 0
                and 1 for a share.
            digits: decimals to show.
            beside: words to show with it, such as what real images get.
        """
        value = float(value)
        glue(name, value, "bounds")
        if RECORD in os.environ:
            with open(os.environ[RECORD], "a", encoding="utf-8") as file:
                file.write(json.dumps([name, value]) + "\n")
            return
        if name not in self.recorded:
            _outside(f"{name} has no recorded bounds in {self.path.name}; {value:g} here.")
            return
        low, high = min(self.recorded[name]), max(self.recorded[name])
        margin = max(high - low, least_width)
        lowest, highest = max(low - margin, limits[0]), min(high + margin, limits[1])
        holds = lowest <= value <= highest
        number = f"{{:.{digits}f}}".format
        seeds = f"five other seeds: {number(low)} to {number(high)}"
        _show(f"{name}: {number(value)} ({'; '.join(filter(None, (beside, seeds)))})", "bounds")
        _fold_below(name, number(value), f"{number(lowest)} to {number(highest)}", holds)
        if not holds:
            _outside(f"{name} is {value:g}, outside its bounds {lowest:g} to {highest:g}.")

    def check_evaluation(self, evaluation) -> None:
        """Check each figure of a `gan_helpers.metrics.Evaluation`.

        Shown beside its interval and what real images get. The least width of its bounds is the
        width of its interval, but two units of its last printed digit at least.
        """
        for estimate in evaluation.estimates().values():
            number = f"{{:.{estimate.digits}f}}".format
            self.check(
                estimate.label,
                estimate.value,
                least_width=max(estimate.high - estimate.low, 2 * 10**-estimate.digits),
                limits=estimate.limits,
                digits=estimate.digits,
                beside=f"interval: {number(estimate.low)} to {number(estimate.high)}; "
                f"real images: {number(estimate.real)}",
            )


def _outside(problem: str) -> None:
    if live():
        print(f"Not as in the book: {problem} Expected if you changed something above.")
        return
    raise AssertionError(
        f"{problem} If the change is meant, record new bounds with `make bounds`, then "
        "`make refresh`; if not, something that this number depends on has broken."
    )
