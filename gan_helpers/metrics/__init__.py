"""The judge: metrics for generators of MNIST digits, or of whatever another classifier knows.

`evaluate_generator` measures everything by the book's protocol. What it is made of:

- classifier: the digit classifier and its training; judge: a classifier as a judge
- score: the classifier score and class shares; distances: Fréchet's and a kernel's;
  neighbours: precision, recall, density, coverage, near copies
- intervals: jackknife and bootstrap
- figures: each figure and how it is measured; evaluation: the protocol; callback: the same during
  training

`gan_helpers.checks.features` holds what all of them refuse.
"""

from gan_helpers.metrics.callback import Judgement
from gan_helpers.metrics.evaluation import (
    Estimate,
    Evaluation,
    Reference,
    evaluate_generator,
    evaluate_images,
    mnist_reference,
)
from gan_helpers.metrics.judge import Judge, digit_judge

__all__ = [
    "Estimate",
    "Evaluation",
    "Judge",
    "Judgement",
    "Reference",
    "digit_judge",
    "evaluate_generator",
    "evaluate_images",
    "mnist_reference",
]
