"""Recipes: all that a training depends on but the data and the seed, to be trained by name.

A recipe counts steps, never seconds, so that a slower machine ends with the same generator later.
`train_recipe` can be interrupted at any moment and goes on from the folder of the run;
`python -m tools.train` does so from the command line.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from gan_helpers import networks
from gan_helpers.callbacks import HistoryFile, StopOnNonFinite
from gan_helpers.checkpoints import Checkpoint, load_latest
from gan_helpers.checks import (
    check_classes,
    check_counts,
    check_kinds,
    check_path,
    check_rate,
    check_seed,
)
from gan_helpers.clusters import find_classes
from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.families.generating import AT_ONCE
from gan_helpers.files import advised, write_json
from gan_helpers.gan import GAN
from gan_helpers.gan_parts.averaging import averaged_generator
from gan_helpers.identity import IDENTITY, described, read_identity, refuse_other, sum_of
from gan_helpers.networks import in_exact_shares
from gan_helpers.repeatable import RepeatableModel

Samples = tuple[np.ndarray, np.ndarray | None]  # and their labels, if there are any


def scaled_mnist() -> tuple[Samples, Samples]:
    """As `load_mnist`, with images as models take them: float32 from -1 to 1, (n, 28, 28, 1)."""
    (x_train, y_train), (x_test, y_test) = load_mnist()
    return (to_tanh_range(x_train), y_train), (to_tanh_range(x_test), y_test)


@dataclass(frozen=True)
class Recipe:
    """What to train, and how.

    Attributes:
        name: to choose it by.
        about: what it is, in a sentence.
        networks: from the number of classes, 0 for none, to the networks that the family's
            constructor takes: of a GAN a generator and a discriminator.
        game: the arguments of the model's `compile`, with optimizers that are new in each call.
        steps: of training; of a GAN those of the generator.
        batch_size: real images in each step of a player.
        replicas: of a GAN, as for `Game`.
        classes: from images, labels and a seed to a class for each image, for a conditional GAN.
        every: steps from one checkpoint, and one row of the history, to the next; divides `steps`.
            The row of a stretch that `stop_after` cut short has its means alone.
        family: makes the model from its networks and a seed: `GAN`, or another
            `gan_helpers.repeatable.RepeatableModel`.
        data: loads what the recipe was made for: samples to learn from with their labels, or
            None for those, and held-out ones.

    Raises:
        ValueError: for numbers, texts and functions that cannot be.
    """

    name: str
    about: str
    networks: Callable[[int], tuple[keras.Model, ...]]
    game: Callable[[], Mapping]
    steps: int
    batch_size: int = 64
    replicas: int = 1
    classes: Callable[[np.ndarray, np.ndarray, int], np.ndarray] | None = None
    every: int = 100
    family: Callable[..., RepeatableModel] = GAN
    data: Callable[[], tuple[Samples, Samples]] = scaled_mnist

    def __post_init__(self):
        check_kinds(str, name=self.name, about=self.about)
        check_kinds(Callable, networks=self.networks, game=self.game)
        check_kinds(Callable, family=self.family, data=self.data)
        if self.classes is not None:
            check_kinds(Callable, classes=self.classes)
        for name in ("steps", "batch_size", "replicas", "every"):
            object.__setattr__(self, name, check_counts(**{name: getattr(self, name)}))
        if self.steps % self.every:
            raise ValueError(f"every, {self.every}, must divide the steps; given {self.steps}.")

    @property
    def threads(self) -> int:
        """Of an operation: 1, so that replicas run at once, or 0, which lets TensorFlow decide."""
        return 1 if self.replicas > 1 else 0

    def set_threads(self) -> None:
        """Let an operation have `threads` in this process, unless TensorFlow is to decide.

        `train_recipe` calls this. It has no effect once TensorFlow has computed something in this
        process; training then takes longer, and ends the same but for rounding.
        """
        if self.threads:
            with contextlib.suppress(RuntimeError):
                tf.config.threading.set_intra_op_parallelism_threads(self.threads)


class Run(NamedTuple):
    """What a training has led to so far.

    Attributes:
        model: the GAN, or another model, after its last step.
        classes: the class of each training image, int32, shape (n,), or None.
        finished: whether all steps of the recipe are done.
    """

    model: Any
    classes: np.ndarray | None
    finished: bool

    def generator(self) -> keras.Model:
        """What a GAN's training was for: the generator, averaged if its optimizer keeps a mean."""
        if self.model.generator_optimizer.use_ema:
            return averaged_generator(self.model, self.classes)
        return self.model.generator

    def samples(self, n: int, seed: int = 0) -> np.ndarray:
        """n new samples of any family; their classes have the shares of the training images.

        Args:
            n: how many.
            seed: of all that is drawn.

        Raises:
            ValueError: for numbers that cannot be.
        """
        if isinstance(self.model, GAN):
            generator = self.generator()
            inputs = networks.draw_inputs(generator, n, seed=seed, classes=self.classes)
            return generator.predict(inputs, batch_size=AT_ONCE, verbose=0)
        if self.classes is None:
            return self.model.generate(n, seed)
        rng = np.random.default_rng(check_seed(seed))
        return self.model.generate(n, seed, classes=in_exact_shares(self.classes, n, rng))


