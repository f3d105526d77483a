"""Every public function and class, called with one wrong argument: accepted for what it means, or
refused in words of the package's own that say which argument it was or what was given.

Public is what the package's modules define without an underscore. `valid_calls` has arguments that
are right; one at a time is replaced by each value of a pool, and by variants of itself. What is
known to be refused less clearly stands in `LEFT`, which may only shrink.
"""

import copy
import importlib
import inspect
import math
import pkgutil
import random
import re
import traceback
import types
import warnings
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf

import gan_helpers

PACKAGE = Path(gan_helpers.__file__).parent
SEED = 20
TRIED = 6  # of the pool's values for each argument; another seed tries others

# Not called here, each with the reason.
RECORDS = "a record that the package fills"
HOOK = "called by Keras"
STEP = "a part of a training step, called in its graph by the package alone"
CHECK = "a check: what it is given to look at is what the other functions here are given"
NOT_CALLED = {
    r"metrics\.evaluation\.(Estimate|Evaluation).*": RECORDS,
    r"metrics\.figures\.(Figure|Comparison|share_reached|measured).*": RECORDS,
    r"metrics\.intervals\.Interval.*": RECORDS,
    r"metrics\.judge\.Seen.*": RECORDS,
    r"gan\.Fakes|recipes\.Run.*|data\.texts\.Poem|families\.ngrams\.Level.*": RECORDS,
    r"data\.timeline\.Work": RECORDS,
    r"identity\.OtherRun": RECORDS,
    r".*\.on_(train|test|epoch)_\w+|gan_parts\.epochs\.Epochs": HOOK,
    r"networks\.invertible\.(Invertible|Scale|Squeeze|Flatten|\w+\.(?!inverse).*)": HOOK,
    r"networks\.invertible\.\w+\.inverse|families\.flow\.Flow\.(?!bits).*": STEP,
    r"networks\.layers\..*|gan\.GAN\.(train_step|test_step|call)": HOOK,
    r"repeatable\.RepeatableModel(\.(get|compile_from)_\w+|\.compile)?": HOOK,
    r"gan\.GAN\.(sample_latent|make_fakes|logits|\w+_step)": STEP,
    r"gan_parts\.(replicas|reporting|devices)\..*": STEP,
    r"families\.(denoiser|one_loss)\..*|families\.(diffusion|flow_matching)\.\w+\.\w+": STEP,
    r"networks\.denoisers\.Waves.*|repeatable\.RepeatableModel\.check_inputs": HOOK,
    r"recipes\.Recipe\.data": HOOK,
    r"families\.(posterior\..*|generating\.Generating(\.samples)?)": STEP,
    r"families\.likelihood\.(Bits|dequantised)": STEP,
    r"families\.vae(_gan)?\.\w+\.(log_\w+|logits|\w+_step|compile)": STEP,
    r"families\.\w+\.\w+\.(losses|samples|codes|call|get_config)": STEP,
    r"(families\.\w+|repeatable)\.\w+\.finish": "called by train_recipe with what it trained on",
    r"repeatable\.RepeatableModel\.(set_.*|one_step)": STEP,
    r"repeatable\.RepeatableModel\.(train|test)_on_batch": "each call goes on from the last one",
    r"game\.Game\.(\w+_loss|penalty|with_penalty|by_name)|networks\.inputs\.with_classes": STEP,
    r"game\.game_and_options|repeatable\.built|losses\.adversarial\.takes_.*": STEP,
    r"identity\..*|checkpoints\.(step_of|check_can_be_kept)": "of a run's folder, by train_recipe",
    r"files\..*|recorded\..*": "called with the package's own names, folders and contents",
    r"networks\.(transformer\.(CausalAttention|Block|Places)|codebook\.Codebook).*": HOOK,
    r"networks\.\w+\.is_(chain|transformer)": "says no of what is no such network",
    r"families\.coded_gpt\.CodedGPT\.(fit|surprise)": "tests/families/test_tiny_gpt.py",
    r"networks\.transformer\.continued|families\.next_token\.(written|Choice\..*)": STEP,
    r"families\.(tiny|coded)_gpt\.\w+\.(losses|samples|log_probabilities)": STEP,
    r"notebook\..*": "called in the book's own cells, and tested with them",
    r"feeding\..*": "called by fit, evaluate and the like with what they are given",
    r"checks\..*|repeatable\.RepeatableModel\.check_batch|game\.Game\.check_batch": CHECK,
}

