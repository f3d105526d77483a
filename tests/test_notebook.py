import json
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook

from gan_helpers import notebook
from gan_helpers.notebook import Bounds, check_close, check_holds, live, show_measured
from tools.execute import execute


@pytest.fixture
def bounds(tmp_path, monkeypatch):
    monkeypatch.setattr(notebook, "BOUNDS_FOLDER", tmp_path)
    recorded = {"loss": [1.0, 1.2, 1.1], "steady": [5.0, 5.0]}
    (tmp_path / "some.json").write_text(json.dumps(recorded))
    return Bounds("some")


@pytest.fixture
def reader(monkeypatch):
    """A person's own session; pytest itself marks every test of its own."""
    monkeypatch.setattr(notebook, "TESTED", ())


@pytest.mark.parametrize("value", [0.81, 1.0, 1.2, 1.39])
def test_values_within_the_widened_range_pass(bounds, value, capsys):
    bounds.check("loss", value, least_width=0.1)
    assert capsys.readouterr().out == (f"loss: {value:.2f} (five other seeds: 1.00 to 1.20)\n")


@pytest.mark.parametrize("value", [0.79, 1.41, float("nan"), float("inf")])
def test_values_outside_fail_with_name_value_and_bounds(bounds, value):
    with pytest.raises(
        AssertionError, match=rf"loss is {value:g}, outside its bounds 0\.8 to 1\.4"
    ):
        bounds.check("loss", value, least_width=0.1)


def test_least_width_holds_where_seeds_agree(bounds):
    bounds.check("steady", 5.4, least_width=0.5)
    with pytest.raises(AssertionError, match="make bounds"):
        bounds.check("steady", 5.6, least_width=0.5)


def test_bounds_end_at_the_limits(bounds):
    bounds.check("loss", 1.9, least_width=5.0, limits=(0, 2))
    with pytest.raises(AssertionError, match="outside its bounds 0 to 2"):
        bounds.check("loss", 2.1, least_width=5.0, limits=(0, 2))


def test_number_without_recorded_bounds_fails(bounds):
    with pytest.raises(AssertionError, match="no recorded bounds"):
        bounds.check("new", 1.0, least_width=1.0)


def test_reader_is_told_but_not_stopped(bounds, reader, capsys):
    bounds.check("loss", 9.0, least_width=0.1)
    assert "outside its bounds" in capsys.readouterr().out
    assert live()


def test_tests_are_not_live():
    assert not live()


def test_recording_writes_the_values_down(bounds, monkeypatch, tmp_path):
    record = tmp_path / "values.jsonl"
    monkeypatch.setenv(notebook.RECORD, str(record))
    bounds.check("loss", 9.0, least_width=0.1)
    assert json.loads(record.read_text()) == ["loss", 9.0]


def test_check_close_prints_no_negative_zero(capsys):
    check_close("nothing", -1e-9, 0.0, tolerance=0.1, digits=2)
    assert capsys.readouterr().out.startswith("nothing: 0.00 (theory: 0.00)")


def test_check_close_holds_theory_against_measurement(capsys):
    check_close("loss", 1.3861, 1.3863, tolerance=0.001, digits=3)
    assert capsys.readouterr().out == "loss: 1.386 (theory: 1.386)\n"
    with pytest.raises(AssertionError, match="theory: "):
        check_close("loss", 1.39, 1.3863, tolerance=0.001)
    with pytest.raises(AssertionError):
        check_close("loss", float("nan"), 1.3863, tolerance=0.001)


def test_claims_must_hold(capsys):
    check_holds("the loss falls", True)
    assert capsys.readouterr().out == "✓ the loss falls\n"
    with pytest.raises(AssertionError, match="the loss falls: this does not hold"):
        check_holds("the loss falls", False)


def test_measured_numbers_say_so(capsys):
    show_measured("training", 12.34, "s")
    assert capsys.readouterr().out == "training: 12.3 s on this machine\n"


def test_evaluation_is_checked_figure_by_figure(bounds, tmp_path, capsys):
    (tmp_path / "some.json").write_text(json.dumps({"recall": [0.5, 0.6], "precision": [0.9]}))
    figures = {
        name: SimpleNamespace(label=name, value=value, low=value - 0.01, high=value + 0.01)
        for name, value in {"recall": 0.55, "precision": 0.9}.items()
    }
    for figure in figures.values():
        figure.real, figure.digits, figure.limits = 0.95, 3, (0, 1)
    Bounds("some").check_evaluation(SimpleNamespace(estimates=lambda: figures))
    assert capsys.readouterr().out == (
        "recall: 0.550 (interval: 0.540 to 0.560; real images: 0.950; "
        "five other seeds: 0.500 to 0.600)\n"
        "precision: 0.900 (interval: 0.890 to 0.910; real images: 0.950; "
        "five other seeds: 0.900 to 0.900)\n"
    )
    figures["precision"].value = 0.85
    with pytest.raises(AssertionError, match="precision is 0"):
        Bounds("some").check_evaluation(SimpleNamespace(estimates=lambda: figures))


def test_figures_that_never_vary_may_still_differ_in_the_last_digit(bounds, tmp_path):
    (tmp_path / "some.json").write_text(json.dumps({"near copies": [0.0, 0.0]}))
    figure = SimpleNamespace(
        label="near copies", value=0.001, low=0.001, high=0.001, real=0.01, digits=3, limits=(0, 1)
    )
    figures = SimpleNamespace(estimates=lambda: {"near copies": figure})
    Bounds("some").check_evaluation(figures)
    figure.value = 0.003
    with pytest.raises(AssertionError, match=r"outside its bounds 0 to 0\.002"):
        Bounds("some").check_evaluation(figures)


@pytest.fixture(scope="module")
def executed():
    """Outputs of the cells of a notebook that checks something, by cell."""
    cells = (
        "from gan_helpers.notebook import check_close, check_holds, show_measured\n"
        "check_close('loss', 1.39, 1.4, tolerance=0.05, digits=2)\n"
        "check_close('loss < 0', -2, -2, tolerance=1, source='recorded')",
        "check_holds('it falls', True)\nshow_measured('training', 1.0, 's')",
        "print(1)",
        "try:\n    check_close('x', 1, 2, tolerance=0.5)\nexcept AssertionError:\n    pass",
    )
    executed = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    execute(executed)
    return [cell.outputs for cell in executed.cells]


def test_what_a_number_is_held_against_folds_out_once_below_its_cell(executed):
    tables = [
        [out.data["text/html"] for out in outputs if "text/html" in out.get("data", {})]
        for outputs in executed
    ]
    assert list(map(len, tables)) == [1, 0, 0, 1]
    html = BeautifulSoup(tables[0][0], "html.parser")
    assert html.summary.text == "How these numbers are checked"
    rows = [[cell.text for cell in row.find_all("td")] for row in html.select("tbody tr")]
    assert rows == [
        ["loss", "1.39", "1.40 ± 0.05", "yes"],
        ["loss < 0", "-2.000", "-2.000 ± 1", "yes"],
    ]
    assert ">no<" in tables[3][0]


def test_outputs_say_what_kind_of_evidence_they_are(executed):
    kinds = [[out.get("metadata", {}).get("evidence") for out in outputs] for outputs in executed]
    assert kinds[:3] == [
        ["close", "close", "close", "close", "allowed"],
        ["holds", "measured", "measured"],
        [None],
    ]
    lines = [out.data["text/plain"] for out in executed[1] if "text/plain" in out.data]
    assert lines == ["✓ it falls", "training: 1.0 s on this machine"]
