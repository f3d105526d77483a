"""What was saved loads in a new process, with the one import that the book names or with none."""

import hashlib
import os
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest

from gan_helpers import networks
from gan_helpers.checkpoints import save_checkpoint
from gan_helpers.gan import GAN
from tools.fingerprint import ROOT


def sum_of(model: keras.Model) -> str:
    return hashlib.sha256(b"".join(np.asarray(w).tobytes() for w in model.weights)).hexdigest()


@pytest.fixture(scope="module")
def gan() -> GAN:
    """Conditional, with both of the package's layers."""
    gan = GAN(networks.fast_generator(10), networks.fast_discriminator(10, whole=True))
    kinds = {type(layer) for layer in gan.discriminator.layers}
    assert {networks.OfClass, networks.BatchDeviation} <= kinds
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(1e-3, use_ema=True),
        discriminator_optimizer="adam",
        loss="relativistic",
        penalties={"r1": 0.1},
    )
    return gan


@pytest.fixture(scope="module")
def folder(gan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    gan.save(folder / "gan.keras")
    gan.generator.save(folder / "generator.keras")
    gan.discriminator.save(folder / "discriminator.keras")
    save_checkpoint(gan, folder)
    return folder


def printed(script: str, folder, **environment) -> list[str]:
    """What a new process prints, in the folder and with `sum_of`."""
    head = "import hashlib, sys\nimport numpy as np\n"
    function = (
        "def sum_of(model):\n"
        "    content = b''.join(np.asarray(w).tobytes() for w in model.weights)\n"
        "    return hashlib.sha256(content).hexdigest()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", head + function + textwrap.dedent(script)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()


def test_one_import_loads_whatever_was_saved(gan, folder):
    script = """
        import glob, keras, gan_helpers.saving
        (checkpoint,) = glob.glob("step-*.keras")
        for name in ("gan.keras", checkpoint, "discriminator.keras"):
            print(sum_of(keras.models.load_model(name)))
        print(keras.models.load_model("gan.keras").game.penalty_every)
    """
    whole = sum_of(gan)
    assert printed(script, folder) == [whole, whole, sum_of(gan.discriminator), "1"]


def test_a_run_s_folder_needs_no_import_beside_the_function_that_loads_it(gan, folder):
    script = """
        from gan_helpers.checkpoints import load_latest
        print(sum_of(load_latest(".")))
    """
    assert printed(script, folder) == [sum_of(gan)]


def test_a_generator_without_layers_of_ours_needs_keras_alone(gan, folder):
    script = """
        import keras
        print(sum_of(keras.models.load_model("generator.keras")), "gan_helpers" in sys.modules)
        try:
            keras.models.load_model("discriminator.keras")
        except TypeError as error:
            print("Could_not_locate_class" if "Could not locate class" in str(error) else error)
    """
    found = printed(script, folder, PYTHONPATH="")
    assert found == [sum_of(gan.generator), "False", "Could_not_locate_class"]


def test_saving_registers_every_class_that_any_module_of_the_package_registers(folder):
    script = """
        import importlib, pkgutil, keras, gan_helpers.saving
        known = set(keras.saving.get_custom_objects())
        for module in pkgutil.walk_packages(gan_helpers.__path__, "gan_helpers."):
            importlib.import_module(module.name)
        print(*sorted(known))
        print("missing:", *sorted(set(keras.saving.get_custom_objects()) - known))
    """
    *known, missing = printed(script, folder)
    assert missing == "missing:"
    assert {"gan_helpers>GAN", "gan_helpers>OfClass", "gan_helpers>BatchDeviation"} <= set(known)
