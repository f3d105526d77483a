from hypothesis import settings

import gan_helpers  # noqa: F401  (before any test imports TensorFlow: it says how to compute)

# Hooks of a conftest.py reach only tests below its folder; those for notebooks must reach all.
pytest_plugins = ["tests.notebook_plugin", "tests.chromium"]

settings.register_profile("same_examples_each_time", derandomize=True, deadline=None)
settings.load_profile("same_examples_each_time")
