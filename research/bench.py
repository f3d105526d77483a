"""Speed of the judge and of training, side by side on this machine.

Rounds alternate between what is compared, so that whatever else the machine does hits all of
them; the medians are printed, and ratios.
"""

import functools
import glob
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.pool import Pool
from unittest.mock import patch

import keras
import numpy as np
import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from gan_helpers import networks
from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.gan import GAN
from gan_helpers.metrics import digit_judge, evaluate_images, mnist_reference
from gan_helpers.recipes import RECIPES, run_name
from gan_helpers.recorded import RUNS, reached, read_history
from research.command import command_line
from research.machine import matrix_product_peak

ROUNDS = 5
PRODUCT = "matrix product"
SECONDS = 3.0  # about as long is a recipe trained in each round
SETTINGS = {  # arguments of `worker`, where they differ from the book's
    "as the book trains": {},
    "in one piece, threads left alone": {"options": {"replicas": 1}, "threads": (0, 0)},
    "in one piece": {"options": {"replicas": 1}},
    "threads left alone": {"threads": (0, 0)},
    "four replicas": {"options": {"replicas": 4}},
    "one operation at a time": {"threads": (1, 1)},
    "one step per execution": {"options": {"steps_per_execution": 1}},
    "XLA": {"options": {"jit_compile": True}},
    "without oneDNN": {"environment": {"TF_ENABLE_ONEDNN_OPTS": "0"}},
}
QUALITIES = (64, 16, 4, 1, 0.25)  # Fréchet distances to be reached


