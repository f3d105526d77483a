"""How a training went."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gan_helpers.checks import check_array, check_kinds
from gan_helpers.plots.style import DISCRIMINATOR, GENERATOR, NEUTRAL, REAL, WIDTH

CURVES = ("discriminator_loss", "generator_loss", "accuracy_on_real", "accuracy_on_fake")


def training_curves(steps: Sequence[int], history: Mapping[str, Sequence[float]]) -> Figure:
    """Draw a GAN's losses and the discriminator's accuracies against the number of steps.

    Args:
        steps: the number of steps at the end of each stretch that the means are over.
        history: `discriminator_loss`, `generator_loss` (nats), `accuracy_on_real` and
            `accuracy_on_fake` (0 to 1), as in the history that `GAN.fit` returns.

    Raises:
        ValueError: if one of these is missing, or is not as long as `steps`.
    """
    check_kinds(Mapping, history=history)
    n = len(check_array("steps", steps, ("n",)))
    if missing := {*CURVES} - history.keys():
        raise ValueError(f"history must have {CURVES}; {sorted(missing)} are missing.")
    for name in CURVES:
        check_array(f"history[{name!r}]", history[name], (n,), finite=False)
    figure, (losses, accuracies) = plt.subplots(1, 2, figsize=(WIDTH, 2.8))
    losses.plot(steps, history["discriminator_loss"], color=DISCRIMINATOR, label="discriminator")
    losses.plot(steps, history["generator_loss"], color=GENERATOR, label="generator")
    chance = {"color": NEUTRAL, "linestyle": ":", "linewidth": 1}
    losses.axhline(2 * np.log(2), **chance)
    losses.axhline(np.log(2), **chance)
    losses.set(xlabel="steps", ylabel="loss in nats", ylim=(0, None), title="Losses")
    losses.legend()
    accuracies.plot(steps, history["accuracy_on_real"], color=REAL, label="on real images")
    accuracies.plot(steps, history["accuracy_on_fake"], color=GENERATOR, label="on fake images")
    accuracies.axhline(0.5, **chance)
    accuracies.set(
        xlabel="steps", ylabel="share classified correctly", ylim=(0, 1.02), title="Discriminator"
    )
    accuracies.legend()
    return figure
