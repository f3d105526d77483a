"""Record the recipes of the families beside GANs, and all families side by side (ch02_compare).

Each recipe is trained with five seeds and held against the same real images by the same judge as
the recipes of GANs. Beside the judge's figures stand what a model says of held-out samples, where
it says anything, and how long 1,000 new samples take.
"""

import time
from collections.abc import Sequence

import keras
import numpy as np

from gan_helpers.data import to_uint8
from gan_helpers.families.denoiser import Denoiser
from gan_helpers.family_recipes import FAMILY_RECIPES
from gan_helpers.files import write_json
from gan_helpers.metrics import evaluate_generator
from gan_helpers.recipes import Recipe, Run, run_name, train_recipe
from gan_helpers.recorded import RUNS, TooLarge, read_history, write_run, write_sheets
from research.machine import library_versions, matrix_product_peak

SEEDS = (1, 2, 3, 4, 5)
SAMPLES = 1000  # that are timed
SHEET = 100  # samples that are kept of a model which is too large


def record_recipe(name: str, seeds: Sequence[int] = SEEDS) -> None:
    """Train a family's recipe with several seeds, and judge each; the first one's model is kept.

    The clock runs from building the networks to the last step. What is done is kept after each
    seed: called again, the command trains the seeds that are missing, unless the recipe or a
    library has changed, which begins anew.
    """
    recipe = FAMILY_RECIPES[name]
    history = _known(recipe)
    training, held_out = recipe.data()
    for seed in seeds:
        if seed in [row["seed"] for row in history.get("seeds", [])]:
            continue
        keras.utils.clear_session()
        peak, log = matrix_product_peak(), keras.callbacks.History()
        began = time.perf_counter()
        run = train_recipe(recipe, *training, seed=seed, callbacks=[log])
        seconds = time.perf_counter() - began
        row = {"seed": seed, "seconds": round(seconds, 1)}
        row["matrix_product_gflop_per_second"] = round(peak / 1e9, 1)
        row |= figures(run, held_out[: 1 + run.model.conditional], seed)
        print(row, flush=True)
        if history:
            history["seeds"].append(row)
            write_json(RUNS / f"{run_name(name)}.json", history)
        else:
            history = _begun(recipe, run, log.history, row)


def _known(recipe: Recipe) -> dict:
    """What is recorded of a recipe, or nothing if it was another one or had other libraries."""
    try:
        history = read_history(run_name(recipe.name))
    except OSError:
        return {}
    for what, now in (("recipe", _settings(recipe)), ("versions", library_versions())):
        if history[what] != now:
            print(f"Begun anew, since {what} was {history[what]} and is {now}.", flush=True)
            return {}
    return history


def _settings(recipe: Recipe) -> dict:
    return {"name": recipe.name, "steps": recipe.steps, "batch": recipe.batch_size}


def _begun(recipe: Recipe, run: Run, log: dict, row: dict) -> dict:
    """Keep the first seed's model, or a sheet of its samples, and the history it begins."""
    history = {
        "recipe": _settings(recipe),
        "seed": row["seed"],
        "versions": library_versions(),
        "seconds": row["seconds"],
        "matrix_product_gflop_per_second": row["matrix_product_gflop_per_second"],
        "weights": run.model.count_params(),
        "first_losses": {key: values[0] for key, values in log.items()},
        "steps_in_a_row_of_the_log": recipe.every,
        "log": log,
        "seeds": [row],
    }
    name = run_name(recipe.name)
    try:
        write_run(_without_optimizers(run.model), name, history)
    except TooLarge:
        write_sheets({"sheet": to_uint8(run.samples(SHEET))}, name, history)
    return read_history(name)


def _without_optimizers(model: keras.Model) -> keras.Model:
    """What makes samples; training cannot go on. Of a denoiser only the mean network does."""
    if isinstance(model, Denoiser):
        return model.mean_network
    for name in getattr(model, "optimizers", ("optimizer",)):
        setattr(model, name, None)
    return model


def figures(run: Run, held_out: tuple, seed: int) -> dict:
    """What the judge says of a model, what the model says of held-out images, and its speed."""
    row: dict = {}
    if len(run.model.sample_shape) == 3:
        judged = evaluate_generator(run.samples, seed=seed)
        row |= judged.values()
        row["class_shares"] = judged.class_shares.tolist()
    run.samples(SAMPLES, seed)  # builds the graph
    began = time.perf_counter()
    run.samples(SAMPLES, seed)
    row["seconds_for_1000_samples"] = time.perf_counter() - began
    row["held_out"] = run.model.evaluate(*held_out, batch_size=500, return_dict=True, verbose=0)
    if run.model.n_tokens is not None:  # windows of one text, which follow each other
        row["held_out"]["bits"] = run.model.bits(np.concatenate(held_out[0]))
    return row