# Known to be refused less clearly, or not at all: function and argument, with the reason.
LEFT = {
    r"callbacks\.SampleGrid\.latent": "when training begins, for the generator knows its shape",
    r"callbacks\.SampleGrid\.at_steps": "an empty dict holds no step",
    r"networks\.autoencoders\.decoder\.activation": "None is Keras's name for no activation",
    # To be mended together with the next change that makes all notebooks stale.
    r"repeatable\.RepeatableModel\.predict\.x": "a list of lists raises a tensor's error",
}

# What is right takes seconds here; only what must be refused is tried.
SLOW = {
    *("metrics.evaluation.mnist_reference", "metrics.evaluation.mnist_held_out"),
    *("metrics.evaluation.evaluate_generator", "metrics.evaluation.evaluate_images"),
    *("metrics.classifier.train_digit_classifier", "recipes.train_recipe"),
    *("source_listing.train_as_listed", "single_player.train_generator"),
    "metrics.evaluation.Reference",
}

NATURALS = {  # 0 has a meaning
    *("n_classes", "epochs", "hidden_units", "first_step", "gap", "hidden"),
    *("fine", "coarse", "whole"),
}
ABOVE_0 = {"added", "learning_rate", "rate", "sigma", "turns", "limit"}
ANY_SHAPE = {  # beside tensors, whose values are not looked at either
    "data.mixtures.two_clusters_density.x",
    "families.likelihood.bits_per_dimension.log_densities",
    "data.batches.shuffled_batches.images",
    "metrics.score.entropies.probabilities",
    "source_listing.to_judge.images",
}
NOT_USED = {  # by this function, though it is called like others that use it
    *(f"losses.penalties.{name}.seed" for name in ("r1_penalty", "r2_penalty")),
    "losses.penalties.r1_penalty.fake",
    "losses.penalties.r2_penalty.real",
    "recipes.train_recipe.labels",  # of a recipe without classes
    *(
        f"losses.adversarial.{name}_generator_loss.real_logits"
        for name in ("saturating", "non_saturating", "least_squares", "critic")
    ),
}

POOL = {
    "None": None,
    "a text": "text",
    "an empty list": [],
    "an empty dict": {},
    "-1": -1,
    "0": 0,
    "1.5": 1.5,
    "NaN": math.nan,
    "True": True,
    "an object": object(),
    "a huge number": 10**30,
    "an empty array": np.zeros(0),
    "six axes": np.zeros((2,) * 6),
    "an array of texts": np.array(["a", "b"]),
    "an array of objects": np.array([None, {}]),
    "complex numbers": np.array([1 + 2j, 3]),
    "a ragged list": [[1.0], [2.0, 3.0]],
    "a list of texts": ["r1"],
}


# -- what is called --------------------------------------------------------------------------------


