"""A backend that somebody has chosen stays, and what cannot work on it says so."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import gan_helpers, keras
from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers import plots
print(keras.backend.backend(), to_tanh_range(load_mnist()[1][0][:2]).shape)
try:
    import gan_helpers.{refuses}
except ImportError as error:
    print(error)
"""


@pytest.mark.parametrize("refuses", ["gan", "losses", "networks", "metrics", "families.vae"])
def test_another_backend_is_respected_and_refused_where_it_cannot_work(refuses):
    pytest.importorskip("jax")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(refuses=refuses)],
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("jax (2, 28, 28, 1)\n")
    assert "Keras runs on 'jax' here. Set the environment variable KERAS_BACKEND" in done.stdout