def train_recipe(
    recipe: Recipe,
    images: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    seed: int,
    folder: Path | str | None = None,
    stop_after: int | None = None,
    callbacks: Iterable[keras.callbacks.Callback] | keras.callbacks.Callback = (),
    verbose: int | bool = 0,
) -> Run:
    """Train a recipe, from its beginning or from where the run in a folder was interrupted.

    Args:
        recipe: what to train.
        images: shape (n, height, width, channels), -1 to 1; or what else the family learns from.
        labels: integers from 0, shape (n,); looked at only if the recipe asks for classes. These
            are made anew in each call, to find out whether they are those of the run.
        seed: of the weights, the noise, the order of images, and of finding classes.
        folder: where checkpoints, the history and the identity of the run are kept; nothing is
            kept without. It is made if it does not exist.
        stop_after: end early, after this step, at least 1; a later call goes on.
        callbacks: more of Keras's callbacks, or a single one. Training begins and ends for them
            once more where a part of `every` steps is made separately.
        verbose: as for `keras.Model.fit`.

    Raises:
        ValueError: if the folder holds another run (`gan_helpers.identity.OtherRun` then): one of
            other images, labels, classes, networks or optimizers, or another game; it is left as
            it is. For numbers, images and labels that cannot be, and for a game or a network that
            a checkpoint could not keep; nothing is kept then.
        OSError: if the folder cannot be written, or if what it holds is damaged.
    """
    if not isinstance(recipe, Recipe):
        raise ValueError(
            "recipe must be a gan_helpers.recipes.Recipe; given "
            f"{recipe!r}. RECIPES has those of GANs by name: {sorted(RECIPES)}; of other families, "
            "gan_helpers.family_recipes.FAMILY_RECIPES."
        )
    seed = check_seed(seed)
    if stop_after is not None:
        check_counts(stop_after=stop_after)
    if not isinstance(images, Sized):
        raise ValueError(f"images must be an array, shape (n, ...); given {images!r}.")
    labels = None if recipe.classes is None else check_classes(labels, len(images))
    recipe.set_threads()
    folder = None if folder is None else check_path(folder=folder)
    known = None if folder is None else read_identity(folder)
    classes = None
    if recipe.classes is not None and labels is not None:
        classes = check_classes(recipe.classes(images, labels, seed), len(images))
    callbacks = callbacks if isinstance(callbacks, Iterable) else [callbacks]
    keras.utils.set_random_seed(seed)
    n_classes = 0 if classes is None else int(classes.max()) + 1
    model = recipe.family(*recipe.networks(n_classes), seed=seed)
    replicas = {"replicas": recipe.replicas} if isinstance(model, GAN) else {}
    model.compile(**recipe.game(), **replicas)

    def finish(epoch, logs):
        if model.steps == recipe.steps:
            model.finish(images)

    # It comes before the last checkpoint, which so holds what it adds.
    finishing = keras.callbacks.LambdaCallback(on_epoch_end=finish)
    kept: list[keras.callbacks.Callback] = [StopOnNonFinite(), finishing]
    if folder is not None:
        identity = {
            "recipe": recipe.name,
            "steps": recipe.steps,
            "batch_size": recipe.batch_size,
            "seed": seed,
            "images": len(images),
            "sum_of_images": sum_of(images),
            "sum_of_labels": None if labels is None else sum_of(labels),
            **described(model),
            "classes": None if classes is None else classes.tolist(),
        }
        if known is not None:
            refuse_other(folder, known, identity)
        model = load_latest(folder) or model
        kept += [
            # Training begins when `fit` has refused what it refuses.
            keras.callbacks.LambdaCallback(on_train_begin=lambda _: _keep(folder, identity)),
            # The row comes before the checkpoint: what is trained again replaces it.
            HistoryFile(folder / "history.json"),
            Checkpoint(folder),
        ]
    last = recipe.steps if stop_after is None else min(stop_after, recipe.steps)
    for stretch in _stretches(model.steps, last, recipe.every):
        model.fit(
            images,
            classes,
            batch_size=recipe.batch_size,
            callbacks=[*callbacks, *kept],
            verbose=verbose,
            **stretch,
        )
        if model.stop_training:
            break
    return Run(model, classes, model.steps >= recipe.steps)


