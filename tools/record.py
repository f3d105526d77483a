"""Train, or measure, what the book keeps as a recorded run.

    python -m tools.record NAME

NAME is one of RECORDS. What this makes replaces what is stored under that name.
"""

import argparse
import json
import time

import numpy as np

from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.files import write_json
from gan_helpers.metrics import classifier, evaluation
from gan_helpers.recorded import RUNS, read_history, write_run
from tools.bench import matrix_product_peak
from tools.fingerprint import LIBRARIES, pinned_versions

SEED = 0
FIRST_STEPS = 20  # a test repeats these and compares their losses


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
        "versions": _versions(),
        "seconds": round(seconds, 1),
        "matrix_product_gflop_per_second": round(peak / 1e9, 1),
        "first_losses": losses[:FIRST_STEPS],
        "loss_of_each_pass": np.reshape(losses, (classifier.PASSES, -1)).mean(axis=1).tolist(),
        "test_images": len(y_test),
        "test_errors": int((logits.argmax(axis=1) != y_test).sum()),
    }
    write_run(model, classifier.RUN, history)


def record_real_versus_real() -> None:
    """Measure what real images get by the protocol, for the classifier as it is stored."""
    (x_train, _), (x_test, _) = load_mnist()
    reference = evaluation.Reference(to_tanh_range(x_test), to_tanh_range(x_train))
    history = {
        "n": reference.n,
        "versions": _versions(),
        "classifier_sha256": read_history(classifier.RUN)["weights_sha256"],
        "draws": evaluation.real_versus_real(reference, draws=evaluation.DRAWS),
    }
    path = RUNS / f"{evaluation.REAL_VERSUS_REAL}.json"
    write_json(path, history)


def _versions() -> dict[str, str]:
    pinned = pinned_versions()
    return {library: pinned[library] for library in LIBRARIES}


RECORDS = {
    classifier.RUN: record_digit_classifier,
    evaluation.REAL_VERSUS_REAL: record_real_versus_real,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=RECORDS, help="the run to make anew and to store")
    name = parser.parse_args().name
    RECORDS[name]()
    print(json.dumps(read_history(name), indent=1))


if __name__ == "__main__":
    main()
