"""Record the recipes of the families beside GANs, and all families side by side (ch02_compare).

Each recipe is trained with five seeds and held against the same real images by the same judge as
the recipes of GANs. Beside the judge's figures stand what a model says of held-out samples, where
it says anything, and how long 1,000 new samples take.
"""

import time

import keras

from gan_helpers.data import to_uint8
from gan_helpers.family_recipes import FAMILY_RECIPES
from gan_helpers.metrics import evaluate_generator
from gan_helpers.recipes import Run, run_name, train_recipe
from gan_helpers.recorded import TooLarge, write_run, write_sheets
from research.machine import library_versions, matrix_product_peak

SEEDS = (1, 2, 3, 4, 5)
SAMPLES = 1000  # that are timed
SHEET = 100  # samples that are kept of a model which is too large


def record_recipe(name: str, seeds: tuple[int, ...] = SEEDS) -> None:
    """Train a family's recipe with several seeds, and judge each; the first one's model is kept.

    The clock runs from building the networks to the last step.
    """
    recipe, rows = FAMILY_RECIPES[name], []
    training, held_out = recipe.data()
    for seed in seeds:
        keras.utils.clear_session()
        peak, log = matrix_product_peak(), keras.callbacks.History()
        began = time.perf_counter()
        run = train_recipe(recipe, *training, seed=seed, callbacks=[log])
        seconds = time.perf_counter() - began
        row = {"seed": seed, "seconds": round(seconds, 1)}
        row["matrix_product_gflop_per_second"] = round(peak / 1e9, 1)
        rows.append(row | figures(run, held_out[: 1 + run.model.conditional], seed))
        print(rows[-1], flush=True)
        if seed == seeds[0]:
            kept, logged = run, log.history
    history = {
        "recipe": {"name": name, "steps": recipe.steps, "batch": recipe.batch_size},
        "seed": seeds[0],
        "versions": library_versions(),
        "seconds": rows[0]["seconds"],
        "matrix_product_gflop_per_second": rows[0]["matrix_product_gflop_per_second"],
        "weights": kept.model.count_params(),
        "first_losses": {key: values[0] for key, values in logged.items()},
        "steps_in_a_row_of_the_log": recipe.every,
        "log": logged,
        "seeds": rows,
    }
    try:
        write_run(kept.model, run_name(name), history)
    except TooLarge:
        write_sheets({"sheet": to_uint8(kept.samples(SHEET))}, run_name(name), history)


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
    return row
