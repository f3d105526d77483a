"""Search for a recipe that is good in three minutes: train one idea, judge it, keep the row.

    python -m tools.search LEAGUE [NAME=VALUE ...] [--seeds 101 102] [--seconds 180]

An idea is the base of its league (`BASES`) with something changed. Every run adds a row to
gan_helpers/assets/runs/search.jsonl, the losers' too. The clock runs from the first line after
imports and loading of data: finding classes, building and tracing count, judging does not. Run it
on a machine that does nothing else, and leave the seeds 1 to 5 to `tools.record`. The book's
recipes, in gan_helpers/recipes.py, are what came out of it. They count steps instead of seconds,
and have two replicas; the bases have one, since the trainings with a single change are compared
with them.
"""

import argparse
import dataclasses
import functools
import json
import time

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from matplotlib import pyplot as plt
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import PCA

import gan_helpers  # noqa: F401  (quiets TensorFlow before its import)
from gan_helpers.clusters import spectral_classes, upright
from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.gan import in_replicas
from gan_helpers.losses import LOSSES, r1_penalty, r2_penalty
from gan_helpers.metrics import evaluate_generator
from gan_helpers.networks.fast import BatchDeviation, OfClass
from gan_helpers.plots import tile
from gan_helpers.recorded import RUNS

WORDS = {  # what fields of an idea may be; those that name networks are checked in making them
    "finder": {"plain", "upright", "spectral"},
    "cells": {"", "g", "d", "gd"},
    "g_norm": {"batch", "none", "conditional"},
    "squash": {"tanh", "hard_tanh", "over"},
    "loss": set(LOSSES),
    "decay": {"cosine", "linear", "late"},
    "optimizer": {"adam", "keras-adam", "muon"},
    "reuse": {"", "fakes", "both"},
}
RESULTS = RUNS / "search.jsonl"


@dataclasses.dataclass(frozen=True)
class Idea:
    """Everything that a run depends on but the seed."""

    league: str = "labels"  # or "found", "none"
    clusters: int = 40  # how many classes are found
    codes: int = 40  # principal components that they are found in
    finder: str = "plain"  # k-means; "upright": slant and place are taken out before; "spectral"
    modes: int = 0  # values of a discrete part of the noise, of which no one is told
    latent: int = 64
    embedding: int = 64  # numbers at most that tell the generator a class
    generator: str = "transposed"
    g_width: int = 96  # channels at 7 by 7
    g_end: int = 0  # channels at 28 by 28, before one more convolution
    cells: str = ""  # in which networks, "g", "d" or "gd", 2 by 2 pixels count as one place
    g_cell: int = 2  # size of the kernel that makes such places
    d_cell: int = 2  # size of the kernel that looks at them
    g_norm: str = "batch"
    squash: str = "tanh"  # how pixels are held between -1 and 1; "over": 1.1 tanh, cut off
    discriminator: str = "strided"
    d_width: int = 32  # channels after the first layer
    d_growth: int = 2  # how many times as many after the second
    stddev: bool = False  # minibatch statistics for the discriminator
    spectral: bool = False
    shared: bool = False  # an output for every class is added to the class's own
    teach: float = 0.0  # weight of the discriminator's telling real images' classes apart
    loss: str = "relativistic"
    r1: float = 0.1
    r2: float = 0.0
    every: int = 1  # steps from one penalty to the next
    batch: int = 64
    rate: float = 2e-3
    d_rate: float = 1.0  # the discriminator's rate over the generator's
    last_rate: float = 0.0  # the last rate over the first
    decay: str = "cosine"  # or "linear", or "late": linear in the last half
    optimizer: str = "adam"  # or "keras-adam", "muon"
    momentum: float = 0.0  # Muon's
    beta_1: float = 0.0
    beta_2: float = 0.99
    average: float = 0.999  # memory of the running mean of the generator's weights
    simultaneous: bool = False  # both players move from the same state: fakes are made once
    reuse: str = ""  # "fakes": both players learn from the same ones; "both": the real logits too
    one_pass: bool = False  # real and fake in one pass of the discriminator
    half: bool = False  # layers compute in bfloat16
    jit: bool = False
    steps_per_execution: int = 25  # of the compiled program
    intra_op: int = 0  # threads that share one operation; 0: TensorFlow decides
    inter_op: int = 0  # operations at once; 0: TensorFlow decides
    replicas: int = 1  # parts of a batch that go through a network separately

    def __post_init__(self):
        for name, allowed in WORDS.items():
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"{name} must be one of {sorted(allowed)}; given {getattr(self, name)!r}."
                )


