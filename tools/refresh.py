"""Renew the notebooks whose outputs are stale, and no others.

Each is executed once, if neither `make test` nor `make quick` has executed it in its present state
already. Where it gives the committed outputs again, pictures bit for bit, only its fingerprint is
renewed; otherwise its new outputs are written, and what differs is said. In cells with the tag
`timing` only the words are compared, not the numbers and charts, unless the code that makes them
has changed, or a data file.

On another kind of processor than that of the committed outputs everything that was trained differs
by its rounding, and so does every picture of it. There, the committed outputs stay if the cells'
own assertions and nbval's comparison passed: trained numbers are within their bounds, all others
are equal. But they stay only if nothing has changed that a picture may be meant to change with:
the notebook's own code, the functions that draw, a data file, a library.

A notebook whose execution fails, or writes to stderr, is left as it was.
"""

import argparse
import base64
import copy
import io
import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from PIL import Image

from gan_helpers.files import write_atomically
from tools.execute import execute_and_keep, in_order, kept_execution
from tools.fingerprint import (
    ALTERED,
    KEY,
    LIBRARIES,
    OWN_CODE,
    ROOT,
    WHERE_NAMED,
    changed,
    code_cells,
    evidence,
    notebook_paths,
    opened,
    outputs_sum,
    read_notebook,
    stale_reasons,
)
from tools.folding import fold
from tools.opening import tell_time

