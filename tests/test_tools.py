"""The tools behind `make refresh` and `make bounds`, without executing real notebooks."""

import base64
import io
import json
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from tools import bounds, execute, refresh
from tools.fingerprint import (
    KEY,
    code_cells,
    dependencies,
    notebook_paths,
    outputs_sum,
    read_notebook,
    stale_reasons,
)


def png_of(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, format="PNG")
    return base64.b64encode(file.getvalue()).decode()


def test_palette_picture_is_smaller_and_looks_the_same():
    greys = np.random.default_rng(0).integers(0, 100, (100, 200), dtype=np.uint8)
    image = Image.fromarray(greys).convert("RGBA")
    before = png_of(image)
    after = refresh.palette_png(before)
    assert len(after) < len(before)
    result = Image.open(io.BytesIO(base64.b64decode(after)))
    assert result.mode == "P" and result.size == image.size
    difference = np.asarray(result.convert("L"), int) - np.asarray(image.convert("L"), int)
    assert np.abs(difference).max() <= 2


def test_tidy_joins_text_that_glue_interrupts_and_keeps_the_order():
    glued = new_output(
        "display_data",
        data={"application/papermill.record/text/plain": "1"},
        metadata={"scrapbook": {"name": "x"}},
    )
    outputs = [
        new_output("stream", name="stdout", text="a\n"),
        glued,
        new_output("stream", name="stdout", text="b\n"),
        new_output("display_data", data={"text/html": "<table>"}),
        new_output("stream", name="stdout", text="c\n"),
    ]
    notebook = new_notebook(cells=[new_code_cell("x", outputs=outputs)])
    refresh.tidy(notebook)
    texts = [out.get("text") or list(out.data) for out in notebook.cells[0].outputs]
    assert texts == ["a\nb\n", ["text/html"], "c\n", list(glued.data)]
    assert notebook.metadata.language_info == {"name": "python"}


ELSEWHERE = "another kind of processor"


class Project:
    """One notebook that prints, draws and measures a time, and an execution that is pretended."""

    def __init__(self, folder: Path):
        self.path = folder / "a.ipynb"
        self.folder = folder
        self.gives = [[printed("1.5\n")], [drawn(0)], [printed("in 3.1 s\n")]]
        self.agrees, self.executed = True, 0
        cells = [new_code_cell(source) for source in ("print(1.5)", "draw()", "measure()")]
        cells[2].metadata.tags = ["timing", "nbval-ignore-output"]
        nbformat.write(new_notebook(cells=cells), self.path)

    def execute(self, paths):
        assert paths == [self.path]
        self.executed += 1
        notebook = read_notebook(self.path)
        kept = {
            "depends_on": dependencies(notebook),
            "processor": execute.processor(),
            "outputs": self.gives,
            "agrees_with": outputs_sum(notebook) if self.agrees else None,
            "seconds": 1.0,
        }
        file = execute.kept_file(self.path, self.folder)
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(kept))

    def changes(self, *names, on=None):
        """As if the outputs had been made before these changed, and on another processor."""
        notebook = read_notebook(self.path)
        stored = notebook.metadata[KEY]
        stored["depends_on"] |= dict.fromkeys(names, "another sum")
        stored["processor"] = on or stored["processor"]
        nbformat.write(notebook, self.path)
        execute.kept_file(self.path, self.folder).unlink()

    def outputs(self):
        return [cell.outputs for cell in code_cells(read_notebook(self.path))]


