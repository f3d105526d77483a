"""Speed of the judge, and of the network pairs in training, side by side on this machine.

Rounds alternate between what is compared, so that whatever else the machine does hits all of
them; the medians are printed, and ratios.
"""

import resource
import statistics
import time
from collections.abc import Callable

import keras

from gan_helpers import networks
from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.metrics import digit_judge, evaluate_images, mnist_reference
from gan_helpers.training import GAN

BATCH, ROUNDS = 64, 5
PAIRS = {
    "source": (networks.source_generator, networks.source_discriminator, 6),
    "compact": (networks.compact_generator, networks.compact_discriminator, 40),
}


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
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"judge: {statistics.median(whole):.1f} s for 10,000 images ({min(whole):.1f} to "
        f"{max(whole):.1f}), {share:.0%} of it looking; once {making:.1f} s for the reference; "
        f"peak memory {peak:.2f} GiB"
    )


def bench_training() -> None:
    """The network pairs against each other and against the machine's matrix product."""
    (x_train, _), _ = load_mnist()
    images = to_tanh_range(x_train[:10_000])
    gans, work = {}, {}
    for name, (make_generator, make_discriminator, _) in PAIRS.items():
        gan = gans[name] = GAN(make_generator(), make_discriminator(), seed=0)
        gan.compile(generator_optimizer="adam", discriminator_optimizer="adam")
        gan.fit(images, batch_size=BATCH, steps_per_epoch=2, verbose=0)  # builds the program
        # Forward and backward passes of one step, in forward passes (ch05_compact.ipynb).
        work[name] = 2 * (
            4 * networks.multiply_adds(gan.generator)
            + 8 * networks.multiply_adds(gan.discriminator)
        )

    speeds: dict[str, list[float]] = {name: [] for name in PAIRS}
    peaks = []
    clock = Clock()
    for number in range(ROUNDS):
        peaks.append(matrix_product_peak())
        for name, (_, _, steps) in PAIRS.items():
            gans[name].fit(
                images, batch_size=BATCH, steps_per_epoch=steps, verbose=0, callbacks=[clock]
            )
            speeds[name].append(steps * BATCH / clock.seconds)
        print(f"round {number + 1} of {ROUNDS}", flush=True)

    peak = statistics.median(peaks)
    print(f"matrix product: {peak / 1e9:.0f} GFLOP/s")
    first = statistics.median(next(iter(speeds.values())))
    for name, values in speeds.items():
        speed = statistics.median(values)
        print(
            f"{name:8} {speed:6.0f} images/s ({min(values):.0f} to {max(values):.0f}), "
            f"{speed / first:4.1f} times the source's; "
            f"{speed * work[name] / 1e9:4.0f} GFLOP/s, {speed * work[name] / peak:.0%} of the peak"
        )


def main() -> None:
    bench_judge()  # first, so that its peak memory is its own
    bench_training()


if __name__ == "__main__":
    main()
