"""Speed of the network pairs in training, side by side on this machine.

Rounds alternate between the pairs, so that whatever else the machine does hits all of them; the
medians are printed, and ratios to the first pair.
"""

import statistics
import time

import keras

from gan_helpers import networks
from gan_helpers.data import load_mnist, to_tanh_range
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


def main() -> None:
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


if __name__ == "__main__":
    main()
