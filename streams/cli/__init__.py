"""The command line: one file per command. Commands parse, call and print; they decide nothing."""

from streams.cli.main import main

__all__ = ["main"]
