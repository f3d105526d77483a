"""The tools behind `make refresh` and `make bounds`, without executing real notebooks."""

import base64
import io

import nbformat
import numpy as np
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from tools import bounds, refresh
from tools.fingerprint import code_cells, notebook_paths, read_notebook, stale_reasons


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


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """Two notebooks in an empty place, and an `execute` that only counts."""
    monkeypatch.setattr(refresh, "ROOT", tmp_path)
    monkeypatch.setenv("GAN_BOOK_REFRESH", "1")
    paths = [tmp_path / "a.ipynb", tmp_path / "b.ipynb"]
    for path in paths:
        nbformat.write(new_notebook(cells=[new_code_cell(f"print({path.stem!r})")]), path)
    monkeypatch.setattr(refresh, "notebook_paths", lambda: paths)
    executed = []

    def execute(notebook):
        executed.append(notebook.cells[0].source)
        notebook.cells[0].execution_count = 1

    monkeypatch.setattr(refresh, "execute", execute)
    return paths, executed


def test_refresh_executes_what_is_stale_and_nothing_else(notebooks):
    paths, executed = notebooks
    refresh.main()
    assert executed == ["print('a')", "print('b')"]
    refresh.main()
    assert len(executed) == 2
    notebook = read_notebook(paths[1])
    notebook.cells[0].source = "print('c')"
    nbformat.write(notebook, paths[1])
    refresh.main()
    assert executed[2:] == ["print('c')"]
    assert all(stale_reasons(read_notebook(path)) == [] for path in paths)


def test_notebook_that_fails_is_left_as_it_was(notebooks, monkeypatch):
    def fail(notebook):
        notebook.cells[0].source = "half-way"
        raise CellExecutionError("traceback", "ValueError", "no")

    monkeypatch.setattr(refresh, "execute", fail)
    paths, _ = notebooks
    before = paths[0].read_bytes()
    with pytest.raises(SystemExit, match=r"a\.ipynb failed and is left as it was"):
        refresh.main()
    assert paths[0].read_bytes() == before


def test_bounds_can_change_the_seed_of_every_notebook():
    for path in notebook_paths():
        code = "\n".join(cell.source for cell in code_cells(read_notebook(path)))
        assert len(bounds.SEED_LINE.findall(code)) == 1, path.name
        assert f"SEED = {bounds.SEEDS[0]}\n" not in code, "record other seeds than the notebook's"