def printed(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def drawn(grey, **metadata):
    data = {"image/png": png_of(Image.new("L", (9, 9), grey))}
    return new_output("display_data", data=data, metadata=metadata)


@pytest.fixture
def project(tmp_path, monkeypatch):
    project = Project(tmp_path)
    monkeypatch.setattr(refresh, "notebook_paths", lambda: [project.path])
    monkeypatch.setattr(refresh, "execute_and_keep", project.execute)
    monkeypatch.setattr(
        refresh, "kept_execution", lambda path: execute.kept_execution(path, tmp_path)
    )
    refresh.main([])
    return project


def test_refresh_executes_what_is_stale_and_nothing_else(project):
    assert project.executed == 1
    assert stale_reasons(read_notebook(project.path)) == []
    refresh.main([])
    assert project.executed == 1
    notebook = read_notebook(project.path)
    notebook.cells[0].source = "print(2)"
    nbformat.write(notebook, project.path)
    project.gives[0] = [printed("2\n")]
    refresh.main([])
    assert project.executed == 2 and project.outputs()[0] == project.gives[0]


def test_refresh_takes_over_what_another_has_executed(project, capsys):
    project.changes("gan_helpers/__init__.py")
    project.execute([project.path])
    refresh.main([])
    assert project.executed == 2
    assert "a.ipynb: as committed; only its fingerprint is renewed" in capsys.readouterr().out


def test_equal_outputs_leave_all_of_the_file_but_the_fingerprint(project):
    before = read_notebook(project.path)
    project.changes("gan_helpers/__init__.py")
    project.gives[2] = [printed("in 10.25 s\n")]  # the time is another
    refresh.main([])
    assert project.executed == 2
    assert read_notebook(project.path) == before


def test_what_differs_is_said_and_written(project, capsys):
    project.changes("gan_helpers/__init__.py")
    project.gives = [[printed("1.6\n")], [drawn(9)], [printed("after 10.25 s\n")]]
    refresh.main([])
    said = capsys.readouterr().out
    assert "cell 1 gives '1.6', not '1.5'" in said
    assert "cell 2 gives another picture" in said
    assert "cell 3 gives 'after " in said  # other words, not only another time
    assert project.outputs()[::2] == project.gives[::2]
    assert stale_reasons(read_notebook(project.path)) == []


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ([printed("a\nb\n")], [printed("a\n")], "gives '', not 'b'"),
        ([printed("a\n")], [], "gives [], not ['stdout']"),
        ([new_output("error", ename="E", evalue="", traceback=[])], [], "not ['error']"),
        ([drawn(1)], [drawn(1, width=2)], "other metadata"),
    ],
)
def test_difference_is_said_in_a_few_words(old, new, what):
    assert what in refresh.difference(old, new)
    assert refresh.difference(old, old) is None


@pytest.mark.parametrize(
    ("reason", "new_times"),
    [
        ("gan_helpers/notebook.py", False),
        ("its own code", True),
        ("numpy", True),
        ("gan_helpers/assets/runs/a.json", True),
    ],
)
def test_times_are_new_where_what_shows_them_may_be(project, reason, new_times):
    project.changes(reason)
    project.gives[2] = [printed("in 10.25 s\n")]
    refresh.main([])
    assert (project.outputs()[2] == project.gives[2]) == new_times


@pytest.mark.parametrize(
    ("reason", "made_on", "agrees", "stays"),
    [
        ("gan_helpers/data.py", ELSEWHERE, True, True),
        ("gan_helpers/data.py", None, True, False),  # the same processor: it is no rounding
        ("gan_helpers/data.py", ELSEWHERE, False, False),
        ("gan_helpers/plotting.py", ELSEWHERE, True, False),
        ("its own code", ELSEWHERE, True, False),
        ("keras", ELSEWHERE, True, False),
        ("gan_helpers/assets/runs/a.json", ELSEWHERE, True, False),
    ],
)
def test_on_another_processor_pictures_may_differ_by_rounding(
    project, reason, made_on, agrees, stays
):
    before = project.outputs()
    project.changes(reason, on=made_on)
    project.agrees, project.gives[1] = agrees, [drawn(9)]
    refresh.main([])
    assert (project.outputs() == before) == stays
    processor = read_notebook(project.path).metadata[KEY]["processor"]
    assert processor == (ELSEWHERE if stays else execute.processor())
    assert stale_reasons(read_notebook(project.path)) == []


def test_notebook_that_fails_or_writes_to_stderr_is_left_as_it_was(project, monkeypatch):
    project.changes("gan_helpers/__init__.py")
    before = project.path.read_bytes()
    project.gives[0].append(printed("a warning\n", "stderr"))
    with pytest.raises(SystemExit, match=r"a\.ipynb writes to stderr and is left as it was"):
        refresh.main([])
    project.changes()
    monkeypatch.setattr(refresh, "execute_and_keep", lambda paths: None)
    with pytest.raises(SystemExit, match=r"a\.ipynb did not run to its end and is left as it was"):
        refresh.main([])
    assert project.path.read_bytes() == before


def test_kept_execution_is_of_this_code_and_this_kind_of_processor(project, monkeypatch):
    assert execute.kept_execution(project.path, project.folder)
    with monkeypatch.context() as patched:
        patched.setattr(execute, "processor", lambda: ELSEWHERE)
        assert execute.kept_execution(project.path, project.folder) is None
    notebook = read_notebook(project.path)
    notebook.cells[0].source = "print(2)"
    nbformat.write(notebook, project.path)
    assert execute.kept_execution(project.path, project.folder) is None


def test_bounds_can_change_the_seed_of_every_notebook():
    for path in notebook_paths():
        code = "\n".join(cell.source for cell in code_cells(read_notebook(path)))
        assert len(bounds.SEED_LINE.findall(code)) == 1, path.name
        assert f"SEED = {bounds.SEEDS[0]}\n" not in code, "record other seeds than the notebook's"
