"""Words that are read without Typer mean what Typer makes of them, and those that it refuses are left to it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from convcli.cli.application.commands import Commands
from convcli.cli.application.words import Context, read_plainly
from convcli.cli.apply.words import BUNDLES, WORDS
from convcli.cli.options.bundles import Bundle
from convcli.errors import UsageError

COMMAND = Commands()["apply"]
OUTPUT = ("-o", "out/")
TEXTS = [
    *(
        "",
        "-",
        "--",
        "0",
        "1",
        "2",
        "007",
        "٢",
        "100",
        "65536",
        "999999999",
        "1000000000",
        "-1",
        "-0.5",
        "1_0",
        "a.png",
    ),
    *("clip", "Clip", "8", "16", "sum", "keep", "numpy", "-1 0 1; 2 3 4", "--json", "-q", "-fq", "-oout", "--output=x"),
    *("--quality=9", "--linear=yes", "--range=abs", "--nothing", "--help", "edge", "a=b"),
]


def of_typer(words: list[str]) -> dict[str, Any] | None:
    """Return what Typer calls the command with; None where it refuses the words or prints its help."""
    try:
        context = COMMAND.make_context("apply", list(words))
    except (typer.TyperException, typer.Exit):
        return None
    values: dict[str, Any] = context.params
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def flat(values: dict[str, Any]) -> dict[str, Any]:
    """Return arguments with the options in place of their bundles, and the defaults of those that have none."""
    single: dict[str, Any] = {"json": False, "output": None}
    for name, value in values.items():
        single |= vars(value) if isinstance(value, Bundle) else {name: value}
    return single


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*WORDS, *TEXTS]) | st.text(max_size=3), max_size=6), st.booleans())
def test_what_is_read_plainly_is_what_typer_reads(words: list[str], whole: bool) -> None:
    words = ["sharpen", "a.png", *OUTPUT, *words] if whole else words
    plain = None
    with suppress(UsageError):  # of a bundle, which both routes check
        plain = read_plainly(words)
    if plain is not None:
        wanted = of_typer(words)
        assert wanted is not None
        assert flat(plain) == wanted | {"inputs": wanted["inputs"] or []}


@pytest.mark.parametrize("name", WORDS)
def test_every_option_is_read_plainly(name: str) -> None:
    bundle, option, kind = WORDS[name]
    value: Any
    if isinstance(kind, bool):
        value, values = kind, []
    else:
        value = "x" if kind is str else kind[-1]
        values = [str(value)]
    plain = read_plainly(["sharpen", "a.png", "b.png", *OUTPUT, name, *values])
    assert plain is not None
    assert flat(plain)[option] == value
    assert plain["inputs"] == ["a.png", "b.png"]
    assert bundle in ("", *BUNDLES)


def test_kernels_that_begin_with_a_minus_are_arguments() -> None:
    plain = read_plainly(["-1 0 1", "a.png", *OUTPUT, "--bias", "-.5"])
    assert plain is not None
    assert plain["filter_text"] == " -1 0 1"
    assert plain["kernel"].bias == " -.5"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["sharpen", "a.png"],
        list(OUTPUT),
        ["sharpen", "a.png", "-o"],
        ["sharpen", "a.png", "-oout"],
        ["sharpen", "a.png", *OUTPUT, "-qf"],
        ["sharpen", "a.png", *OUTPUT, "--quality", "101"],
        ["sharpen", "a.png", *OUTPUT, "--engine", "cuda"],
        ["sharpen", "a.png", *OUTPUT, "--help"],
        ["--", "sharpen", "a.png", *OUTPUT],
    ],
)
def test_other_words_are_left_to_typer(words: list[str]) -> None:
    assert read_plainly(words) is None


def test_what_was_opened_ends_with_the_command() -> None:
    ended: list[int] = []
    with Context() as context:
        assert context.obj is None
        context.callback(ended.append, 1)
        assert not ended
    assert ended
