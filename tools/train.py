"""Train one of the book's recipes, and go on where it was interrupted.

Kill it at any moment, by Ctrl-C or worse; the same command goes on from the last checkpoint and
ends with the same weights, bit for bit on the same machine, as if it had not been interrupted.
"""

import argparse
from pathlib import Path

from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.metrics import evaluate_generator
from gan_helpers.recipes import RECIPES, train_recipe


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tools.train",
        description=__doc__,
        epilog="recipes:\n" + "\n".join(f"  {r.name:14} {r.about}" for r in RECIPES.values()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recipe", choices=RECIPES, metavar="RECIPE", help="a name from below")
    parser.add_argument("--seed", type=int, default=0, help="of everything random (default: 0)")
    parser.add_argument(
        "--folder",
        type=Path,
        help="where the run is kept: checkpoints, history.json and, in the end, generator.keras "
        "(default: runs/RECIPE-SEED)",
    )
    parser.add_argument(
        "--stop-after",
        type=int,
        metavar="STEP",
        help="end at the first checkpoint from this step on; the same command without it goes on",
    )
    parser.add_argument("--judge", action="store_true", help="evaluate the generator in the end")
    options = parser.parse_args(arguments)
    recipe = RECIPES[options.recipe]
    folder = options.folder or Path("runs") / f"{recipe.name}-{options.seed}"

    (x_train, labels), _ = load_mnist()
    try:
        run = train_recipe(
            recipe,
            to_tanh_range(x_train),
            labels,
            seed=options.seed,
            folder=folder,
            stop_after=options.stop_after,
            verbose=1,
        )
    except KeyboardInterrupt:
        parser.exit(130, f"\nInterrupted. The same command goes on from {folder}.\n")
    if not run.finished:
        parser.exit(0, f"{run.gan.steps} of {recipe.steps} steps are done; kept in {folder}.\n")
    generator = run.generator()
    partial, path = folder / "generator.partial.keras", folder / "generator.keras"
    generator.save(partial)
    partial.replace(path)
    print(f"{recipe.steps} steps are done. The generator: {path}")
    if options.judge:
        print(evaluate_generator(generator, classes=run.classes))


if __name__ == "__main__":
    main()
