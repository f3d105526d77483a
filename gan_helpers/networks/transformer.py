"""A Transformer whose every place sees itself and the places before it, and its layers (ch02_gpt).

`transformer` builds the network, `continued` runs it on a few tokens more, from what its attention
layers keep of those before. Both compute the same numbers.
"""

import functools

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from gan_helpers.checks import check_counts, check_kinds

NEVER = -1e9  # a score whose weight is 0 after the softmax
REACH = (1.0, 64.0)  # tokens back at which the nearest and the farthest head lose a nat
EPSILON = 1e-5  # of the normalisations
SMALL = 0.1  # the standard deviation of the first embeddings

Kept = tuple[tf.Tensor, tf.Tensor]  # keys and values of an attention layer, by place


@keras.saving.register_keras_serializable(package="gan_helpers")
class CausalAttention(layers.Layer):
    """Attention of each place to itself and to those before it (Vaswani et al. 2017, section 3.2).

    Args:
        heads: how many; divides the width of what the layer is called with.
        recency: whether each head's scores fall with the distance, at a rate of its own (Press et
            al. 2022). It need not learn then that near tokens matter most.
    """

    def __init__(self, heads: int, recency: bool = True, **kwargs):
        super().__init__(**kwargs)
        check_kinds(bool, recency=recency)
        self.heads, self.recency = check_counts(heads=heads), recency

    def build(self, shape):
        width = shape[-1]
        if width % self.heads:
            raise ValueError(f"heads must divide the width, {width}; given {self.heads}.")
        self.size = width // self.heads
        # Queries, keys and values of all heads in one product, which is faster than three.
        self.mix_in, self.mix_out = layers.Dense(3 * width), layers.Dense(width)
        self.mix_in.build(shape)
        self.mix_out.build(shape)

    def attend(self, x: tf.Tensor, kept: Kept | None = None) -> tuple[tf.Tensor, tf.Tensor, Kept]:
        """What `call` gives, the weights of each place, and the keys and values to go on from.

        Args:
            x: shape (n, places, width).
            kept: of the places before these, or None if there are none.

        Returns:
            Shape (n, places, width); the weights, shape (n, heads, places, all places), which sum
            to 1 over the last axis; and keys and values, each (n, heads, all places, size).
        """
        n, places = tf.shape(x)[0], tf.shape(x)[1]
        mixed = tf.reshape(self.mix_in(x), (n, places, 3, self.heads, self.size))
        queries, keys, values = tf.unstack(tf.transpose(mixed, (2, 0, 3, 1, 4)))
        if kept is not None:
            keys, values = (
                tf.concat([before, now], axis=2)
                for before, now in zip(kept, (keys, values), strict=True)
            )
        scores = tf.matmul(queries, keys, transpose_b=True) / self.size**0.5
        together = tf.shape(keys)[2]
        back = tf.range(together - places, together)[:, None] - tf.range(together)
        if self.recency:
            rates = 1 / np.geomspace(*REACH, self.heads)[:, None, None]
            scores -= tf.cast(rates, scores.dtype) * tf.cast(back, scores.dtype)
        weights = tf.nn.softmax(tf.where(back < 0, NEVER, scores))
        seen = tf.transpose(tf.matmul(weights, values), (0, 2, 1, 3))
        return self.mix_out(tf.reshape(seen, tf.shape(x))), weights, (keys, values)

    def call(self, x):
        return self.attend(x)[0]

    def compute_output_shape(self, shape):
        return shape

    def get_config(self) -> dict:
        return super().get_config() | {"heads": self.heads, "recency": self.recency}


@keras.saving.register_keras_serializable(package="gan_helpers")
class Block(layers.Layer):
    """Attention, then a perceptron at each place; each adds to what it was given.

    Both see it normalised (as in GPT-2; Vaswani et al. normalised after the addition).

    Args:
        heads, recency: of the attention.
        expansion: how many times as wide as the rest the perceptron's hidden layer is.
    """

    def __init__(self, heads: int, expansion: int = 4, recency: bool = True, **kwargs):
        super().__init__(**kwargs)
        self.heads, self.expansion = check_counts(heads=heads, expansion=expansion)
        self.recency = recency

    def build(self, shape):
        width = shape[-1]
        self.first = layers.LayerNormalization(epsilon=EPSILON)
        self.attention = CausalAttention(self.heads, self.recency)
        self.second = layers.LayerNormalization(epsilon=EPSILON)
        self.widen = layers.Dense(self.expansion * width, activation="gelu")
        self.narrow = layers.Dense(width)
        for layer in (self.first, self.attention, self.second, self.widen):
            layer.build(shape)
        self.narrow.build((*shape[:-1], self.expansion * width))

    def go_on(self, x: tf.Tensor, kept: Kept | None = None) -> tuple[tf.Tensor, Kept]:
        """What `call` gives, and the keys and values to go on from; `kept` as for `attend`."""
        seen, _, kept = self.attention.attend(self.first(x), kept)
        x = x + seen
        return x + self.narrow(self.widen(self.second(x))), kept

    def call(self, x):
        return self.go_on(x)[0]

    def compute_output_shape(self, shape):
        return shape

    def get_config(self) -> dict:
        config = {"heads": self.heads, "expansion": self.expansion, "recency": self.recency}
        return super().get_config() | config


