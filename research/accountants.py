"""What another accountant says of the private trainings of notebooks/ch08_privacy.ipynb.

    python -m venv ../accountants
    ../accountants/bin/pip install dp-accounting==0.6.0
    ../accountants/bin/python -m research.accountants

dp-accounting cannot be installed beside the book's libraries, so it has an environment of its own,
and this script needs nothing else. It takes the noise of the private trainings with 200 steps and
an epsilon of 1 from the recorded run `privacy`, and leaves what it finds in `accountants.json`.
"""

import json
import sys
from importlib.metadata import version
from importlib.util import find_spec

from gan_helpers.files import ASSETS, write_json
from research.command import command_line

RUNS = ASSETS / "runs"
SHARES = {600: 0.1, 6000: 0.02, 60_000: 0.005}  # of the images that a step draws, by their number
STEPS, DELTA = 200, 1e-5
ORDERS = [*range(2, 65), 80, 96, 128, 192, 256]


def row(size: int, noise: float) -> dict:
    """The noise of a training, and its epsilon by both accountants of the library."""
    from dp_accounting import GaussianDpEvent, PoissonSampledDpEvent, SelfComposedDpEvent
    from dp_accounting.pld import PLDAccountant
    from dp_accounting.rdp import RdpAccountant

    step = PoissonSampledDpEvent(SHARES[size], GaussianDpEvent(noise))
    training = SelfComposedDpEvent(step, STEPS)
    found = {"q": SHARES[size], "noise": noise}
    for name, accountant in (("rdp", RdpAccountant(ORDERS)), ("pld", PLDAccountant())):
        found[name] = accountant.compose(training).get_epsilon(DELTA)
    return found


def main(arguments: list[str]) -> None:
    command_line(__doc__).parse_args(arguments)
    if find_spec("dp_accounting") is None:
        sys.exit(
            f"dp-accounting is not installed for {sys.executable}, and cannot be beside the book's "
            "libraries: `python -m research.accountants --help` says how to make an environment "
            "for it."
        )
    recorded = json.loads((RUNS / "privacy.json").read_text("utf-8"))["classifiers"]
    noise = {r["size"]: r["noise"] for r in recorded if (r["epsilon"], r["steps"]) == (1.0, STEPS)}
    made = {
        "versions": {"dp-accounting": version("dp-accounting")},
        "steps": STEPS,
        "delta": DELTA,
        "rows": [row(size, noise[size]) for size in SHARES],
    }
    write_json(RUNS / "accountants.json", made)


if __name__ == "__main__":
    main(sys.argv[1:])
