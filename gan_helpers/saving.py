"""Saving and loading. Importing this registers every class of ours, so that what was saved loads.

import keras
import gan_helpers.saving

gan.save("gan.keras")
gan = keras.models.load_model("gan.keras")

A GAN is saved with its weights, both optimizers and its step, so that `fit` goes on. What is in
the file, `get_config` and the methods beside it in `repeatable.py` say. `checkpoints.py` saves
while training goes on and loads the latest (`save_checkpoint`, `load_latest`, `Checkpoint`);
`recipes.py` keeps whole runs in a folder. The generator alone: `gan.generator.save`.
"""

from gan_helpers import gan, networks  # noqa: F401
from gan_helpers.families import (  # noqa: F401
    autoencoder,
    coded_gpt,
    diffusion,
    flow,
    flow_matching,
    tiny_gpt,
    vae,
    vae_gan,
)
from gan_helpers.networks import codebook, denoisers  # noqa: F401
