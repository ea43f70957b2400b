"""The help of the commands, in lines that fit the terminal; of long lists of options the usual ones first."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from convcli.cli.options.common import HELP_ALL, USUAL
from convcli.report import Line, beside_names, paragraph, shown_lines, width_of
from convcli.words import grouped

# Options of which a command takes one.
_ONE_OF = {"apply": "(-o OUTPUT | --in-place)"}

_METAVARS = {int: "N", float: "X"}
_OPTIONS, _HEADING = "Options", "bold"


def print_help(command: Any, context: Any, *, whole: bool) -> None:
    """Print the help of a command or of the group but for the end of its last line; `whole` with every option.

    It is not handed to Typer, which writes UTF-8 where stdout is ASCII.
    """
    width = width_of(sys.stdout)
    sys.stdout.write(shown_lines(list(_lines(command, context, width, whole=whole))).rstrip("\n"))


def _lines(command: Any, context: Any, width: int, *, whole: bool) -> Iterator[Line]:
    summary, _, examples = inspect.cleandoc(command.help or "").partition("\n\n\b\n")
    options = [each for each in command.get_params(context) if not each.hidden and _is_option(each)]
    arguments = [each for each in command.get_params(context) if not _is_option(each)]
    yield Line(f"Usage: {_usage(command, context, arguments, options)}", _HEADING, len("Usage:"))
    yield Line()
    yield from map(Line, paragraph(" ".join(summary.split()), width))
    yield Line()
    yield from (Line(f"  {each}", "green") for each in examples.splitlines())
    yield Line()
    if arguments:
        yield from beside_names(((_metavar(each), each.help) for each in arguments), width, indent=0)
        yield Line()
    if hasattr(command, "commands"):
        yield Line("Commands", _HEADING)
        summaries = ((name, _summary(each)) for name, each in command.commands.items())
        yield from beside_names(summaries, width)
        yield Line()
    if whole or command.name not in USUAL:
        yield from _panels(options, width)
    else:
        yield from _brief(options, USUAL[command.name], f"{context.command_path} {HELP_ALL}", width)
    if command.epilog:
        yield Line()
        yield from map(Line, paragraph(command.epilog, width))


def _panels(options: Iterable[Any], width: int) -> Iterator[Line]:
    """Yield all options by their panels, those without one first."""
    panels: dict[str, list[Any]] = {_OPTIONS: []}
    for each in options:
        panels.setdefault(each.rich_help_panel or _OPTIONS, []).append(each)
    for index, (title, own) in enumerate(panels.items()):
        if index:
            yield Line()
        yield Line(title, _HEADING)
        yield from beside_names(((_names(each), _meaning(each)) for each in own), width)


def _brief(options: Iterable[Any], usual: Collection[str], more: str, width: int) -> Iterator[Line]:
    """Yield the usual options, each with its first sentence, and the names of the others."""
    options = list(options)
    shown = [each for each in options if each.opts[0] in usual]
    yield Line(_OPTIONS, _HEADING)
    yield from beside_names(((_names(each), _meaning(each, whole=False)) for each in shown), width)
    others = [each.opts[-1] for each in options if each.opts[0] not in usual and each.name != "help"]
    yield Line()
    yield from map(Line, paragraph(f"{more} explains the others: {', '.join(others)}.", width))


def _usage(command: Any, context: Any, arguments: Iterable[Any], options: Iterable[Any]) -> str:
    words = [context.command_path]
    for each in arguments:
        word = _metavar(each)
        word += "..." if each.nargs != 1 and "..." not in word else ""
        words.append(word if each.required or word.startswith("[") or each.nargs != 1 else f"[{word}]")
    words += [f"{each.opts[0]} {_metavar(each)}" for each in options if each.required]
    words += [_ONE_OF[command.name]] if command.name in _ONE_OF else []
    return " ".join([*words, "COMMAND [ARGUMENTS]" if hasattr(command, "commands") else "[OPTIONS]"])


def _summary(command: Any) -> str:
    return " ".join(inspect.cleandoc(command.help or "").partition("\n\n")[0].split())


def _is_option(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "option")


def _names(option: Any) -> str:
    """Return the names of an option and its value: ``-o, --output OUTPUT``."""
    opts = sorted(option.opts, key=len)  # Typer has those of --help in a set, in an order by chance
    names = ", ".join([*opts, *option.secondary_opts])
    metavar = "" if option.is_flag else _metavar(option)
    indent = "" if opts[0][1] != "-" else "    "  # below the long ones that have a short one
    return indent + " ".join(filter(None, (names, metavar)))


def _metavar(parameter: Any) -> str:
    return parameter.metavar or _METAVARS.get(parameter.type_descriptor.annotation, "TEXT")


def _meaning(option: Any, *, whole: bool = True) -> str:
    """Return what an option does, of a few sentences the first unless `whole`, and its default if it says something."""
    text = option.help if whole else option.help.partition(". ")[0]
    default = option.show_default if isinstance(option.show_default, str) else option.default
    if callable(default) or default in (None, False, True, "", [], ()) or option.show_default is False:
        return str(text)
    shown = grouped(default, in_text=True) if isinstance(default, int) else str(default)
    return f"{text.rstrip('.')} (default: {shown})."
