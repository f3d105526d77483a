"""Train, or measure, what the book keeps as a recorded run.

    python -m research.record NAME

NAME is one of RECORDS. What this makes replaces what is stored under that name.
"""

import argparse
import collections
import functools
import itertools
import json
import time

import keras
import numpy as np

from gan_helpers import networks
from gan_helpers.data import load_mnist, to_tanh_range, to_uint8
from gan_helpers.family_recipes import FAMILY_RECIPES
from gan_helpers.files import write_json
from gan_helpers.metrics import classifier, evaluation
from gan_helpers.networks.fast import fast_discriminator, fast_generator
from gan_helpers.recipes import RECIPES, Recipe, Run, fast_recipe, run_name, train_recipe
from gan_helpers.recorded import RUNS, TooLarge, read_history, write_run, write_sheets
from gan_helpers.source_listing import RUNGS, Repairs, images_for_judge, to_judge, train_as_listed
from research import (
    compare,
    diffusion,
    factors,
    families,
    objectives,
    one_page,
    privacy,
    speeds,
    vae_beta,
)
from research.machine import library_versions, matrix_product_peak

SEED = 0
LADDER, COMPACT_LADDER = "ladder", "ladder_compact"
CLASSES, AVERAGING = "classes", "averaging"
LEAGUES, CLASSES_STEPS = ("none", "found", "labels"), 2000
RECIPE_SEEDS = (1, 2, 3, 4, 5)
COMPACT_LADDER_STEPS, COMPACT_LADDER_RATE = 400, 1e-3  # the rate is ten times the listing's
MARKS = (100, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 4000)  # where a generator is judged
FIRST_STEPS = 20  # a test repeats these and compares their losses
FIRST_STEPS_OF_LADDER = 10  # the same; a step of the source's networks takes a second


def record_digit_classifier() -> None:
    """Train the judge's classifier and count its errors on the test images."""
    (x_train, y_train), (x_test, y_test) = load_mnist()
    peak, started = matrix_product_peak(), time.perf_counter()
    model, losses = classifier.train_digit_classifier(to_tanh_range(x_train), y_train, seed=SEED)
    seconds = time.perf_counter() - started
    logits = model.predict(to_tanh_range(x_test), batch_size=500, verbose=0)["logits"]
    history = {
        "recipe": {
            "optimizer": "Adam, cosine decay to 0",
            "learning_rate": classifier.LEARNING_RATE,
            "batch_size": classifier.BATCH,
            "passes": classifier.PASSES,
            "steps": len(losses),
            "shift_in_pixels": classifier.SHIFT,
        },
        "seed": SEED,
        "versions": library_versions(),
        "seconds": round(seconds, 1),
        "matrix_product_gflop_per_second": round(peak / 1e9, 1),
        "first_losses": losses[:FIRST_STEPS],
        "loss_of_each_pass": np.reshape(losses, (classifier.PASSES, -1)).mean(axis=1).tolist(),
        "test_images": len(y_test),
        "test_errors": int((logits.argmax(axis=1) != y_test).sum()),
    }
    write_run(model, classifier.RUN, history)


def record_real_versus_real() -> None:
    """Measure what real images get, for the classifier as it is stored and each recorded n."""
    history = {
        "versions": library_versions(),
        "classifier_sha256": read_history(classifier.RUN)["weights_sha256"],
        "draws": {
            str(n): evaluation.real_versus_real(
                evaluation.mnist_held_out(n), draws=evaluation.DRAWS
            )
            for n in evaluation.RECORDED_N
        },
    }
    path = RUNS / f"{evaluation.REAL_VERSUS_REAL}.json"
    write_json(path, history)


def record_ladder() -> None:
    """Train the source's networks with its mistakes, and with one repair more each time.

    600 steps a rung; the last one goes on for ten passes. Judged on the way.
    """
    peak, rungs, sheets = matrix_product_peak(), {}, {}
    for name, repairs in RUNGS.items():
        ten_passes = range(937, 9371, 937) if name == list(RUNGS)[-1] else ()
        rungs[name], seen, first = _climb(repairs, [*range(0, 601, 100), *ten_passes])
        sheets |= {f"{name}, {step} steps": images for step, images in seen.items()}
    history = {
        "recipe": {"networks": "source", "optimizer": "Adam", "learning_rate": 1e-4, "batch": 64},
        "seed": SEED,
        "versions": library_versions(),
        "seconds": round(sum(rows[-1]["seconds"] for rows in rungs.values()), 1),
        "matrix_product_gflop_per_second": round(peak / 1e9, 1),
        "first_losses": first,  # of the last rung
        "rungs": rungs,
    }
    write_sheets(sheets, LADDER, history)


