"""What a GAN, and a classifier, give away of their training images: notebooks/ch08_privacy.ipynb.

A small GAN without classes is trained on few images and on many, with and without DiffAugment, and
attacked: whose logit is high, and who is near a generated image, is taken for a member. A linear
classifier is trained with differential privacy, and without. Five seeds each. What is done is kept
after each training of a GAN, so that the command goes on where it stopped.

    python -m research.privacy

makes the classifiers again, and leaves the GANs as they are.
"""

import functools
import itertools
import sys
import time
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from scipy import optimize
from scipy.special import gammaln, logsumexp, softmax
from sklearn.metrics import roc_auc_score

from gan_helpers.data import load_mnist, to_tanh_range, to_uint8
from gan_helpers.files import write_json
from gan_helpers.gan import GAN
from gan_helpers.metrics import evaluate_generator, mnist_reference
from gan_helpers.metrics.neighbours import nearest_distances
from gan_helpers.networks import draw_inputs, fast_discriminator, fast_generator
from gan_helpers.recorded import RUNS, load_sheets, read_history, write_sheets
from research.command import command_line
from research.machine import library_versions

RUN = "privacy"
SEEDS = (1, 2, 3, 4, 5)
SIZES = (100, 1000, 6000)
MARKS, BATCH = (100, 300, 600, 1000, 1500), 32  # the steps after which a GAN is attacked
ATTACKED = 1000  # members at most, and as many images as no training sees
GENERATED = 2000  # images that a candidate's distance is taken to, and that are judged
KEPT = 60  # generated images of the first seed
REACH, SIDE = 4, 14  # of a translation, and of the square that is cut out, in pixels

EPSILONS, DELTA = (0.5, 1.0, 2.0, 4.0, 8.0), 1e-5
CLASSIFIER_SIZES = {600: 0.1, 6000: 0.02, 60_000: 0.005}  # with the share of a step's batch
CLASSIFIER_STEPS, CLIP, RATE = 200, 1.0, 4.0
NO_CLIP = 2.0  # no gradient is longer than the square root of 2
LONGER, WITHOUT = 600, 30.0  # steps, and the rate that does well with so many, without noise
WITH_NOISE = {600: 2.0, 6000: 2.0, 60_000: 10.0}  # the rates that do, by the number of images
ORDERS = (*range(2, 65), 80, 96, 128, 192, 256)


@keras.saving.register_keras_serializable(package="research.privacy")
class DiffAugment(keras.layers.Layer):
    """Translation and cutout, in training alone: images (n, 28, 28, 1), -1 to 1, to the same."""

    def __init__(self, seed: int = 0, **options):
        super().__init__(**options)
        self.noise = keras.random.SeedGenerator(seed)

    def call(self, images, training=False):
        if not training:
            return images
        n, place = tf.shape(images)[0], tf.range(28)
        shift = keras.random.randint((n, 2, 1), -REACH, REACH + 1, seed=self.noise)
        ink = tf.pad(images + 1, ((0, 0), (REACH, REACH), (REACH, REACH), (0, 0)))
        for axis in (0, 1):
            ink = tf.gather(ink, place + REACH + shift[:, axis], axis=axis + 1, batch_dims=1)
        middle = keras.random.randint((n, 2, 1), 0, 29, seed=self.noise)
        near = (place - middle + SIDE // 2) // SIDE == 0  # (n, 2, 28)
        kept = ~(near[:, 0, :, None] & near[:, 1, None, :])
        return ink * tf.cast(kept, ink.dtype)[..., None] - 1


def new_gan(augmented: bool, seed: int) -> tuple[GAN, keras.Model]:
    """A small GAN before its training, and its discriminator without augmentation."""
    keras.utils.set_random_seed(seed)
    generator, bare = fast_generator(channels=32), fast_discriminator(filters=16)
    images = keras.Input((28, 28, 1))
    seen = bare(DiffAugment(seed)(images)) if augmented else bare(images)
    gan = GAN(generator, keras.Model(images, seen), seed=seed)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.0, beta_2=0.99),
        discriminator_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.0, beta_2=0.99),
        same_fakes=True,
        steps_per_execution=50,
    )
    return gan, bare


class Split(NamedTuple):
    """Images, each of shape (n, 28, 28, 1).

    Attributes:
        members: what a GAN is trained on.
        others: unseen ones, that the attack is to tell from members.
        beside: unseen ones, as many as members.
    """

    members: np.ndarray
    others: np.ndarray
    beside: np.ndarray


