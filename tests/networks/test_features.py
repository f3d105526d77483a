"""The discriminator that shows what it has seen."""

import numpy as np
import pytest

from gan_helpers.networks.features import feature_discriminator


def test_it_gives_features_and_a_logit_made_of_them():
    network = feature_discriminator(5, channels=2)
    images = np.random.default_rng(0).uniform(-1, 1, (3, 28, 28, 1)).astype("float32")
    features, logits = network(images)
    assert features.shape == (3, 5) and logits.shape == (3, 1)
    kernel, bias = network.layers[-1].get_weights()
    np.testing.assert_allclose(features @ kernel + bias, logits, atol=1e-5)


@pytest.mark.parametrize("wrong", [{"features": 0}, {"channels": 1.5}])
def test_numbers_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="must be an integer"):
        feature_discriminator(**wrong)
