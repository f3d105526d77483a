"""Data: MNIST, its scaling and batches; two `texts`; `mixtures`, whose density is known."""

from gan_helpers.data.batches import shuffled_batches
from gan_helpers.data.mnist import IMAGE_SHAPE, MNIST, load_mnist
from gan_helpers.data.scaling import to_tanh_range, to_uint8

__all__ = ["IMAGE_SHAPE", "MNIST", "load_mnist", "shuffled_batches", "to_tanh_range", "to_uint8"]