@keras.saving.register_keras_serializable(package="gan_helpers")
class Places(layers.Layer):
    """Adds to the vector at each place a learned one of that place.

    Without it, attention would not know in which order the tokens before came.
    """

    def build(self, shape):
        self.vectors = self.add_weight(
            shape=shape[1:], initializer=keras.initializers.RandomNormal(stddev=SMALL)
        )

    def added(self, x: tf.Tensor, first=0) -> tf.Tensor:
        """Vectors that stand at the place `first` and those after it, with what is learned."""
        return x + self.vectors[first : first + tf.shape(x)[1]]

    def call(self, x):
        return self.added(x)

    def compute_output_shape(self, shape):
        return shape


def transformer(
    n_tokens: int,
    length: int,
    *,
    width: int = 96,
    depth: int = 3,
    heads: int = 4,
    recency: bool = True,
) -> keras.Model:
    """A decoder-only Transformer: from tokens to the logits of the token after each.

    The number of blocks' weights is about 12 depth width².

    Args:
        n_tokens: how many there are. It takes one more, the integer `n_tokens`, as the sign that
            a sequence begins.
        length: how many it takes at once.
        width: of the vector at each place.
        depth: how many blocks.
        heads: of each attention; divides the width.
        recency: as for `CausalAttention`.

    Returns:
        From integers, shape (n, length), to logits, shape (n, length, n_tokens).

    Raises:
        ValueError: for numbers that cannot be.
    """
    n_tokens, length, width, depth, heads = check_counts(
        n_tokens=n_tokens, length=length, width=width, depth=depth, heads=heads
    )
    tokens = keras.Input((length,), dtype="int32", name="tokens")
    small = keras.initializers.RandomNormal(stddev=SMALL)
    x = Places()(layers.Embedding(n_tokens + 1, width, embeddings_initializer=small)(tokens))
    for _ in range(depth):
        x = Block(heads, recency=recency)(x)
    x = layers.LayerNormalization(epsilon=EPSILON)(x)
    logits = layers.Dense(n_tokens, kernel_initializer=small)(x)  # all tokens nearly alike at first
    return keras.Model(tokens, logits, name="transformer")


def is_transformer(network: keras.Model) -> bool:
    """Whether a network has the layers that `transformer` gives it, so that `continued` runs it.

    Args:
        network: any model.
    """
    given = [type(layer) for layer in getattr(network, "layers", [])]
    blocks = [Block] * (len(given) - 5)
    first, last = [layers.Embedding, Places], [layers.LayerNormalization, layers.Dense]
    return bool(blocks) and given[1:] == [*first, *blocks, *last]


def continued(
    network: keras.Model, tokens: tf.Tensor, kept: list[Kept] | None = None
) -> tuple[tf.Tensor, list[Kept]]:
    """The logits after some tokens more, without computing anew what comes before them.

    Args:
        network: made by `transformer`.
        tokens: integers, shape (n, places), with those before at most as many as its length.
        kept: what this gave for the tokens before, or None if there are none.

    Returns:
        Logits, shape (n, places, n_tokens), and what to keep for the next call: keys and values of
        each block.
    """
    tokens = tf.cast(tokens, tf.int32)
    if kept is None:
        kept = [2 * (tf.zeros((len(tokens), heads, 0, size)),) for heads, size in _sizes(network)]
    return _graph(network)(tokens, kept)


def _sizes(network: keras.Model) -> list[tuple[int, int]]:
    """The number of heads and the size of a key, of each block."""
    attentions = [layer.attention for layer in network.layers if isinstance(layer, Block)]
    return [(attention.heads, attention.size) for attention in attentions]


@functools.lru_cache(maxsize=8)
def _graph(network: keras.Model) -> tf.types.experimental.PolymorphicFunction:
    """`continued` as a single graph for any number of sequences, places and kept places."""
    embedding, places, *blocks, norm, head = network.layers[1:]
    kept = [2 * (tf.TensorSpec((None, heads, None, size)),) for heads, size in _sizes(network)]

    @tf.function(input_signature=[tf.TensorSpec((None, None), tf.int32), kept])
    def step(tokens, kept):
        x, keeping = places.added(embedding(tokens), tf.shape(kept[0][0])[2]), []
        for block, before in zip(blocks, kept, strict=True):
            x, now = block.go_on(x, before)
            keeping.append(now)
        return head(norm(x)), keeping

    return step
