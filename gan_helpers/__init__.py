"""What every notebook of the book imports. Data flow one way; a module imports what stands before:

files, recorded, checks, data, networks, gan_parts, losses, feeding, repeatable, game, gan,
single_player, source_listing, families, saving, callbacks, checkpoints, clusters, identity,
recipes, family_recipes, metrics, plots, notebook

Importing this alone imports none of them.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# TensorFlow's faster convolutions: on processors without instructions made for neural networks,
# as in many laptops, they are off unless asked for. `make bench` prints what they are worth.
# TensorFlow looks when it is imported; later it would only reach processes that are started here,
# which would then round differently.
if "tensorflow" not in sys.modules:
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
# One that is set stays: data and plots work on any. What trains says so if it is another one
# (checks/backend.py), for its steps are written with TensorFlow's GradientTape.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


def _give_matplotlib_a_folder() -> None:
    """Where its usual ones cannot be written: else it says so on stderr, which a notebook keeps."""
    config = os.environ.get("MPLCONFIGDIR")
    if config:
        usual = [Path(config)]
    elif sys.platform.startswith(("linux", "freebsd")):
        given = {"XDG_CONFIG_HOME": "~/.config", "XDG_CACHE_HOME": "~/.cache"}
        usual = [
            Path(os.environ.get(name) or os.path.expanduser(home)) / "matplotlib"
            for name, home in given.items()
        ]
    else:
        usual = [Path(os.path.expanduser("~")) / ".matplotlib"]
    try:
        for folder in usual:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
    except OSError:
        os.environ["MPLCONFIGDIR"] = tempfile.mkdtemp(prefix="matplotlib-")
        atexit.register(shutil.rmtree, os.environ["MPLCONFIGDIR"], ignore_errors=True)


_give_matplotlib_a_folder()

if "ipykernel.kernelapp" in sys.modules:
    # While it is imported, TensorFlow's C++ part writes lines with times and process numbers
    # straight to file descriptor 2, whatever the log level. In a notebook they would be output,
    # different each time; so the first import happens here, with that descriptor closed.
    _stderr = os.dup(2)
    _null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(_null, 2)
    try:
        import tensorflow  # noqa: F401
    finally:
        os.dup2(_stderr, 2)
        os.close(_stderr)
        os.close(_null)
