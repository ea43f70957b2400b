"""Commands that were meant: a wrong command line, and the right one for its help."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from convcli.cli.application.habits import habitual
from convcli.cli.application.lines import line_of, line_of_one_word, line_with_missing
from convcli.cli.application.options import FILTERS, OPTIONS
from convcli.cli.application.values import advice_on_value, with_two_hyphens
from convcli.cli.apply.guesses import is_filter, is_picture, is_piped, meant_line, typed
from convcli.cli.apply.words import WORDS
from convcli.cli.options.common import HELP_ALL, USUAL
from convcli.errors import UsageError
from convcli.words import as_word, did_you_mean

_VOICE = {"-q", "--quiet", "-v", "--verbose", "--debug"}

# First words of other tools, and the command here.
_COMMANDS = {
    "convcli list": "ls filters kernels names list-filters --list -l --filters all",
    "convcli --version": "version -V -version",
    "convcli --install-completion": "install-completion completion completions --completion",
    "convcli apply": "run filter process convert magick mogrify ffmpeg conv convolve --apply",
    "convcli compare": "diff difference cmp psnr ssim",
    "convcli gallery": "contact-sheet montage samples",
    "convcli learn": "train fit find detect reverse guess",
    "convcli show": "info describe print cat identify view display inspect",
    "convcli doctor": "config settings status env diagnose",
    "convcli export": "save-as to handover hand-over transpile translate codegen",
    "convcli import": "load read from open",
    "convcli help": "man usage -help -? /? --usage",
}
_FIRST_WORDS = {word: command for command, words in _COMMANDS.items() for word in words.split()}

_WITH_WORDS = ("learn", "show", "export", "import", "help", "compare", "gallery")  # which the hint repeats
_COPYING = ("convert", "magick", "ffmpeg")  # first words that copy a picture where no filter is named
_MEASURES = ("--psnr", "--ssim", "--mse", "--metric", "--metrics", "--rmse", "--per-channel")
_TEXTS_OF_LIST = ("--group", "--filter", "--search", "--grep", "--find", "--tag", "-g", "-s")
_ANSWERS = {
    word: answer
    for answer, words in {
        "--in-place keeps the original beside the file, as NAME~: mv photo.jpg~ photo.jpg brings it back": (
            "undo restore revert rollback"
        ),
        "pip does that: pip install --upgrade convcli": "update upgrade install self-update",
    }.items()
    for word in words.split()
}
_SEEING = ("convcli show", "convcli import")  # which take no picture
_POSITIONS = ("--pixel", "--position", "--pos", "--xy", "--x", "--point")
_OF_APPLY = ("--in-place", "--preview", "--watch")  # which may be taken for commands
_ALIKE = 0.75  # of the letters of two options, for one to be meant by the other


def meant(words: Sequence[str], error: UsageError) -> UsageError:
    """Return an error with the command that was meant for its help; the error itself where that is not known."""
    command, *rest = [word for word in words if word not in _VOICE] or [""]
    context = getattr(error.__cause__, "ctx", None)  # Typer's, of words that it could not read
    if alone := re.match(r"Option '(\S+)' does not take a value", error.message):
        return UsageError(error.message, f"write {alone[1]} alone")
    lacking = re.match(r"Option '(\S+)' requires an argument", error.message)
    if lacking and (hint := _without_value(command, lacking[1], rest)):
        return UsageError(error.message, hint)
    if foreign := _foreign(command, rest) or _quality(words):
        return UsageError(error.message, foreign)
    if (right := with_two_hyphens(rest)) != rest:
        line = _apply(right) if command == "apply" else " ".join(["convcli", command, *map(typed, right)])
        return UsageError("a long option has two hyphens", line)
    if hint := line_of(command, rest):
        return UsageError(error.message, hint)
    if context is not None:
        is_known = context.parent is not None
        hint = _of_typer(command, rest, error.__cause__) if is_known else _of_command(command, rest, context.command)
        return UsageError(error.message, hint) if hint else error
    told = meant_line(rest, error) if command == "apply" else None
    piped = (
        "; -o - writes to the pipe" if error.message.startswith("Missing option '-o'") and is_piped("stdout") else ""
    )
    return UsageError(told.fault or error.message, told.hint + piped) if told else error


def _foreign(command: str, rest: Sequence[str]) -> str:
    """Return help for a line of another program, whose options are filters."""
    is_first = command == "apply" or _FIRST_WORDS.get(command) == "convcli apply"
    if not (is_first or command.startswith("-") or is_picture(command) or is_filter(command)):
        return ""
    words = habitual(rest if is_first else [command, *rest])
    return _apply(words) if words else ""


def _quality(words: Sequence[str]) -> str:
    """Return help where ``-q`` is meant for the quality of the output."""
    behind = next((after for word, after in pairwise(words) if word == "-q"), "")
    return f"-q is --quiet; write --quality {behind}" if behind.isdigit() else ""


def _of_command(first: str, rest: Sequence[str], group: Any) -> str:
    """Return help where the first word is no command: a filter, a picture, or a misspelled or foreign command."""
    if not first:
        return "convcli help lists the commands, convcli list the filters"
    if first in _ANSWERS:
        return _ANSWERS[first]
    if first in _FIRST_WORDS:
        return _of_first_word(first, rest)
    if f"--{first}" in _OF_APPLY:
        return _apply([*rest, f"--{first}"])
    if first.startswith("-"):
        near = _near_option(first, ("--version", "--help", *(option for each in group.params for option in each.opts)))
        return f"did you mean convcli {near}? convcli --help shows how" if near else ""
    near = "" if is_filter(first) else _near(first, list(group.commands))
    if near:
        return f"did you mean {' '.join(['convcli', near, *map(typed, rest)])}? convcli --help shows how"
    return _apply([first, *rest])


def _of_first_word(first: str, rest: Sequence[str]) -> str:
    """Return the line that a first word of another program stands for."""
    command = _FIRST_WORDS[first]
    if command == "convcli apply" and "--to" in rest:
        command = "convcli export"
    if first in _COPYING and any(re.match(r"-[a-z]{2}", word) for word in rest):
        return "a filter comes first: convcli apply sharpen photo.jpg -o sharp.jpg; convcli list shows all"
    if command == "convcli apply":
        return _apply(rest if any(map(is_filter, rest)) or first not in _COPYING else ["identity", *rest])
    if command in _SEEING and rest and is_picture(rest[0]) and not is_filter(rest[0]):
        return f"it is a picture: convcli apply identity {typed(rest[0])} --preview shows it and its size"
    if first == "info" and not rest:
        command = "convcli doctor"
    return " ".join([command, *(map(typed, rest) if command.endswith(_WITH_WORDS) else ())])


def _apply(words: Sequence[str]) -> str:
    told = meant_line(words)
    return told.hint if told else ""


def _near(word: str, known: Sequence[str]) -> str:
    return did_you_mean(word, known).removeprefix("did you mean ").removesuffix("?")


def _near_option(name: str, known: Sequence[str]) -> str:
    """Return the one option that a word begins, or the nearest; of a single letter, none."""
    begun = [each for each in known if each.startswith(name)] if name.startswith("--") else []
    if len(begun) == 1 or not name.startswith("--"):
        return begun[0] if begun else ""
    return next(iter(get_close_matches(name, known, 1, _ALIKE)), "")


def _of_option(command: str, name: str, rest: Sequence[str], error: Any) -> str:
    """Return help for an option that does not exist."""
    if command in ("help", "show", "list") and name in WORDS:
        return f"convcli apply {HELP_ALL} explains {name}"
    if command == "apply" and name in FILTERS:
        return _first_word(name, rest)
    others = OPTIONS.get(command, {})
    if command == "explain" and name in _POSITIONS:
        return "name a position, column and row: --at 10,20"
    if command == "compare" and name in _MEASURES:
        return "MSE, PSNR, SSIM and the largest difference are printed without an option; --json has each channel"
    if command == "list" and name in _TEXTS_OF_LIST:
        return f"convcli list {typed(rest[-1]) if rest[-1] != name else 'edges'}"
    options = [option for each in error.ctx.command.params for option in each.opts]
    if name.swapcase() in options:
        return f"did you mean {name.swapcase()}? convcli {command} --help shows how"
    options = [option for option in options if option.startswith("--")]
    near = name if name in others else _near_option(name, [*options, *others])
    if near in others:
        return others[near]
    return f"did you mean {near}? convcli {command} --help shows how" if near else ""


def _without_value(command: str, name: str, rest: Sequence[str]) -> str:
    """Return help for an option at the end of a line, without its value; empty for the output of `apply`."""
    if name in ("-o", "--output"):
        if command == "apply":
            return ""
        words = [word for word in rest if word != name]
        return line_with_missing(command, "output", words) or f"name a file: {name} FILE"
    kind = WORDS[name][2] if command == "apply" and name in WORDS else None
    values = f"one of {', '.join(kind)}" if isinstance(kind, tuple) else "a value"
    explains = HELP_ALL if command in USUAL else "--help"
    return f"give {name} {values}; convcli {command} {explains} explains it"


def _first_word(name: str, rest: Sequence[str]) -> str:
    """Return help for a line of `apply` whose filter stands behind an option."""
    words = [
        part for word in rest for part in ([name, word[len(name) + 1 :]] if word.startswith(f"{name}=") else [word])
    ]
    begin = words.index(name)
    text, others = words[begin + 1 : begin + 2], words[:begin] + words[begin + 2 :]
    line = " ".join(["convcli apply", as_word(text[0]), *map(typed, others)]) if text and text[0][:1] != "-" else ""
    example = "convcli apply sharpen photo.jpg -o sharp.jpg"
    return f"FILTER is the first word after apply: {line or example}"


def _of_typer(command: str, rest: Sequence[str], error: Any) -> str:
    """Return help for an option that does not exist, or words that are missing."""
    name = getattr(error, "option_name", "")
    if name and hasattr(error, "possibilities"):
        return _of_option(command, name, rest, error)
    if error.format_message().startswith("Got unexpected"):
        return line_of_one_word(command, rest)
    if not error.format_message().startswith(("Missing", "Option")):
        return advice_on_value(command, error)
    if command == "apply":
        return _apply(rest)
    missing = getattr(getattr(error, "param", None), "name", "") or name
    return line_with_missing(command, missing.lstrip("-"), rest)
