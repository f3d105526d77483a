"""Hooks of a conftest.py reach only tests below its folder; those for notebooks must reach all."""

from hypothesis import settings

import gan_helpers  # noqa: F401  (before any test imports TensorFlow: it says how to compute)
from tests import notebook_plugin

settings.register_profile("same_examples_each_time", derandomize=True, deadline=None)
settings.load_profile("same_examples_each_time")


def pytest_addoption(parser):
    notebook_plugin.add_option(parser)


def pytest_configure(config):
    config.pluginmanager.register(notebook_plugin)
