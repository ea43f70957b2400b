"""Commands that were meant: a wrong command line, and the right one for its help."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from convcli.cli.application.habits import PARAMETERS, habitual
from convcli.cli.application.values import advice_on_value, with_two_hyphens
from convcli.cli.apply.guesses import is_filter, is_picture, is_piped, joined_names, meant_line, typed
from convcli.cli.apply.words import WORDS
from convcli.cli.options.common import HELP_ALL
from convcli.errors import UsageError
from convcli.words import as_word, did_you_mean

_VOICE = {"-q", "--quiet", "-v", "--verbose", "--debug"}

# First words of other tools, and the command here.
_COMMANDS = {
    "convcli list": "ls filters kernels names list-filters --list -l",
    "convcli --version": "version -V",
    "convcli --install-completion": "install-completion completion completions --completion",
    "convcli apply": "run filter process convert magick mogrify ffmpeg conv convolve --apply",
    "convcli compare": "diff difference cmp psnr ssim",
    "convcli gallery": "contact-sheet montage samples",
    "convcli learn": "train fit find detect reverse guess",
    "convcli show": "info describe print cat",
    "convcli export": "save-as to handover hand-over transpile translate codegen",
    "convcli import": "load read from open",
    "convcli help": "man usage -help -? /? --usage",
}
_FIRST_WORDS = {word: command for command, words in _COMMANDS.items() for word in words.split()}

_WITH_WORDS = ("learn", "show", "export", "import", "help", "compare", "gallery")  # which the hint repeats
_COPYING = ("convert", "magick", "ffmpeg")  # first words that copy a picture where no filter is named
_MEASURES = ("--psnr", "--ssim", "--mse", "--metric", "--metrics", "--rmse", "--per-channel")
_TEXTS_OF_LIST = ("--group", "--filter", "--search", "--grep", "--find", "--tag", "-g", "-s")
_ANSWERS = dict.fromkeys(
    ("undo", "restore", "revert", "rollback"),
    "--in-place keeps the original beside the file, as NAME~: mv photo.jpg~ photo.jpg brings it back",
)
_POSITIONS = ("--pixel", "--position", "--pos", "--xy", "--x", "--point")
_OF_APPLY = ("--in-place", "--preview", "--watch")  # which may be taken for commands

# Options of other tools, and what to write.
_OPTIONS = {
    "FILTER is the first word after apply: convcli apply sharpen photo.jpg -o sharp.jpg": (
        "--filter --kernel -k --filters --matrix --type --effect"
    ),
    "inputs follow the filter, without an option: convcli apply sharpen photo.jpg -o sharp.jpg": (
        "-i --input --in --inputs --image --file --source"
    ),
    "-o names the output: convcli apply sharpen photo.jpg -o sharp.jpg": (
        "--out --output-file --outfile --outdir --output-dir --dest --destination --to --save -d"
    ),
    "parameters follow the name of the filter: gaussian:sigma=2, median:size=5": PARAMETERS,
    "a size is a filter: convcli apply resize:50% photo.jpg -o small.jpg": (
        "--resize --scale --width --height --thumbnail"
    ),
    "gray is a filter: convcli apply grayscale photo.jpg -o gray.jpg": "--gray --grey --grayscale --bw --mono",
    "--force overwrites existing outputs": "--overwrite --yes -y --replace --clobber",
    "--jobs sets how many files are done at a time": "--workers --parallel --processes -p --num-workers",
    "the list of filters: convcli list": "--list --list-filters -l --filters-list",
    "--background sets the color under what is transparent": "--bg --bgcolor",
    "-r takes the folders below a folder too": "-R --tree --subfolders --recurse",
    "values become the output's depth by --depth 8, 16 or float": "--bits --dtype --bit-depth",
}
_OTHER_OPTIONS = {word: advice for advice, words in _OPTIONS.items() for word in words.split()}


def meant(words: Sequence[str], error: UsageError) -> UsageError:
    """Return an error with the command that was meant for its help; the error itself where that is not known."""
    command, *rest = [word for word in words if word not in _VOICE] or [""]
    context = getattr(error.__cause__, "ctx", None)  # Typer's, of words that it could not read
    if alone := re.match(r"Option '(\S+)' does not take a value", error.message):
        return UsageError(error.message, f"write {alone[1]} alone")
    if foreign := _foreign(command, rest) or _quality(words):
        return UsageError(error.message, foreign)
    if (right := with_two_hyphens(rest)) != rest:
        line = _apply(right) if command == "apply" else " ".join(["convcli", command, *map(typed, right)])
        return UsageError("a long option has two hyphens", line)
    if command in _OF_WORDS and (hint := _OF_WORDS[command](rest)):
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
        command = _FIRST_WORDS[first]
        if command == "convcli apply" and "--to" in rest:
            command = "convcli export"
        if first in _COPYING and any(re.match(r"-[a-z]{2}", word) for word in rest):
            return "a filter comes first: convcli apply sharpen photo.jpg -o sharp.jpg; convcli list shows all"
        if command == "convcli apply":
            return _apply(rest if any(map(is_filter, rest)) or first not in _COPYING else ["identity", *rest])
        return " ".join([command, *(map(typed, rest) if command.endswith(_WITH_WORDS) else ())])
    if f"--{first}" in _OF_APPLY:
        return _apply([*rest, f"--{first}"])
    if first.startswith("-"):
        near = _near_option(first, ("--version", "--help", *(option for each in group.params for option in each.opts)))
        return f"did you mean convcli {near}? convcli --help shows how" if near else ""
    near = "" if is_filter(first) else _near(first, list(group.commands))
    if near:
        return f"did you mean {' '.join(['convcli', near, *map(typed, rest)])}? convcli --help shows how"
    return _apply([first, *rest])


def _apply(words: Sequence[str]) -> str:
    told = meant_line(words)
    return told.hint if told else ""


def _near(word: str, known: Sequence[str]) -> str:
    return did_you_mean(word, known).removeprefix("did you mean ").removesuffix("?")


def _near_option(name: str, known: Sequence[str]) -> str:
    """Return the one option that a word begins, or the nearest; of a single letter, none."""
    begun = [each for each in known if each.startswith(name)] if name.startswith("--") else []
    return begun[0] if len(begun) == 1 else _near(name, known) if name.startswith("--") else ""


def _of_option(command: str, name: str, rest: Sequence[str], error: Any) -> str:
    """Return help for an option that does not exist."""
    if command in ("help", "show", "list") and name in WORDS:
        return f"convcli apply {HELP_ALL} explains {name}"
    others = _OTHER_OPTIONS if command == "apply" else {}
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


def _of_typer(command: str, rest: Sequence[str], error: Any) -> str:
    """Return help for an option that does not exist, or words that are missing."""
    name = getattr(error, "option_name", "")
    if name and hasattr(error, "possibilities"):
        return _of_option(command, name, rest, error)
    if error.format_message().startswith("Got unexpected"):
        return _one_word(command, rest)
    if not error.format_message().startswith(("Missing", "Option")):
        return advice_on_value(command, error)
    if command == "apply":
        return _apply(rest)
    words = [word for word in rest if not word.startswith("-")]
    missing = getattr(getattr(error, "param", None), "name", "") or name
    return _EXAMPLES.get((command, missing.lstrip("-")), "").format(*map(typed, words), "…", "…")


def _one_word(command: str, rest: Sequence[str]) -> str:
    """Return help where a filter, or the text of `list`, is given in several words."""
    at = rest.index("--at") + 1 if command == "explain" and "--at" in rest else len(rest)
    if all(word.strip(",").isdigit() for word in rest[at : at + 2]) and len(rest) > at + 1:
        line = [*rest[:at], f"{rest[at].strip(',')},{rest[at + 1].strip(',')}", *rest[at + 2 :]]
        return f"a position is one word: convcli explain {' '.join(map(typed, line))}"
    if command == "list":
        return f"give one text: convcli list {as_word(rest[0])}"
    if command == "compare":
        first, second, drawing, *more = [word for word in rest if not word.startswith("-")]
        pair = f"convcli compare {typed(first)} {typed(second)}"
        return f"{pair} -o {typed(drawing)}" if not more else f"compare takes two pictures: {pair}"
    if (names := joined_names(rest)) != list(rest):
        return f"quote a name with blanks: convcli {command} {' '.join(map(typed, names))}"
    from convcli.catalog import meant_filter  # imports NumPy

    words = [word for word in rest if not word.startswith("-")]
    meant = meant_filter(" ".join(words)) if command in ("show", "help") else ""
    if command == "show" and is_filter(words[0]):
        return f"convcli show {as_word(meant or words[0])}"
    return f"convcli {command} {as_word(meant if meant else words[0])}" if command == "help" or meant else ""


def _swapped(rest: Sequence[str]) -> str:
    """Return help where `explain` is given its picture before its filter."""
    if len(rest) < 2 or not is_picture(rest[0]) or not is_filter(rest[1]):
        return ""
    line = [rest[1], rest[0], *rest[2:], *([] if "--at" in rest else ["--at", "10,20"])]
    return f"the filter comes first: convcli explain {' '.join(map(as_word, line))}"


def _of_report(rest: Sequence[str]) -> str:
    """Return help where `report` is given a picture in place of its filter, or before it."""
    words = [word for word in rest if not word.startswith("-")]
    if not words or not is_picture(words[0]) or is_filter(words[0]):
        return ""
    others = [word for word in rest if word != words[0]]
    text = next((word for word in words[1:] if is_filter(word)), "sharpen")
    line = [text, words[0], *(word for word in others if word != text)]
    line += [] if {"-o", "--output"} & set(rest) else ["-o", "report.html"]
    return f"the filter comes first: convcli report {' '.join(map(typed, line))}"


def _of_gallery(rest: Sequence[str]) -> str:
    """Return help where `gallery` is given a group in place of filters."""
    from convcli.catalog import GROUPS

    if any(word.startswith("--group") for word in rest):
        return ""
    group = next((word for word in rest[1:] if word in GROUPS and not is_filter(word)), "")
    others = [word for word in rest if word != group]
    return f"convcli gallery {' '.join(map(typed, others))} --group {group}" if group else ""


_OF_WORDS: dict[str, Callable[[Sequence[str]], str]] = {
    "explain": _swapped,
    "report": _of_report,
    "gallery": _of_gallery,
}

# Help for a command's missing word, by its name; {0} and so on are the words that are there.
_EXAMPLES = {
    ("export", "filter_text"): "name a filter and a program: convcli export sharpen --to imagemagick",
    ("import", "file"): "name a file with a kernel: convcli import kernel.mat -o kernel.yaml",
    ("report", "filter_text"): "name a filter and a page: convcli report sharpen photo.jpg -o sharpen.html",
    ("report", "output"): "name the page: convcli report {0} -o report.html",
    ("gallery", "picture"): "name a picture: convcli gallery photo.jpg -o gallery.html",
    ("gallery", "output"): "name the page: convcli gallery {0} -o gallery.html",
    ("compare", "second"): "compare takes two pictures: convcli compare {0} other.png",
    ("compare", "first"): "compare takes two pictures: convcli compare one.png other.png",
    ("learn", "target"): "learn compares two pictures, before and after: convcli learn {0} after.png -o mine.yaml",
    ("learn", "source"): "learn compares two pictures, before and after: convcli learn before.png after.png",
    ("show", "filter_text"): "name a filter: convcli show sharpen; convcli list shows all",
    ("check", "files"): "name filter files: convcli check my.yaml",
    ("explain", "at"): "name a position, column and row: convcli explain {0} {1} --at 10,20",
    ("explain", "image"): "name a picture and a position: convcli explain {0} photo.png --at 10,20",
    ("explain", "filter_text"): "name a filter, a picture and a position: convcli explain sharpen photo.png --at 10,20",
}
