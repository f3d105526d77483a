"""What the package refuses: one place for the checks of arguments, in the same words everywhere.

- `numbers`: counts, seeds, rates, and objects of another kind
- `arrays`: arrays and tensors of numbers
- `samples`: images, points, sequences of tokens, classes
- `codes`: integers that stand for symbols of a text
- `batches`: batches of a dataset, each when it comes
- `networks`: a generator and a discriminator that do not fit, or cannot be meant
- `backend`: the library on which Keras runs
- `devices`: what several devices cannot do, or not as one
- `ranges`: which numbers a network can give
- `optimizers`, `callbacks`: of Keras's, what does not work with these models
- `features`: what the metrics are made of
"""

from gan_helpers.checks.arrays import check_array, check_tensors
from gan_helpers.checks.backend import check_backend
from gan_helpers.checks.batches import Looked, check_data
from gan_helpers.checks.callbacks import check_callbacks
from gan_helpers.checks.codes import check_codes
from gan_helpers.checks.devices import (
    check_device_batch,
    check_device_optimizer,
    check_device_options,
    check_scope,
)
from gan_helpers.checks.features import check_features, check_pair, check_probabilities
from gan_helpers.checks.networks import (
    check_inputs,
    check_networks,
    layers_of,
    n_classes,
    sample_input,
)
from gan_helpers.checks.numbers import (
    check_counts,
    check_kinds,
    check_numbers,
    check_path,
    check_rate,
    check_seed,
)
from gan_helpers.checks.optimizers import check_optimizer_of, check_optimizers
from gan_helpers.checks.samples import (
    check_classes,
    check_images,
    check_points,
    check_samples,
    check_tokens,
)

__all__ = [
    "Looked",
    "check_array",
    "check_backend",
    "check_callbacks",
    "check_classes",
    "check_codes",
    "check_counts",
    "check_data",
    "check_device_batch",
    "check_device_optimizer",
    "check_device_options",
    "check_features",
    "check_images",
    "check_inputs",
    "check_kinds",
    "check_networks",
    "check_numbers",
    "check_optimizer_of",
    "check_optimizers",
    "check_pair",
    "check_path",
    "check_points",
    "check_probabilities",
    "check_rate",
    "check_samples",
    "check_scope",
    "check_seed",
    "check_tensors",
    "check_tokens",
    "layers_of",
    "n_classes",
    "sample_input",
]
