"""The package: data flow one way, and importing it imports none of its modules."""

import ast
import inspect
import re
from pathlib import Path

import gan_helpers
from gan_helpers.gan import GAN
from tools.fingerprint import imported_modules

PACKAGE = Path(gan_helpers.__file__).parent
# The one statement of the order, in the package's docstring.
ORDER = tuple(re.findall(r"\w+", gan_helpers.__doc__.split("\n\n")[1]))


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    names = imported_modules(ast.parse(path.read_text("utf-8")))
    return {name.split("/")[0] for name in names} & set(ORDER)


def test_every_module_has_its_place_and_imports_only_what_stands_before():
    for path in PACKAGE.rglob("*.py"):
        module = module_of(path)
        if module == "__init__":
            assert not imported(path)
            continue
        allowed = {module, *ORDER[: ORDER.index(module)]}
        assert imported(path) <= allowed, f"{path.name} imports {imported(path) - allowed}"


def test_the_gan_fits_on_a_page():
    lines = inspect.getsource(GAN).splitlines()
    assert len(lines[lines.index("class GAN(RepeatableModel):") :]) <= 100


def test_functions_say_what_they_take_and_what_they_refuse():
    lacking = []
    for path in PACKAGE.rglob("*.py"):
        if module_of(path) not in ("data", "losses", "metrics", "networks", "plots"):
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            said, code = ast.get_docstring(node) or "", ast.unparse(node)
            takes = bool(node.args.args or node.args.kwonlyargs)
            refuses = "check_" in code or "raise " in code
            pair = path.name == "adversarial.py" and node.name.endswith("_loss")  # said of all
            if (takes and not pair and "Args:" not in said) or (refuses and "Raises:" not in said):
                lacking.append(f"{path.name}: {node.name}")
    assert not lacking
