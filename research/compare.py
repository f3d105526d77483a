"""All families on the ring of eight Gaussians, with equally many steps (ch02_compare)."""

import time
from collections.abc import Callable

import keras
import numpy as np

from gan_helpers.data import mixtures
from gan_helpers.families.autoencoder import Autoencoder
from gan_helpers.families.coded_gpt import CodedGPT
from gan_helpers.families.diffusion import Diffusion
from gan_helpers.families.flow import Flow
from gan_helpers.families.flow_matching import FlowMatching
from gan_helpers.families.vae import VAE
from gan_helpers.gan import GAN
from gan_helpers.networks import multilayer_perceptron, point_discriminator, point_generator
from gan_helpers.networks.codebook import fitted_codebook
from gan_helpers.networks.couplings import point_flow
from gan_helpers.networks.denoisers import point_denoiser
from gan_helpers.networks.transformer import transformer
from gan_helpers.recipes import Run
from gan_helpers.recorded import write_sheets
from gan_helpers.repeatable import RepeatableModel
from research.machine import library_versions

RUN = "families_on_the_ring"
SEEDS = (1, 2, 3, 4, 5)
STEPS, BATCH, POINTS = 2000, 256, 50_000
DRAWN = 2500  # points that are counted, as in chapter 3
PIXELS, EDGE, MANY = 96, 1.6, 50_000  # of a picture of the density, and the points in it


def _halves(codes: int, outputs: int) -> tuple[keras.Model, keras.Model]:
    """An encoder of points and a decoder to points."""
    encoder = multilayer_perceptron(2, outputs * codes, hidden=3, width=96)
    return encoder, multilayer_perceptron(codes, 2, hidden=3, width=96)


FAMILIES: dict[str, Callable[[np.ndarray, int], RepeatableModel]] = {
    "GAN": lambda points, seed: GAN(point_generator(), point_discriminator(), seed=seed),
    "autoencoder": lambda points, seed: Autoencoder(*_halves(1, 1), components=8, seed=seed),
    "VAE": lambda points, seed: VAE(*_halves(2, 2), seed=seed),
    "autoregressive": lambda points, seed: CodedGPT(
        fitted_codebook(points, n_codes=64, seed=seed),
        transformer(64, 2, width=64, depth=2),
        seed=seed,
    ),
    "diffusion": lambda points, seed: Diffusion(point_denoiser(), seed=seed),
    "flow matching": lambda points, seed: FlowMatching(point_denoiser(), seed=seed),
    "flow": lambda points, seed: Flow(point_flow(), seed=seed),
}


def trained(name: str, points: np.ndarray, seed: int, steps: int = STEPS) -> RepeatableModel:
    """A family's model after so many steps, with a learning rate that falls to 0."""

    def adam(**options) -> keras.optimizers.Adam:
        rate = keras.optimizers.schedules.CosineDecay(3e-3, STEPS)
        return keras.optimizers.Adam(rate, beta_2=0.99, **options)

    keras.utils.set_random_seed(seed)
    model = FAMILIES[name](points, seed)
    if isinstance(model, GAN):
        model.compile(
            generator_optimizer=adam(beta_1=0.0),
            discriminator_optimizer=adam(beta_1=0.0),
            loss="relativistic",
            penalties={"r1": 0.02, "r2": 0.02},
            steps_per_execution=50,
        )
    else:
        model.compile(adam(), steps_per_execution=50)
    model.fit(points, batch_size=BATCH, steps_per_epoch=steps, verbose=0)
    model.finish(points)
    return model


def record() -> None:
    """Train each family with five seeds; keep how well it fits, and a picture of the first."""
    ring, rows, pictures = mixtures.ring(), [], {}
    for name in FAMILIES:
        for seed in SEEDS:
            keras.utils.clear_session()
            points, began = ring.sample(POINTS, seed=seed), time.perf_counter()
            run = Run(trained(name, points, seed), None, True)
            seconds = time.perf_counter() - began
            drawn = run.samples(DRAWN, seed)
            rows.append(
                {
                    "family": name,
                    "seed": seed,
                    "seconds": round(seconds, 1),
                    "weights": run.model.count_params(),
                    "modes_found": ring.modes_found(drawn),
                    "share_on_a_mode": ring.share_on_mode(drawn),
                }
            )
            print(rows[-1], flush=True)
            if seed == SEEDS[0]:
                pictures[name] = picture(run.samples(MANY, seed))
    pictures["data"] = picture(ring.sample(MANY, seed=0))
    history = {"steps": STEPS, "batch": BATCH, "versions": library_versions(), "rows": rows}
    write_sheets(pictures, RUN, history)


def picture(points: np.ndarray) -> np.ndarray:
    """How many points are where, as a grey picture: uint8, shape (1, PIXELS, PIXELS)."""
    span = (-EDGE, EDGE)
    counts, _, _ = np.histogram2d(*points.T, bins=PIXELS, range=(span, span))
    shown = np.minimum(counts / np.quantile(counts[counts > 0], 0.98), 1.0)
    return np.uint8(255 * np.sqrt(shown)).T[None, ::-1]
