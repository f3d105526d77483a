"""Commands that overwrite what the book keeps, or take minutes, say what they take before."""

import pytest

from research import bench, make_mnist, make_texts, privacy, speeds

COMMANDS = (bench, make_mnist, make_texts, privacy, speeds)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_help_is_help_and_nothing_is_done(command, capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        command.main(["--help"])
    assert command.__doc__.splitlines()[0] in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_an_argument_that_it_does_not_take_is_refused(command, capsys):
    with pytest.raises(SystemExit, match=r"^2$"):
        command.main(["--nonsense", "nonsense", "nonsense"])
    assert "error: " in capsys.readouterr().err
