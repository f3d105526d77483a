"""Networks that do not fit each other, or cannot be meant."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers

from gan_helpers import networks
from gan_helpers.checks.ranges import output_range
from gan_helpers.gan import GAN
from tests.small_gans import conditional_gan, small_gan, small_networks


def sequential(*stack, shape=(3,), **options) -> keras.Model:
    return keras.Sequential([keras.Input(shape, **options), *stack])


def discriminator_of_images(*last) -> keras.Model:
    return sequential(layers.Flatten(), *last, shape=(28, 28, 1))


def generator_of_images(*last) -> keras.Model:
    return sequential(layers.Dense(784), layers.Reshape((28, 28, 1)), *last, shape=(5,))


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1)

    def call(self, images):
        return self.dense(keras.ops.reshape(images, (-1, 784)))


class OwnWeights(layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight((1,), "ones")

    def call(self, x):
        return keras.ops.sigmoid(x * self.factor)


def functional(function) -> keras.Model:
    inputs = keras.Input((3,))
    return keras.Model(inputs, function(inputs))


def branched(x, units=1):
    return layers.Add()([layers.Dense(units)(x), layers.Dense(units)(x)])


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (sequential(layers.Dense(1)), (-1e4, 1e4, "linear")),
        (sequential(layers.Dense(1, activation="sigmoid")), (0, 1, "sigmoid")),
        (sequential(layers.Dense(1), layers.Activation("sigmoid")), (0, 1, "sigmoid")),
        (sequential(layers.Dense(1), layers.ReLU()), (0, 1e4, "relu")),
        (sequential(layers.Dense(1, activation="softmax")), (1, 1, "softmax")),
        (sequential(layers.Dense(1, activation="tanh"), layers.Dropout(0.5)), (-1, 1, "tanh")),
        (sequential(layers.Dense(4, activation="tanh"), layers.Reshape((2, 2))), (-1, 1, "tanh")),
        (sequential(sequential(layers.Dense(1, activation="sigmoid"))), (0, 1, "sigmoid")),
        (
            sequential(layers.Dense(1), sequential(layers.ReLU(), shape=(1,))),
            (0, 1e4, "sequential"),
        ),
        (
            sequential(layers.SpectralNormalization(layers.Dense(1, activation="sigmoid"))),
            (0, 1, "sigmoid"),
        ),
        (functional(lambda x: keras.ops.sigmoid(layers.Dense(1)(x))), (0, 1, "sigmoid")),
        (functional(lambda x: 2 * keras.ops.sigmoid(layers.Dense(1)(x)) - 1), (-1, 1, "subtract")),
        (
            sequential(layers.Dense(1, activation="sigmoid"), layers.BatchNormalization()),
            (-1e4, 1e4, "linear"),
        ),
        (functional(lambda x: layers.Dense(1)(x) + layers.Dense(1)(x)), None),
        (functional(lambda x: keras.ops.sigmoid(branched(x))), (0, 1, "sigmoid")),
        (functional(lambda x: layers.ReLU()(branched(x))), (0, 1e4, "relu")),
        (functional(lambda x: layers.Reshape((1, 1))(branched(x))), None),
        (sequential(OwnWeights()), None),
        (sequential(OwnWeights(), layers.Activation("tanh")), (-1, 1, "tanh")),
        (networks.compact_generator(), (-1, 1, "tanh")),
        (networks.fast_generator(10), (-1, 1, "tanh")),
        (networks.fast_discriminator(), (-1e4, 1e4, "linear")),
        (networks.fast_discriminator(10), None),
    ],
)
def test_the_range_of_a_network_is_that_of_its_last_layers(network, expected):
    found = output_range(network)
    if expected is None:
        assert found is None
    else:
        assert found[:2] == pytest.approx(expected[:2], abs=1e-4) and found[2] == expected[2]


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ([layers.Dense(1, activation="sigmoid")], "logit.* ends in sigmoid, .* from 0 to 1 only"),
        ([layers.Dense(1), layers.Activation("sigmoid")], "ends in sigmoid"),
        ([layers.Dense(1, activation="softmax")], "ends in softmax"),
        (
            [layers.Dense(1, activation="relu")],
            "far below 0 for fake ones. It ends in relu, with values from 0 to 10000 only",
        ),
        ([layers.Dense(1), layers.Activation("tanh")], "ends in tanh, .* from -1 to 1 only"),
        ([sequential(layers.Dense(1, activation="sigmoid"), shape=(784,))], "ends in sigmoid"),
        ([layers.Dense(2)], r"one logit per image, shape \(n, 1\); .* \(None, 2\)"),
        ([], r"one logit per image, .* \(None, 784\)"),
    ],
)
def test_a_discriminator_that_gives_no_logit_is_refused(last, message):
    with pytest.raises(ValueError, match=message):
        GAN(small_networks()[0], discriminator_of_images(*last))


def test_a_functional_discriminator_that_ends_in_a_sigmoid_is_refused():
    images = keras.Input((28, 28, 1))
    logits = layers.Dense(1)(layers.Flatten()(images))
    with pytest.raises(ValueError, match="ends in sigmoid"):
        GAN(small_networks()[0], keras.Model(images, keras.ops.sigmoid(logits)))


def test_what_ends_in_a_bound_behind_a_branch_is_refused():
    generator, discriminator = small_networks()
    images = keras.Input((28, 28, 1))
    logits = branched(layers.Flatten()(images))
    with pytest.raises(ValueError, match=r"themselves\. It ends in sigmoid"):
        GAN(generator, keras.Model(images, keras.ops.sigmoid(logits)))
    latent = keras.Input((5,))
    made = layers.Reshape((28, 28, 1))(keras.ops.sigmoid(branched(latent, 784)))
    with pytest.raises(ValueError, match=r"It ends in sigmoid, .* from 0 to 1"):
        GAN(keras.Model(latent, made), discriminator)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a sum of two bounded branches has a bound
        both = [layers.Dense(784, activation="tanh")(latent) for _ in range(2)]
        made = layers.Reshape((28, 28, 1))(0.5 * layers.Add()(both))
        GAN(keras.Model(latent, made), discriminator)


def test_a_discriminator_whose_logits_are_softly_bounded_is_one_that_can_be_meant():
    soft = layers.Lambda(lambda logits: 20 * keras.ops.tanh(logits / 20))
    GAN(small_networks()[0], discriminator_of_images(layers.Dense(1), soft))


@pytest.mark.parametrize("activation", ["sigmoid", "softmax", "relu", "softplus"])
def test_a_generator_whose_images_cannot_be_below_0_is_refused(activation):
    generator = generator_of_images(layers.Activation(activation))
    with pytest.raises(
        ValueError, match=f"activation='tanh'. It ends in {activation}, .* from [01] to"
    ):
        GAN(generator, discriminator_of_images(layers.Dense(1)))


@pytest.mark.parametrize(("last", "name"), [([], "linear"), ([layers.LeakyReLU()], "leakyrelu")])
def test_a_generator_of_images_without_a_bound_is_warned_of_where_it_is_made(last, name):
    with pytest.warns(UserWarning, match=f"ends in {name}, without a bound") as caught:
        GAN(generator_of_images(*last), discriminator_of_images(layers.Dense(1)))
    assert caught[0].filename == __file__


def test_what_can_be_meant_is_warned_of_by_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for last in (
            [layers.Activation("tanh")],
            [layers.Activation("sigmoid"), layers.Rescaling(2, -1)],
        ):
            GAN(generator_of_images(*last), discriminator_of_images(layers.Dense(1)))
        GAN(networks.point_generator(), networks.point_discriminator())
        GAN(networks.fast_generator(10), networks.fast_discriminator(10, whole=True))


def test_a_network_whose_shape_is_not_known_is_refused_and_told_how_to_become_one():
    generator, _ = small_networks()
    subclassed = Subclassed()
    for network in (subclassed, keras.Sequential([layers.Dense(1)]), layers.Dense(1), len, None):
        with pytest.raises(ValueError, match=r"whose shapes are known.*keras.Model\(inputs"):
            GAN(generator, network)
    images = keras.Input((28, 28, 1))
    GAN(generator, keras.Model(images, subclassed(images)))
    free = sequential(layers.GlobalAveragePooling2D(), layers.Dense(1), shape=(None, None, 1))
    with pytest.raises(
        ValueError, match=r"size of a sample must be fixed.*\(None, None, None, 1\)"
    ):
        GAN(generator, free)


def test_networks_that_are_exchanged_or_the_same_are_refused():
    with pytest.raises(ValueError, match="Is it the discriminator"):
        GAN(*reversed(small_networks()))
    with pytest.raises(ValueError, match="Are they exchanged"):
        GAN(networks.point_discriminator(), networks.point_generator())
    both = sequential(layers.Dense(1), shape=(1,))
    with pytest.raises(ValueError, match=r"weights of its own.* both have .*kernel, .*bias"):
        GAN(both, both)


def test_a_layer_in_both_networks_is_refused():
    shared = layers.Dense(2, name="shared")
    generator = sequential(shared, layers.Dense(2), shape=(2,))
    discriminator = sequential(sequential(shared, shape=(2,)), layers.Dense(1), shape=(2,))
    with pytest.raises(ValueError, match=r"both have \S*shared/kernel, \S*shared/bias\."):
        GAN(generator, discriminator)


def test_inputs_that_would_be_rounded_are_refused():
    generator, discriminator = small_networks()
    whole = sequential(layers.Flatten(), layers.Dense(1), shape=(28, 28, 1), dtype="uint8")
    with pytest.raises(ValueError, match=r"discriminator's input must be floating-point.* uint8"):
        GAN(generator, whole)
    counted = sequential(layers.Dense(784), layers.Reshape((28, 28, 1)), dtype="int32")
    with pytest.raises(ValueError, match=r"generator's input must be floating-point.* int32"):
        GAN(counted, discriminator)


def test_both_networks_take_classes_or_neither():
    plain, conditional = small_gan(), conditional_gan()
    with pytest.raises(ValueError, match="only one does"):
        GAN(plain.generator, conditional.discriminator)
    images = keras.Input((28, 28, 1))
    two_images = keras.Model([images, images], layers.Dense(1)(layers.Flatten()(images)))
    with pytest.raises(ValueError, match=r"takes samples, .* in a conditional GAN their classes"):
        GAN(conditional.generator, two_images)
    with pytest.raises(ValueError, match="generator knows 10 and the discriminator 11"):
        GAN(networks.fast_generator(10), networks.fast_discriminator(11))


def conditional_pair(of_generator, of_discriminator) -> list[keras.Model]:
    """Networks of points whose classes go through these layers."""
    pair = []
    for outputs, encode in ((2, of_generator), (1, of_discriminator)):
        samples, classes = keras.Input((2,)), keras.Input((), dtype="int32")
        encoded = layers.Flatten()(keras.ops.cast(encode(classes), "float32"))
        both = layers.Concatenate()([samples, encoded])
        pair.append(keras.Model([samples, classes], layers.Dense(outputs)(both)))
    return pair


def through(*stack):
    """These layers one after another, called each time anew."""

    def encode(x):
        for make in stack:
            x = make()(x)
        return x

    return encode


def within_a_network(encode):
    def called(x):
        inner = keras.Input((), dtype="int32")
        return keras.Model(inner, encode(inner))(x)

    return called


ENCODINGS = {
    "one-hot": lambda n: lambda x: keras.ops.one_hot(x, n),
    "cast, one-hot": lambda n: lambda x: keras.ops.one_hot(keras.ops.cast(x, "int64"), n),
    "column, one-hot": lambda n: lambda x: keras.ops.one_hot(keras.ops.expand_dims(x, 1), n),
    "embedding": lambda n: through(lambda: layers.Embedding(n, 3)),
    "column, embedding": lambda n: through(
        lambda: layers.Reshape((1,)), lambda: layers.Embedding(n, 3)
    ),
    "column, category encoding": lambda n: through(
        lambda: layers.Reshape((1,)), lambda: layers.CategoryEncoding(n)
    ),
    "one-hot within a network": lambda n: within_a_network(lambda x: keras.ops.one_hot(x, n)),
    "a stack": lambda n: (
        lambda x: sequential(layers.Reshape((1,)), layers.Embedding(n, 2), shape=(), dtype="int32")(
            x
        )
    ),
}


@pytest.mark.parametrize("kind", ENCODINGS)
def test_how_many_classes_a_network_knows_is_found_out(kind):
    encode = ENCODINGS[kind]
    gan = GAN(*conditional_pair(encode(10), encode(10)))
    gan.compile(generator_optimizer="adam", discriminator_optimizer="adam")
    assert gan.n_classes == 10
    points, classes = np.zeros((20, 2), "float32"), 1 + np.arange(20) % 10
    with pytest.raises(ValueError, match="There are 10 classes, 0 to 9; given 10"):
        gan.fit(points, classes, batch_size=4, verbose=0)
    with pytest.raises(ValueError, match="There are 10 classes, 0 to 9; given 11"):
        networks.draw_inputs(gan.generator, 4, seed=0, classes=[10, 11])
    with pytest.raises(ValueError, match="generator knows 4 and the discriminator 5"):
        GAN(*conditional_pair(encode(4), encode(5)))
    gan.fit(points, classes - 1, batch_size=4, verbose=0)


def test_that_the_number_of_classes_is_not_known_is_warned_of():
    hidden = through(lambda: layers.Lambda(lambda x: keras.ops.one_hot(x, 10), (10,)))
    with pytest.warns(UserWarning, match="How many classes there are is not known") as caught:
        gan = GAN(*conditional_pair(hidden, hidden))
    assert caught[0].filename == __file__ and gan.n_classes is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert GAN(*conditional_pair(hidden, ENCODINGS["one-hot"](10))).n_classes == 10


def test_inputs_whose_size_is_fixed_or_that_are_no_column_are_refused_with_what_to_do():
    fixed = sequential(layers.Dense(2), shape=(2,), batch_size=4)
    with pytest.raises(ValueError, match=r"must be left open.*without batch_size.*\(4, 2\)"):
        GAN(fixed, networks.point_discriminator())
    latent, column = keras.Input((2,)), keras.Input((1,))
    with pytest.raises(ValueError, match=r"\(None, 1\).*classes is keras.Input\(\(\)"):
        GAN(keras.Model([latent, column], latent + column), networks.fast_discriminator(10))


def test_networks_must_fit_each_other():
    generator, discriminator = small_networks()
    for size in (32, 14):
        with pytest.raises(ValueError, match="discriminator expects"):
            GAN(generator, sequential(layers.Flatten(), layers.Dense(1), shape=(size, size, 1)))
    flat = sequential(layers.Dense(784, activation="tanh"), shape=(5,))
    with pytest.raises(ValueError, match=r"makes images of shape \(None, 784\)"):
        GAN(flat, discriminator)
    rows = sequential(layers.Flatten(), layers.Dense(1), shape=(28, 28))
    with pytest.raises(ValueError, match=r"or points, shape \(n, dimension\).* \(None, 28, 28\)"):
        GAN(generator, rows)
    latent = keras.Input((5,))
    two = keras.Model(latent, [generator(latent), generator(latent)])
    with pytest.raises(ValueError, match="makes images of shape"):
        GAN(two, discriminator)
