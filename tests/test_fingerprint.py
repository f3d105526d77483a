"""What makes a notebook stale, and what does not, on a small copy of the project."""

import shutil
from importlib import metadata

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.fingerprint import (
    ALTERED,
    ASSETS,
    KEY,
    LIBRARIES,
    ROOT,
    dependencies,
    evidence,
    notebook_paths,
    opened,
    read_notebook,
    stale_reasons,
)

# Data files that no notebook opens, each with what notices when it is altered.
NOTICED_OTHERWISE = {
    f"{ASSETS}runs/{name}.weights.h5": "tests/test_recorded.py reads it against its checksum"
    for name in ("fast_short", "gpt", "flow_matching_long")
}

MODULE = '''"""A module."""
from gan_helpers import deeper
from gan_helpers.nested.inner import constant

def double(x):
    """Twice x."""
    return 2 * x  # the result
'''


@pytest.fixture
def project(tmp_path):
    """A root with a package, another one in it, data files, a lock; and a fresh notebook."""
    package = tmp_path / "gan_helpers"
    (package / "assets").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "simple.py").write_text(MODULE)
    (package / "deeper.py").write_text('FILE = "other.csv"\n')
    (package / "unrelated.py").write_text("x = 1\n")
    (package / "nested").mkdir()
    (package / "nested" / "__init__.py").write_text("from gan_helpers.nested.aside import y\n")
    for name in ("inner", "aside", "unrelated"):
        (package / "nested" / f"{name}.py").write_text("constant = y = 1\n")
    (package / "assets" / "table.csv").write_text("1,2\n")
    (package / "assets" / "other.csv").write_text("1,2\n")
    versions = (
        "tensorflow==1\nkeras==2\nnumpy==3\nscipy==6\nscikit-learn==7\nmatplotlib==4\nbleach==5\n"
    )
    (tmp_path / "requirements.lock").write_text(versions)
    output = new_output("stream", name="stdout", text="4\n")
    cell = new_code_cell(
        "from gan_helpers.simple import double\nprint(double(2))",
        execution_count=1,
        outputs=[output],
    )
    notebook = new_notebook(cells=[cell])
    notebook.metadata[KEY] = evidence(notebook, tmp_path, [f"{ASSETS}table.csv"])
    return tmp_path, notebook


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_fresh_notebook_is_fresh_also_after_writing_and_reading(project, tmp_path):
    root, notebook = project
    assert stale_reasons(notebook, root) == []
    nbformat.write(notebook, tmp_path / "n.ipynb")
    assert stale_reasons(nbformat.read(tmp_path / "n.ipynb", as_version=4), root) == []


@pytest.mark.parametrize(
    "file, old, new",
    [
        ("gan_helpers/simple.py", "# the result", "# another comment"),
        ("gan_helpers/simple.py", '"""Twice x."""', '"""Two times x."""'),
        ("gan_helpers/simple.py", "return 2 * x", "return (2 *\n            x)"),
        ("gan_helpers/unrelated.py", "1", "2"),
        ("gan_helpers/assets/other.csv", "1", "2"),
        ("requirements.lock", "bleach==5", "bleach==6"),
        ("gan_helpers/nested/unrelated.py", "1", "2"),
    ],
)
def test_what_cannot_change_outputs_makes_nothing_stale(project, file, old, new):
    root, notebook = project
    edit(root / file, old, new)
    assert stale_reasons(notebook, root) == []


@pytest.mark.parametrize(
    "file, old, new, reason",
    [
        ("gan_helpers/simple.py", "2 * x", "3 * x", "gan_helpers/simple.py changed"),
        ("gan_helpers/deeper.py", "FILE", "NAME", "gan_helpers/deeper.py changed"),
        ("gan_helpers/__init__.py", "", "import os", "gan_helpers/__init__.py changed"),
        ("gan_helpers/assets/table.csv", "1", "2", "gan_helpers/assets/table.csv changed"),
        ("requirements.lock", "keras==2", "keras==3", "keras changed"),
        ("requirements.lock", "scikit-learn==7", "scikit-learn==8", "scikit-learn changed"),
        ("gan_helpers/nested/inner.py", "1", "2", "gan_helpers/nested/inner.py changed"),
        ("gan_helpers/nested/aside.py", "1", "2", "gan_helpers/nested/aside.py changed"),
        ("gan_helpers/nested/__init__.py", "y", "z", "gan_helpers/nested/__init__.py changed"),
    ],
)
def test_what_can_change_outputs_makes_them_stale(project, file, old, new, reason):
    root, notebook = project
    edit(root / file, old, new)
    assert [text for text in stale_reasons(notebook, root) if reason in text]