def record_compact_ladder() -> None:
    """Train the compact pair on every rung, at ten times the listing's rate, with three seeds.

    At the listing's own rate so few steps end in noise, whatever is repaired.
    """
    peak, rungs, sheets, first = matrix_product_peak(), {}, {}, None
    pair = networks.compact_generator, networks.compact_discriminator
    for name, repairs in RUNGS.items():
        rungs[name] = []
        for seed in RECIPE_SEEDS[:3]:
            keras.utils.clear_session()
            marks, rate = [COMPACT_LADDER_STEPS], COMPACT_LADDER_RATE
            rows, seen, began = _climb(repairs, marks, pair, seed=seed, rate=rate)
            rungs[name].append({"seed": seed} | rows[-1])
            if seed == RECIPE_SEEDS[0]:
                sheets[name], first = seen[marks[-1]], began
    recipe = {"networks": "compact", "optimizer": "Adam", "learning_rate": rate, "batch": 64}
    history = {
        "recipe": recipe | {"steps": COMPACT_LADDER_STEPS},
        "seed": RECIPE_SEEDS[0],
        "versions": library_versions(),
        "seconds": round(sum(row["seconds"] for rows in rungs.values() for row in rows), 1),
        "matrix_product_gflop_per_second": round(peak / 1e9, 1),
        "first_losses": first,  # of the last rung, with the first seed
        "rungs": rungs,
    }
    write_sheets(sheets, COMPACT_LADDER, history)


def _climb(
    repairs: Repairs,
    marks: list[int],
    pair: tuple = (networks.source_generator, networks.source_discriminator),
    *,
    seed: int = SEED,
    rate: float = 1e-4,
) -> tuple[list[dict], dict[int, np.ndarray], dict[str, float]]:
    """Losses and figures at the marked steps, images after 600 and at the end, losses after 10.

    The clock stands still while the judge looks.
    """
    (x_train, _), (x_test, _) = load_mnist()
    keras.utils.set_random_seed(seed)
    generator, discriminator = (make() for make in pair)
    latent_dim = generator.input_shape[-1]
    latent = np.random.default_rng(SEED).standard_normal((24, latent_dim), np.float32)
    rows, sheets, first, spent, since = [], {}, {}, 0.0, time.perf_counter()
    stuck, recent = 0, collections.deque(maxlen=100)

    def watch(step: int, losses: dict[str, float]) -> None:
        nonlocal spent, since, stuck
        if losses:
            stuck += losses["pull"] == 0
            recent.append(losses["generator"])
        if step == FIRST_STEPS_OF_LADDER:
            first.update({"step": step} | losses)
        if step not in marks:
            return
        spent += time.perf_counter() - since
        row = {"step": step, "seconds": round(spent, 1)} | losses
        row["steps_without_gradient"] = stuck
        if recent:
            row["spread_of_last_generator_losses"] = float(np.std(recent) / np.mean(recent))
        row["logits"] = _mean_logits(generator, discriminator, x_test[:500], repairs)
        judged = evaluation.evaluate_generator(images_for_judge(generator, repairs), seed=SEED)
        rows.append(row | judged.values())
        print(rows[-1], flush=True)
        if step in (600, marks[-1]):
            sheets[step] = to_uint8(to_judge(generator.predict(latent, verbose=0), repairs))
        since = time.perf_counter()

    watch(0, {})
    train_as_listed(
        generator,
        discriminator,
        x_train,
        repairs,
        steps=marks[-1],
        seed=seed,
        rate=rate,
        watch=watch,
    )
    return rows, sheets, first


def _mean_logits(
    generator: keras.Model, discriminator: keras.Model, images: np.ndarray, repairs: Repairs
) -> dict[str, float]:
    """What the discriminator says, on average, of real images and of both kinds of fakes."""
    real = images[..., None].astype("float32") / 255
    real = 2 * real - 1 if repairs.data_range else real
    shape = len(images), generator.input_shape[-1]
    latent = np.random.default_rng(SEED).standard_normal(shape, np.float32)
    own = generator(latent, training=True)
    shown = own if repairs.same_generator else generator(latent)
    batches = {"real": real, "shown": shown, "own": own}
    return {name: float(np.mean(discriminator(batch))) for name, batch in batches.items()}