SAID = 3  # reasons for which a notebook is stale
DRAWING = "gan_helpers/plot"  # how the names of modules that draw begin
# Figures that a page or the README shows too, by notebook and figure name.
ASSETS = ROOT / "book" / "assets"
QUOTED = {
    ("ch01_timeline", "fig-timeline-works"): ASSETS / "timeline.png",
    ("ch01_densities", "fig-densities-abilities"): ASSETS / "densities_abilities.png",
    ("ch01_densities", "fig-densities-half"): ASSETS / "densities_half.png",
    ("ch01_factors", "fig-factors"): ASSETS / "factors.png",
    ("ch02_autoencoder", "fig-autoencoder-four"): ASSETS / "autoencoder_four.png",
    ("ch02_gpt", "fig-gpt-line"): ASSETS / "gpt_line.png",
    ("ch02_diffusion", "fig-diffusion-film"): ASSETS / "diffusion_film.png",
    ("ch02_flow", "fig-flow-layers"): ASSETS / "flow_layers.png",
    ("ch02_compare", "fig-compare-sheet"): ASSETS / "compare_sheet.png",
    ("ch02_compare", "fig-compare-families"): ASSETS / "families.png",
    ("ch02_compare", "fig-compare-ring"): ASSETS / "compare_ring.png",
    ("ch02_vae", "fig-vae-map"): ASSETS / "vae_map.png",
    ("ch03_steps", "fig-steps-halves"): ASSETS / "half_steps.png",
    ("ch03_numpy", "fig-numpy-film"): ASSETS / "numpy_film.png",
    ("ch03_circles", "fig-circles-paths"): ASSETS / "circles_paths.png",
    ("ch03_plane", "fig-plane-grid"): ASSETS / "plane_grid.png",
    ("ch04_value", "fig-value-best"): ASSETS / "value_best.png",
    ("ch04_value", "fig-value-jsd"): ASSETS / "value_jsd.png",
    ("ch04_gradients", "fig-gradients-pull"): ASSETS / "gradients_pull.png",
    ("ch04_step", "fig-step-rules"): ASSETS / "step_rules.png",
    ("ch04_divergences", "fig-divergences-humps"): ASSETS / "divergences_humps.png",
    ("ch04_wasserstein", "fig-wasserstein-critics"): ASSETS / "wasserstein_critics.png",
    ("ch04_kernels", "fig-kernels-matched"): ASSETS / "kernels_matched.png",
    ("ch04_table", "fig-table-all"): ASSETS / "table_all.png",
    ("ch04_judge", "fig-judge-three"): ASSETS / "judge_three.png",
    ("ch04_score", "fig-score-fooled"): ASSETS / "score_fooled.png",
    ("ch04_frechet", "fig-frechet-sand"): ASSETS / "frechet_sand.png",
    ("ch04_faults", "fig-faults-balls"): ASSETS / "faults_balls.png",
    ("ch04_faults", "fig-faults-map"): ASSETS / "faults_map.png",
    ("ch04_reporting", "fig-reporting-samples"): ASSETS / "reporting_samples.png",
    ("ch05_one_page", "fig-one-page"): ASSETS / "one_page.png",
    ("ch05_one_page", "fig-one-page-film"): ASSETS / "one_page_film.png",
    ("ch05_data", "fig-data-digits"): ASSETS / "data_digits.png",
    ("ch05_networks", "fig-networks-checkerboard"): ASSETS / "networks_checkerboard.png",
    ("ch05_compact", "fig-compact-equal-time"): ASSETS / "compact_equal_time.png",
    ("ch05_training", "fig-training-curves"): ASSETS / "training_curves.png",
    ("ch05_fast", "fig-fast-film"): ASSETS / "fast_film.png",
    ("ch05_conditional", "fig-conditional-walk"): ASSETS / "conditional_walk.png",
    ("ch05_classes", "fig-classes-six"): ASSETS / "classes_six.png",
    ("ch07_practice", "fig-practice-found"): ASSETS / "practice_found.png",
    ("ch07_workers", "fig-workers-apart"): ASSETS / "workers_apart.png",
    ("ch07_backends", "fig-backends-apart"): ASSETS / "backends_apart.png",
    ("ch09_own_images", "fig-own-patches"): ASSETS / "own_images.png",
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
    """The same picture (base64 in, base64 out) with a palette of 128 colours: a third the size."""
    image = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    small = io.BytesIO()
    image.quantize(128, dither=Image.Dither.NONE).save(small, format="PNG", optimize=True)
    return base64.b64encode(small.getvalue()).decode()


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Make the file independent of who executed it, and its outputs small and easy to read."""
    notebook.metadata.kernelspec = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata.language_info = {"name": "python"}
    for count, cell in enumerate(code_cells(notebook), start=1):
        cell.execution_count = count
        cell.outputs = in_order(cell.outputs)
        for out in cell.outputs:
            if out.output_type == "execute_result":
                out.execution_count = count
            if "image/png" in out.get("data", {}):
                out.data["image/png"] = palette_png(out.data["image/png"])
    fold(notebook)


def difference(old: list, new: list, words_only: bool = False) -> str | None:
    """What differs between the outputs of a cell, as a few words; None if nothing does.

    Args:
        old: the committed outputs.
        new: the outputs of an execution, after `tidy`.
        words_only: whether numbers and pictures may differ.
    """

    def contents(outputs: list) -> Iterator[tuple[str, str]]:
        for out in outputs:
            data = {out.name: out.text} if "text" in out else out.get("data", {out.output_type: ""})
            for kind, content in sorted(data.items()):
                if words_only:
                    content = "" if kind == "image/png" else re.sub(r"[\d.,\s]+", " ", content)
                yield kind, content

    before, now = list(contents(old)), list(contents(new))
    if [kind for kind, _ in before] != [kind for kind, _ in now]:
        return f"gives {[kind for kind, _ in now]}, not {[kind for kind, _ in before]}"
    for (kind, was), (_, content) in zip(before, now, strict=True):
        if was != content and kind == "image/png":
            return "gives another picture"
        if was != content:
            lines = itertools.zip_longest(content.split("\n"), was.split("\n"), fillvalue="")
            here, there = next((here, there) for here, there in lines if here != there)
            return f"gives {here[:100]!r}, not {there[:100]!r}"
    if not words_only and old != new:
        return "gives the same with other metadata"
    return None


def renewed(notebook: nbformat.NotebookNode, kept: dict) -> tuple[nbformat.NotebookNode, list[str]]:
    """A stale notebook brought up to date with an execution in its present state.

    Returns:
        The notebook, and what differs in it from the committed outputs, which stay if nothing does.
    """
    stored = notebook.metadata.get(KEY, {})
    reasons = set(changed(notebook)) if stored else {OWN_CODE}
    meant = bool(reasons & {OWN_CODE, *LIBRARIES, *WHERE_NAMED}) or ALTERED in stale_reasons(
        notebook
    )
    meant |= bool(opened(reasons))
    drawing = any(name.startswith(DRAWING) for name in reasons)

    new = copy.deepcopy(notebook)
    for cell, outputs in zip(code_cells(new), kept["outputs"], strict=True):
        cell.outputs = outputs
    tidy(new)
    differences = []
    for committed, cell in zip(code_cells(notebook), code_cells(new), strict=True):
        drawn = any("image/png" in out.get("data", {}) for out in cell.outputs)
        timing = "timing" in cell.metadata.get("tags", [])
        words_only = timing and not meant and not (drawing and drawn)
        if what := difference(committed.outputs, cell.outputs, words_only):
            differences.append(f"cell {cell.execution_count} {what}")

    made_on = kept["processor"]
    rounds_alike = stored.get("processor") == made_on
    agrees = kept["agrees_with"] == outputs_sum(notebook)
    if differences and agrees and not (rounds_alike or meant or drawing):
        made_on, differences = stored.get("processor"), []
    if not differences:
        for committed, cell in zip(code_cells(notebook), code_cells(new), strict=True):
            cell.outputs = committed.outputs
    new.metadata[KEY] = evidence(new, files=opened(kept["depends_on"])) | {
        "processor": made_on,
        "seconds": kept["seconds"],
    }
    tell_time(new)
    return new, differences


def unmeasured(notebook: nbformat.NotebookNode) -> list[str]:
    return [] if "seconds" in notebook.metadata.get(KEY, {}) else ["its time was not measured"]


def chosen_paths(arguments: list[str]) -> list[Path]:
    """The notebooks that the command line names, or all."""
    paths = {path.stem: path for path in notebook_paths()}
    parser = argparse.ArgumentParser(description="Renew the notebooks whose outputs are stale.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as ch05_data; none: all")
    names = parser.parse_args(arguments).names
    if unknown := [name for name in names if name not in paths]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(paths)}")
    return [paths[name] for name in names] or list(paths.values())


def main(arguments: list[str]) -> None:
    stale = []
    for path in chosen_paths(arguments):
        notebook = read_notebook(path)
        if reasons := stale_reasons(notebook) or unmeasured(notebook):
            others = f"; and {len(reasons) - SAID} more" if len(reasons) > SAID else ""
            print(f"{path.name}: {'; '.join(reasons[:SAID])}{others}", flush=True)
            stale.append(path)
    if missing := [path for path in stale if not kept_execution(path)]:
        execute_and_keep(missing)
    failed = []
    for path in stale:
        kept = kept_execution(path)
        if kept is None:
            failed.append(f"{path.name} did not run to its end and is left as it was.")
            continue
        if any(out.get("name") == "stderr" for outputs in kept["outputs"] for out in outputs):
            failed.append(f"{path.name} writes to stderr and is left as it was.")
            continue
        notebook, differences = renewed(read_notebook(path), kept)
        write_atomically(path, nbformat.writes(notebook) + "\n")
        for (stem, figure), file in QUOTED.items():
            if stem == path.stem:
                write_atomically(file, picture(notebook, figure))
        result = "new outputs" if differences else "as committed; only its fingerprint is renewed"
        print("\n  ".join([f"{path.name}: {result}", *differences]), flush=True)
    if failed:
        sys.exit("\n".join(failed))
    print("These notebooks are fresh.")


if __name__ == "__main__":
    main(sys.argv[1:])
