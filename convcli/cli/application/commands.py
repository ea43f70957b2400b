"""The commands by name, each imported and built on first use.

To import and build all of them takes a twentieth of the time of a small picture.
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

# Module, function and class, in the order of the help.
_COMMANDS: dict[str, tuple[str, str, type[TyperCommand]]] = {
    "apply": ("apply.command", "apply", FilterCommand),
    "learn": ("learn.command", "learn", PlainCommand),
    "list": ("list", "list_", PlainCommand),
    "show": ("show", "show", FilterCommand),
    "check": ("check", "check", PlainCommand),
    "explain": ("explain", "explain", FilterCommand),
    "compare": ("compare", "compare", PlainCommand),
    "report": ("report", "report", FilterCommand),
    "gallery": ("gallery", "gallery", FilterCommand),
    "export": ("export", "export", FilterCommand),
    "import": ("importing", "import_", PlainCommand),
    "help": ("help", "help_", PlainCommand),
    "warmup": ("warmup", "warmup", PlainCommand),
    "doctor": ("doctor", "doctor", PlainCommand),
}


class Commands(UserDict[str, Any]):
    """A mapping of all commands."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(_COMMANDS))

    def __getitem__(self, name: str) -> Any:
        """Return the command, built on first use."""
        if super().__getitem__(name) is None:
            module, function, cls = _COMMANDS[name]
            alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
            command = alone.command(name, cls=cls)
            command(unbundled(getattr(import_module(f"convcli.cli.{module}"), function)))
            self.data[name] = get_command(alone)
        return self.data[name]
