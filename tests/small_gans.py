"""Small pairs that train in a second, for tests of whatever trains."""

import keras
import numpy as np

from gan_helpers.gan import GAN

LATENT = 5


IMAGES = np.random.default_rng(0).uniform(-1, 1, (12, 28, 28, 1)).astype("float32")


CLASSES = np.arange(12) % 3


def small_networks(dropout_seed=None):
    """A pair with everything that can go wrong: BatchNorm in the generator, two dropouts."""
    layers = keras.layers
    generator = keras.Sequential(
        [
            keras.Input((LATENT,)),
            layers.Dense(49, use_bias=False),  # a bias before BatchNorm has no effect
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Reshape((7, 7, 1)),
            layers.Conv2DTranspose(1, 4, strides=4, padding="same", activation="tanh"),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(2, 4, strides=4),
            layers.Dropout(0.3, seed=dropout_seed),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(1),
        ]
    )
    return generator, discriminator


def small_gan(seed=3, **compile_options) -> GAN:
    keras.utils.set_random_seed(seed)
    gan = GAN(*small_networks(), seed=seed)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(1e-2),
        discriminator_optimizer=keras.optimizers.Adam(1e-2),
        **compile_options,
    )
    return gan


def conditional_gan(seed=3, **compile_options) -> GAN:
    """The small pair with three classes: one number more for the generator, a logit each."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    generator, discriminator = small_networks()
    latent, images = keras.Input((LATENT - 1,)), keras.Input((28, 28, 1))
    classes = keras.Input((), dtype="int32")
    made = generator(layers.Concatenate()([latent, layers.Embedding(3, 1)(classes)]))
    by_class = layers.Dense(3)(layers.Flatten()(layers.AveragePooling2D(7)(images)))
    chosen = layers.Dot(1)([by_class, layers.CategoryEncoding(3, output_mode="one_hot")(classes)])
    gan = GAN(
        keras.Model([latent, classes], made),
        keras.Model([images, classes], discriminator(images) + chosen),
        seed=seed,
    )
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(1e-2),
        discriminator_optimizer=keras.optimizers.Adam(1e-2),
        **compile_options,
    )
    return gan


def without_dropout(**options) -> GAN:
    gan = small_gan(**options)
    for layer in gan.discriminator.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    return gan


def line_gan(*, mean=2.0, learning_rate=0.0, **compile_options) -> GAN:
    """On numbers, so simple that all can be computed by hand: fakes are all `mean`, D(x) is x."""
    generator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    discriminator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    generator.set_weights([np.zeros((1, 1)), np.full(1, mean)])
    discriminator.set_weights([np.ones((1, 1)), np.zeros(1)])
    gan = GAN(generator, discriminator, seed=1)
    gan.compile(
        generator_optimizer=keras.optimizers.SGD(learning_rate),
        discriminator_optimizer=keras.optimizers.SGD(learning_rate),
        **compile_options,
    )
    return gan


def values(variables):
    return [variable.numpy().copy() for variable in variables]


def moved(before, variables) -> list[bool]:
    return [
        not np.array_equal(old, new) for old, new in zip(before, values(variables), strict=True)
    ]


def same_weights(one: GAN, other: GAN) -> bool:
    pairs = zip(values(one.weights), values(other.weights), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def same_weights_of_networks(one: GAN, other: GAN) -> bool:
    pairs = zip(
        one.generator.get_weights() + one.discriminator.get_weights(),
        other.generator.get_weights() + other.discriminator.get_weights(),
        strict=True,
    )
    return all(np.array_equal(a, b) for a, b in pairs)
