"""What every notebook of the book imports. Data flow one way; a module imports what stands before:

files, recorded, checks, data, networks, gan_parts, losses, repeatable, game, gan, single_player,
source_listing, saving, callbacks, checkpoints, clusters, recipes, metrics, plots, notebook

Importing this alone imports none of them.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# TensorFlow's faster convolutions: on processors without instructions made for neural networks,
# as in many laptops, they are off unless asked for. `make bench` prints what they are worth.
# TensorFlow looks when it is imported; later it would only reach processes that are started here,
# which would then round differently.
if "tensorflow" not in sys.modules:
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ["KERAS_BACKEND"] = "tensorflow"  # the training step is written with its GradientTape

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