class Watch(keras.callbacks.Callback):
    """Judges the generator at some steps, and counts the seconds of training between them."""

    def __init__(self, marks: tuple[int, ...], classes: np.ndarray | None):
        super().__init__()
        self.marks, self.classes = marks, classes
        self.rows, self.judging = [], 0.0
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        if self.model.steps not in self.marks:
            return
        paused = time.perf_counter()
        generator = Run(self.model, self.classes, False).generator()
        judged = evaluation.evaluate_generator(generator, seed=SEED, classes=self.classes)
        row = {"step": self.model.steps, "seconds": round(paused - self.began - self.judging, 1)}
        self.rows.append(row | judged.values())
        self.judging += time.perf_counter() - paused


def record_recipe(name: str) -> None:
    """Train a recipe with five seeds, other ones than the search had, and judge each generator.

    The clock runs from finding classes to the averaged weights. The first seed's generator is
    kept, or a sheet of its images if it is too large, and judged on its way too. The matrix
    product has the recipe's threads: with replicas it is that of a single core.
    """
    (x_train, labels), _ = load_mnist()
    images, recipe, rows = to_tanh_range(x_train), RECIPES[name], []
    recipe.set_threads()
    for seed in RECIPE_SEEDS:
        keras.utils.clear_session()
        first = seed == RECIPE_SEEDS[0]
        classes = recipe.classes(images, labels, seed) if recipe.classes and first else None
        peak, log = matrix_product_peak(), keras.callbacks.History()
        watch = Watch(MARKS if first else (), classes)
        run = train_recipe(recipe, images, labels, seed=seed, callbacks=[log, watch])
        generator = run.generator()
        seconds = time.perf_counter() - watch.began - watch.judging
        judged = evaluation.evaluate_generator(generator, seed=seed, classes=run.classes)
        row = {"seed": seed, "seconds": round(seconds, 1)}
        row["matrix_product_gflop_per_second"] = round(peak / 1e9, 1)
        figures = judged.values()
        rows.append(row | figures | {"class_shares": judged.class_shares.tolist()})
        print(rows[-1], flush=True)
        if first:
            kept, its_classes, logged, way = generator, run.classes, log.history, watch.rows
            way.append({"step": recipe.steps, "seconds": row["seconds"]} | figures)
    history = {
        "recipe": {"name": name, "steps": recipe.steps, "batch": recipe.batch_size},
        "seed": RECIPE_SEEDS[0],
        "versions": library_versions(),
        "seconds": rows[0]["seconds"],
        "matrix_product_gflop_per_second": rows[0]["matrix_product_gflop_per_second"],
        "first_losses": _first_losses(logged),
        "class_counts": None if its_classes is None else np.bincount(its_classes).tolist(),
        "steps_in_a_row_of_the_log": recipe.every,
        "log": logged,
        "way": way,
        "seeds": rows,
    }
    try:
        write_run(kept, run_name(name), history)
    except TooLarge:
        write_sheets({"sheet": _sheet(kept, 100, its_classes)}, run_name(name), history)


class WatchBoth(keras.callbacks.Callback):
    """Judges the generator with its last weights, and with their running mean, at some steps."""

    def __init__(self, marks: tuple[int, ...], classes: np.ndarray):
        super().__init__()
        self.marks, self.classes, self.rows = marks, classes, []

    def on_epoch_end(self, epoch, logs=None):
        if self.model.steps in self.marks:
            row: dict[str, float] = {"step": self.model.steps}
            mean = Run(self.model, self.classes, False).generator()
            for name, generator in (("mean", mean), ("last", self.model.generator)):
                judged = evaluation.evaluate_generator(generator, seed=SEED, classes=self.classes)
                row[name] = judged.frechet_distance.value
            self.rows.append(row)
            print(row, flush=True)


