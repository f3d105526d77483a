"""What separates the one-page GAN of chapter 5 from the package's recipe, one change at a time.

What is trained is the program of notebooks/ch05_one_page.ipynb itself: its cells with the tag
`program`, executed with another number of epochs, another seed, or running means of the weights.
"""

import itertools
import re
import time
from typing import Any

import keras

from gan_helpers.files import write_json
from gan_helpers.gan_parts.averaging import averaged_generator
from gan_helpers.metrics import evaluate_generator
from gan_helpers.recorded import RUNS
from research.machine import library_versions, matrix_product_peak
from tools.fingerprint import ROOT, read_notebook

RUN = "one_page"
SEEDS = (1, 2, 3)
FIRST_STEPS = 3  # a test repeats these and compares their losses
ADAM = "beta_2=0.99"
AVERAGED = f"{ADAM}, use_ema=True, ema_momentum=0.998"


def program() -> str:
    """The page's program, which ends with a compiled `gan`."""
    notebook = read_notebook(ROOT / "notebooks" / "ch05_one_page.ipynb")
    cells = [cell for cell in notebook.cells if "program" in cell.metadata.get("tags", [])]
    return "\n\n".join(cell.source for cell in cells)


def run_program(*, epochs: int, seed: int, averaged: bool = False) -> dict[str, Any]:
    """All names that the page's program defines, with these values in place of its own."""
    code = program()
    changes = {
        r"^EPOCHS, BATCH = 1,": f"EPOCHS, BATCH = {epochs},",
        r"^SEED = \d+$": f"SEED = {seed}",
    }
    if averaged:
        changes[re.escape(ADAM)] = AVERAGED
    for old, new in changes.items():
        code, times = re.subn(old, new, code, flags=re.MULTILINE)
        assert times == 1, f"the page has {old} {times} times"
    names: dict[str, Any] = {"__name__": "one_page"}
    exec(code, names)
    return names


class FirstLosses(keras.callbacks.Callback):
    """Both losses after each of the first steps."""

    def __init__(self):
        super().__init__()
        self.losses: list[dict[str, float]] = []

    def on_train_batch_end(self, batch, logs=None):
        if batch < FIRST_STEPS:
            self.losses.append({name: float(value) for name, value in logs.items()})


def trained(names: dict[str, Any], callbacks: list[keras.callbacks.Callback]) -> float:
    """Train as the page does, and say how many seconds it took."""
    began, data = time.perf_counter(), (names["images"], names["digits"])
    options = {"batch_size": names["BATCH"], "epochs": names["EPOCHS"], "verbose": 0}
    names["gan"].fit(*data, callbacks=callbacks, **options)
    return round(time.perf_counter() - began, 1)


def record() -> None:
    """Train the page's program, and for two epochs; there, judge the mean weights as well."""
    peak, first = matrix_product_peak(), FirstLosses()
    rows: dict[str, dict] = {}
    for epochs, seed in itertools.product((1, 2), SEEDS):
        keras.utils.clear_session()
        names = run_program(epochs=epochs, seed=seed, averaged=epochs == 2)
        gan, digits = names["gan"], names["digits"]
        seconds = trained(names, [] if first.losses else [first])
        gan.steps = names["STEPS"]
        generators = {f"{epochs} epochs": gan.generator}
        if epochs == 2:
            generators["mean weights"] = averaged_generator(gan, digits)
        for name, generator in generators.items():
            judged = evaluate_generator(generator, seed=seed, classes=digits)
            figures = judged.values()
            row = rows.setdefault(name, {"name": name, "steps": gan.steps, "seeds": []})
            row["seeds"].append({"seed": seed, "seconds": seconds} | figures)
            print(name, row["seeds"][-1], flush=True)
    history = {
        "versions": library_versions(),
        "matrix_product_gflop_per_second": round(peak / 1e9, 1),
        "first_losses": first.losses,
        "rows": list(rows.values()),
    }
    write_json(RUNS / f"{RUN}.json", history)
