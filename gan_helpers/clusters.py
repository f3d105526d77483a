"""Classes for images that have none: groups of similar ones (notebooks/ch05_classes.ipynb).

What makes two digits of one kind differ in most pixels is their slant and their place. Both are
taken out first. Then images are linked to those that are most alike, and the groups are what
hangs together in this network of links: spectral clustering, which finds groups of any shape.
"""

import numpy as np
import tensorflow as tf
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.manifold import spectral_embedding
from sklearn.neighbors import KNeighborsClassifier, kneighbors_graph

from gan_helpers.checks import check_array, check_counts, check_images, check_seed
from gan_helpers.checks.arrays import as_array

CODES = 40  # principal components
LANDMARKS = 10_000  # images that are clustered; the others follow them
NEIGHBOURS = 10


def ink_moments(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """How much ink each image has, where, and how it leans.

    Args:
        images: shape (n, size, size, 1), -1 for paper to 1 for ink.

    Returns:
        Four arrays of shape (n,): the mass, in pixels of full ink; the column and the row of its
        centre, from 0; and the slant, in columns to the right for each row down: the slope of the
        straight line that gives a row's mean column best (least squares). An image without any
        ink has its centre in the middle, and no slant.

    Raises:
        ValueError: for anything else than such images.
    """
    images = _checked(images)
    ink = (images[..., 0] + 1) / 2
    size = ink.shape[1]
    place = np.arange(size, dtype=np.float32)
    mass = ink.sum((1, 2))
    empty = mass == 0
    divisor = np.where(empty, np.float32(1), mass)
    x, y = ink.sum(1) @ place / divisor, ink.sum(2) @ place / divisor
    height = ink.sum(2) @ place**2 / divisor - y**2  # a variance, as the next is a covariance
    slant = np.einsum("nyx,y,x->n", ink, place, place) / divisor - x * y
    slant /= np.maximum(height, 1e-6)
    x[empty], y[empty], slant[empty] = (size - 1) / 2, (size - 1) / 2, 0
    return mass, x, y, slant


def upright(images: np.ndarray) -> np.ndarray:
    """Every image moved and sheared so that its ink is in the middle and has no slant.

    Args:
        images: shape (n, size, size, 1), -1 for paper to 1 for ink.

    Returns:
        Likewise. An image without any ink stays as it is.

    Raises:
        ValueError: for anything else than such images.
    """
    images = _checked(images)
    parts = range(0, max(len(images), 1), 5000)  # all at once take a GiB
    return np.concatenate([_upright(images[start : start + 5000]) for start in parts])


def _upright(images: np.ndarray) -> np.ndarray:
    _, x, y, slant = ink_moments(images)
    ink = (images[..., 0] + 1) / 2
    n, size = ink.shape[:2]
    middle = (size - 1) / 2
    # Where a pixel's value comes from: x + slant (y' - middle), and so on.
    one, zero = np.ones(n), np.zeros(n)
    columns = (one, slant, x - middle - slant * middle, zero, one, y - middle, zero, zero)
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=ink[..., None],
        transforms=np.stack(columns, axis=1).astype(np.float32),
        output_shape=[size, size],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    return 2 * moved.numpy() - 1


def find_classes(images: np.ndarray, n_classes: int = 16, *, seed: int = 0) -> np.ndarray:
    """A class for each image, found without labels.

    Args:
        images: shape (n, size, size, 1), -1 for paper to 1 for ink; more of them than classes.
        n_classes: 2 or more.
        seed: of the images that are clustered, and of the clustering.

    Returns:
        Integers from 0, int32, shape (n,).

    Raises:
        ValueError: for anything else than such images, or a number of classes that cannot be.
    """
    images, seed = _checked(images), check_seed(seed)
    _check_number(n_classes, len(images))
    flat = upright(images).reshape(len(images), -1)
    some = _landmarks(len(flat), seed)
    components = PCA(min(CODES, len(some)), svd_solver="randomized", random_state=seed)
    return spectral_classes(components.fit(flat[some]).transform(flat), n_classes, seed=seed)


def spectral_classes(codes: np.ndarray, n_classes: int, *, seed: int) -> np.ndarray:
    """Classes by spectral clustering of 10,000 codes; the others follow their five nearest.

    Args:
        codes: shape (n, dimension), near to each other where images are alike.
        n_classes, seed: as for `find_classes`; and so is what is returned.

    Raises:
        ValueError: for anything else.
    """
    codes, seed = check_array("codes", codes, ("n", "dimension")), check_seed(seed)
    _check_number(n_classes, len(codes))
    some = _landmarks(len(codes), seed)
    graph = kneighbors_graph(codes[some], min(NEIGHBOURS, len(some)), include_self=True)
    places = spectral_embedding(
        (graph + graph.T) / 2, n_components=n_classes, drop_first=False, random_state=seed
    )
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    found = KMeans(n_classes, n_init=5, random_state=seed).fit(places).labels_
    nearest = KNeighborsClassifier(min(5, len(some)), n_jobs=-1).fit(codes[some], found)
    return nearest.predict(codes).astype(np.int32)


def _checked(images: np.ndarray) -> np.ndarray:
    images = as_array(images)
    if images.ndim != 4:
        raise ValueError(
            "images must be of shape (n, size, size, 1); given "
            f"{images.dtype} of shape {images.shape}."
        )
    check_images(images, (images.shape[1], images.shape[1], 1))
    return images


def _check_number(n_classes: int, n: int) -> None:
    check_counts(
        n_classes=n_classes, at_least=2, at_most=n - 1, limit="one less than the number of images"
    )


def _landmarks(n: int, seed: int) -> np.ndarray:
    """The rows of the images that are clustered."""
    return np.random.default_rng(seed).permutation(n)[:LANDMARKS]
