"""Train one of the book's recipes, and go on where it was interrupted.

Kill it at any moment, by Ctrl-C or worse; the same command goes on from the last checkpoint and
ends with the same weights, bit for bit on the same machine, as if it had not been interrupted.
In the end the folder of the run holds the generator, a sheet of its samples and the training's
curves as well; of another family than GANs the whole model, and a sheet if it makes images.
"""

import argparse
import io
import json
import signal
from pathlib import Path

if __name__ == "__main__":
    # While the rest is imported, which takes seconds, Ctrl-C ends this without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import keras
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gan_helpers.checkpoints import checkpoints, step_of
from gan_helpers.family_recipes import FAMILY_RECIPES
from gan_helpers.files import advised, write_atomically, writing
from gan_helpers.gan import GAN
from gan_helpers.identity import OtherRun
from gan_helpers.metrics import evaluate_generator
from gan_helpers.networks import draw_inputs
from gan_helpers.plots import show_image, tile, training_curves
from gan_helpers.recipes import RECIPES, Run, train_recipe

ALL = RECIPES | FAMILY_RECIPES
STYLES = 10  # latent vectors, the same for each class


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tools.train",
        description=__doc__,
        epilog="recipes:\n" + "\n".join(f"  {r.name:14} {r.about}" for r in ALL.values()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recipe", choices=ALL, metavar="RECIPE", help="a name from below")
    parser.add_argument(
        "--seed", type=_at_least(0), default=0, help="of everything random (default: 0)"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        help="where the run is kept: checkpoints, history.json and, in the end, generator.keras, "
        "samples.png and curves.png, or for another family model.keras and, of images, samples.png "
        "(default: runs/RECIPE-SEED)",
    )
    parser.add_argument(
        "--stop-after",
        type=_at_least(1),
        metavar="STEP",
        help="end after this step; the same command without it goes on",
    )
    parser.add_argument("--judge", action="store_true", help="evaluate the generator in the end")
    options = parser.parse_args(arguments)
    recipe = ALL[options.recipe]
    folder = options.folder or Path("runs") / f"{recipe.name}-{options.seed}"

    try:
        training, _ = recipe.data()
        run = train_recipe(
            recipe,
            *training,
            seed=options.seed,
            folder=folder,
            stop_after=options.stop_after,
            verbose=1,
        )
        if not run.finished:
            parser.exit(
                0, f"{run.model.steps} of {recipe.steps} steps are done; kept in {folder}.\n"
            )
        with advised(folder):
            written = write_results(run, folder, seed=options.seed)
    except KeyboardInterrupt:
        parser.exit(130, f"\nInterrupted. The same command goes on from {folder}.\n")
    except (OtherRun, FloatingPointError) as error:
        parser.exit(1, f"\n{error}\n")
    except OSError as error:
        parser.exit(1, f"\n{error}\n{_kept(folder)}\n")
    print(f"{recipe.steps} steps are done. In {folder}:")
    for name, what in written.items():
        print(f"  {name:16} {what}")
    print("  history.json     how the training went, in numbers")
    if options.judge and len(run.model.sample_shape) == 3:
        print(evaluate_generator(run.samples))


def write_results(run: Run, folder: Path, *, seed: int) -> dict[str, str]:
    """Write what a finished run has led to; what each file is, by its name."""
    matplotlib.use("Agg")  # files, no windows
    if isinstance(run.model, GAN):
        generator, written = run.generator(), {"generator.keras": "the generator"}
        _write_model(generator, folder / "generator.keras")
        images = generator.predict(sample_inputs(run, generator, seed=seed), verbose=0)
        _write_curves(folder)
        written["curves.png"] = "how the training went"
    else:
        written = {"model.keras": "the model"}
        _write_model(run.model, folder / "model.keras")
        classes = None if run.classes is None else np.repeat(np.arange(STYLES), STYLES)
        images = run.model.generate(STYLES**2, seed, classes=classes)
    if images.ndim == 4:
        sheet = tile(images, columns=STYLES)
        height, width = sheet.shape[:2]
        figure, ax = plt.subplots(figsize=(6.0, 6.0 * height / width))
        show_image(ax, sheet)
        _write_figure(figure, folder / "samples.png")
        written["samples.png"] = "a sheet of its images"
    return written


def _write_model(model: keras.Model, path: Path) -> None:
    partial = path.with_suffix(".partial.keras")
    with writing(partial):
        model.save(partial)
        partial.replace(path)


def _write_curves(folder: Path) -> None:
    rows = json.loads((folder / "history.json").read_text("utf-8"))
    history = {name: [row[name] for row in rows] for name in rows[0]}
    with plt.rc_context({"figure.constrained_layout.use": True}):
        _write_figure(training_curves(history["step"], history), folder / "curves.png")


def sample_inputs(run: Run, generator: keras.Model, *, seed: int) -> np.ndarray | list[np.ndarray]:
    """What the sheet's images are made from: a row for each class, a column for each style.

    Without classes, 100 latent vectors.
    """
    if run.classes is None:
        return draw_inputs(generator, STYLES**2, seed=seed)
    styles = np.random.default_rng(seed).standard_normal((STYLES, run.model.latent_dim), np.float32)
    classes = np.arange(run.classes.max() + 1, dtype=np.int32)
    return [np.tile(styles, (len(classes), 1)), np.repeat(classes, STYLES)]


def _write_figure(figure: Figure, path: Path) -> None:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100, bbox_inches="tight")
    plt.close(figure)
    write_atomically(path, buffer.getvalue())


def _at_least(low: int):
    def integer(text: str) -> int:
        if not text.strip().isdecimal() or int(text) < low:
            raise argparse.ArgumentTypeError(f"an integer, at least {low}, is needed; given {text}")
        return int(text)

    return integer


def _kept(folder: Path) -> str:
    try:
        steps = [str(step_of(path)) for path in checkpoints(folder)]
    except OSError:
        steps = []
    of = f"whole checkpoints, of the steps {' and '.join(steps)}" if steps else "no checkpoint"
    return f"{folder} holds {of}."


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
