"""Arguments of a filter or a layer, and the parameters that take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, NamedTuple

from convcli.catalog.words.problem import KeyPath, Problem, at
from convcli.errors import UsageError
from convcli.filters import Parameter, SettingError, describe, normal_name, shown
from convcli.lazy import dataclass
from convcli.words import counted, did_you_mean

Span = tuple[int, int]


@dataclass(frozen=True)
class Argument:
    """One argument, not yet read: text of the command line where `is_text`, else a plain value from YAML.

    The name is as written, empty where the position names the argument. For errors: `path` is its number among the
    arguments of a text, or its key in YAML; `span` and `name_span` are begin and end, in the text, of it and its name.
    """

    name: str
    value: object
    path: KeyPath = field(default=(), compare=False)
    span: Span = field(default=(0, 0), compare=False)
    name_span: Span = field(default=(0, 0), compare=False)
    is_text: bool = field(default=False, compare=False)


class Bound(NamedTuple):
    """Values by the name of their parameter, and the path of each for errors."""

    values: dict[str, Any]
    paths: dict[str, KeyPath]


def yaml_arguments(value: object, parameters: Sequence[Parameter]) -> tuple[Argument, ...]:
    """Return the arguments that stand under a name in YAML: ``gaussian: {sigma: 2}``, ``maxpool: 2``, ``clip: [0, 1]``.

    A mapping names them; a list gives one after the other, unless the first of the parameters, which positions name,
    itself takes a list; any other value is the first; None is none.
    """
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return tuple(Argument(str(key), each, (key,)) for key, each in value.items())
    if isinstance(value, list) and not (parameters and parameters[0].takes_list):
        return tuple(Argument("", each, (index,)) for index, each in enumerate(value))
    return (Argument("", value),)


def bind(
    filter_name: str,
    parameters: Sequence[Parameter],
    arguments: Sequence[Argument],
    settings: Sequence[Parameter] = (),
) -> Bound:
    """Return the values of the arguments: a position or a name gives a parameter, only a name gives a setting.

    Errors are of Problem: an argument has no parameter, is given twice, or is refused. They begin with the name of the
    filter or layer, which is empty at the top of a file, whose keys have their own messages.
    """
    bound = Bound({}, {})
    for position, argument in enumerate(arguments):
        parameter = _parameter_of(filter_name, parameters, settings, argument, position, len(arguments))
        if parameter.name in bound.values:
            raise Problem(argument.path, f"{filter_name} is given {parameter.name} twice", "give it once")
        with at(*argument.path):
            bound.values[parameter.name] = _read(filter_name, parameter, argument)
        bound.paths[parameter.name] = argument.path
    return bound


def _read(filter_name: str, parameter: Parameter, argument: Argument) -> Any:
    try:
        return parameter.parse(str(argument.value)) if argument.is_text else parameter.read(argument.value)
    except UsageError as error:
        if isinstance(error, SettingError) and not error.shown:
            raise Problem(error.path, error.message, error.hint) from error
        if isinstance(error, SettingError) and not filter_name:
            raise _at_top(parameter, error) from error
        path = error.path if isinstance(error, SettingError) else ()
        owner = f"{filter_name}: " if filter_name else ""
        raise Problem(
            path, f"{owner}{parameter.name} {error.message}", f"{parameter.name} is {parameter.range}"
        ) from error


def _at_top(parameter: Parameter, error: SettingError) -> Problem:
    """Return the problem of a value at the top of a file, with examples of what to write."""
    import json

    examples = (each if isinstance(each, str) else json.dumps(each) for each in parameter.examples)
    hint = " or ".join(f"{parameter.name}: {each}" for each in examples)
    return Problem(error.path, f"{parameter.name}: {error.shown}, expected {parameter.range}", f"write {hint}")


def _parameter_of(
    filter_name: str,
    parameters: Sequence[Parameter],
    settings: Sequence[Parameter],
    argument: Argument,
    position: int,
    count: int,
) -> Parameter:
    if not argument.name:
        if position < len(parameters):
            return parameters[position]
        if not parameters:
            raise Problem(argument.path, f"{filter_name} takes no parameters", f"write {filter_name}")
        takes = f"{filter_name} takes {counted(len(parameters), 'parameter')}"
        raise Problem(argument.path, f"{takes}, got {count}", describe(parameters))
    by_name = {normal_name(each.name): each for each in (*parameters, *settings)}
    if normal_name(argument.name) in by_name:
        return by_name[normal_name(argument.name)]
    raise Problem(
        argument.path,
        f"{filter_name} has no parameter {shown(argument.name)}",
        _known(argument, filter_name, parameters, settings),
        on_key=True,
    )


def _meant(argument: Argument, filter_name: str, parameters: Sequence[Parameter]) -> str:
    """Return an argument by the name that its parameter has here; empty where none is known."""
    own = {each.name: each for each in parameters}
    name, value = normal_name(argument.name), argument.value
    if "sigma" not in own and "size" in own and name in ("radius", "r") and str(value).isdigit():
        name, value = "ksize", 2 * int(str(value)) + 1
    meant = _other_name(name, parameters)
    if not meant or not argument.is_text:
        return ""
    try:
        own[meant].parse(str(value))
    except UsageError:
        return ""
    return f"write {filter_name}:{meant}={value}"


def _other_name(name: str, parameters: Sequence[Parameter]) -> str:
    """Return the name that a parameter has here which is known elsewhere by another; empty where there is none."""
    from convcli.catalog.words.elsewhere import PARAMETERS  # here, for unknown names alone

    own = {each.name for each in parameters}
    return next((each for each, names in PARAMETERS.items() if each in own and normal_name(name) in names), "")


def _known(argument: Argument, filter_name: str, parameters: Sequence[Parameter], settings: Sequence[Parameter]) -> str:
    name = argument.name
    if meant := _meant(argument, filter_name, parameters):
        return meant
    own = describe(parameters) if parameters else f"{filter_name} has no parameters of its own"
    others = f"; settings are {', '.join(each.name for each in settings)}" if settings else ""
    meant = _other_name(name, parameters)
    near = f"did you mean {meant}?" if meant else did_you_mean(name, [each.name for each in (*parameters, *settings)])
    return f"{near} {own}{others}".strip()
