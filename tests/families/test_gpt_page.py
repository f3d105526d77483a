"""The program of notebooks/ch02_gpt.ipynb and the package take the same step."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from gan_helpers.data.windows import windows
from gan_helpers.families.tiny_gpt import TinyGPT
from gan_helpers.networks.transformer import transformer
from tools.fingerprint import ROOT, read_notebook

CODES = np.random.default_rng(0).integers(0, 9, 400).astype(np.int32)


@pytest.fixture(scope="module")
def page() -> dict:
    """What the page's program defines; trained for one step on another text."""
    notebook = read_notebook(ROOT / "notebooks" / "ch02_gpt.ipynb")
    cells = [cell for cell in notebook.cells if "program" in cell.metadata.get("tags", [])]
    names = {"keras": keras, "layers": layers, "ops": ops, "np": np, "windows": windows}
    names |= {"codes": CODES, "N_LETTERS": 9}
    code = "\n\n".join(cell.source for cell in cells)
    model = "\n".join(cell.source for cell in cells[:2])  # the layer, and the network
    assert "CausalAttention" in model and "make_gpt" in model
    assert len([line for line in model.splitlines() if line.strip()]) <= 40
    assert len([line for line in code.splitlines() if line.strip()]) <= 55
    assert "STEPS, BATCH = 64, 300, 16" in code
    exec(code.replace("STEPS, BATCH = 64, 300, 16", "STEPS, BATCH = 64, 1, 8"), names)
    return names


def packaged(weights: list[np.ndarray]) -> list[np.ndarray]:
    """The page's weights in the order and the shapes of the package's network."""
    left, found = list(weights), []

    def take(n: int) -> list[np.ndarray]:
        taken, left[:n] = left[:n], []
        return taken

    found += take(2)  # of tokens and places
    for _ in range(2):
        found += take(2)  # the first normalisation
        *mixing, out, out_bias = take(8)
        width = len(out_bias)
        kernels = [kernel.reshape(width, width) for kernel in mixing[::2]]
        biases = [bias.ravel() for bias in mixing[1::2]]
        found += [np.hstack(kernels), np.hstack(biases), out.reshape(width, width), out_bias]
        found += take(6)  # the second normalisation, and the perceptron
    return found + left


def test_the_page_and_the_package_take_the_same_step(page):
    own = page["make_gpt"](9, 64)
    same = transformer(9, 64, width=64, depth=2, heads=4, recency=False)
    same.set_weights(packaged(own.get_weights()))
    # Plain descent: Keras's Adam squares the rows of an embedding's gradient one by one, so that
    # the page's embedding of places moves further than the package's vectors, with one gradient.
    own.compile(keras.optimizers.SGD(1.0), page["loss"], jit_compile=False)
    model = TinyGPT(same)
    model.compile(keras.optimizers.SGD(1.0), jit_compile=False)
    before, batch = same.get_weights(), windows(CODES, length=64, every=20)
    loss = own.train_on_batch(page["before"](batch, 9), batch)
    losses = model.train_on_batch(batch, return_dict=True)
    assert losses["loss"] == pytest.approx(float(loss), rel=1e-5)
    pairs = zip(packaged(own.get_weights()), same.get_weights(), before, strict=True)
    for theirs, ours, first in pairs:
        np.testing.assert_allclose(theirs - first, ours - first, atol=2e-6, rtol=1e-3)
        assert np.abs(ours - first).max() > 1e-5
    assert page["small"].optimizer.iterations == 1