# -- networks --------------------------------------------------------------------------------------


def _act(x, norm="none"):
    if callable(norm):
        x = norm(x)
    elif norm == "batch":
        x = layers.BatchNormalization(scale=True)(x)
    return layers.LeakyReLU(negative_slope=0.2)(x)


def _in_single(x):
    """In single precision, whatever the layers before it compute in."""
    return layers.Activation("linear", dtype="float32")(x)


def _conv(filters, size, stride=1, **options):
    options = {"padding": "same", "kernel_initializer": "he_normal"} | options
    return layers.Conv2D(filters, size, stride, **options)


def _up(filters, size=4, **options):
    options = {"padding": "same", "kernel_initializer": "he_normal"} | options
    return layers.Conv2DTranspose(filters, size, 2, **options)


class DepthToSpace(keras.layers.Layer):
    def __init__(self, block, **kwargs):
        super().__init__(**kwargs)
        self.block = block

    def call(self, x):
        return tf.nn.depth_to_space(x, self.block)


class SpaceToDepth(DepthToSpace):
    def call(self, x):
        return tf.nn.space_to_depth(x, self.block)


class MixPlaces(keras.layers.Layer):
    """The same dense layer over the places of every channel."""

    def build(self, shape):
        places = shape[1] * shape[2]
        self.mix = self.add_weight(shape=(places, places), initializer="he_normal", name="mix")
        self.bias = self.add_weight(shape=(places, 1), initializer="zeros", name="bias")

    def call(self, x):
        n, h, w, c = tf.shape(x)[0], *x.shape[1:]
        flat = tf.reshape(x, (n, h * w, c))
        return tf.reshape(tf.einsum("npc,pq->nqc", flat, self.mix) + self.bias, (n, h, w, c))


class ClassScale(keras.layers.Layer):
    """A factor and a term for every channel and class, after batch normalisation."""

    def __init__(self, n_classes, **kwargs):
        super().__init__(**kwargs)
        self.n_classes = n_classes

    def build(self, x_shape, classes_shape):
        size = (self.n_classes, x_shape[-1])
        self.factor = self.add_weight(shape=size, initializer="ones", name="factor")
        self.term = self.add_weight(shape=size, initializer="zeros", name="term")

    def call(self, x, classes):
        size = (-1, *[1] * (len(x.shape) - 2), x.shape[-1])
        factor, term = (tf.reshape(tf.gather(w, classes), size) for w in (self.factor, self.term))
        return x * factor + term


def over(x):
    return tf.clip_by_value(1.1 * tf.tanh(x), -1, 1)


