"""Training on two devices is training on one. TensorFlow makes devices only before anything else,
so the tests stand in `two_devices.py`, for a process of their own."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_two_devices_in_a_process_of_their_own(tmp_path):
    cache = f"cache_dir={tmp_path}"  # not the one of the tests that run around this
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-o", cache, "tests/two_devices.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
