"""What sampling steps and guidance buy, measured on the recorded models (ch02_diffusion)."""

import time

import numpy as np

from gan_helpers.data import load_mnist
from gan_helpers.families.diffusion import Diffusion
from gan_helpers.families.flow_matching import FlowMatching
from gan_helpers.files import write_json
from gan_helpers.metrics import evaluate_images, mnist_reference
from gan_helpers.networks import in_exact_shares
from gan_helpers.networks.denoisers import unet
from gan_helpers.recorded import RUNS, load_weights
from research.machine import library_versions, matrix_product_peak

RUN = "diffusion_steps"
N, SEED = 2000, 0
STEPS = (2, 5, 10, 20, 50, 100, 250)
SAMPLERS = {  # a family, its recorded run, and options of its sampler
    "DDPM": (Diffusion, "diffusion", {"eta": 1.0}),
    "DDIM": (Diffusion, "diffusion", {}),
    "flow matching": (FlowMatching, "flow_matching", {}),
}
GUIDANCE = (0.0, 1.0, 1.5, 2.0, 3.0, 5.0)
GUIDED = (FlowMatching, "flow_matching_labels", {"steps": 50})
FIGURES = ("frechet_distance", "precision", "recall")


def recorded(family: type[Diffusion], run: str, n_classes: int = 0) -> Diffusion:
    """A model whose mean weights are those of a recorded run."""
    model = family(unet(n_classes))
    load_weights(model.mean_network, run)
    return model


def record_diffusion_steps() -> None:
    """Judge 2,000 samples of each sampler at each number of steps, and at each guidance."""
    peak, began, reference = matrix_product_peak(), time.perf_counter(), mnist_reference(N)
    rows = [
        {"sampler": name, "steps": steps} | _judged(model, reference, steps=steps, **options)
        for name, (family, run, options) in SAMPLERS.items()
        for model in [recorded(family, run)]
        for steps in STEPS
    ]
    (_, labels), _ = load_mnist()
    family, run, options = GUIDED
    model = recorded(family, run, n_classes=10)
    classes = in_exact_shares(labels, N, np.random.default_rng(SEED))
    guided = [
        {"guidance": w} | _judged(model, reference, classes=classes, guidance=w, **options)
        for w in GUIDANCE
    ]
    history = {
        "n": N,
        "seed": SEED,
        "versions": library_versions(),
        "matrix_product_gflop_per_second": round(peak / 1e9, 1),
        "seconds": round(time.perf_counter() - began, 1),
        "real": reference.real["frechet_distance"],
        "steps": rows,
        "guidance": guided,
    }
    write_json(RUNS / f"{RUN}.json", history)


def _judged(model: Diffusion, reference, **options) -> dict:
    """Three figures of the samples, and how long a thousand of them took."""
    first = {key: value[:500] if key == "classes" else value for key, value in options.items()}
    model.generate(500, SEED, **first | {"steps": 2})  # builds the graph
    began = time.perf_counter()
    images = model.generate(N, SEED, **options)
    seconds = (time.perf_counter() - began) / N * 1000
    judged = evaluate_images(images, seed=SEED, reference=reference)
    row = {name: judged.figures[name].value for name in FIGURES} | {"seconds_for_1000": seconds}
    print(options.get("steps"), options.get("guidance"), row, flush=True)
    return row
