"""Classes that are found: images set upright, and groups that have to do with digits."""

import numpy as np
import pytest

from gan_helpers.clusters import find_classes, ink_moments, upright
from gan_helpers.data import load_mnist, to_tanh_range


@pytest.fixture(scope="module")
def digits():
    (x, labels), _ = load_mnist()
    return to_tanh_range(x[:6000]), labels[:6000]


def centre_and_slant(images):
    ink = (images[..., 0] + 1) / 2
    y, x = np.mgrid[:28, :28]
    mass = ink.sum((1, 2))
    cx, cy = (ink * x).sum((1, 2)) / mass, (ink * y).sum((1, 2)) / mass
    dx, dy = x - cx[:, None, None], y - cy[:, None, None]
    return cx, cy, (ink * dx * dy).sum((1, 2)) / (ink * dy**2).sum((1, 2))


def test_upright_puts_the_ink_in_the_middle_and_takes_out_its_slant(digits):
    images, _ = digits
    before, after = centre_and_slant(images[:500]), centre_and_slant(upright(images[:500]))
    for was, now, aim, tolerance in zip(
        before, after, (13.5, 13.5, 0), (0.1, 0.1, 0.05), strict=True
    ):
        assert np.abs(now - aim).mean() < tolerance < np.abs(was - aim).mean()


def test_moments_agree_with_their_definition(digits):
    images, _ = digits
    mass, *moments = ink_moments(images[:500])
    np.testing.assert_allclose(mass, ((images[:500] + 1) / 2).sum((1, 2, 3)), rtol=1e-5)
    for found, expected in zip(moments, centre_and_slant(images[:500]), strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-3)


def test_moments_of_a_leaning_line_and_of_nothing():
    line = np.full((2, 28, 28, 1), -1, "float32")
    rows = np.arange(4, 24)
    line[0, rows, 28 - rows] = 1  # one column to the left for each row down
    expected = [[20, 0], [14.5, 13.5], [13.5, 13.5], [-1, 0]]
    np.testing.assert_allclose(ink_moments(line), expected, atol=1e-4)


def test_upright_sees_each_image_for_itself():
    images = np.random.default_rng(0).uniform(-1, 1, (5003, 4, 4, 1)).astype("float32")
    np.testing.assert_allclose(upright(images)[4990:], upright(images[4990:]), atol=1e-5)


def test_upright_leaves_what_is_upright_and_what_is_empty():
    bar = np.full((2, 28, 28, 1), -1, "float32")
    bar[0, 4:24, 13:15] = 1
    np.testing.assert_allclose(upright(bar), bar, atol=1e-5)


def test_found_classes_are_mostly_one_digit_each_and_repeatable(digits):
    images, labels = digits
    found = find_classes(images, 12, seed=1)
    assert found.dtype == np.int32 and found.shape == (6000,)
    assert set(found) == set(range(12))
    of_most = sum(np.bincount(labels[found == k]).max() for k in range(12))
    assert of_most / 6000 > 0.75  # twelve classes at random: 0.12; k-means of the pixels: 0.6
    np.testing.assert_array_equal(found, find_classes(images, 12, seed=1))


@pytest.mark.parametrize("n_classes", [1, 6000, 2.0])
def test_number_of_classes_is_checked(digits, n_classes):
    with pytest.raises(
        ValueError, match="n_classes must be an integer from 2 to one less than the number of"
    ):
        find_classes(digits[0], n_classes)


def test_few_images_are_enough(digits):
    assert set(find_classes(digits[0][:3], 2)) <= {0, 1}


def test_images_are_checked():
    with pytest.raises(ValueError, match="images"):
        upright(np.zeros((3, 28, 27, 1), "float32"))
