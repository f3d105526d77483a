"""What the two players minimise (book/ch04_mathematics.md).

- `adversarial`: pairs of losses, functions of the discriminator's logits on real and fake samples
- `f_divergences`: the pairs that belong to an f-divergence
- `penalties`: what is added to the discriminator's loss for a large gradient
- `kernels`: distances of two sets of samples that need no discriminator
- `safe_sqrt`: a square root for both of these

`LOSSES` and `PENALTIES` name those that `gan_helpers.game.Game` takes by name.
"""

from gan_helpers.losses.adversarial import (
    HINGE,
    LEAST_SQUARES,
    NON_SATURATING,
    RELATIVISTIC,
    SATURATING,
    WASSERSTEIN,
    Loss,
)
from gan_helpers.losses.f_divergences import F_DIVERGENCES, FDivergence, f_divergence_loss
from gan_helpers.losses.kernels import KERNEL, energy_distance, maximum_mean_discrepancy
from gan_helpers.losses.penalties import (
    PENALTIES,
    gradient_penalty,
    r1_penalty,
    r2_penalty,
)

_ALL = (
    NON_SATURATING,
    SATURATING,
    LEAST_SQUARES,
    HINGE,
    WASSERSTEIN,
    RELATIVISTIC,
    KERNEL,
    *(f_divergence_loss(divergence) for divergence in F_DIVERGENCES.values()),
)
LOSSES: dict[str, Loss] = {loss.name: loss for loss in _ALL}

__all__ = [
    "F_DIVERGENCES",
    "HINGE",
    "KERNEL",
    "LEAST_SQUARES",
    "LOSSES",
    "NON_SATURATING",
    "PENALTIES",
    "RELATIVISTIC",
    "SATURATING",
    "WASSERSTEIN",
    "FDivergence",
    "Loss",
    "energy_distance",
    "f_divergence_loss",
    "gradient_penalty",
    "maximum_mean_discrepancy",
    "r1_penalty",
    "r2_penalty",
]