def _keep(folder: Path, identity: dict) -> None:
    with advised(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if not (folder / IDENTITY).exists():
        write_json(folder / IDENTITY, identity)


def _stretches(step: int, last: int, every: int) -> Iterator[dict]:
    """Arguments of `fit` from a step to the last: as many epochs of `every` steps as there are.

    What comes before and after is shorter.
    """
    while step < last:
        epoch, begun = divmod(step, every)
        whole = 0 if begun else (last - step) // every
        steps = every if whole else min(every - begun, last - step)
        epochs = whole or 1
        yield {"initial_epoch": epoch, "epochs": epoch + epochs, "steps_per_epoch": steps}
        step += epochs * steps


def _adam_for_both(rate: float, **options: float) -> Callable[[], dict]:
    def game() -> dict:
        return {
            f"{player}_optimizer": keras.optimizers.Adam(rate, **options)
            for player in ("generator", "discriminator")
        }

    return game


def fast_recipe(
    name: str, about: str, pair: Callable, *, steps: int, r1: float, **options
) -> Recipe:
    """A recipe with the game of the fast ones (notebooks/ch05_fast.ipynb).

    Args:
        name, about, steps: as for `Recipe`; both rates fall to 0 in these steps.
        pair: the networks, as for `Recipe`.
        r1: the weight of the penalty, above 0.
        options: of `Recipe`.

    Raises:
        ValueError: for what cannot be.
    """
    check_rate(r1=r1)

    def adam(rate: float, **options) -> keras.optimizers.Adam:
        falling = keras.optimizers.schedules.PolynomialDecay(rate, steps, end_learning_rate=0.0)
        return keras.optimizers.Adam(falling, beta_1=0.0, beta_2=0.99, **options)

    def game() -> dict:
        return {
            "generator_optimizer": adam(12e-3, use_ema=True, ema_momentum=0.998),
            "discriminator_optimizer": adam(3e-3),
            "loss": "relativistic",
            "penalties": {"r1": r1},
            "penalty_every": 4,
            "same_fakes": True,
            "steps_per_execution": 50,
        }

    return Recipe(name, about, pair, game, steps=steps, replicas=2, **options)


def _digits(images: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
    return labels.astype(np.int32)


def _conditional(n_classes: int) -> tuple[keras.Model, keras.Model]:
    return networks.fast_generator(n_classes), networks.fast_discriminator(n_classes)


def _unconditional(n_classes: int) -> tuple[keras.Model, keras.Model]:
    return (
        networks.fast_generator(hidden_units=256, channels=64),
        networks.fast_discriminator(whole=True, filters=24),
    )


_ALL = (
    Recipe(
        "source",
        "the source's networks, repaired, for ten passes",
        lambda n: (networks.source_generator(), networks.source_discriminator()),
        _adam_for_both(1e-4),
        steps=9370,
        every=10,
    ),
    Recipe(
        "compact",
        "the compact pair of chapter 5, for nearly a pass",
        lambda n: (networks.compact_generator(), networks.compact_discriminator()),
        _adam_for_both(2e-3, beta_1=0.5),
        steps=900,
        every=50,
    ),
    fast_recipe(
        "fast-labels",
        "small networks, conditional on the digit",
        _conditional,
        steps=7200,
        r1=0.1,
        classes=_digits,
    ),
    fast_recipe(
        "fast-short",
        "the same in fewer steps",
        _conditional,
        steps=1800,
        r1=0.1,
        classes=_digits,
    ),
    fast_recipe(
        "fast-found",
        "small networks, conditional on classes that are found first, without labels",
        _conditional,
        steps=6800,
        r1=0.1,
        classes=lambda images, labels, seed: find_classes(images, seed=seed),
    ),
    fast_recipe(
        "fast-none",
        "small networks without classes",
        _unconditional,
        steps=5000,
        r1=0.3,
    ),
)
RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _ALL}


def run_name(recipe: str) -> str:
    """The recorded run of a recipe. (The source's is the last rung of the run "ladder".)

    Raises:
        ValueError: for what is no name.
    """
    check_kinds(str, recipe=recipe)
    return recipe.replace("-", "_")