def split(images: np.ndarray, size: int, seed: int) -> Split:
    """Shuffled by the seed: the first are members, the last are others."""
    order = np.random.default_rng(seed).permutation(len(images))
    places = (order[:size], order[-ATTACKED:], order[size : 2 * size])
    return Split(*(images[place] for place in places))


def auc(members: np.ndarray, others: np.ndarray) -> float:
    """How often a member's score is above another's: 0.5 by guessing."""
    truth = np.repeat([1, 0], [len(members), len(others)])
    return float(roc_auc_score(truth, np.concatenate([members, others])))


def train(gan: GAN, members: np.ndarray, steps: int) -> list[float]:
    """Train up to this step, and give both players' mean losses over what was added."""
    logs = gan.fit(members, batch_size=BATCH, steps_per_epoch=steps - gan.steps, verbose=0).history
    return [logs[f"{player}_loss"][0] for player in ("discriminator", "generator")]


def attack(size: int, augmented: bool, seed: int, images: np.ndarray) -> tuple[dict, dict]:
    """Train a GAN and attack it: a row, and the scores and images that are kept."""
    began = time.perf_counter()
    parts, (gan, bare) = split(images, size, seed), new_gan(augmented, seed)
    candidates = parts.members[:ATTACKED], parts.others
    row = {"size": size, "augmented": augmented, "seed": seed, "course": []}
    for mark in MARKS:
        losses = train(gan, parts.members, mark)
        logits = [bare.predict(x, batch_size=500, verbose=0).ravel() for x in candidates]
        row["course"].append({"step": mark, "losses": losses, "auc": auc(*logits)})
    inputs = draw_inputs(gan.generator, GENERATED, seed=seed)
    made = gan.generator.predict(inputs, batch_size=500, verbose=0)
    points, flat = (x.reshape(len(x), -1) for x in (made, np.concatenate(candidates)))
    distances = nearest_distances(flat, points)
    row["auc_of_distances"] = auc(*np.split(-distances, [len(candidates[0])]))
    row["logit_of_fakes"] = float(bare.predict(made, batch_size=500, verbose=0).mean())
    for name, near in (("members", parts.members), ("beside", parts.beside)):
        near = near.reshape(len(near), -1)
        row[f"distance_to_{name}"] = float(nearest_distances(points, near).mean())
    judged = evaluate_generator(gan.generator, seed=0, reference=mnist_reference(GENERATED))
    row |= {name: judged.figures[name].value for name in ("frechet_distance", "recall")}
    row["seconds"] = round(time.perf_counter() - began, 1)
    name = f"{size}, {'augmented' if augmented else 'bare'}, {seed}"
    kept = {f"logits, {name}": np.concatenate(logits), f"distances, {name}": distances}
    if seed == SEEDS[0]:
        kept[f"images, {name}"] = to_uint8(made[:KEPT])
    return row, {key: x if x.dtype == np.uint8 else x.astype("f") for key, x in kept.items()}


def renyi(q: float, noise: float, order: int) -> float:
    """The Rényi divergence of a step of the sampled Gaussian mechanism (Mironov et al. 2019)."""
    k = np.arange(order + 1)
    ways = gammaln(order + 1) - gammaln(k + 1) - gammaln(order - k + 1)
    logs = ways + (order - k) * np.log1p(-q) + k * np.log(q) + k * (k - 1) / (2 * noise**2)
    return logsumexp(logs) / (order - 1)


def epsilon(q: float, noise: float, steps: int, delta: float = DELTA) -> float:
    """The epsilon of all steps together, by the best of the orders."""
    return min(steps * renyi(q, noise, a) + np.log(1 / delta) / (a - 1) for a in ORDERS)


@functools.cache
def noise_for(target: float, q: float, steps: int) -> float:
    """The noise that leads to this epsilon."""
    return optimize.brentq(lambda noise: epsilon(q, noise, steps) - target, 0.3, 100, xtol=1e-4)


def unit_vectors(images: np.ndarray) -> np.ndarray:
    """Images (n, 28, 28), 0 to 255, as vectors of length 1 whose last number is for a bias."""
    flat = np.c_[images.reshape(len(images), -1) / 255, np.ones(len(images))]
    return (flat / np.linalg.norm(flat, axis=1, keepdims=True)).astype("f")


