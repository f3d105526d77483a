"""Places that cannot be written: what is imported there says nothing that a notebook would keep."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import os, sys
import gan_helpers
assert not {"matplotlib", "keras", "tensorflow"} & sys.modules.keys()
import matplotlib.pyplot as plt
plt.figure().text(0, 0, "text")
print(os.environ.get("MPLCONFIGDIR"))
"""


def printed(**environment) -> str:
    """What a new process prints, and that it says nothing else."""
    given = {"MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}
    ours = {name: value for name, value in os.environ.items() if name not in given}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=ours | environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


NOWHERE = os.path.join(os.devnull, "home")  # even the superuser can make no folder there


@pytest.mark.skipif(sys.platform == "win32", reason="HOME is not where Windows looks")
@pytest.mark.parametrize(
    "environment",
    [{"HOME": NOWHERE}, {"MPLCONFIGDIR": NOWHERE}, {"XDG_CACHE_HOME": NOWHERE}],
    ids=["home", "matplotlib's folder", "the folder of caches"],
)
def test_matplotlib_gets_a_folder_that_is_gone_afterwards(environment, tmp_path):
    if "XDG_CACHE_HOME" in environment and sys.platform == "darwin":
        pytest.skip("read on Linux only")
    given = printed(**({"HOME": str(tmp_path)} | environment))
    assert given not in ("None", NOWHERE) and not os.path.exists(given)


@pytest.mark.skipif(sys.platform == "win32", reason="HOME is not where Windows looks")
def test_a_home_that_can_be_written_is_used(tmp_path):
    assert printed(HOME=str(tmp_path)) == "None"
    assert printed(HOME=NOWHERE, MPLCONFIGDIR=str(tmp_path)) == str(tmp_path)
