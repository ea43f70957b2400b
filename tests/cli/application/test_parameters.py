"""Values taken without Typer's conversion are what Typer makes of them, and what it refuses it refuses still."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from typer.core import TyperCommand

from convcli.cli.application.commands import _COMMANDS, Commands
from convcli.cli.application.parameters import PlainArgument, PlainCommand, PlainOption
from convcli.cli.apply.command import apply
from convcli.cli.learn.command import learn
from convcli.cli.list import list_
from convcli.cli.options.bundles import unbundled

APPLY = ("sharpen", "a.png", "b.png", "-o", "out/")
LEARN = ("a.png", "b.png")


def made(function: Any, cls: type[TyperCommand], words: tuple[str, ...]) -> dict[str, Any] | str:
    """The values that a command would be called with, or what is said of them."""
    alone = typer.Typer(add_completion=False)
    alone.command("name", cls=cls)(unbundled(function))
    command = typer.main.get_command(alone)
    try:
        params: dict[str, Any] = command.make_context("name", list(words)).params
    except typer.TyperException as error:
        return error.format_message()
    # Typer makes lists of tuples as it calls the function.
    return {name: list(value) if isinstance(value, tuple) else value for name, value in params.items()}


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (apply, APPLY),
        (apply, (*APPLY, "--stride", "2", "--quality", "100", "--threads", "007", "--max-pixels", "123456789012345")),
        (apply, (*APPLY, "--range", "stretch", "--depth", "16", "--engine", "numba", "--normalize", "l1", "-qf")),
        (apply, (*APPLY, "--fail-fast", "--border", "constant:0.5", "--jobs", "3", "--name", "", "--bias", "-1/2")),
        (apply, (*APPLY, "--stride", " 2", "--quality", "+9", "--threads", "1_0")),
        (learn, LEARN),
        (learn, (*LEARN, "--no-bias", "--model", "full", "--seed", "3", "--steps", "10", "--log-every", "5")),
        (list_, ()),
        (list_, ("edge", "--json")),
    ],
)
def test_values_are_those_that_typer_makes(function: Any, words: tuple[str, ...]) -> None:
    plain = made(function, PlainCommand, words)
    assert isinstance(plain, dict), plain
    assert plain == made(function, TyperCommand, words)


@pytest.mark.parametrize(
    "words",
    [
        (),
        (*APPLY, "--stride", "0"),
        (*APPLY, "--stride", "two"),
        (*APPLY, "--stride", "٢x"),
        (*APPLY, "--quality", "101"),
        (*APPLY, "--quality", ""),
        (*APPLY, "--range", "Stretch!"),
        (*APPLY, "--depth", "12"),
        (*APPLY, "--engine"),
        (*APPLY, "--color", "red"),
    ],
)
def test_what_typer_refuses_is_refused_in_its_words(words: tuple[str, ...]) -> None:
    told = made(apply, PlainCommand, words)
    assert isinstance(told, str)
    assert told == made(apply, TyperCommand, words)


def test_the_parameters_that_typer_made_keep_their_class() -> None:
    command = Commands()["apply"]
    before = [type(each) for each in command.params]
    context = command.make_context("apply", list(APPLY))
    assert [type(each) for each in command.params] == before
    shown = command.get_params(context)
    assert {type(each) for each in shown} == {PlainOption, PlainArgument}
    assert all(one is other for one, other in zip(shown, command.get_params(context), strict=True))
    assert [each.name for each in shown] == [*(each.name for each in command.params), "help"]


def test_commands_are_built_once_and_when_they_are_asked_for() -> None:
    commands = Commands()
    assert list(commands) == list(_COMMANDS)
    assert not any(commands.data.values())
    assert commands["list"] is commands["list"]
    assert commands.data["apply"] is None
    assert commands.get("aply") is None
    assert {name: each.name for name, each in commands.items()} == dict(zip(commands, commands, strict=True))