def make_generator(idea: Idea, n_classes: int) -> keras.Model:
    latent = keras.Input((idea.latent,))
    classes = keras.Input((), dtype="int32")
    x = latent
    if n_classes:
        embedded = layers.Embedding(
            n_classes,
            min(n_classes, idea.embedding),
            embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0),
        )(classes)
        x = layers.Concatenate()([latent, embedded])
    w, norm = idea.g_width, idea.g_norm
    bias = {"use_bias": norm not in ("batch", "conditional")}
    if norm == "conditional":

        def norm(x):
            x = layers.BatchNormalization(scale=False, center=False)(x)
            return ClassScale(n_classes)(x, classes)

    squash = idea.squash if idea.squash != "over" else over
    out = {"activation": squash, "kernel_initializer": "glorot_uniform"}
    kind = idea.generator
    if kind == "dense":
        for _ in range(3):
            x = _act(layers.Dense(w, kernel_initializer="he_normal", **bias)(x), norm)
        x = layers.Reshape((28, 28, 1))(layers.Dense(784, activation="tanh")(x))
        return keras.Model([latent, classes], _in_single(x))
    if kind.startswith("deep-"):
        x = _act(layers.Dense(256, kernel_initializer="he_normal", **bias)(x), norm)
        kind = kind[5:]
    x = layers.Dense(49 * w, kernel_initializer="he_normal", **bias)(x)
    x = layers.Reshape((7, 7, w))(x)
    x = _act(x, norm)
    if kind.startswith("mixer-"):
        x = x + _act(MixPlaces()(x), norm)
        kind = kind[6:]
    if kind == "transposed" and "g" in idea.cells:
        x = _act(_up(w // 2, **bias)(x), norm)
        x = _act(_conv(4 * idea.g_end, idea.g_cell)(x))
        x = layers.Activation("tanh")(DepthToSpace(2)(_conv(4, 3)(x)))
    elif kind == "transposed":
        x = _act(_up(w // 2, **bias)(x), norm)
        x = _conv(1, 3, **out)(_act(_up(idea.g_end)(x))) if idea.g_end else _up(1, **out)(x)
    elif kind == "transposed-end":  # a convolution at 28 by 28 at the end
        x = _act(_up(w // 2, **bias)(x), norm)
        x = _act(_up(w // 4, **bias)(x), norm)
        x = _conv(1, 3, **out)(x)
    elif kind == "resize":
        x = _act(_conv(w // 2, 3, **bias)(layers.UpSampling2D()(x)), norm)
        x = _conv(1, 3, **out)(layers.UpSampling2D()(x))
    elif kind == "shuffle":
        x = _act(DepthToSpace(2)(_conv(2 * w, 3, **bias)(x)), norm)
        x = layers.Activation("tanh")(DepthToSpace(2)(_conv(4, 3)(x)))
    elif kind == "patches":  # all work at 7 by 7, then patches of 4 by 4
        x = _act(_conv(w, 3, **bias)(x), norm)
        x = _act(_conv(w, 3, **bias)(x), norm)
        x = layers.Activation("tanh")(DepthToSpace(4)(_conv(16, 1)(x)))
    elif kind == "residual":
        x = x + _conv(w, 3)(_act(_conv(w, 3, **bias)(x), norm))
        x = _act(_up(w // 2, **bias)(_act(x)), norm)
        x = x + _conv(w // 2, 3)(_act(_conv(w // 2, 3, **bias)(x), norm))
        x = _up(1, **out)(_act(x))
    elif kind == "depthwise":
        x = layers.UpSampling2D()(x)
        x = layers.DepthwiseConv2D(3, padding="same")(x)
        x = _act(_conv(w // 2, 1, **bias)(x), norm)
        x = _up(1, **out)(x)
    else:
        raise ValueError(f"no generator is named {kind!r}")
    return keras.Model([latent, classes], _in_single(x))


def make_discriminator(idea: Idea, n_classes: int) -> keras.Model:
    images = keras.Input((28, 28, 1))
    classes = keras.Input((), dtype="int32")
    w, kind = idea.d_width, idea.discriminator
    normal = layers.SpectralNormalization if idea.spectral else (lambda layer: layer)
    x = images
    if kind.startswith("strided"):
        if "d" in idea.cells:
            x = _act(normal(_conv(w, idea.d_cell))(SpaceToDepth(2)(x)))
        else:
            x = _act(normal(_conv(w, 4, 2))(x))
        kernel = 3 if kind == "strided-narrow" else 4
        x = _act(normal(_conv(idea.d_growth * w, kernel, 2))(x))
        if kind == "strided-mixer":
            x = x + _act(MixPlaces()(x))
        elif kind == "strided-squeeze-hidden":  # fewer channels before the dense layer
            x = _act(normal(_conv(w // 2, 1))(x))
        elif kind == "strided-beside":  # a dense network beside the convolutions
            beside = layers.Flatten()(images)
            for units in (256, 256):
                beside = _act(normal(layers.Dense(units, kernel_initializer="he_normal"))(beside))
            x = layers.Concatenate()([layers.Flatten()(x), beside])
        elif kind == "strided-three":
            x = _act(normal(_conv(4 * w, 3))(x))
        elif kind == "strided-shrink":  # a third stride, to 4 by 4
            x = _act(normal(_conv(4 * w, 4, 2))(x))
        elif kind not in ("strided", "strided-narrow", "strided-hidden", "strided-wide-hidden"):
            raise ValueError(f"no discriminator is named {kind!r}")
    elif kind == "patches":  # all work at 7 by 7
        x = _act(normal(_conv(2 * w, 4, 4))(x))
        x = _act(normal(_conv(4 * w, 3))(x))
        x = _act(normal(_conv(4 * w, 3))(x))
    elif kind == "residual":
        x = _act(normal(_conv(w, 4, 2))(x))
        x = _act(normal(_conv(2 * w, 4, 2))(x))
        x = _act(x + normal(_conv(2 * w, 3))(_act(normal(_conv(2 * w, 3))(x))))
    elif kind == "dense":
        x = layers.Flatten()(x)
        for units in (16 * w, 16 * w):
            x = _act(normal(layers.Dense(units, kernel_initializer="he_normal"))(x))
    elif kind == "depthwise":
        x = _act(normal(_conv(w, 4, 2))(x))
        x = layers.DepthwiseConv2D(4, 2, padding="same")(x)
        x = _act(normal(_conv(4 * w, 1))(x))
    else:
        raise ValueError(f"no discriminator is named {kind!r}")
    if idea.stddev:
        x = BatchDeviation()(x)
    x = layers.Flatten()(x)
    if kind.endswith("hidden"):  # so that what is far apart in the image is judged together
        units = 512 if "wide" in kind else 256
        x = _act(normal(layers.Dense(units, kernel_initializer="he_normal"))(x))
    features = x
    x = normal(layers.Dense(n_classes or 1))(x)
    if n_classes:
        x = OfClass()(x, classes)
    if n_classes and idea.shared:
        x = x + normal(layers.Dense(1))(features)
    if n_classes and idea.teach:
        x = layers.Concatenate()([x, layers.Dense(n_classes)(features)])
    return keras.Model([images, classes], _in_single(x))


# -- classes ---------------------------------------------------------------------------------------


def find_classes(images: np.ndarray, labels: np.ndarray, idea: Idea, seed: int) -> np.ndarray:
    """A class for each image, by the league's rules."""
    if idea.league == "none":
        rng = np.random.default_rng(seed)
        return rng.integers(max(idea.modes, 1), size=len(images)).astype(np.int32)
    if idea.league == "labels" and idea.clusters == 10:
        return labels.astype(np.int32)
    flat = (images if idea.finder == "plain" else upright(images)).reshape(len(images), -1)
    rng = np.random.default_rng(seed)
    some = rng.permutation(len(flat))[:15_000]
    codes = PCA(idea.codes, svd_solver="randomized", random_state=seed).fit(flat[some])
    codes = codes.transform(flat)
    if idea.finder == "spectral":
        return spectral_classes(codes, idea.clusters, seed=seed)
    if idea.league == "found":
        means = MiniBatchKMeans(idea.clusters, batch_size=4096, n_init=3, random_state=seed)
        return means.fit(codes).labels_.astype(np.int32)
    each, classes = idea.clusters // 10, np.zeros(len(images), np.int32)
    for label in range(10):
        rows = labels == label
        means = MiniBatchKMeans(each, batch_size=4096, n_init=3, random_state=seed)
        classes[rows] = label * each + means.fit(codes[rows]).labels_
    return classes


# -- training --------------------------------------------------------------------------------------


class FusedAdam:
    """Adam with one operation a weight."""

    def __init__(self, weights, beta_1, beta_2):
        self.weights, self.betas = weights, (beta_1, beta_2)
        self.slots = [
            (tf.Variable(tf.zeros_like(w)), tf.Variable(tf.zeros_like(w))) for w in weights
        ]

    def apply(self, slopes, rate, number):
        powers = [tf.pow(tf.constant(b), number) for b in self.betas]
        for w, slope, (m, v) in zip(self.weights, slopes, self.slots, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=w.value.handle,
                m=m.handle,
                v=v.handle,
                beta1_power=powers[0],
                beta2_power=powers[1],
                lr=rate,
                beta1=self.betas[0],
                beta2=self.betas[1],
                epsilon=1e-8,
                grad=slope,
            )


class Muon:
    """Adam for vectors and the last layer; matrices move by steps with all singular values near 1.

    K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024. Not Keras's
    own, which leaves convolutions to Adam.
    """

    def __init__(self, weights, beta_1, beta_2, momentum):
        self.weights, self.momentum = weights, momentum
        self.matrices = [w for w in weights if len(w.shape) > 1 and min(w.shape[-2:]) > 10]
        names = {id(w) for w in self.matrices}
        self.adam = FusedAdam([w for w in weights if id(w) not in names], beta_1, beta_2)
        self.means = [tf.Variable(tf.zeros_like(w)) for w in self.matrices]

    def apply(self, slopes, rate, number):
        of = {id(w): slope for w, slope in zip(self.weights, slopes, strict=True)}
        self.adam.apply([of[id(w)] for w in self.adam.weights], rate, number)
        for w, mean in zip(self.matrices, self.means, strict=True):
            slope = of[id(w)]
            if self.momentum:
                mean.assign(self.momentum * mean + (1 - self.momentum) * slope)
                slope = self.momentum * mean + (1 - self.momentum) * slope
            x = tf.reshape(slope, (-1, slope.shape[-1]))
            tall = x.shape[0] > x.shape[1]
            if tall:
                x = tf.transpose(x)
            x /= tf.norm(x) + 1e-12
            for _ in range(5):
                gram = x @ tf.transpose(x)
                x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
            if tall:
                x = tf.transpose(x)
            # The mean square of Adam's step is about 1; this one's is as large times 0.2.
            scale = 0.2 * np.sqrt(max(x.shape))
            w.value.assign_sub(rate * scale * tf.reshape(x, w.shape))


class KerasAdam:
    def __init__(self, weights, beta_1, beta_2):
        self.weights = weights
        self.adam = keras.optimizers.Adam(1e-3, beta_1=beta_1, beta_2=beta_2)
        self.adam.build(weights)

    def apply(self, slopes, rate, number):
        self.adam.learning_rate.assign(rate)
        self.adam.apply(slopes, self.weights)


def train(idea: Idea, images, labels, *, seed: int, seconds: float):
    """Train for so long; gives a function (n, seed) to images, and what the run took."""
    began = time.perf_counter()
    keras.utils.set_random_seed(seed)
    found = find_classes(images, labels, idea, seed)
    finding = time.perf_counter() - began
    n_classes = 0 if idea.league == "none" else int(found.max()) + 1
    keras.config.set_dtype_policy("mixed_bfloat16" if idea.half else "float32")
    generator = make_generator(idea, n_classes or idea.modes)
    discriminator = make_discriminator(idea, n_classes)
    keras.config.set_dtype_policy("float32")  # for the judge
    g_weights, d_weights = generator.trainable_variables, discriminator.trainable_variables
    adam = {
        "adam": FusedAdam,
        "keras-adam": KerasAdam,
        "muon": functools.partial(Muon, momentum=idea.momentum),
    }[idea.optimizer]
    g_adam, d_adam = (adam(w, idea.beta_1, idea.beta_2) for w in (g_weights, d_weights))
    averages = [tf.Variable(w.value) for w in g_weights]
    loss = LOSSES[idea.loss]
    all_images, all_classes = tf.constant(images), tf.constant(found)
    B, chunk = idea.batch, idea.steps_per_execution

    def make(latent, classes):
        return in_replicas(generator, [latent, classes], idea.replicas)

    def look(images, classes):
        """A logit, and what else the discriminator says."""
        outputs = in_replicas(discriminator, [images, classes], idea.replicas)
        return outputs[:, :1], outputs[:, 1:]

    def judged(real, fakes, classes):
        if idea.one_pass:
            both = tf.concat([real, fakes], 0), tf.concat([classes, classes], 0)
            logits, classified = look(*both)
            return logits[:B], logits[B:], classified[:B]
        (real_logits, classified), (fake_logits, _) = (look(x, classes) for x in (real, fakes))
        return real_logits, fake_logits, classified

    def taught(classified, classes):
        """What it costs the discriminator to take real images for those of other classes."""
        if not idea.teach:
            return 0.0
        return idea.teach * tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(logits=classified, labels=classes)
        )

    def penalties(real, fakes, classes):
        def judge(images, training):
            return look(images, classes)[0]

        total = 0.0
        if idea.r1:
            total += idea.r1 * idea.every * r1_penalty(judge, real, fakes)
        if idea.r2:
            total += idea.r2 * idea.every * r2_penalty(judge, real, fakes)
        return total

    def with_penalties(slopes, due, real, fakes, classes):
        """The discriminator's slopes, with those of the penalties added where they are due."""
        if not (idea.r1 or idea.r2):
            return slopes

        def added():
            with tf.GradientTape() as tape:
                extra = penalties(real, fakes, classes)
            more = tape.gradient(extra, d_weights)  # None for weights that slopes do not depend on
            return [a if b is None else a + b for a, b in zip(slopes, more, strict=True)]

        return tf.cond(due, added, lambda: slopes)

    def step(real, classes, rate, number):
        latent = tf.random.stateless_normal(
            (2, B, idea.latent), seed=(seed, tf.cast(number, tf.int32))
        )
        power = tf.cast(number + 1, tf.float32)
        due = tf.equal(number % idea.every, 0)
        if idea.simultaneous:
            with tf.GradientTape(persistent=True) as tape:
                fakes = make(latent[0], classes)
                real_logits, fake_logits, classified = judged(real, fakes, classes)
                d_loss = loss.discriminator(real_logits, fake_logits) + taught(classified, classes)
                g_loss = loss.generator(real_logits, fake_logits)
            d_slopes, g_slopes = tape.gradient(d_loss, d_weights), tape.gradient(g_loss, g_weights)
            d_slopes = with_penalties(d_slopes, due, real, tf.stop_gradient(fakes), classes)
            d_adam.apply(d_slopes, rate * idea.d_rate, power)
        else:
            with tf.GradientTape() as making:
                made = make(latent[0], classes)
            fakes = tf.stop_gradient(made)
            with tf.GradientTape() as tape:
                real_logits, fake_logits, classified = judged(real, fakes, classes)
                d_loss = loss.discriminator(real_logits, fake_logits) + taught(classified, classes)
                if idea.every == 1:
                    d_loss += penalties(real, fakes, classes)
            d_slopes = tape.gradient(d_loss, d_weights)
            if idea.every > 1:
                d_slopes = with_penalties(d_slopes, due, real, fakes, classes)
            d_adam.apply(d_slopes, rate * idea.d_rate, power)
            if not idea.reuse:
                with tf.GradientTape() as making:
                    made = make(latent[1], classes)
            if idea.reuse != "both":
                real_logits = look(real, classes)[0] if loss.paired else None
            with tf.GradientTape() as tape:
                tape.watch(made)
                g_loss = loss.generator(real_logits, look(made, classes)[0])
            g_slopes = making.gradient(made, g_weights, tape.gradient(g_loss, made))
        g_adam.apply(g_slopes, rate, power)
        for average, w in zip(averages, g_weights, strict=True):
            # Short at first, so that the mean forgets the start.
            keep = tf.minimum(idea.average, power / (power + 10.0))
            average.assign(average + (1 - keep) * (w.value - average))

    @tf.function(jit_compile=idea.jit)
    def run(rows, rates, first):
        for i in tf.range(chunk):
            step(
                tf.gather(all_images, rows[i]), tf.gather(all_classes, rows[i]), rates[i], first + i
            )

    building = time.perf_counter() - began - finding
    rng = np.random.default_rng(seed)
    order, number, chunk_time = np.array([], int), 0, None
    traced = None
    while True:
        elapsed = time.perf_counter() - began
        if elapsed + (chunk_time or 0) > seconds:
            break
        share = elapsed / seconds
        left = {
            "cosine": 0.5 * (1 + np.cos(np.pi * share)),
            "linear": 1 - share,
            "late": min(1.0, 2 - 2 * share),
        }[idea.decay]
        rate = idea.rate * (idea.last_rate + (1 - idea.last_rate) * left)
        while len(order) < chunk * B:
            order = np.concatenate([order, rng.permutation(len(images))])
        rows, order = order[: chunk * B].reshape(chunk, B), order[chunk * B :]
        before = time.perf_counter()
        run(
            tf.constant(rows, tf.int32),
            tf.constant(np.full(chunk, rate), tf.float32),
            tf.constant(number, tf.int32),
        )
        took = time.perf_counter() - before
        if traced is None:
            traced = took
        else:
            chunk_time = took if chunk_time is None else 0.7 * chunk_time + 0.3 * took
        number += chunk
    if traced is None:
        raise ValueError(f"{seconds:g} seconds were over before the first step, at {elapsed:.0f}.")

    for average, w in zip(averages, g_weights, strict=True):
        w.assign(average)
    norms = [x for x in generator.layers if isinstance(x, layers.BatchNormalization)]
    frequencies = np.bincount(found) / len(found)
    if norms:  # the averaged weights have statistics of their own
        for batch in range(20):
            for norm in norms:
                norm.momentum = batch / (batch + 1)
            latent = tf.random.stateless_normal((500, idea.latent), seed=(seed, -1 - batch))
            generator([latent, tf.constant(draw_classes(frequencies, 500, batch))], training=True)
    total = time.perf_counter() - began

    def images_of(n, seed):
        latent = np.random.default_rng(seed).standard_normal((n, idea.latent), np.float32)
        classes = draw_classes(frequencies, n, seed)
        parts = [slice(start, start + 500) for start in range(0, n, 500)]
        return np.concatenate(
            [
                generator([tf.constant(latent[p]), tf.constant(classes[p])], training=False)
                for p in parts
            ]
        )

    return images_of, {
        "seconds": total,
        "finding": finding,
        "tracing": traced,
        "steps": number,
        "images_per_second": (number - chunk) * B / (total - finding - building - traced),
    }


def draw_classes(frequencies, n, seed):
    return (
        np.random.default_rng(seed + 77).choice(len(frequencies), n, p=frequencies).astype(np.int32)
    )


_BASE = Idea(
    clusters=10,
    latent=32,
    g_width=64,
    g_end=8,
    d_width=24,
    every=4,
    rate=12e-3,
    d_rate=0.25,
    decay="linear",
    average=0.998,
    reuse="fakes",
)
BASES = {
    "labels": _BASE,
    "found": dataclasses.replace(_BASE, league="found", finder="spectral", clusters=16),
    "none": dataclasses.replace(
        _BASE,
        league="none",
        generator="deep-transposed",
        discriminator="strided-squeeze-hidden",
        stddev=True,
        r1=0.3,
    ),
}


def parse_changes(changes: list[str]) -> dict:
    """The values of NAME=VALUE by name, of the type that an idea has.

    Raises:
        ValueError: for a name that is not known, and a value that is none of its type.
    """
    kinds = {field.name: type(field.default) for field in dataclasses.fields(Idea)}
    parsed = {}
    for change in changes:
        name, _, value = change.partition("=")
        if name not in kinds:
            raise ValueError(f"no part of an idea is named {name!r}; there are {sorted(kinds)}.")
        if kinds[name] is bool:
            if value not in ("True", "False"):
                raise ValueError(f"{name} must be True or False; given {value!r}.")
            parsed[name] = value == "True"
        else:
            parsed[name] = kinds[name](value)
    return parsed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("league", choices=list(BASES))
    parser.add_argument("changes", nargs="*", help="NAME=VALUE, changes to the league's base")
    parser.add_argument("--seeds", type=int, nargs="+", default=[101])
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--sheet", help="a PNG file for two hundred images")
    options = parser.parse_args()
    try:
        changes = parse_changes(options.changes)
        idea = dataclasses.replace(BASES[options.league], **changes)
    except ValueError as error:
        parser.error(str(error))
    tf.config.threading.set_intra_op_parallelism_threads(idea.intra_op)
    tf.config.threading.set_inter_op_parallelism_threads(idea.inter_op)
    (x, labels), _ = load_mnist()
    images = to_tanh_range(x)
    for seed in options.seeds:
        draw, took = train(idea, images, labels, seed=seed, seconds=options.seconds)
        evaluation = evaluate_generator(draw, seed=0)
        figures = {name: round(e.value, 5) for name, e in evaluation.estimates().items()}
        row = {"changes": changes, "seed": seed} | took | figures
        row["least_share"] = float(evaluation.class_shares.min())
        row["largest_share"] = float(evaluation.class_shares.max())
        row = {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}
        row["idea"] = dataclasses.asdict(idea)  # all of it: the leagues' bases may change
        with open(RESULTS, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)
        if options.sheet:
            plt.imsave(options.sheet, -tile(draw(200, 5), columns=20), cmap="gray")


if __name__ == "__main__":
    main()
