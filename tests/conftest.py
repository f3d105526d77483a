"""Hooks of a conftest.py reach only tests below its folder; those for notebooks must reach all."""

from tests import notebook_plugin


def pytest_addoption(parser):
    notebook_plugin.add_option(parser)


def pytest_configure(config):
    config.pluginmanager.register(notebook_plugin)
