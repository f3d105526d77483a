"""All objectives on one toy set, under five seeds: the table of notebooks/ch04_table.ipynb.

The networks, the optimizers and the steps are those of the notebook, which plays some of these
games live.
"""

from collections.abc import Iterator

import keras
import numpy as np

from gan_helpers import networks
from gan_helpers.data import mixtures
from gan_helpers.files import write_json
from gan_helpers.gan import GAN
from gan_helpers.losses import LOSSES, energy_distance
from gan_helpers.recorded import RUNS
from gan_helpers.single_player import train_generator
from research.machine import library_versions

RUN = "objectives"
SEEDS = (1, 2, 3, 4, 5)
STEPS, BATCH = 800, 128
SMOOTH = {"r1": 0.02, "r2": 0.02}


def _optimizer() -> keras.optimizers.Optimizer:
    rate = keras.optimizers.schedules.CosineDecay(3e-3, STEPS)
    return keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.99)


def _normalised_discriminator() -> keras.Model:
    dense = [keras.layers.Dense(96, activation="relu") for _ in range(4)] + [keras.layers.Dense(1)]
    normalised = map(keras.layers.SpectralNormalization, dense)
    return keras.Sequential([keras.Input((2,)), *normalised, keras.layers.Rescaling(10.0)])


def games() -> Iterator[tuple[str, str, dict]]:
    """The name and the penalty of each objective, and the arguments of `GAN.compile`."""
    for name in LOSSES:
        if name != "jensen_shannon":  # has the gradients of the saturating pair
            title = name.replace("_", " ")
            yield title, "no penalty", {"loss": name}
            yield title, "R1 and R2", {"loss": name, "penalties": SMOOTH}
    for weight in (0.1, 10.0):
        penalties = {"gradient_penalty": weight}
        yield "wasserstein", f"its own, {weight:g}", {"loss": "wasserstein", "penalties": penalties}
    yield "hinge", "spectral", {"loss": "hinge"}
    yield "energy distance", "no discriminator", {}


def trained(title: str, penalty: str, game: dict, points: np.ndarray, seed: int) -> keras.Model:
    """The generator after a game, or without a discriminator."""
    keras.utils.set_random_seed(seed)
    generator = networks.point_generator()
    if not game:
        train_generator(
            generator, points, energy_distance, steps=STEPS, batch_size=BATCH, seed=seed
        )
        return generator
    plain = penalty != "spectral"
    discriminator = networks.point_discriminator() if plain else _normalised_discriminator()
    gan = GAN(generator, discriminator, seed=seed)
    gan.compile(
        generator_optimizer=_optimizer(),
        discriminator_optimizer=_optimizer(),
        steps_per_execution=50,
        **game,
    )
    gan.fit(points, batch_size=BATCH, steps_per_epoch=STEPS, verbose=0)
    return gan.generator


def figures(title: str, penalty: str, game: dict, seed: int) -> dict[str, float]:
    """How many modes a generator has found, and its share of samples on a mode."""
    ring = mixtures.ring()
    generator = trained(title, penalty, game, ring.sample(50_000, seed=seed), seed)
    latent = np.random.default_rng(seed).normal(size=(2500, 2)).astype("float32")
    fakes = np.nan_to_num(generator(latent).numpy(), nan=1e6)
    return {
        "modes_found": float(ring.modes_found(fakes)),
        "share_on_a_mode": float(ring.share_on_mode(fakes)),
    }


def record() -> None:
    """Play every game under five seeds: about a quarter of an hour."""
    rows = []
    for title, penalty, game in games():
        of_seeds = [figures(title, penalty, game, seed) for seed in SEEDS]
        row = {name: [one[name] for one in of_seeds] for name in of_seeds[0]}
        rows.append({"title": title, "penalty": penalty} | row)
        print(rows[-1], flush=True)
        keras.utils.clear_session()
    history = {"steps": STEPS, "batch": BATCH, "seeds": SEEDS, "versions": library_versions()}
    write_json(RUNS / f"{RUN}.json", history | {"rows": rows})