def dp_sgd(x, y, *, q, noise, steps, clip=CLIP, rate=RATE, seed) -> np.ndarray:
    """Weights (features, classes) of a linear classifier; y holds rows of the identity."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((x.shape[1], y.shape[1]), "f")
    for _ in range(steps):
        batch = rng.random(len(x)) < q
        inputs = x[batch]
        errors = softmax(inputs @ weights, axis=1) - y[batch]
        norms = np.linalg.norm(inputs, axis=1) * np.linalg.norm(errors, axis=1)
        errors *= np.minimum(1, clip / np.maximum(norms, 1e-12))[:, None]
        total = inputs.T @ errors
        total += noise * clip * rng.standard_normal(total.shape).astype("f")
        weights -= rate * total / (q * len(x))
    return weights


class Setting(NamedTuple):
    """How a classifier is trained.

    Attributes:
        size: on how many images.
        epsilon: the privacy; None for no noise.
        steps: of gradient descent.
        rate: of learning.
        clip: the length to which gradients are shortened.
    """

    size: int
    epsilon: float | None
    steps: int = CLASSIFIER_STEPS
    rate: float = RATE
    clip: float = CLIP


def settings() -> list[Setting]:
    """With privacy; the same without noise, and without clipping either; and trained for longer."""
    sizes = list(CLASSIFIER_SIZES)
    return [
        *itertools.starmap(Setting, itertools.product(sizes, (None, *EPSILONS))),
        *(Setting(size, None, clip=NO_CLIP) for size in sizes),
        *(Setting(size, None, LONGER, WITHOUT, NO_CLIP) for size in sizes),
        *(Setting(n, e, LONGER, WITH_NOISE[n]) for n, e in itertools.product(sizes, EPSILONS)),
    ]


@functools.cache
def vectors() -> list[tuple[np.ndarray, np.ndarray]]:
    """MNIST for training and for testing: unit vectors and labels."""
    return [(unit_vectors(images), labels) for images, labels in load_mnist()]


def classify(setting: Setting, seed: int) -> dict:
    """Train a classifier; its accuracies on old and new images."""
    (x, labels), (new, new_labels) = vectors()
    size, target, *_ = setting
    q, y = CLASSIFIER_SIZES[size], np.eye(10, dtype="f")[labels]
    noise = 0.0 if target is None else noise_for(target, q, setting.steps)
    own = np.random.default_rng(seed).permutation(len(x))[:size]
    options = {"steps": setting.steps, "rate": setting.rate, "clip": setting.clip}
    weights = dp_sgd(x[own], y[own], q=q, noise=noise, seed=seed, **options)
    right = {"accuracy": (new, new_labels), "accuracy_on_members": (x[own], labels[own])}
    shares = {
        k: float(np.mean((v @ weights).argmax(1) == digits)) for k, (v, digits) in right.items()
    }
    return setting._asdict() | {"seed": seed, "noise": noise} | shares


def record() -> None:
    """Train the GANs that are not there yet, thirty of half a minute, and all classifiers."""
    rows, kept = [], {}
    if (RUNS / f"{RUN}.json").exists():
        rows, kept = read_history(RUN)["rows"], load_sheets(RUN)
    known = {(row["size"], row["augmented"], row["seed"]) for row in rows}
    images = to_tanh_range(load_mnist()[0][0])
    plan = itertools.product(SEEDS, SIZES, (False, True))
    for seed, size, augmented in plan:
        if (size, augmented, seed) in known:
            continue
        keras.utils.clear_session()
        row, arrays = attack(size, augmented, seed, images)
        rows, kept = [*rows, row], kept | arrays
        print(row, flush=True)
        write_sheets(kept, RUN, {"versions": library_versions(), "rows": rows})
    record_classifiers()


def record_classifiers() -> None:
    """Train them, some seconds each; what is recorded of the GANs stays as it is."""
    rows = [classify(*place) for place in itertools.product(settings(), SEEDS)]
    made = {"versions_of_classifiers": library_versions(), "classifiers": rows}
    write_json(RUNS / f"{RUN}.json", read_history(RUN) | made)


def main(arguments: list[str]) -> None:
    command_line(__doc__).parse_args(arguments)
    record_classifiers()


if __name__ == "__main__":
    main(sys.argv[1:])