@pytest.mark.parametrize("statement", ["import inspect", "from inspect import getsource"])
def test_comments_count_where_a_notebook_shows_source_code(project, statement):
    root, notebook = project
    notebook.cells[0].source = f"{statement}\n{notebook.cells[0].source}"
    notebook.metadata[KEY] = evidence(notebook, root, [f"{ASSETS}table.csv"])
    assert stale_reasons(notebook, root) == []
    edit(root / "gan_helpers" / "simple.py", "# the result", "# another comment")
    assert [r for r in stale_reasons(notebook, root) if "gan_helpers/simple.py changed" in r]
    notebook.metadata[KEY] = evidence(notebook, root, [f"{ASSETS}table.csv"])
    notebook.cells[0].source += "  # a comment"
    assert stale_reasons(notebook, root) == ["its own code changed since its outputs were made"]


@pytest.mark.parametrize(("tag", "stale"), [("timing", True), ("hide-input", False)])
def test_tag_that_says_how_outputs_are_compared_counts_as_code(project, tag, stale):
    root, notebook = project
    notebook.cells[0].metadata["tags"] = [tag]
    assert bool(stale_reasons(notebook, root)) == stale


def test_installed_libraries_are_the_locked_ones():
    lock = (ROOT / "requirements.lock").read_text("utf-8").split()
    for name in LIBRARIES:  # a lock may have two versions, for old and new Pythons
        assert f"{name}=={metadata.version(name)}" in lock


def test_a_library_of_few_notebooks_counts_where_code_names_it(project):
    root, notebook = project
    lock = root / "requirements.lock"
    lock.write_text(lock.read_text() + "jax==1\ntensorboard==1\n")
    assert stale_reasons(notebook, root) == []
    notebook.cells[0].source += "\nenvironment = {'KERAS_BACKEND': 'jax'}"
    assert dependencies(notebook, root)["jax"] == "1"
    assert "tensorboard" not in dependencies(notebook, root)


def test_changed_code_and_altered_outputs_are_told_apart(project):
    root, notebook = project
    cell = notebook.cells[0]
    cell.source += "  # a comment"
    assert stale_reasons(notebook, root) == []
    cell.outputs[0].text = "5\n"
    assert stale_reasons(notebook, root) == [ALTERED]
    cell.outputs[0].text = "4\n"
    cell.source = cell.source.replace("double(2)", "double(3)")
    assert stale_reasons(notebook, root) == ["its own code changed since its outputs were made"]


def test_exchanged_picture_is_noticed(project):
    root, notebook = project
    picture = new_output("display_data", data={"image/png": "AAAA"})
    notebook.cells[0].outputs.append(picture)
    notebook.metadata[KEY] = evidence(notebook, root)
    picture.data["image/png"] = "AAAB"
    assert stale_reasons(notebook, root) == [ALTERED]


def test_notebook_that_was_never_refreshed_is_stale(project):
    root, notebook = project
    del notebook.metadata[KEY]
    assert stale_reasons(notebook, root) == ["it was never executed by `make refresh`"]


def test_data_file_that_is_gone_makes_stale(project):
    root, notebook = project
    (root / ASSETS / "table.csv").unlink()
    assert stale_reasons(notebook, root) == [
        f"{ASSETS}table.csv changed since its outputs were made"
    ]


def test_code_that_moves_to_another_cell_makes_stale(project):
    root, notebook = project
    first, second = notebook.cells[0].source.split("\n")
    notebook.cells = [new_code_cell(first), notebook.cells[0]]
    notebook.cells[1].source = second
    assert "its own code changed since its outputs were made" in stale_reasons(notebook, root)


def test_string_that_a_cell_displays_is_no_docstring(project):
    root, notebook = project
    notebook.cells[0].source = "'a string'"
    notebook.metadata[KEY] = evidence(notebook, root)
    notebook.cells[0].source = "'another string'"
    assert stale_reasons(notebook, root) == ["its own code changed since its outputs were made"]


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """The real package and lock, to be altered."""
    root = tmp_path_factory.mktemp("copied")
    shutil.copytree(ROOT / "gan_helpers", root / "gan_helpers")
    shutil.copy(ROOT / "requirements.lock", root)
    return root


@pytest.fixture(scope="module")
def opened_by():
    """The notebooks that opened a data file, by its name."""
    result = {}
    for notebook in map(read_notebook, notebook_paths()):
        for name in opened(notebook.metadata[KEY]["depends_on"]):
            result.setdefault(name, []).append(notebook)
    return result


@pytest.mark.parametrize(
    "name",
    sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / ASSETS).rglob("*") if p.is_file()),
)
def test_altered_data_file_makes_a_notebook_stale(copied, opened_by, name):
    if name in NOTICED_OTHERWISE:
        assert name not in opened_by, "a notebook opens it: take it out of NOTICED_OTHERWISE"
        return
    assert name in opened_by, "no notebook opens it: say in NOTICED_OTHERWISE what notices a change"
    notebook, reason = opened_by[name][0], f"{name} changed since its outputs were made"
    assert reason not in stale_reasons(notebook, copied)
    file = copied / name
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert reason in stale_reasons(notebook, copied)
    file.write_bytes(content)


def test_notebook_depends_on_a_run_whose_name_its_code_puts_together():
    fast = read_notebook(ROOT / "notebooks" / "ch05_fast.ipynb")
    assert f"{ASSETS}runs/fast_none.json" in opened(fast.metadata[KEY]["depends_on"])
