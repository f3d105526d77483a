"""The scaling study of notebooks/ch01_factors.ipynb: complete, and made by this code."""

import keras
import numpy as np
import pytest

from gan_helpers.data.texts import Vocabulary, load_novel, split_novel
from gan_helpers.data.windows import windows
from gan_helpers.families.tiny_gpt import TinyGPT
from gan_helpers.networks.transformer import transformer
from gan_helpers.recorded import read_history
from research.factors import MEASURED, RUN, SEEDS, STUDIES, Setting
from tests.page_code import defined_on

ROWS = {
    (row["model"], Setting(**row["setting"]), row["seed"]): row for row in read_history(RUN)["rows"]
}
# Another processor rounds differently, and a game makes the differences grow.
ALLOWED = {"gan": 0.2, "language model": 0.03}
SHORT = {"gan": 3, "language model": 0}  # which size of the steps; the GAN's first ones draw blots


def test_every_size_is_recorded_with_every_seed():
    planned = {
        (model, setting, seed)
        for model, study in STUDIES.items()
        for factor in study.values
        for setting in study.settings(factor)
        for seed in SEEDS
    }
    assert set(ROWS) == planned


@pytest.mark.parametrize("model", STUDIES)
def test_a_short_training_gives_what_is_recorded(model):
    study, seed = STUDIES[model], SEEDS[0]
    setting = study.settings("steps")[SHORT[model]]
    recorded = ROWS[model, setting, seed]
    figures = study.train(setting, seed)
    assert figures.pop("weights") == recorded["weights"]
    expected = {name: recorded[name] for name in figures}
    assert figures == pytest.approx(expected, rel=ALLOWED[model], abs=0.02)


def test_the_page_trains_as_the_study_does():
    novel = load_novel()
    vocabulary, (text, held_out) = Vocabulary(sorted(set(novel))), split_novel(novel)
    page = defined_on(
        "ch01_factors",
        **{"np": np, "keras": keras, "transformer": transformer, "TinyGPT": TinyGPT},
        **{"windows": windows, "live": lambda: False, "V": len(vocabulary), "LENGTH": 64},
        learned_codes=vocabulary.encode(text),
    )
    model = page["train"](n_letters=6000, width=8, steps=10, seed=2)
    figures = STUDIES["language model"].train(Setting(data=6000, width=8, steps=10), 2)
    new = vocabulary.encode(held_out[:MEASURED])
    assert model.bits(new) == pytest.approx(figures["bits"], rel=1e-5)
    assert model.count_params() == figures["weights"]