def public() -> dict[str, object]:
    """Functions, classes and their methods by name, without the package's."""
    found = {}
    for info in pkgutil.walk_packages(gan_helpers.__path__, "gan_helpers."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != info.name:
                continue
            place = f"{info.name.removeprefix('gan_helpers.')}.{name}"
            if inspect.isclass(value):
                methods = vars(value).items()
                found |= {
                    f"{place}.{method}": function
                    for method, function in methods
                    if not method.startswith("_") and isinstance(function, types.FunctionType)
                }
            if inspect.isclass(value) or callable(value):
                found[place] = value
    return {name: f for name, f in found.items() if inspect.isclass(f) or inspect.isroutine(f)}


def valid_calls(folder: Path) -> dict[str, tuple[object, dict]]:
    """What to call, and arguments that are right, by the name of what is called."""
    # Only here, so that a failing import is this test's failure and not the collection's.
    from gan_helpers import (
        callbacks,
        checkpoints,
        clusters,
        data,
        family_recipes,
        losses,
        metrics,
        networks,
        recipes,
        single_player,
        source_listing,
    )
    from gan_helpers.data import mixtures, texts, timeline
    from gan_helpers.data.windows import windows
    from gan_helpers.families import (
        coded_gpt,
        kneser_ney,
        likelihood,
        next_token,
        ngrams,
        tiny_gpt,
        vae,
        vae_gan,
    )
    from gan_helpers.families.autoencoder import Autoencoder
    from gan_helpers.families.diffusion import Diffusion
    from gan_helpers.families.flow import Flow
    from gan_helpers.families.flow_matching import FlowMatching
    from gan_helpers.game import Game
    from gan_helpers.gan import GAN
    from gan_helpers.gan_parts.averaging import averaged_generator
    from gan_helpers.metrics import classifier, distances, evaluation, intervals, judge, score
    from gan_helpers.metrics import neighbours as near
    from gan_helpers.networks import (
        autoencoders,
        codebook,
        couplings,
        denoisers,
        invertible,
        transformer,
    )
    from gan_helpers.networks.features import feature_discriminator
    from gan_helpers.plots.timeline import timeline_figure

    rng = np.random.default_rng(0)

    def normal(*shape):
        return rng.standard_normal(shape)

    def pictures(n, size=6, channels=1):
        return np.tanh(normal(n, size, size, channels)).astype(np.float32)

    def perceptron(inputs, outputs):
        return networks.multilayer_perceptron(inputs, outputs, hidden=0, width=1)

    def small_gan(**options):
        gan = GAN(perceptron(2, 2), perceptron(2, 1))
        adam = keras.optimizers.Adam(use_ema=True)
        gan.compile(generator_optimizer=adam, discriminator_optimizer="adam", **options)
        return gan

    images = keras.Input((6, 6, 1))
    flat = keras.layers.Flatten()(images)
    dense = keras.layers.Dense
    outputs = {"features": dense(3, activation="tanh")(flat), "logits": dense(3)(flat)}
    eyes = keras.Model(images, outputs)
    looking = metrics.Judge(eyes, "squares")
    painter = keras.Sequential(
        [keras.Input((2,)), dense(36, activation="tanh"), keras.layers.Reshape((6, 6, 1))]
    )
    critic = keras.Sequential([keras.Input((6, 6, 1)), keras.layers.Flatten(), dense(1)])
    real = {name: 0.0 for name in evaluation.FIGURES}
    reference = metrics.Reference(pictures(40), pictures(50), judge=looking, real=real)
    compared = metrics.evaluate_images(pictures(40), reference=reference)
    probabilities = np.full((12, 3), 0.1) + 0.7 * np.eye(3)[np.arange(12) % 3]
    features = {"real": normal(12, 3), "fake": normal(12, 3)}
    blocks = np.arange(12) % 3
    logits = {"real_logits": tf.constant(normal(4, 1)), "fake_logits": tf.constant(normal(4, 1))}
    points = {"real": tf.constant(normal(4, 2)), "fake": tf.constant(normal(4, 2))}
    ring = mixtures.ring()
    halves = {"encoder": perceptron(2, 4), "decoder": perceptron(2, 2)}
    shown = keras.Input((2,))
    seen = keras.Model(shown, [shown, keras.layers.Dense(1)(shown)])
    flat, square = keras.layers.Flatten(), keras.layers.Reshape((6, 6, 1))
    image_vae = vae.VAE(
        keras.Sequential([keras.Input((6, 6, 1)), flat, keras.layers.Dense(2)]),
        keras.Sequential([keras.Input((1,)), keras.layers.Dense(36), square]),
    )
    letters = texts.Vocabulary("ab")
    speaker = transformer.transformer(3, 4, width=4, depth=1, heads=2)
    pairs = ngrams.NGrams(np.arange(12) % 3, n_symbols=3, order=2)
    zipf = np.random.default_rng(0).zipf(1.6, 300).clip(max=60) - 1
    longer = ngrams.NGrams(zipf, n_symbols=60, order=2)
    _, ax = plt.subplots()
    names = ("discriminator_loss", "generator_loss", "accuracy_on_real", "accuracy_on_fake")

    def field(samples, training=True):
        return tf.reduce_sum(tf.square(samples), axis=1, keepdims=True)

    adversarial = importlib.import_module("gan_helpers.losses.adversarial")
    penalties = importlib.import_module("gan_helpers.losses.penalties")
    f_divergences = importlib.import_module("gan_helpers.losses.f_divergences")
    perceptrons = importlib.import_module("gan_helpers.networks.perceptrons")
    kl = vars(losses.F_DIVERGENCES["pearson"])
    gan = small_gan()
    recipe = recipes.Recipe(
        name="tiny",
        about="points",
        networks=lambda n: (perceptron(2, 2), perceptron(2, 1)),
        game=lambda: {"generator_optimizer": "adam", "discriminator_optimizer": "adam"},
        steps=2,
        batch_size=4,
        every=1,
    )
    calls = [
        (callbacks.SampleGrid, {"latent": normal(2, 2), "at_steps": [1], "writer": print}),
        (callbacks.StopOnNonFinite, {}),
        (callbacks.HistoryFile, {"path": folder / "history.json"}),
        (checkpoints.checkpoints, {"folder": folder}),
        (checkpoints.load_latest, {"folder": folder}),
        (checkpoints.save_checkpoint, {"model": gan, "folder": folder}),
        (checkpoints.Checkpoint, {"folder": folder}),
        (clusters.ink_moments, {"images": pictures(4)}),
        (clusters.upright, {"images": pictures(4)}),
        (clusters.find_classes, {"images": pictures(30), "n_classes": 2, "seed": 0}),
        (clusters.spectral_classes, {"codes": normal(30, 4), "n_classes": 2, "seed": 0}),
        (data.shuffled_batches, {"images": normal(5, 2), "batch_size": 2, "seed": 0}
         | {"first_step": 0}),
        (mixtures.two_clusters, {"n": 3, "seed": 0}),
        (mixtures.two_clusters_density, {"x": normal(4)}),
        (mixtures.GaussianMixture, {"name": "two", "centres": normal(2, 2), "sigma": 0.1}),
        (ring.sample, {"n": 3, "seed": 0}),
        (ring.log_density, {"points": normal(3, 2)}),
        (ring.share_on_mode, {"points": normal(3, 2)}),
        (ring.modes_found, {"points": normal(3, 2), "least": 0.2}),
        (mixtures.ring, {"modes": 3}),
        (mixtures.grid, {"side": 3}),
        (mixtures.spiral, {"turns": 2.0}),
        (mixtures.two_moons, {}),
        (data.load_mnist, {"path": data.MNIST}),
        (texts.load_novel, {"path": texts.NOVEL}),
        (texts.load_poems, {"path": texts.POEMS}),
        (texts.split_novel, {"novel": "a line\n" * 20}),
        (texts.split_poems, {"poems": texts.load_poems()[:12]}),
        (texts.Vocabulary, {"symbols": ["a", "b"]}),
        (letters.encode, {"text": ["a", "b", "b", "a"]}),
        (letters.decode, {"codes": np.array([0, 1, 1, 0]), "separator": " "}),
        (ngrams.NGrams, {"codes": np.arange(12) % 3, "n_symbols": 3, "order": 2, "added": 0.5}),
        (pairs.probabilities, {"codes": np.array([0, 1, 2])}),
        (pairs.of_order, {"order": 1}),
        (pairs.with_added, {"added": 0.5}),
        (pairs.bits, {"codes": np.array([0, 1, 2])}),
        (pairs.next_probabilities, {"before": np.array([0, 1])}),
        (pairs.sample, {"n": 3, "seed": 0, "before": np.array([0, 1])}),
        (kneser_ney.kneser_ney, {"ngrams": longer, "codes": np.arange(3), "asked": np.arange(3)}),
        (windows, {"codes": np.arange(9), "length": 4, "every": 2}),
        (transformer.transformer, {"n_tokens": 3, "length": 4, "width": 4, "depth": 1, "heads": 2}
         | {"recency": True}),
        (codebook.codebook, {"shape": (6, 6, 1), "n_codes": 3, "patch": 2}),
        (codebook.fitted_codebook, {"samples": pictures(5), "n_codes": 3, "patch": 2, "seed": 0}),
        (next_token.Choice, {"temperature": 0.5, "top_k": 2, "top_p": 0.5}),
        (tiny_gpt.TinyGPT, {"network": speaker, "seed": 0}),
        (tiny_gpt.TinyGPT(speaker).surprise, {"codes": np.arange(9) % 3, "least": 2}),
        (tiny_gpt.TinyGPT(speaker).bits, {"codes": np.arange(9) % 3, "least": 2}),
        (coded_gpt.CodedGPT, {"codebook": codebook.codebook((4,), n_codes=3), "network": speaker}
         | {"seed": 0}),
        (family_recipes.novel_windows, {}),
        (data.to_tanh_range, {"images": np.arange(8, dtype=np.uint8).reshape(2, 2, 2)}),
        (data.to_uint8, {"images": pictures(2)}),
        (Game, {"loss": "hinge", "penalties": {"r1": 1.0}, "penalty_every": 2}
         | {"discriminator_steps": 1, "same_fakes": False, "replicas": 1}),
        (GAN, {"generator": perceptron(2, 2), "discriminator": perceptron(2, 1), "seed": 0}),
        (gan.compile, {"generator_optimizer": "adam", "discriminator_optimizer": "adam"}),
        (small_gan().fit, {"x": normal(8, 2), "batch_size": 4, "epochs": 1}
         | {"steps_per_epoch": 1}),
        (small_gan().evaluate, {"x": normal(8, 2), "batch_size": 4}),
        (small_gan().predict, {"x": normal(8, 2)}),
        (averaged_generator, {"gan": small_gan()}),
        (likelihood.bits_per_dimension, {"log_densities": normal(3), "dimension": 4}),
        (likelihood.bits_of, {"log_weights": normal(3, 2), "dimension": 4}),
        (vae.VAE, halves | {"beta": 0.5, "sigma": 0.5, "seed": 0}),
        (image_vae.generate, {"n": 2, "seed": 0}),
        (image_vae.bits_per_dimension, {"images": pictures(2), "draws": 2, "seed": 0}),
        (vae_gan.VAEGAN, halves | {"discriminator": seen} | {"seed": 0}
         | {"similarity": 0.5, "fidelity": 0.5, "r1": 0.5}),
        (feature_discriminator, {"features": 2, "channels": 2}),
        (Autoencoder, {"encoder": perceptron(2, 3), "decoder": perceptron(3, 2)}
         | {"components": 2, "seed": 0}),
        (Autoencoder(perceptron(2, 3), perceptron(3, 2)).fit_codes, {"samples": normal(8, 2)}),
        (losses.Loss, {"name": "mine", "discriminator": max, "generator": min, "paired": False}),
        *(
            (getattr(adversarial, name), logits)
            for name in vars(adversarial)
            if name.endswith("_loss")
        ),
        (f_divergences.FDivergence, dict(kl)),
        (losses.f_divergence_loss, {"divergence": losses.F_DIVERGENCES["pearson"]}),
        (losses.maximum_mean_discrepancy, points | {"bandwidths": (1.0, 2.0)}),
        (losses.energy_distance, points),
        (penalties.squared_gradient_norms, {"discriminator": field, "samples": points["real"]}),
        *(
            (penalty, points | {"discriminator": field, "seed": 3})
            for penalty in losses.PENALTIES.values()
        ),
        (importlib.import_module("gan_helpers.losses.safe_sqrt").safe_sqrt,
         {"squares": tf.constant([0.0, 4.0])}),
        (metrics.Judgement, {"reference": reference, "every": 2, "seed": 0, "classes": [0, 1]}),
        (classifier.digit_classifier, {}),
        (classifier.load_digit_classifier, {}),
        (classifier.train_digit_classifier, {"images": pictures(128, 28), "seed": 0, "steps": 1}
         | {"labels": np.arange(128) % 10}),
        (distances.gaussian_frechet_distance, {"mean_1": normal(2), "covariance_1": np.eye(2)}
         | {"mean_2": normal(2), "covariance_2": np.eye(2)}),
        (distances.fit_gaussian, {"features": normal(5, 2), "name": "features"}),
        (distances.frechet_distance, features),
        (distances.kernel_distance, features),
        (distances.jackknifed_frechet_distance, features | {"blocks": blocks}),
        (distances.jackknifed_kernel_distance, features | {"blocks": blocks}),
        (distances.polynomial_kernel, {"a": normal(3, 2), "b": normal(4, 2)}),
        (metrics.Reference, {"held_out": pictures(40), "training": pictures(50)}
         | {"judge": looking, "real": real}),
        (evaluation.mnist_reference, {"n": 2000}),
        (evaluation.mnist_held_out, {"n": 2000}),
        (evaluation.held_out_rows, {"n": 2000}),
        (evaluation.least_images, {"dimension": 3}),
        (evaluation.real_versus_real, {"reference": reference, "draws": 1}),
        (metrics.evaluate_generator, {"generator": painter, "seed": 0, "reference": reference}),
        (metrics.evaluate_images, {"images": pictures(40), "seed": 0, "reference": reference}),
        (intervals.random_blocks, {"n": 9, "seed": 0, "count": 3}),
        (intervals.jackknife_interval, {"value": 0.5, "without": normal(4)}),
        (intervals.bootstrap_resamples, {"n": 9, "seed": 0}),
        (intervals.bootstrap_interval, {"contributions": normal(9, 1), "resamples": np.ones((4, 9))}
         | {"statistic": lambda means: means[..., 0]}),
        (metrics.Judge, {"classifier": eyes, "looks_at": "squares"}),
        (looking.look, {"images": pictures(3)}),
        (judge.digit_judge, {}),
        (near.neighbour_radii, {"features": normal(9, 2), "k": 2}),
        (near.precision_recall, features | {"k": 2, "blocks": blocks, "real_radii": np.ones(12)}),
        (near.density_coverage, features | {"k": 2, "blocks": blocks, "real_radii": np.ones(12)}),
        (near.nearest_distances, {"features": normal(3, 2), "others": normal(4, 2)}),
        *(
            (getattr(score, name), {"probabilities": probabilities})
            for name in ("entropies", "classifier_score", "predicted_classes", "class_shares")
        ),
        (score.classifier_scores_of_splits, {"probabilities": probabilities, "splits": 2}),
        (score.distance_from_uniform, {"shares": probabilities}),
        (networks.compact_generator, {"latent_dim": 2}),
        (networks.compact_discriminator, {}),
        (networks.layer_multiply_adds, {"layer": perceptron(2, 1).layers[-1]}),
        (networks.multiply_adds, {"model": perceptron(2, 1)}),
        (networks.fast_generator, {"n_classes": 2, "latent_dim": 2, "hidden_units": 2}
         | {"channels": 2}),
        (networks.fast_discriminator, {"n_classes": 2, "whole": False, "filters": 2}),
        (networks.draw_inputs, {"generator": painter, "n": 3, "seed": 0}),
        (networks.in_exact_shares, {"classes": np.array([0, 1, 1]), "n": 3}
         | {"rng": np.random.default_rng(0)}),
        (perceptrons.point_generator, {"latent_dim": 2, "width": 2}),
        (perceptrons.point_discriminator, {"width": 2}),
        (perceptrons.line_discriminator, {"width": 2}),
        (networks.multilayer_perceptron, {"inputs": 2, "outputs": 1, "hidden": 1, "width": 2}
         | {"activation": "relu", "name": "small"}),
        (networks.source_generator, {"latent_dim": 2}),
        (networks.source_discriminator, {}),
        (autoencoders.encoder, {"code_dim": 2, "outputs": 1, "channels": 2, "hidden": 3}),
        (autoencoders.decoder, {"code_dim": 2, "channels": 2, "hidden": 3, "activation": "tanh"}),
        (autoencoders.linear_encoder, {"code_dim": 2, "offset": 0.5}),
        (autoencoders.linear_decoder, {"code_dim": 2}),
        (denoisers.point_denoiser, {"n_classes": 2, "width": 2, "hidden": 1}),
        (denoisers.unet, {"n_classes": 2, "channels": (2, 2), "condition_units": 2}),
        (Diffusion, {"network": denoisers.point_denoiser(width=2), "seed": 0}
         | {"momentum": 0.9, "classless": 0.1}),
        (FlowMatching, {"network": denoisers.point_denoiser(width=2), "seed": 0}
         | {"momentum": 0.9, "classless": 0.1}),
        (timeline.load_timeline, {"path": timeline.TIMELINE}),
        (timeline.arxiv_date, {"number": "1406.2661"}),
        (timeline_figure, {"works": timeline.load_timeline()}),

        (recipes.scaled_mnist, {}),
        (couplings.point_flow, {"couplings": 1, "width": 2}),
        (couplings.image_flow, {"shape": (4, 4, 1), "fine": 1, "coarse": 1, "whole": 1}
         | {"fine_width": 2, "coarse_width": 2, "whole_width": 2, "margin": 0.1, "gain": 1.0}
         | {"seed": 0}),
        (invertible.AffineCoupling, {"conditioner": perceptron(1, 2)}),
        (invertible.Shuffle, {"order": [1, 0]}),
        (invertible.Logit, {"low": -1.0, "high": 1.0, "margin": 0.1, "gain": 1.0}),
        (Flow, {"network": couplings.point_flow(1, 2), "seed": 0}),
        (Flow(couplings.image_flow((4, 4, 1))).bits, {"images": pictures(2, 4), "seed": 0}),
        (couplings.chain, {"shape": (2,), "steps": [invertible.Scale()], "name": "small"}),
        *_pictures(ax, normal, pictures, names, compared),
        (recipes.Recipe, {"name": "mine", "about": "points", "networks": max, "game": dict}
         | {"steps": 4, "batch_size": 2, "replicas": 1, "every": 2}),
        (recipe.set_threads, {}),
        (recipes.train_recipe, {"recipe": recipe, "images": normal(8, 2), "seed": 0}
         | {"labels": np.zeros(8, int), "stop_after": 1}),
        (recipes.fast_recipe, {"name": "mine", "about": "points", "pair": max, "steps": 100}
         | {"r1": 0.1}),
        (recipes.run_name, {"recipe": "fast-none"}),
        (single_player.train_discriminator, {"discriminator": perceptron(2, 1)}
         | {"real": normal(5, 2), "fake": normal(5, 2), "loss": "hinge", "penalties": {"r1": 1.0}}
         | {"steps": 1, "batch_size": 2, "learning_rate": 0.1, "seed": 0}),
        (single_player.train_generator, {"generator": perceptron(2, 2), "real": normal(5, 2)}
         | {"distance": losses.energy_distance, "steps": 1, "batch_size": 2}
         | {"learning_rate": 0.1, "seed": 0}),
        (source_listing.Repairs, {"loss_of_logits": True, "frozen": True, "data_range": True}
         | {"same_generator": True}),
        (source_listing.to_judge, {"images": pictures(2), "repairs": source_listing.Repairs()}),
        (source_listing.images_for_judge, {"generator": painter}
         | {"repairs": source_listing.Repairs()}),
        (source_listing.train_as_listed, {"generator": painter, "discriminator": critic, "steps": 1}
         | {"images": np.zeros((5, 6, 6), np.uint8), "repairs": source_listing.Repairs(), "seed": 0}
         | {"rate": 1e-4, "batch_size": 2}),
    ]  # fmt: skip
    return {_place(what): (what, arguments) for what, arguments in calls}


def _pictures(ax, normal, pictures, names, evaluation) -> list[tuple]:
    from gan_helpers import plots

    line = np.linspace(-1, 1, 5)
    return [
        (plots.training_curves, {"steps": [1, 2], "history": {name: [0.5, 0.6] for name in names}}),
        (plots.half_steps, {}),
        (plots.family_schemes, {}),
        (plots.evaluations_chart, {"evaluations": {"one": evaluation}}),
        (plots.class_shares_chart, {"evaluations": {"one": evaluation}}),
        (plots.show_line_game, {"ax": ax, "x": line, "real": line**2, "fake": line**2}
         | {"probability": line**2}),
        (plots.show_plane_game, {"ax": ax, "real": normal(3, 2), "fake": normal(3, 2)}
         | {"discriminator": lambda points: points[:, :1], "limit": 2.0}),
        (plots.show_image, {"ax": ax, "image": pictures(1)[0], "low": -1.0, "high": 1.0}),
        (plots.tile, {"images": pictures(3), "columns": 2, "gap": 1}),
        (plots.film_strip, {"pictures": [pictures(2)] * 2, "titles": ["a", "b"], "columns": 2}),
        (plots.use_book_style, {}),
    ]  # fmt: skip


def _place(what) -> str:
    return f"{what.__module__.removeprefix('gan_helpers.')}.{what.__qualname__}"


# -- what a value may mean -------------------------------------------------------------------------


def may_be_accepted(place: str, right, value, optional: bool) -> bool:
    """Whether this value has a meaning where `right` is right. What has none must be refused."""
    name = place.rpartition(".")[2]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None:
        return optional
    if place in ANY_SHAPE or isinstance(right, tf.Tensor):
        given = np.asarray(value) if not isinstance(value, list) else np.zeros(0, object)
        return number or (given.dtype.kind in "iuf" and given.size > 0)
    if isinstance(right, bool):
        return isinstance(value, bool)
    if isinstance(right, int):
        return number and value == 0 and (name in NATURALS or name == "seed")
    if isinstance(right, float):
        return number and math.isfinite(value) and (value > 0 or name not in ABOVE_0)
    if isinstance(right, str | Path):
        return isinstance(value, str)
    if isinstance(right, list) and isinstance(right[0], str):  # texts
        in_array = getattr(value, "dtype", np.dtype(int)).kind == "U"
        return in_array or (isinstance(value, list) and {type(v) for v in value} == {str})
    if isinstance(right, dict):
        return isinstance(value, dict)  # no penalties, or nothing to say
    return False


def variants(right, any_shape: bool) -> dict[str, tuple[object, bool | None]]:
    """The same in another form, and what is wrong with arrays: values, and whether each is right.

    None for what may be accepted or refused.
    """
    if isinstance(right, bool) or not isinstance(right, int | float | np.ndarray | tf.Tensor):
        return {}
    if isinstance(right, int):
        return {"as NumPy's": (np.int64(right), True), "as a float": (float(right), False)}
    if isinstance(right, float):
        return {"as NumPy's": (np.float32(right), True)}
    array = np.asarray(right)
    found = {
        "more axes": (array[..., None, None, None], None if any_shape else False),
        "no rows": (array[:0], False),
        "as texts": (array.astype(str), False),
    }
    if array.dtype.kind == "f":
        holed = array.copy()
        holed.flat[0] = math.nan
        found |= {
            "NaN in it": (holed, None if any_shape else False),
            "as a list": (array.tolist(), None),
            "in float64": (array.astype(np.float64), True),
            "in float32": (array.astype(np.float32), True),
        }
    return found


def outcome(what, arguments: dict, changed: str) -> tuple[str, object]:
    """("accepted", the result), ("refused", the message) or ("unclear", where and what)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return "accepted", what(**arguments)
    except Exception as error:  # whatever it is, it is sorted
        last = traceback.extract_tb(error.__traceback__)[-1]
        ours = Path(last.filename).is_relative_to(PACKAGE)
        words = str(error)
        said = words.lower()
        value = arguments.get(changed)
        names = {changed, changed.replace("_", " "), "given"}
        says = any(
            n.lower() in said for n in names | ({value} if isinstance(value, str) else set())
        )
        if ours and says and isinstance(error, ValueError | TypeError | OSError):
            return "refused", words
        place = f"{Path(last.filename).name}:{last.lineno}"
        return "unclear", f"{type(error).__name__} from {place}: {words[:90]!r}"
    finally:
        plt.close("all")


def same(one, other) -> bool:
    """Whether two results are the same numbers to within float32's roundings, if they are such."""
    if isinstance(one, tuple | list) and not hasattr(one, "_fields"):
        return len(one) == len(other) and all(map(same, one, other))
    try:
        one, other = np.asarray(one, float), np.asarray(other, float)
    except (TypeError, ValueError):
        return type(one) is type(other)
    return one.shape == other.shape and np.allclose(
        one, other, rtol=1e-3, atol=1e-4, equal_nan=True
    )


# -- the test --------------------------------------------------------------------------------------


def complaints(calls: dict[str, tuple[object, dict]], seed: int) -> dict[str, list[str]]:
    """What is wrong with each function's argument, by their name."""
    found: dict[str, list[str]] = {}
    draw = random.Random(seed)
    for place, (what, right) in calls.items():
        if place not in SLOW:
            first, result = outcome(what, fresh(right), "")
            assert first == "accepted", f"{place}: arguments that are right are refused: {result}"
        for name in (n for n in right if f"{place}.{n}" not in NOT_USED):
            for label, value, meant in trials(what, place, name, right[name], draw):
                if place in SLOW and meant is not False:
                    continue
                how, given = outcome(what, fresh(right) | {name: value}, name)
                wrong = how == "unclear" or meant not in (None, how == "accepted")
                if wrong or (meant and not same(given, result)):
                    problem = f"{label}: {how} {given}"[:200]
                    found.setdefault(f"{place}.{name}", []).append(problem)
    return found


def trials(what, place: str, name: str, right, draw: random.Random):
    """Values for an argument: what each is, itself, and whether it is right; None if it may be."""
    full = f"{place}.{name}"
    parameter = inspect.signature(what).parameters.get(name)
    optional = parameter is not None and parameter.default is None
    for label in draw.sample(sorted(POOL), TRIED):
        meaning = may_be_accepted(full, right, POOL[label], optional)
        yield label, POOL[label], None if meaning else False
    any_shape = full in ANY_SHAPE or isinstance(right, tf.Tensor)
    for label, (value, meant) in variants(right, any_shape).items():
        yield label, value, meant


def fresh(arguments: dict) -> dict:
    """The same arguments, but what a call would use up."""
    return {
        name: copy.deepcopy(value) if isinstance(value, np.random.Generator) else value
        for name, value in arguments.items()
    }


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    plt.switch_backend("agg")
    keras.utils.disable_interactive_logging()
    yield valid_calls(tmp_path_factory.mktemp("bad_calls"))
    keras.utils.enable_interactive_logging()  # as other modules' tests expect it


def test_every_public_function_is_called_or_has_a_reason(calls):
    names = public()
    left_out = {n for n in names if any(re.fullmatch(p, n) for p in NOT_CALLED)}
    assert names.keys() - left_out - calls.keys() == set(), "neither called nor excused"
    assert calls.keys() & left_out == set(), "called and excused"
    for pattern in NOT_CALLED:
        assert any(re.fullmatch(pattern, name) for name in names), f"{pattern}: nothing is so named"


def test_whatever_is_given_is_accepted_or_refused_clearly(calls):
    found = complaints(calls, SEED)
    new = [name for name in found if not any(re.fullmatch(left, name) for left in LEFT)]
    assert not new, "\n".join(f"{name}\n  " + "\n  ".join(found[name]) for name in new)
    mended = [left for left in LEFT if not any(re.fullmatch(left, name) for name in found)]
    assert not mended, f"LEFT may shrink: {mended}"
