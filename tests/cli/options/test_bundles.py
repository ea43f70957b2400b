from __future__ import annotations

import inspect
from typing import Annotated, Literal

import pytest
import typer
from typer.testing import CliRunner

from convcli.cli.options.bundles import Bundle, unbundled

Own = Annotated[bool, typer.Option("--own", help="Own.", rich_help_panel="Elsewhere")]


class Looks(Bundle):
    """A bundle."""

    panel = "Looks"

    size: Annotated[int, typer.Option(help="How large.", min=1)]
    color: Annotated[Literal["red", "green"] | None, typer.Option(help="Which.")] = None
    word: Annotated[str, typer.Option(metavar="TEXT", help="Which.")] = "none"
    own: Own = False

    def check(self) -> None:
        if self.color == "green" and self.size > 8:
            raise ValueError("too much green")


def paint(name: Annotated[str, typer.Argument(help="Of it.")], *, looks: Looks, end: str = ".") -> None:
    """Paint."""
    typer.echo(f"{name} {looks.size} {looks.color} {looks.word} {looks.own}{end}")


def invoke(*words: str) -> str:
    app = typer.Typer(add_completion=False)
    app.command("paint")(unbundled(paint))
    result = CliRunner().invoke(app, words, env={"TERM": "dumb", "TERMINAL_WIDTH": "100"})
    return result.output


def test_a_bundle_is_taken_as_single_options_and_handed_on_as_one_value() -> None:
    assert invoke("it", "--size", "3", "--color", "red", "--own") == "it 3 red none True.\n"
    assert invoke("it", "--size", "3", "--end", "!") == "it 3 None none False!\n"


def test_a_bundle_refuses_options_that_contradict_each_other() -> None:
    with pytest.raises(ValueError, match="green"):
        Looks(size=9, color="green")
    assert (Looks(size=9).size, Looks(size=9).color) == (9, None)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("it",), "Missing option '--size'"),
        (("it", "--size", "0"), "Invalid value for '--size'"),
        (("it", "--size", "1", "--color", "x"), "Invalid value for '--color'"),
    ],
)
def test_typer_judges_the_fields_of_a_bundle(words: tuple[str, ...], says: str) -> None:
    answer = invoke(*words)
    assert "Error" in answer
    assert says in answer


def test_the_options_are_those_of_the_signature_in_the_order_of_the_fields() -> None:
    command = unbundled(paint)
    parameters = inspect.signature(command).parameters
    assert list(parameters) == ["name", "size", "color", "word", "own", "end"]
    assert parameters["size"].default is inspect.Parameter.empty
    assert (parameters["color"].default, parameters["word"].default) == (None, "none")
    assert inspect.getdoc(command) == "Paint."


def test_panel_and_choices_follow_from_the_bundle_and_the_type() -> None:
    declared = {
        name: each.annotation.__metadata__[0]
        for name, each in inspect.signature(unbundled(paint)).parameters.items()
        if name in ("size", "color", "word", "own")
    }
    assert [each.rich_help_panel for each in declared.values()] == ["Looks", "Looks", "Looks", "Elsewhere"]
    assert [each.metavar for each in declared.values()] == [None, "red|green", "TEXT", None]
