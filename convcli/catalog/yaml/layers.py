"""The entries under ``layers:`` in a filter file become layers."""

from __future__ import annotations

from collections.abc import Mapping

from convcli import filters as rooms
from convcli.catalog.expression import Inline, MagickKernel, Named, YamlFile, parse
from convcli.catalog.parameters.arguments import bind, yaml_arguments
from convcli.catalog.parameters.conv_layer import with_kernel_settings
from convcli.catalog.parameters.layer_kinds import COMBINE, JOINS, LAYERS
from convcli.catalog.scope import Scope
from convcli.catalog.seeds import without_labels
from convcli.catalog.words.limits import Tally
from convcli.catalog.words.problem import Problem, at
from convcli.errors import FilterError
from convcli.filters import KERNEL_SETTINGS, Layer, shown

_EXAMPLE = "write one layer after each dash: - relu, or - gaussian: {sigma: 1.4}"


def build_layers(entries: object, scope: Scope) -> tuple[Layer, ...]:
    """Return the layers of a list of entries: each the text of a filter, or one name with its parameters.

    One entry may stand for several layers. Raises Problem where an entry is no layer; its path begins with the
    entry's number in the list.
    """
    if not isinstance(entries, list) or not entries:
        raise Problem((), f"{'an empty list' if entries == [] else shown(entries)}, expected layers", _EXAMPLE)
    layers: list[Layer] = []
    tally = Tally()
    for index, entry in enumerate(entries):
        with at(index):
            step = _layers_of(entry, scope)
            tally.add(step)
        layers += step
    return tuple(layers)


def _layers_of(entry: object, scope: Scope) -> tuple[Layer, ...]:
    if isinstance(entry, str):
        return scope.from_text(entry).layers
    if not isinstance(entry, Mapping) or not entry:
        raise Problem((), f"{'an empty mapping' if entry == {} else shown(entry)} is no layer", _EXAMPLE)
    (key, value), *others = entry.items()
    if key != "as" and [other for other, _ in others] == ["as"]:
        with at("as"):
            label = scope.named("as", yaml_arguments(others[0][1], LAYERS["as"].parameters)).layers
        return (*_layers_of({key: value}, scope), *label)
    if others:
        raise Problem(
            (others[0][0],),
            f"key {shown(others[0][0])} beside the layer {shown(key)}",
            "indent what is said to a layer below its name: - NAME: {KEY: VALUE}",
            on_key=True,
        )
    with at(key, on_key=True):
        return _keyed(key, value, scope)


def _keyed(key: str, value: object, scope: Scope) -> tuple[Layer, ...]:
    match _expression(key):
        case YamlFile(file):
            pipeline = scope.from_file(file)
            return with_kernel_settings(pipeline, bind(file, (), yaml_arguments(value, ()), KERNEL_SETTINGS)).layers
        case Named(name, ()) if name in COMBINE and value is not None and not _is_names(name, value):
            branches = _branches(name, value, scope)
            return (getattr(rooms, LAYERS[name].layer)(branches),)
        case Named(name, arguments):
            parameters = LAYERS[name].parameters if name in LAYERS else ()
            return scope.named(name, (*arguments, *yaml_arguments(value, parameters))).layers


def _expression(key: str) -> Named | YamlFile:
    first, *others = parse(key)
    if others or isinstance(first, Inline | MagickKernel):
        raise FilterError(f"{shown(key)} is not the name of a filter or layer", _EXAMPLE)
    return first


def _is_names(name: str, value: object) -> bool:
    """Return whether the value of a join is names, not branches."""
    values = value if isinstance(value, list) else [value]
    return name in JOINS and all(isinstance(each, str) for each in values)


def _branches(name: str, value: object, scope: Scope) -> tuple[tuple[Layer, ...], ...]:
    if not isinstance(value, list) or not value:
        raise Problem(
            (), f"{name}: {shown(value)}, expected a list of branches", f"write {name}: [sobel-x, sobel-y], or {name}"
        )
    branches: list[tuple[Layer, ...]] = []
    for index, branch in enumerate(value):
        with at(index):
            if branch == [] and name in JOINS:
                branches.append(())  # the input itself
                continue
            layers = build_layers(branch, scope) if isinstance(branch, list) else _layers_of(branch, scope)
            branches.append(without_labels(layers))
    return tuple(branches)
