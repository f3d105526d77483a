"""How long the recipes of ch02_compare take beside the GAN's: in turns, on one machine.

A recipe's seconds, as recorded, depend on what else the machine did in that hour. Here each round
lets every recipe take some steps and draw some samples, in a process of its own, since the GAN's
replicas want other threads than the rest. A step's time is the difference of a long and a short
call of `fit`, by their steps, since each call does something before its first step. It is time of
the processor, of all cores together, which does not grow while other programs have the machine.

    python -m research.speeds NAME      (of one recipe, once)
"""

import subprocess
import sys
import time
from functools import partial

import keras

from gan_helpers import networks
from gan_helpers.families.generating import AT_ONCE
from gan_helpers.family_recipes import FAMILY_RECIPES
from gan_helpers.files import write_json
from gan_helpers.gan import GAN
from gan_helpers.recipes import RECIPES, train_recipe
from gan_helpers.recorded import RUNS
from research.command import command_line
from research.machine import library_versions

RUN = "families_speed"
BASE, ROUNDS = "fast-none", 2
SHORT, LONG = 50, 150  # steps of a call
LEFT_OUT = ("gpt", "gpt-long", "flow-matching-long", "flow-matching-labels")  # not in its table
RECIPES_OF_ALL = {BASE: RECIPES[BASE]} | {
    name: recipe for name, recipe in FAMILY_RECIPES.items() if name not in LEFT_OUT
}


def measured(name: str) -> tuple[float, float]:
    """Milliseconds of a step, and seconds for 1,000 new samples, once graphs are built."""
    recipe = RECIPES_OF_ALL[name]
    (samples, labels), _ = recipe.data()
    run = train_recipe(recipe, samples, labels, seed=1, stop_after=SHORT)

    def call(steps: int) -> float:
        began = time.process_time()
        epoch = {"steps_per_epoch": steps, "batch_size": recipe.batch_size, "verbose": 0}
        run.model.fit(samples, run.classes, **epoch)
        return time.process_time() - began

    call(SHORT)  # builds the graph
    step = (call(LONG) - call(SHORT)) / (LONG - SHORT) * 1000
    run.model.finish(samples[:2000])  # a quick density of codes, where a family needs one
    if isinstance(run.model, GAN):  # whose weights are averaged once, and not for each draw
        generator = run.generator()
        latent = networks.draw_inputs(generator, AT_ONCE, seed=0, classes=run.classes)
        draw = partial(generator.predict, latent, batch_size=AT_ONCE, verbose=0)
    else:
        draw = partial(run.samples, AT_ONCE)
    draw()  # builds the graph
    began = time.process_time()
    draw()
    return step, (time.process_time() - began) / AT_ONCE * 1000


def record() -> None:
    """Measure all recipes in turns, and keep what each round gave."""
    steps: dict[str, list[float]] = {name: [] for name in RECIPES_OF_ALL}
    sampling: dict[str, list[float]] = {name: [] for name in RECIPES_OF_ALL}
    for _ in range(ROUNDS):
        for name in RECIPES_OF_ALL:
            command = [sys.executable, "-m", "research.speeds", name]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            step, seconds = map(float, said.split()[-2:])
            steps[name].append(step)
            sampling[name].append(seconds)
            print(name, step, seconds, flush=True)
    history = {
        "versions": library_versions(),
        "rounds": ROUNDS,
        "processor_milliseconds_a_step": steps,
        "processor_seconds_for_1000_samples": sampling,
    }
    write_json(RUNS / f"{RUN}.json", history)


def main(arguments: list[str]) -> None:
    parser = command_line(__doc__)
    parser.add_argument("name", choices=RECIPES_OF_ALL, help="the recipe")
    name = parser.parse_args(arguments).name
    keras.utils.disable_interactive_logging()
    print(*measured(name))


if __name__ == "__main__":
    main(sys.argv[1:])
