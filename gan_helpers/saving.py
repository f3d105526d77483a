"""Importing this registers every class of the package's, so that anything saved with them loads.

import keras
import gan_helpers.saving

gan = keras.models.load_model("gan.keras")
"""

from gan_helpers import gan, networks  # noqa: F401
