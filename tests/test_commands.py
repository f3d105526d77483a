"""Commands that overwrite what the book keeps, or take minutes, say what they take before."""

import pytest

from research import accountants, bench, make_mnist, make_texts, privacy, speeds

COMMANDS = (accountants, bench, make_mnist, make_texts, privacy, speeds)


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


def test_a_library_that_has_an_environment_of_its_own_is_asked_for_by_name():
    with pytest.raises(SystemExit, match=r"^dp-accounting is not installed for .* --help` says"):
        accountants.main([])
