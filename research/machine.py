"""The machine and the versions that something was measured with."""

import time

import keras

from tools.fingerprint import LIBRARIES, pinned_versions


def matrix_product_peak() -> float:
    """Operations per second in one large float32 matrix product, with this process's threads."""
    matrix = keras.random.normal((2048, 2048), seed=0)
    start = time.perf_counter()
    keras.ops.matmul(matrix, matrix).numpy()
    return 2 * 2048**3 / (time.perf_counter() - start)


def library_versions() -> dict[str, str]:
    """The locked versions of the libraries that compute and draw, by name."""
    pinned = pinned_versions()
    return {library: pinned[library] for library in LIBRARIES}
