"""The count of operations that the benchmark divides by."""

from gan_helpers.networks import multiply_adds
from gan_helpers.recipes import RECIPES
from research import bench


def test_operations_of_a_step_are_those_that_the_book_counts(monkeypatch):
    monkeypatch.setattr(bench.Training, "run", lambda self, steps: 1.0)  # nothing is timed
    training = bench.Training("fast-labels")
    g, d = map(multiply_adds, (training.gan.generator, training.gan.discriminator))
    # notebooks/ch05_fast: six passes, three for the generator, six of a penalty in each fourth step
    assert training.operations() == round(2 * 64 * (3 * g + (6 + 3 + 6 / 4) * d))
    assert RECIPES["fast-labels"].batch_size == 64
