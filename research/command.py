"""The command line of these scripts: what `--help` shows is the docstring, line by line."""

import argparse


def command_line(description: str) -> argparse.ArgumentParser:
    """A parser that shows a script's docstring as it stands, with its examples.

    Args:
        description: the script's `__doc__`.
    """
    raw = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(description=description, formatter_class=raw)
