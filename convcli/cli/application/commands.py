"""The commands by name, each imported and built when it is asked for.

To import and build all of them took a twentieth of the time that a small picture took.
"""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from convcli.cli.application.parameters import FilterCommand, PlainCommand
from convcli.cli.options.bundles import unbundled

# In the order in which the help shows them.
_CLASSES: dict[str, type[TyperCommand]] = {
    "apply": FilterCommand,
    "learn": PlainCommand,
    "list": PlainCommand,
    "show": FilterCommand,
    "check": PlainCommand,
    "explain": FilterCommand,
    "warmup": PlainCommand,
    "doctor": PlainCommand,
}
_FUNCTIONS = {"list": "list_"}  # all others are called as their command is
_MODULES = {"apply": "apply.command", "learn": "learn.command"}  # all others are called as their command is


class Commands(UserDict[str, Any]):
    """A mapping of all commands; each is a function in the module of its name."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(_CLASSES))

    def __getitem__(self, name: str) -> Any:
        """Return the command, built when it is first asked for."""
        if super().__getitem__(name) is None:
            self.data[name] = _built(name)
        return self.data[name]


def _built(name: str) -> Any:
    function = getattr(import_module(f"convcli.cli.{_MODULES.get(name, name)}"), _FUNCTIONS.get(name, name))
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
    alone.command(name, cls=_CLASSES[name])(unbundled(function))
    return get_command(alone)
