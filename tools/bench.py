"""Speed of the judge and of training, side by side on this machine.

Rounds alternate between what is compared, so that whatever else the machine does hits all of
them; the medians are printed, and ratios.
"""

import glob
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from gan_helpers import networks
from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.metrics import digit_judge, evaluate_images, mnist_reference
from gan_helpers.recipes import RECIPES
from gan_helpers.recorded import RUNS, read_history
from gan_helpers.training import GAN

ROUNDS = 5
SECONDS = 3.0  # about as long is a recipe trained in each round
SETTINGS = {  # options of compile; TensorFlow's threads: for one operation, and operations at once
    "as the book trains": ({}, (0, 0)),  # 0: TensorFlow decides
    "10 steps per execution": ({"steps_per_execution": 10}, (0, 0)),
    "XLA": ({"jit_compile": True}, (0, 0)),
    "an operation has one thread": ({}, (1, 0)),
    "one operation at a time": ({}, (0, 1)),
    "both": ({}, (1, 1)),
}
QUALITIES = (64, 16, 4, 1, 0.25)  # Fréchet distances to be reached


def matrix_product_peak() -> float:
    """Operations per second of this machine in one large float32 matrix product."""
    matrix = keras.random.normal((2048, 2048), seed=0)
    start = time.perf_counter()
    keras.ops.matmul(matrix, matrix).numpy()
    return 2 * 2048**3 / (time.perf_counter() - start)


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
    """A recipe in training. Classes are the labels: finding them is no part of a step."""

    def __init__(self, name: str, **options):
        self.recipe = RECIPES[name]
        (images, labels), _ = load_mnist()
        told = self.recipe.classes is not None
        self.data = to_tanh_range(images), labels.astype(np.int32) if told else None
        self.gan = GAN(*self.recipe.networks(10 if told else 0), seed=0)
        self.gan.compile(**self.recipe.game(), **options)
        self.run(2)  # builds the program
        whole = self.gan.steps_per_execution
        self.steps = whole * max(4, round(SECONDS * 20 / self.run(20) / whole))

    def run(self, steps: int) -> float:
        """Train for so many steps; the seconds that they took."""
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
        gan = self.gan
        # Backward costs two passes forward, or one where only the images' slopes are wanted.
        generator = 3 if gan.same_fakes else 4
        discriminator = 8 + gan.adversarial_loss.paired
        # A penalty: forward, back to the images, and back through both.
        discriminator += 6 * len(gan.penalties) / gan.penalty_every
        passes = generator * networks.multiply_adds(gan.generator)
        passes += discriminator * networks.multiply_adds(gan.discriminator)
        return round(2 * self.recipe.batch_size * passes)

    def most_of_a_step(self) -> str:
        """The kind of operation, and the one, that take most of the time, by the profiler."""
        kinds, single = Counter(), Counter()
        with tempfile.TemporaryDirectory() as folder:
            with tf.profiler.experimental.Profile(folder):
                self.run(20)
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


def bench_training() -> None:
    """Recipes against each other and against the machine's matrix product."""
    trainings = {name: Training(name) for name in RECIPES}
    speeds: dict[str, list[float]] = {name: [] for name in RECIPES}
    peaks = []
    for number in range(ROUNDS):
        peaks.append(matrix_product_peak())
        for name, training in trainings.items():
            speeds[name].append(training.speed())
        print(f"round {number + 1} of {ROUNDS}", flush=True)
    peak = statistics.median(peaks)
    speed = {name: statistics.median(values) for name, values in speeds.items()}
    print(f"matrix product: {peak / 1e9:.0f} GFLOP/s")
    print("images a second, each shown to both networks, real and fake:")
    for name, training in trainings.items():
        batch, operations = training.recipe.batch_size, training.operations()
        low, high = min(speeds[name]) * batch, max(speeds[name]) * batch
        print(
            f"  {name:12} {speed[name] * batch:6.0f} ({low:.0f} to {high:.0f}), "
            f"{speed[name] / speed['source']:4.1f} times the source's; {operations / 1e9:4.1f} "
            f"GFLOP a step, {speed[name] * operations / 1e9:4.0f} GFLOP/s, "
            f"{speed[name] * operations / peak:.0%} of the peak"
        )
    print("what takes most of a step:")
    for name, training in trainings.items():
        print(f"  {name:12} {training.most_of_a_step()}")
    print("steps to a Fréchet distance as recorded; seconds and GFLOP at the speed above:")
    for name, training in trainings.items():
        cells = []
        for quality in QUALITIES:
            step = steps_to(quality, name)
            gflop = (step or 0) * training.operations() / 1e9
            cells.append(
                f"{quality:g}: {step} steps, {step / speed[name]:.0f} s, {gflop:,.0f} GFLOP"
                if step
                else f"{quality:g}: not reached, or not recorded"
            )
        print(f"  {name:12} {'; '.join(cells)}")


def way(name: str) -> list[dict]:
    """What the judge said of the recorded run of a recipe, on its way; nothing if there is none."""
    run = "ladder" if name == "source" else name.replace("-", "_")
    if not (RUNS / f"{run}.json").exists():
        return []
    history = read_history(run)
    return list(history["rungs"].values())[-1] if name == "source" else history["way"]


def steps_to(quality: float, name: str) -> int | None:
    """The first step at which the recorded run was judged to be as good."""
    return next((row["step"] for row in way(name) if row["frechet_distance"] <= quality), None)


def set_up(options: dict, threads: tuple[int, int]) -> None:
    """Make a training in this process, which has run no operation yet."""
    global training
    tf.config.threading.set_intra_op_parallelism_threads(threads[0])
    tf.config.threading.set_inter_op_parallelism_threads(threads[1])
    training = Training("fast-labels", **options)


def speed_here() -> float:
    return training.speed()


def bench_settings() -> None:
    """One recipe under other settings, each in a process of its own, which are asked in turn."""
    spawn = multiprocessing.get_context("spawn")
    pools: dict[str, multiprocessing.pool.Pool] = {}
    speeds: dict[str, list[float]] = {name: [] for name in SETTINGS}
    for name, setting in SETTINGS.items():
        pools[name] = spawn.Pool(1, set_up, setting)
        pools[name].apply(speed_here)  # so that none is still being set up below
    for _ in range(ROUNDS):
        for name, pool in pools.items():
            speeds[name].append(pool.apply(speed_here))
    for pool in pools.values():
        pool.terminate()
    usual = statistics.median(speeds["as the book trains"])
    print("fast-labels under other settings, steps a second:")
    for name, values in speeds.items():
        speed = statistics.median(values)
        print(
            f"  {name:28} {speed:5.1f} ({min(values):.1f} to {max(values):.1f}), "
            f"{speed / usual:.2f} times as many"
        )


def memory_of(name: str) -> float:
    Training(name).run(20)
    return peak_memory()


def bench_memory() -> None:
    """Each recipe in a process of its own."""
    cells = []
    for name in RECIPES:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            cells.append(f"{name} {pool.apply(memory_of, (name,)):.2f}")
    print(f"peak memory in training, GiB: {', '.join(cells)}")


def main() -> None:
    bench_judge()  # first, so that its peak memory is its own
    print(
        "The source's networks are, layer for layer, those of TensorFlow's DCGAN tutorial "
        "(Apache-2.0)."
    )
    bench_memory()
    bench_training()
    bench_settings()


if __name__ == "__main__":
    main()
