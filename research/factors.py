"""Quality against the amount of data, the width and the steps: the runs of ch01_factors.

One factor changes at a time, the two others stay as in the study's base. Three seeds a point, about
three points a decade. What is done is kept after each run, so that the command goes on where it
stopped.

A GAN: the fast recipe with labels (ch05_fast), judged by the protocol. A language model: the tiny
GPT of chapter 2 on the novel of ch01_shannon, by its bits a letter on held-out text.
"""

import itertools
import json
import time
from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np

from gan_helpers.data.texts import Vocabulary, load_novel, split_novel
from gan_helpers.data.windows import windows
from gan_helpers.families.tiny_gpt import TinyGPT
from gan_helpers.files import write_json
from gan_helpers.metrics import evaluate_generator
from gan_helpers.networks.fast import fast_discriminator, fast_generator
from gan_helpers.networks.transformer import transformer
from gan_helpers.recipes import RECIPES, fast_recipe, train_recipe
from gan_helpers.recorded import RUNS
from research.machine import library_versions

RUN = "factors"
SEEDS = (1, 2, 3)
LETTERS_AT_ONCE = 64
MEASURED = 20_000  # letters of held-out text, and of that which was learned from
RATE = 3e-3  # the language model's first learning rate


class Setting(NamedTuple):
    """How much of each factor a run gets.

    Attributes:
        data: training images, or letters of text.
        width: channels, or the size of a letter's vector.
        steps: of training.
    """

    data: int
    width: int
    steps: int


class Study(NamedTuple):
    """One kind of model, and what it is trained with.

    Attributes:
        base: what stays where a factor does not change.
        values: of each factor, upwards.
        train: from a setting and a seed to figures: the number of weights, the error, which is to
            be as small as possible, and one figure more.
    """

    base: Setting
    values: dict[str, tuple[int, ...]]
    train: Callable[[Setting, int], dict[str, float]]

    def settings(self, factor: str) -> list[Setting]:
        return [self.base._replace(**{factor: value}) for value in self.values[factor]]


def train_gan(setting: Setting, seed: int) -> dict[str, float]:
    """Train the fast recipe with labels on so many images, and judge 10,000 of its images."""
    recipe = fast_recipe(
        "factors",
        "one point of the scaling study",
        lambda n: (
            fast_generator(n, channels=setting.width),
            fast_discriminator(n, filters=setting.width),
        ),
        steps=setting.steps,
        every=setting.steps,
        r1=0.1,
        classes=RECIPES["fast-labels"].classes,
    )
    (images, labels), _ = recipe.data()
    chosen = np.random.default_rng(seed).permutation(len(images))[: setting.data]
    run = train_recipe(recipe, images[chosen], labels[chosen], seed=seed)
    weights = run.model.generator.count_params() + run.model.discriminator.count_params()
    judged = evaluate_generator(run.generator(), seed=0, classes=labels)
    figures = {key: judged.figures[key].value for key in ("frechet_distance", "recall")}
    return {"weights": weights} | figures


def train_language_model(setting: Setting, seed: int) -> dict[str, float]:
    """Train a small GPT on so many letters of the novel, and measure its bits a letter."""
    novel = load_novel()
    vocabulary, (text, held_out) = Vocabulary(sorted(set(novel))), split_novel(novel)
    first = np.random.default_rng(seed).integers(len(text) - setting.data + 1)
    codes = vocabulary.encode(text[first : first + setting.data])
    keras.utils.set_random_seed(seed)
    network = transformer(len(vocabulary), LETTERS_AT_ONCE, width=setting.width, depth=2)
    model = TinyGPT(network, seed=seed)
    rate = keras.optimizers.schedules.CosineDecay(RATE, setting.steps)
    model.compile(keras.optimizers.Adam(rate, beta_2=0.99), steps_per_execution=10)
    model.fit(
        windows(codes, length=LETTERS_AT_ONCE, every=4),
        batch_size=32,
        steps_per_epoch=setting.steps,
        verbose=0,
    )
    bits = model.bits(vocabulary.encode(held_out[:MEASURED]))
    own = model.bits(codes[:MEASURED])
    return {"weights": model.count_params(), "bits": bits, "bits_on_training_text": own}


STUDIES = {
    "gan": Study(
        Setting(data=60_000, width=32, steps=900),
        {
            "data": (600, 1300, 2800, 6000, 13_000, 28_000, 60_000),
            "width": (2, 3, 5, 8, 12, 20, 32, 48),
            "steps": (18, 40, 90, 200, 400, 900, 1800),
        },
        train_gan,
    ),
    "language model": Study(
        Setting(data=600_000, width=40, steps=900),
        {
            "data": (6000, 13_000, 28_000, 60_000, 130_000, 280_000, 600_000),
            "width": (8, 12, 20, 28, 40, 56, 80),
            "steps": (18, 40, 90, 200, 400, 900, 1800),
        },
        train_language_model,
    ),
}


def record() -> None:
    """Train what is not there yet: two hours and a half of training in all."""
    path = RUNS / f"{RUN}.json"
    rows = json.loads(path.read_text("utf-8"))["rows"] if path.exists() else []
    known = {(row["model"], *Setting(**row["setting"]), row["seed"]) for row in rows}
    for model, study in STUDIES.items():
        for factor, seed in itertools.product(study.values, SEEDS):
            for setting in study.settings(factor):
                if (model, *setting, seed) in known:
                    continue
                known.add((model, *setting, seed))
                keras.utils.clear_session()
                began = time.perf_counter()
                figures = study.train(setting, seed)
                row = {"model": model, "setting": setting._asdict(), "seed": seed} | figures
                rows.append(row | {"seconds": round(time.perf_counter() - began, 1)})
                print(rows[-1], flush=True)
                bases = {name: study.base._asdict() for name, study in STUDIES.items()}
                history = {"versions": library_versions(), "base": bases, "rows": rows}
                write_json(path, history)
