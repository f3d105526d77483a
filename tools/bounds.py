"""Run notebooks under five seeds and record the range of their trained numbers.

    python -m tools.bounds [NAME ...]

Without names: every notebook that uses `Bounds`. The values go to gan_helpers/assets/bounds, one
file per notebook; the seeds are others than the notebook's own.
"""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

from gan_helpers.files import write_json
from gan_helpers.notebook import BOUNDS_FOLDER, RECORD
from tools.execute import execute
from tools.fingerprint import code_cells, notebook_paths, read_notebook

SEEDS = (1, 2, 3, 4, 5)
SEED_LINE = re.compile(r"^SEED = \d+$", re.MULTILINE)


def values_under(seed: int, path: Path) -> list[tuple[str, float]]:
    """Names and values that `Bounds.check` is called with when the notebook runs with this seed."""
    notebook = read_notebook(path)
    for cell in code_cells(notebook):
        cell.source = SEED_LINE.sub(f"SEED = {seed}", cell.source)
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "values.jsonl"
        os.environ[RECORD] = str(record)
        execute(notebook)
        if not record.exists():
            sys.exit(f"{path.name} uses Bounds, but checks no number")
        return [json.loads(line) for line in record.read_text("utf-8").splitlines()]


def main(names: list[str]) -> None:
    paths = {
        path.stem: path
        for path in notebook_paths()
        if any("Bounds(" in cell.source for cell in code_cells(read_notebook(path)))
    }
    unknown = [name for name in names if name not in paths]
    if unknown:
        sys.exit(f"no notebook with bounds is named {', '.join(unknown)}; there are: {list(paths)}")
    for path in [paths[name] for name in names or paths]:
        recorded: dict[str, list[float]] = {}
        for seed in SEEDS:
            print(f"{path.stem}, seed {seed}", flush=True)
            for name, value in values_under(seed, path):
                recorded.setdefault(name, []).append(value)
        twice = [name for name, values in recorded.items() if len(values) != len(SEEDS)]
        if twice:
            sys.exit(f"{path.name} checks more than one number under each of these names: {twice}")
        for name, values in recorded.items():
            print(f"  {name}: {min(values):g} to {max(values):g}")
        BOUNDS_FOLDER.mkdir(exist_ok=True)
        write_json(BOUNDS_FOLDER / f"{path.stem}.json", recorded)


if __name__ == "__main__":
    main(sys.argv[1:])
