from __future__ import annotations

import re

import pytest
import typer.main

import convcli
from convcli.cli.application.app import app
from tests.support.console import refused, run, shell

GROUP = typer.main.get_command(app)
COMMANDS = {"convcli": GROUP, **GROUP.commands}  # type: ignore[attr-defined]  # an application of commands is a group
WORDS = {name: () if name == "convcli" else (name,) for name in COMMANDS}


def test_the_commands_of_this_version() -> None:
    assert set(COMMANDS) >= {"convcli", "apply", "list", "show", "check"}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_two_names_and_begins_with_examples(name: str) -> None:
    answer = run(*WORDS[name], "--help")
    assert answer.code == 0
    assert answer.stderr == ""
    assert run(*WORDS[name], "-h").stdout == answer.stdout
    text = answer.stdout
    example = re.search(r"^ +convcli \S", text, re.MULTILINE)
    assert example is not None
    assert text.index("Usage: convcli") < example.start() < text.index("Options")
    assert "Traceback" not in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_has_a_help_text_that_is_a_sentence(name: str) -> None:
    for parameter in COMMANDS[name].params:
        text = getattr(parameter, "help", None)
        assert text, parameter.name
        assert text[0].isupper() or not text[0].isalpha(), text
        if parameter.name not in ("install_completion", "show_completion"):  # whose texts are Typer's
            assert text.rstrip(")").endswith("."), text


def test_the_three_options_of_every_command_stand_before_and_after_it() -> None:
    for name, command in COMMANDS.items():
        options = {each for parameter in command.params for each in parameter.opts}
        assert {"-q", "--quiet", "-v", "--verbose", "--debug"} <= options, name


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"convcli"}))
def test_the_examples_of_the_help_are_right(name: str) -> None:
    """Every example is at least a line that the command's own parser takes."""
    text = COMMANDS[name].help or ""
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith(f"convcli {name}")]
    assert lines
    for line in lines:
        words = [each.strip('"') for each in re.findall(r'"[^"]*"|\S+', line.partition(" > ")[0])]
        context = COMMANDS[name].make_context(name, words[2:], resilient_parsing=False)
        assert context.params


def test_without_a_command_the_help_is_shown() -> None:
    answer = run()
    assert answer.stdout.startswith("Usage: convcli")
    assert (answer.code, answer.stderr) == (0, "")


def test_the_version() -> None:
    answer = run("--version")
    assert (answer.code, answer.stdout, answer.stderr) == (0, f"convcli {convcli.__version__}\n", "")


def test_a_wrong_word_is_told_on_stderr_with_code_2() -> None:
    for words, what in (
        (("appli",), "'appli'"),
        (("--versoin",), "--versoin"),
        (("apply", "--stirde", "2"), "--stirde"),
        (("list", "--jsn"), "--jsn"),
        (("show", "--size", "3"), "--size"),
        (("check", "-x"), "-x"),
    ):
        told, helps = refused(2, *words)
        assert what in told
        assert helps.endswith("--help shows how")


def test_help_and_usage_errors_of_a_real_process() -> None:
    answer = shell("apply", "--help")
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert b"Usage: convcli apply" in answer.stdout
    assert b"\x1b" not in answer.stdout
    wrong = shell("apply", "sharpen")
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert wrong.stderr.startswith(b"error: ")


def test_no_color_is_respected() -> None:
    for env in ({"NO_COLOR": "1", "FORCE_COLOR": ""}, {"TERM": "dumb"}):
        assert "\x1b" not in run("--help", env=env).stdout
        assert "\x1b" not in run("show", "sharpen", env=env).stdout
