"""Execute the notebooks whose outputs are stale, and no others.

A notebook whose execution fails is left as it was.
"""

import base64
import io
import os
import sys
import time

import nbformat
from nbclient.exceptions import CellExecutionError
from PIL import Image

from gan_helpers.files import write_atomically
from tools.execute import execute
from tools.fingerprint import (
    KEY,
    ROOT,
    code_cells,
    evidence,
    notebook_paths,
    read_notebook,
    stale_reasons,
)

# Figures that a page or the README shows too, by notebook and figure name.
ASSETS = ROOT / "book" / "assets"
QUOTED = {
    ("ch03_steps", "fig-steps-halves"): ASSETS / "half_steps.png",
    ("ch03_numpy", "fig-numpy-film"): ASSETS / "numpy_film.png",
    ("ch03_circles", "fig-circles-paths"): ASSETS / "circles_paths.png",
    ("ch03_plane", "fig-plane-grid"): ASSETS / "plane_grid.png",
    ("ch04_value", "fig-value-best"): ASSETS / "value_best.png",
    ("ch04_gradients", "fig-gradients-pull"): ASSETS / "gradients_pull.png",
    ("ch04_divergences", "fig-divergences-humps"): ASSETS / "divergences_humps.png",
    ("ch04_table", "fig-table-all"): ASSETS / "table_all.png",
    ("ch04_faults", "fig-faults-map"): ASSETS / "faults_map.png",
    ("ch05_training", "fig-training-film"): ASSETS / "film_strip.png",
}


def picture(notebook: nbformat.NotebookNode, name: str) -> bytes:
    """The PNG file of the figure with this name."""
    for cell in code_cells(notebook):
        if cell.metadata.get("mystnb", {}).get("figure", {}).get("name") == name:
            for out in cell.outputs:
                if "image/png" in out.get("data", {}):
                    return base64.b64decode(out.data["image/png"])
    raise KeyError(f"no figure named {name}")


def palette_png(png: str) -> str:
    """The same picture (base64 in, base64 out) with a palette of 256 colours: a third the size."""
    image = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    small = io.BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(small, format="PNG", optimize=True)
    return base64.b64encode(small.getvalue()).decode()


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Make the file independent of who executed it, and its outputs small and easy to read."""
    notebook.metadata.kernelspec = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata.language_info = {"name": "python"}
    for cell in code_cells(notebook):
        # Glued numbers are invisible, but would cut the printed text into pieces.
        shown = [out for out in cell.outputs if "scrapbook" not in out.get("metadata", {})]
        glued = [out for out in cell.outputs if "scrapbook" in out.get("metadata", {})]
        cell.outputs = []
        for out in [*shown, *glued]:
            last = cell.outputs[-1] if cell.outputs else {}
            if out.output_type == "stream" and out.name == last.get("name"):
                last.text += out.text
            else:
                cell.outputs.append(out)
            if "image/png" in out.get("data", {}):
                out.data["image/png"] = palette_png(out.data["image/png"])


def main() -> None:
    os.environ["GAN_BOOK_REFRESH"] = "1"
    for path in notebook_paths():
        notebook = read_notebook(path)
        reasons = stale_reasons(notebook)
        if not reasons:
            continue
        print(f"{path.relative_to(ROOT)}: {'; '.join(reasons)}", flush=True)
        started = time.perf_counter()
        try:
            execute(notebook)
        except CellExecutionError as error:
            sys.exit(f"{error}\n{path.relative_to(ROOT)} failed and is left as it was.")
        tidy(notebook)
        notebook.metadata[KEY] = evidence(notebook)
        write_atomically(path, nbformat.writes(notebook) + "\n")
        for (stem, figure), file in QUOTED.items():
            if stem == path.stem:
                write_atomically(file, picture(notebook, figure))
        print(f"  executed in {time.perf_counter() - started:.0f} s", flush=True)
    print("All notebooks are fresh.")


if __name__ == "__main__":
    main()