def record_averaging() -> None:
    """What the running mean of the weights is worth on the way through the recipe with labels.

    The training is the one of which `fast_labels` keeps the generator. The Fréchet distances are
    kept, with the mean weights and with the last ones.
    """
    (x_train, labels), _ = load_mnist()
    recipe, seed = RECIPES["fast-labels"], RECIPE_SEEDS[0]
    watch = WatchBoth((*MARKS[3:], recipe.steps), labels.astype(np.int32))
    train_recipe(recipe, to_tanh_range(x_train), labels, seed=seed, callbacks=[watch])
    history = {
        "recipe": {"name": recipe.name, "steps": recipe.steps, "batch": recipe.batch_size},
        "seed": seed,
        "versions": library_versions(),
        "rows": watch.rows,
    }
    write_json(RUNS / f"{AVERAGING}.json", history)


def classes_recipe(league: str, whole: bool) -> Recipe:
    """One of the six trainings of `record_classes`."""
    return fast_recipe(
        "one of six",
        "what a class is worth",
        lambda n: (
            fast_generator(n, hidden_units=256 if whole else 0),
            fast_discriminator(n, whole=whole),
        ),
        steps=CLASSES_STEPS,
        r1=0.1,
        classes=RECIPES[f"fast-{league}"].classes,
    )


def record_classes() -> None:
    """What a class is worth to two pairs of networks: none, classes found, or digits.

    The pairs differ in whether the discriminator sees the whole image at once, as `fast-none` has
    it. Everything else is the same, and every training is short.
    """
    (x_train, labels), _ = load_mnist()
    images, rows, sheets = to_tanh_range(x_train), [], {}
    for whole, league, seed in itertools.product((False, True), LEAGUES, RECIPE_SEEDS[:2]):
        keras.utils.clear_session()
        recipe, log = classes_recipe(league, whole), keras.callbacks.History()
        began = time.perf_counter()
        run = train_recipe(recipe, images, labels, seed=seed, callbacks=[log])
        generator = run.generator()
        row = {"whole": whole, "league": league, "seed": seed}
        row["seconds"] = round(time.perf_counter() - began, 1)
        row["first_losses"] = _first_losses(log.history)
        judged = evaluation.evaluate_generator(generator, seed=SEED, classes=run.classes)
        rows.append(row | judged.values())
        print(rows[-1], flush=True)
        if seed == RECIPE_SEEDS[0]:
            name = f"{league}, {'whole' if whole else 'patches'}"
            sheets[name] = _sheet(generator, 60, run.classes)
    history = {"steps": CLASSES_STEPS, "versions": library_versions(), "rows": rows}
    write_sheets(sheets, CLASSES, history)


def _first_losses(log: dict[str, list[float]]) -> list[float]:
    """Means over the first stretch that the log has."""
    return [log[f"{player}_loss"][0] for player in ("discriminator", "generator")]


def _sheet(generator: keras.Model, n: int, classes: np.ndarray | None) -> np.ndarray:
    inputs = networks.draw_inputs(generator, n, seed=SEED, classes=classes)
    return to_uint8(generator.predict(inputs, verbose=0))


RECORDS = {
    classifier.RUN: record_digit_classifier,
    evaluation.REAL_VERSUS_REAL: record_real_versus_real,
    LADDER: record_ladder,
    COMPACT_LADDER: record_compact_ladder,
    CLASSES: record_classes,
    AVERAGING: record_averaging,
    objectives.RUN: objectives.record,
    one_page.RUN: one_page.record,
    vae_beta.RUN: vae_beta.record,
    factors.RUN: factors.record,
    compare.RUN: compare.record,
    diffusion.RUN: diffusion.record_diffusion_steps,
    privacy.RUN: privacy.record,
    speeds.RUN: speeds.record,
    **{run_name(name): functools.partial(families.record_recipe, name) for name in FAMILY_RECIPES},
    **{
        run_name(name): functools.partial(record_recipe, name)
        for name in RECIPES
        if name != "source"  # is the ladder's last rung
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "name", type=run_name, choices=RECORDS, help="the run to make anew and to store"
    )
    parser.add_argument(
        "--seeds", type=int, nargs="+", help="of a family's recipe; those recorded stay"
    )
    given = parser.parse_args()
    of_families = [run_name(name) for name in FAMILY_RECIPES]
    if given.seeds and given.name not in of_families:
        parser.error(f"--seeds is for one of {of_families}; given {given.name!r}.")
    RECORDS[given.name](**({"seeds": given.seeds} if given.seeds else {}))
    print(json.dumps(read_history(given.name), indent=1))


if __name__ == "__main__":
    main()
