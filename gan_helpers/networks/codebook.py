"""Images, or points, as sequences of tokens: each patch is replaced by the nearest of some codes.

A codebook lets a GPT learn images (ch02_gpt). Its codes are found by k-means, which makes the mean
squared error of the replacement small; they are there before the GPT and are not trained with it.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.cluster import KMeans

from gan_helpers.checks import check_counts, check_kinds, check_samples, check_seed
from gan_helpers.checks.arrays import as_array

FITTED_TO = 40_000  # patches, drawn at random; more take longer and change little


@keras.saving.register_keras_serializable(package="gan_helpers")
class Codebook(layers.Layer):
    """From samples to the numbers of the codes that are nearest to their patches.

    Args:
        n_codes: how many.
        patch: the side of an image's patches in pixels, which divides height and width. Each
            coordinate of a point is a patch by itself.

    Raises:
        ValueError: for numbers that cannot be.
    """

    def __init__(self, n_codes: int, patch: int = 1, **kwargs):
        super().__init__(**kwargs)
        self.n_codes, self.patch = check_counts(n_codes=n_codes, patch=patch)

    def build(self, shape):
        self.sample_shape = tuple(shape[1:])
        self.height, self.width, self.channels = (*self.sample_shape, 1, 1)[:3]  # a point: (2, 1)
        if self.height % self.patch or self.width % self.patch:
            raise ValueError(
                f"patch must divide the height, {self.height}, and the width, {self.width}; given "
                f"{self.patch}."
            )
        self.rows, self.columns = self.height // self.patch, self.width // self.patch
        size = self.patch**2 * self.channels
        self.codes = self.add_weight(
            shape=(self.n_codes, size), initializer="zeros", trainable=False, name="codes"
        )

    def patches(self, samples: tf.Tensor) -> tf.Tensor:
        """A sample's patches, row by row: shape (n, length, numbers of a patch)."""
        cut = (-1, self.rows, self.patch, self.columns, self.patch, self.channels)
        rows_first = tf.transpose(tf.reshape(samples, cut), (0, 1, 3, 2, 4, 5))
        return tf.reshape(rows_first, (-1, self.rows * self.columns, self.codes.shape[1]))

    def decode(self, tokens: tf.Tensor) -> tf.Tensor:
        """The samples that are made of these codes; shape (n, length) to (n, *sample_shape)."""
        cut = (-1, self.rows, self.columns, self.patch, self.patch, self.channels)
        patches = tf.reshape(tf.gather(self.codes.value, tokens), cut)
        return tf.reshape(tf.transpose(patches, (0, 1, 3, 2, 4, 5)), (-1, *self.sample_shape))

    def call(self, samples):
        products = tf.matmul(self.patches(samples), self.codes, transpose_b=True)
        lengths = tf.reduce_sum(tf.square(self.codes), axis=1)
        return tf.argmin(lengths - 2 * products, axis=-1, output_type=tf.int32)  # less |patch|²

    def compute_output_spec(self, samples):
        return keras.KerasTensor((samples.shape[0], self.rows * self.columns), "int32")

    def get_config(self) -> dict:
        return super().get_config() | {"n_codes": self.n_codes, "patch": self.patch}


def codebook(shape: tuple[int, ...], *, n_codes: int, patch: int = 1) -> keras.Model:
    """A codebook whose codes are all 0 yet: to be loaded, or to be fitted.

    Args:
        shape: of one sample: (height, width, channels) of an image, (dimension,) of a point.
        n_codes, patch: as for `Codebook`.

    Returns:
        From samples, shape (n, *shape), to tokens, int32, shape (n, length), row by row.

    Raises:
        ValueError: for numbers that cannot be, or a patch that does not divide an image.
    """
    check_kinds(tuple, shape=shape)
    if len(shape) not in (1, 3):
        raise ValueError(
            f"shape must be that of an image, (height, width, channels), or of a point, "
            f"(dimension,); given {shape!r}."
        )
    for axis, size in enumerate(shape):
        check_counts(**{f"shape[{axis}]": size})  # type: ignore[arg-type]
    samples = keras.Input(shape, name="samples")
    return keras.Model(samples, Codebook(n_codes, patch)(samples), name="codebook")


def fitted_codebook(
    samples: np.ndarray, *, n_codes: int, patch: int = 1, seed: int = 0
) -> keras.Model:
    """A codebook whose codes k-means has found among the patches of samples.

    Args:
        samples: images from -1 to 1, shape (n, height, width, channels), or points, shape (n,
            dimension); 40,000 of their patches are used at most.
        n_codes, patch: as for `Codebook`; there are as many patches at least.
        seed: of the patches that are used, and of k-means.

    Raises:
        ValueError: for other samples or numbers that cannot be.
    """
    samples = as_array(samples)
    network = codebook(samples.shape[1:], n_codes=n_codes, patch=patch)
    check_samples(samples, samples.shape[1:])
    rng = np.random.default_rng(check_seed(seed))
    some = rng.permutation(len(samples))[:FITTED_TO]
    patches = network.layers[-1].patches(tf.constant(samples[some], tf.float32)).numpy()
    patches = rng.permutation(patches.reshape(-1, patches.shape[-1]))[:FITTED_TO]
    check_counts(n_codes=n_codes, at_most=len(patches), limit="the number of patches")
    found = KMeans(n_codes, n_init=1, random_state=seed, max_iter=50).fit(patches)
    # Means of float32 numbers, rounded, may lie a little outside of them.
    codes = found.cluster_centers_.clip(patches.min(), patches.max())
    network.layers[-1].codes.assign(codes)
    return network
