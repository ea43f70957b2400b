"""Completion in bash, zsh and fish: of commands, options and their values, and of filters with their parameters.

The scripts hand over the line up to the cursor as it is typed, since bash splits words at colons and equals signs, and
a pipeline stands in quotes.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from convcli.cli.options.common import HELP_ALL, USUAL
from convcli.filters import BORDER_NAMES

_SHELL, _LINE, _BREAKS = "_CONVCLI_COMPLETE", "_CONVCLI_LINE", "_CONVCLI_BREAKS"
_PREFIX = "line_"  # of the shell's name, apart from that of Typer's scripts

_BASH = """
%(complete_func)s() {
    local IFS=$'\\n'
    COMPREPLY=($(%(autocomplete_var)s=line_bash _CONVCLI_LINE="${COMP_LINE:0:COMP_POINT}" \\
        _CONVCLI_BREAKS="$COMP_WORDBREAKS" "$1" 2>/dev/null))
    if [[ ${COMPREPLY[0]-} == *[=:] ]]; then compopt -o nospace; fi
    return 0
}

complete -o default -F %(complete_func)s %(prog_name)s
"""

_ZSH = """
#compdef %(prog_name)s

%(complete_func)s() {
    local -a found open closed
    found=("${(@f)$(%(autocomplete_var)s=line_zsh _CONVCLI_LINE="${(j: :)words[1,CURRENT]}" ${words[1]} 2>/dev/null)}")
    closed=(${found:#*[=:]})
    open=(${(M)found:#*[=:]})
    if (( ${#closed} + ${#open} )); then
        (( ${#open} )) && compadd -S '' -a open
        (( ${#closed} )) && compadd -a closed
    else
        _files
    fi
}

compdef %(complete_func)s %(prog_name)s
# Loaded by the first completion: that is this function's, too.
if [[ ${funcstack[1]} == _%(prog_name)s ]]; then %(complete_func)s "$@"; fi
"""

_FISH = """
function %(complete_func)s
    set -l found (env %(autocomplete_var)s=line_fish _CONVCLI_LINE=(commandline -cp | string collect) \\
        %(prog_name)s 2>/dev/null)
    if test (count $found) -gt 0
        printf '%%s\\\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end

complete --command %(prog_name)s --no-files --arguments '(%(complete_func)s)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}

# Values by what the help calls them; their words of lower case are offered besides.
_VALUES = {
    "NAME[:VALUE]": BORDER_NAMES,
    "COLOR": ("white", "black", "gray", "red", "green", "blue", "yellow"),
    "SIZE": ("500MB", "1GB", "2GB", "4GB", "8GB"),
    "PATTERN": ("{stem}{suffix}", "{stem}-{filter}{suffix}", "{parent}-{stem}{suffix}", "{n:03}-{stem}{suffix}"),
}
# Numbers that are usual, by the option.
_NUMBERS = {
    option: texts.split()
    for option, texts in {
        "--padding": "0 1 2",
        "--stride": "1 2 3 4",
        "--dilation": "1 2 3 4",
        "--divisor": "1 9 16",
        "--bias": "0 0.5 50% 128/255",
        "--anchor": "0,0 1,1 2,2",
        "--input": "0..1 0..255",
        "--channels": "r g b a r,g,b 0,3",
        "--frame": "0 1 2",
        "--quality": "75 85 92 100",
        "--jobs": "1 2 4 8",
        "--threads": "1 2 4 8",
        "--max-pixels": "100M 250M 1G 10G",
        "--size": "3 5 7 3x5",
        "--holdout": "0 0.1 0.2",
        "--learning-rate": "0.001 0.01 0.1",
        "--steps": "100 1000 10000",
        "--tolerance": "1e-6 1e-9",
        "--seed": "0 1 2",
        "--log-every": "1 10 100",
        "--epochs": "10 60 100",
        "--batch": "4 8 16",
        "--patch": "32 64 128",
        "--weight-decay": "0 0.01",
        "--patience": "5 10",
        "--input-size": "1x28x28 3x32x32 3x224x224",
        "--at": "0,0 10,20",
        "--channel": "0 1 2",
        "--min-psnr": "30 40 inf",
        "--white": "0.25 1",
    }.items()
}
_WORD = re.compile(r"[a-z][a-z0-9-]*")
_TOKEN = re.compile(
    r"""'(?P<single>[^']*)'?|"(?P<double>(?:[^"\\]|\\.)*)\\?"?|\\(?P<escaped>.?)|(?P<plain>[^\s'"\\]+)"""
)


class Word(NamedTuple):
    """A word of a line as the shell takes it, and whether its end is inside of quotes."""

    text: str
    is_quoted: bool = False


def use_scripts() -> None:
    """Have Typer print and install these scripts; its own stay for other shells."""
    from typer import _completion_shared  # has no public way to set them

    _completion_shared._completion_scripts.update(SCRIPTS)  # noqa: SLF001


def answer(group: Any) -> bool:
    """Print the words that the shell asks for, one a line; return whether it asks."""
    shell = os.environ.get(_SHELL, "")
    if not shell.startswith(_PREFIX):
        return False
    words = split_line(os.environ.get(_LINE, ""))
    current = words[-1]
    found = completions(group, [word.text for word in words[1:-1]], current.text)
    if shell == f"{_PREFIX}bash" and not current.is_quoted:
        # Bash puts them behind the last sign that parts words there.
        kept = re.sub(f"[^{re.escape(os.environ.get(_BREAKS, '') or ' ')}]*$", "", current.text)
        found = [each[len(kept) :] for each in found]
    sys.stdout.write("".join(f"{each}\n" for each in found))
    return True


def split_line(line: str) -> list[Word]:
    """Return the words of a line, the last one of which is empty behind a blank."""
    words = []
    text, begun, is_quoted = "", False, False
    position = 0
    while position < len(line):
        if line[position].isspace():
            if begun:
                words.append(Word(text))
            text, begun, is_quoted = "", False, False
            position += 1
            continue
        found = _TOKEN.match(line, position)
        if found is None:
            break
        part = found[0]
        text += (
            re.sub(r"\\(.)", r"\1", found[found.lastgroup or 0])
            if found.lastgroup == "double"
            else found[found.lastgroup or 0]
        )
        is_quoted = part[0] in "'\"" and (len(part) == 1 or part[-1] != part[0])
        begun, position = True, found.end()
    return [*words, Word(text, is_quoted)]


def completions(group: Any, words: Sequence[str], begin: str) -> list[str]:
    """Return the words that begin so, behind the words after the command's own name; none where files are meant."""
    position = next((index for index, word in enumerate(words) if not word.startswith("-")), None)
    if position is None:
        own = _option_names(group) if begin.startswith("-") else list(group.commands)
        return [each for each in own if each.startswith(begin)]
    command = group.commands.get(words[position])
    if command is None:
        return []
    found = _of_command(command, words[position + 1 :], begin)
    explained = [name for name in group.commands if name.startswith(begin)] if command.name == "help" else []
    return list(dict.fromkeys([*explained, *found]))


def _of_command(command: Any, words: Sequence[str], begin: str) -> Iterator[str]:
    options = {name: each for each in command.params for name in (*each.opts, *each.secondary_opts)}
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    pending, count = _read(words, options)
    name, equals, value = begin.partition("=")
    if pending is not None:
        yield from _values(pending, begin)
    elif equals and name.startswith("--") and name in options:
        yield from (f"{name}={each}" for each in _values(options[name], value))
    elif begin.startswith("-") and not begin[1:2].isdigit():
        yield from (each for each in _option_names(command) if each.startswith(begin))
    elif arguments and (count < len(arguments) or arguments[-1].nargs != 1):
        yield from _values(arguments[min(count, len(arguments) - 1)], begin)


def _read(words: Sequence[str], options: Mapping[str, Any]) -> tuple[Any, int]:
    """Return the option that waits for its value, or None, and the number of arguments."""
    pending, count = None, 0
    for word in words:
        if pending is not None:
            pending = None
        elif word.startswith("-") and word != "-" and not word[1:2].isdigit():
            option = options.get(word)
            pending = option if option is not None and not option.is_flag else None
        else:
            count += 1
    return pending, count


def _option_names(command: Any) -> list[str]:
    names = [name for each in command.params for name in (*each.opts, *each.secondary_opts) if name.startswith("-")]
    return [*names, "--help", *([HELP_ALL] if command.name in USUAL else ())]


def _values(parameter: Any, begin: str) -> Iterator[str]:
    """Yield the values of an option or an argument that begin so."""
    yield from (each.value for each in parameter.shell_complete(None, begin) if each.type == "plain")
    metavar = parameter.metavar or ""
    words: list[str] = []
    for part in metavar.split("|"):
        words += [part] if _WORD.fullmatch(part) else _VALUES.get(part, ())
    words += next((_NUMBERS[each] for each in parameter.opts if each in _NUMBERS), [])
    if "--format" in parameter.opts:
        from convcli.image import WRITTEN

        words += [each.name for each in WRITTEN]
    yield from (each for each in words if each.startswith(begin))
    if "FILTER" in metavar.split("|") and parameter.param_type_name == "option":
        from convcli.catalog import completed

        yield from completed(begin)
