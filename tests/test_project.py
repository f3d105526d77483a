"""What several files of the project state, they state alike."""

import re
import tomllib

import yaml
from packaging.specifiers import SpecifierSet

from tools.fingerprint import ROOT


def read_yaml(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_the_workflow_runs_every_python_that_the_package_allows():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    allowed = SpecifierSet(project["requires-python"])
    pythons = [f"3.{minor}" for minor in range(100) if f"3.{minor}" in allowed]
    jobs = read_yaml(".github/workflows/test.yml")["jobs"]
    assert jobs["unit"]["strategy"]["matrix"]["python"] == pythons
    (whole,) = (step["with"] for step in jobs["whole"]["steps"] if "setup-python" in str(step))
    assert whole["python-version"] in pythons


def test_version_authors_and_pythons_are_stated_alike():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    citation, config = read_yaml("CITATION.cff"), read_yaml("_config.yml")
    assert project["version"] == citation["version"]
    assert project["authors"] == citation["authors"] == [{"name": config["author"]}]
    assert citation["title"] == config["title"]
    guide = (ROOT / "book" / "run_it.txt").read_text("utf-8")
    allowed = SpecifierSet(project["requires-python"])
    named = {f"3.{minor}" for minor in range(100) if f"3.{minor}" in allowed}
    assert set(re.findall(r"\b3\.\d+", guide.splitlines()[0])) == named


def test_pre_commit_runs_what_make_lint_runs():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    python = re.search(r"^PY := (.+)$", makefile, re.MULTILINE)[1]
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1]
    commands = [line.strip("\t@").replace("$(PY)", python) for line in recipe.splitlines()]
    (repository,) = read_yaml(".pre-commit-config.yaml")["repos"]
    assert [hook["entry"] for hook in repository["hooks"]] == commands