class Clock(keras.callbacks.Callback):
    """The seconds that the steps of one call of `fit` took, without setting it up."""

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds = time.perf_counter() - self.start


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_memory() -> float:
    """Of this process so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


# -- the judge -------------------------------------------------------------------------------------


def bench_judge() -> None:
    """10,000 images by the whole protocol, and how much of it is spent on looking at them."""
    (x_train, _), _ = load_mnist()
    images = to_tanh_range(x_train[:10_000])
    making = seconds(mnist_reference)
    whole, looking = [], []
    for _ in range(ROUNDS):
        whole.append(seconds(lambda: evaluate_images(images)))
        looking.append(seconds(lambda: digit_judge().look(images)))
    share = statistics.median(looking) / statistics.median(whole)
    print(
        f"judge: {statistics.median(whole):.1f} s for 10,000 images ({min(whole):.1f} to "
        f"{max(whole):.1f}), {share:.0%} of it looking; once {making:.1f} s for the reference; "
        f"peak memory {peak_memory():.2f} GiB"
    )


# -- training --------------------------------------------------------------------------------------


class Training:
    """A recipe in training. Classes are the labels: finding them is no part of a step.

    Attributes:
        preparing: seconds to make the networks, and the program of a step.
    """

    def __init__(self, name: str, **options):
        self.recipe = RECIPES[name]
        (images, labels), _ = load_mnist()
        conditional = self.recipe.classes is not None
        self.data = to_tanh_range(images), labels.astype(np.int32) if conditional else None
        began = time.perf_counter()
        self.gan = GAN(*self.recipe.networks(10 if conditional else 0), seed=0)
        self.gan.compile(**self.recipe.game() | {"replicas": self.recipe.replicas} | options)
        self.few = -(-20 // self.gan.steps_per_execution) * self.gan.steps_per_execution
        self.run(self.few)  # builds the program
        prepared, again = time.perf_counter(), self.run(self.few)
        self.preparing = prepared - began - again
        self.steps = self.few * max(1, round(SECONDS / again))

    def run(self, steps: int) -> float:
        """Train for so many steps, whole executions; the seconds that they took."""
        clock, (images, classes) = Clock(), self.data
        self.gan.fit(
            images,
            classes,
            batch_size=self.recipe.batch_size,
            steps_per_epoch=steps,
            callbacks=[clock],
            verbose=0,
        )
        return clock.seconds

    def speed(self) -> float:
        """Steps a second, over about as long as a round is."""
        return self.steps / self.run(self.steps)

    def operations(self) -> int:
        """Of a step, in its matrix products and convolutions, each way through (ch05_compact)."""
        gan, game = self.gan, self.gan.game
        # Backward costs two passes forward, or one where only the images' gradients are wanted.
        generator = 3 if game.same_fakes else 4
        discriminator = 8 + game.loss.paired
        # A penalty: forward, back to the images, and back through both.
        discriminator += 6 * len(game.penalties) / game.penalty_every
        passes = generator * networks.multiply_adds(gan.generator)
        passes += discriminator * networks.multiply_adds(gan.discriminator)
        return round(2 * self.recipe.batch_size * passes)

    def most_of_a_step(self) -> str:
        """The kind of operation, and the one, that take most of the time, by the profiler."""
        kinds, single = Counter(), Counter()
        with tempfile.TemporaryDirectory() as folder:
            with tf.profiler.experimental.Profile(folder):
                self.run(self.few)
            (path,) = glob.glob(f"{folder}/**/*.xplane.pb", recursive=True)
            with open(path, "rb") as file:
                space = xplane_pb2.XSpace.FromString(file.read())
        for plane in space.planes:
            for line in plane.lines:
                for event in line.events:
                    name = plane.event_metadata[event.metadata_id].name
                    operation, colon, kind = name.rpartition(":")
                    if colon and not operation.endswith(":") and "Execute" not in operation:
                        kinds[kind] += event.duration_ps
                        single[operation] += event.duration_ps
        (kind, most), (operation, _) = kinds.most_common(1)[0], single.most_common(1)[0]
        return f"{kind.strip('_')} takes {most / kinds.total():.0%}; most of all {operation}"


def set_up(name: str, options: dict, threads: tuple[int, int]) -> None:
    """Make a training in this process, which has run no operation yet."""
    global training
    tf.config.threading.set_intra_op_parallelism_threads(threads[0])
    tf.config.threading.set_inter_op_parallelism_threads(threads[1])
    training = Training(name, **options)


def ask(what: str):
    answer = getattr(training, what)
    return answer() if callable(answer) else answer


def worker(
    name: str,
    options: dict | None = None,
    threads: tuple[int, int] | None = None,
    environment: dict[str, str] | None = None,
) -> Pool:
    """A process with one training: how TensorFlow computes is settled once in each.

    Args:
        name: of the recipe.
        options: of `GAN.compile`, instead of the recipe's.
        threads: for one operation, and operations at once, 0 for TensorFlow to decide; the
            recipe's unless given.
        environment: variables.
    """
    threads = threads or (RECIPES[name].threads, 0)
    with patch.dict(os.environ, environment or {}):
        pool = multiprocessing.get_context("spawn").Pool(1, set_up, (name, options or {}, threads))
    pool.apply(ask, ("preparing",))  # waits until it is set up, alone
    return pool


def side_by_side(workers: dict[str, Pool]) -> dict[str, list[float]]:
    """In every round, steps a second of each worker, and the peak under `PRODUCT`."""
    compared = {PRODUCT: matrix_product_peak}
    compared |= {name: functools.partial(w.apply, ask, ("speed",)) for name, w in workers.items()}
    speeds: dict[str, list[float]] = {name: [] for name in compared}
    for number in range(ROUNDS):
        for name, measure in compared.items():
            speeds[name].append(measure())
        print(f"round {number + 1} of {ROUNDS}", flush=True)
    return speeds


def bench_training() -> None:
    """Recipes against each other and against the machine's matrix product."""
    workers = {name: worker(name) for name in RECIPES}
    speeds = side_by_side(workers)
    peak = statistics.median(speeds.pop(PRODUCT))
    speed = {name: statistics.median(values) for name, values in speeds.items()}
    memory = [f"{name} {pool.apply(peak_memory):.2f}" for name, pool in workers.items()]
    preparing, operations = (
        {name: pool.apply(ask, (what,)) for name, pool in workers.items()}
        for what in ("preparing", "operations")
    )
    print(f"peak memory in training, GiB: {', '.join(memory)}")
    print(f"matrix product: {peak / 1e9:.0f} GFLOP/s")
    print("images a second, each shown to both networks, real and fake:")
    for name, values in speeds.items():
        batch, gflop = RECIPES[name].batch_size, operations[name] / 1e9
        print(
            f"  {name:12} {speed[name] * batch:6.0f} ({min(values) * batch:.0f} to "
            f"{max(values) * batch:.0f}), {speed[name] / speed['source']:4.1f} times the source's; "
            f"{gflop:4.1f} GFLOP a step, {speed[name] * gflop:4.0f} GFLOP/s, "
            f"{speed[name] * operations[name] / peak:.0%} of the peak"
        )
    print("what takes most of a step:")
    for name, pool in workers.items():
        print(f"  {name:12} {pool.apply(ask, ('most_of_a_step',))}")
        pool.terminate()
    print("steps to a Fréchet distance as recorded; seconds and GFLOP at the speed above:")
    ways = {name: way(name) for name in RECIPES}
    best = min(row["frechet_distance"] for row in ways["source"] if row["seconds"] <= 600)
    for name in RECIPES:
        cells = []
        for quality in (*QUALITIES, best):
            steps = reached(ways[name], quality, "step")
            cells.append(
                f"{quality:g}: not reached, or not recorded"
                if steps is None
                else f"{quality:.3g}: {steps:.0f} steps, {steps / speed[name]:.0f} s, "
                f"{steps * operations[name] / 1e9:,.0f} GFLOP"
            )
        print(f"  {name:12} {'; '.join(cells)}")
    took = {
        name: preparing[name] + steps / speed[name]
        for name in RECIPES
        if (steps := reached(ways[name], best, "step"))
    }
    print(
        f"until the source's best within ten minutes as recorded, {best:.3g}, with making networks "
        "and programs, but not with finding classes:"
    )
    for name, t in took.items():
        print(f"  {name:12} {t:.1f} s, {took['source'] / t:.0f} times sooner than the source's")


def way(name: str) -> list[dict]:
    """What the judge said of the recorded run of a recipe, on its way; nothing if there is none."""
    run = "ladder" if name == "source" else run_name(name)
    if not (RUNS / f"{run}.json").exists():
        return []
    history = read_history(run)
    return list(history["rungs"].values())[-1] if name == "source" else history["way"]


def bench_settings() -> None:
    """One recipe under other settings."""
    workers = {name: worker("fast-labels", **setting) for name, setting in SETTINGS.items()}
    speeds = side_by_side(workers)
    for pool in workers.values():
        pool.terminate()
    peak = statistics.median(speeds.pop(PRODUCT))
    print(f"matrix product: {peak / 1e9:.0f} GFLOP/s")
    usual = statistics.median(speeds["as the book trains"])
    print("fast-labels under other settings, steps a second:")
    for name, values in speeds.items():
        speed = statistics.median(values)
        print(
            f"  {name:32} {speed:5.1f} ({min(values):.1f} to {max(values):.1f}), "
            f"{speed / usual:.2f} times as many"
        )


def main(arguments: list[str]) -> None:
    command_line(__doc__).parse_args(arguments)
    bench_judge()  # first, so that its peak memory is its own
    print(
        "The source's networks are, layer for layer, those of TensorFlow's DCGAN tutorial "
        "(Apache-2.0)."
    )
    bench_training()
    bench_settings()


if __name__ == "__main__":
    main(sys.argv[1:])
