"""The library on which Keras runs."""

import keras


def check_backend() -> None:
    """Refuse to be imported where no step of this package could train.

    Raises:
        ImportError: if Keras runs on another library than TensorFlow.
    """
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise ImportError(
            "gan_helpers trains and judges with TensorFlow, and Keras runs on "
            f"{backend!r} here. Set the environment variable KERAS_BACKEND to 'tensorflow' before "
            "Keras is imported for the first time; it comes before what ~/.keras/keras.json says. "
            "On any backend work gan_helpers.data and gan_helpers.plots."
        )
