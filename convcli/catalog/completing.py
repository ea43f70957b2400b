"""Beginnings of a filter's text, completed: names, aliases, parameters and their values, after every bar.

Neither NumPy nor a YAML parser is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convcli.catalog.families import FAMILIES
from convcli.catalog.folders import builtin_files, filter_names
from convcli.catalog.lookup import known_names
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.filters import KERNEL_SETTINGS, Choice, Flag, Parameter


def completed(text: str) -> list[str]:
    """Return the texts that begin so: ``gauss`` is the begin of ``gaussian``, and ``gaussian:`` of ``gaussian:sigma=``.

    Aliases are among them once a letter is there. What is before the last bar is left as it is.
    """
    step = text.rpartition("|")[2].lstrip()
    before = text[: len(text) - len(step)]
    names = known_names() if step else filter_names()
    found = sorted({name for name in names if name.startswith(step)})
    if ":" in step:
        found += _arguments(step)
    return [before + each for each in found]


def _arguments(step: str) -> Iterator[str]:
    name, _, rest = step.partition(":")
    own, settings = _parameters_of(name)
    done, comma, part = rest.rpartition(",")
    given = {each.partition("=")[0] for each in done.split(",")}
    before = f"{name}:{done}{comma}"
    for each in (*own, *(settings if part else ())):
        words = _words_of(each)
        spelled = [f"{each.name}={word}" for word in words] or [f"{each.name}="]
        is_first = not done and own and each is own[0]
        offered = [*(words if is_first else ()), *(spelled if part.startswith(f"{each.name}=") else [f"{each.name}="])]
        if each.name not in given:
            yield from (before + word for word in offered if word.startswith(part))


def _parameters_of(name: str) -> tuple[Sequence[Parameter], Sequence[Parameter]]:
    """Return the parameters and the settings of a filter or a layer, by its name or an alias."""
    if name in LAYERS:
        return LAYERS[name].parameters, LAYERS[name].settings
    for family in FAMILIES.values():
        if name == family.name or name in family.names:
            preset = family.presets.get(name, {})
            return [each for each in family.parameters if each.name not in preset], KERNEL_SETTINGS
    return (), KERNEL_SETTINGS if name in builtin_files() or name in known_names() else ()


def _words_of(parameter: Parameter) -> list[str]:
    match parameter:
        case Choice(choices=choices):
            return list(choices)
        case Flag():
            return ["true", "false"]
    return []
