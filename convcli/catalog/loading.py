"""From the text of a filter to the filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from convcli.catalog.expression import Expression, Inline, Named, YamlFile, parse
from convcli.catalog.families import Family
from convcli.catalog.lookup import find
from convcli.catalog.made import family_filter, layer_filter
from convcli.catalog.parameters.arguments import Argument, bind
from convcli.catalog.parameters.conv_layer import with_kernel_settings
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.catalog.parameters.weights import inside, table
from convcli.catalog.words.excerpt import excerpt
from convcli.catalog.words.limits import Tally
from convcli.catalog.words.names import joined_name
from convcli.catalog.words.problem import Problem, at
from convcli.filters import KERNEL_SETTINGS, Conv, Kernel, Pipeline


@dataclass(frozen=True)
class Scope:
    """Where the text of a filter stands, and so what names and paths in it mean.

    Parameters
    ----------
    folder
        That of the YAML file: paths are relative to it and never lead out. None for the command
        line, where they are the user's.
    builtin
        Names mean built-in filters only: a file of the user's must not change what another built-in does.
    chain
        Real paths of the files that are being read, each named by the one before.
    done
        Filters of files that were read on the way, by their real path: each file is read once.
    """

    folder: Path | None = None
    builtin: bool = False
    chain: tuple[str, ...] = ()
    done: dict[str, Pipeline] = field(default_factory=dict)


def load_filter(text: str) -> Pipeline:
    """Return the filter that a text stands for.

    Parameters
    ----------
    text
        A name (``sharpen``), a name with arguments (``gaussian:2``, ``gaussian:sigma=2,size=9``),
        a YAML file (with a slash, or ending in .yaml or .yml), a kernel
        (``"0 -1 0; -1 5 -1; 0 -1 0"``), a layer (``relu``), or several of these joined by ``|``.

    Raises
    ------
    FilterError
        The text stands for no filter.
    """
    return from_text(text, Scope())


def from_text(text: str, scope: Scope) -> Pipeline:
    """Return the filter that a text stands for in a scope; errors are those of `load_filter`."""
    pipelines = []
    tally = Tally()
    for expression in parse(text):
        try:
            with at():
                pipeline = _pipeline(expression, scope)
                tally.add(pipeline.layers)
        except Problem as problem:
            span = expression.span(problem.path, on_key=problem.on_key)
            raise problem.error(excerpt=excerpt(text, *span)) from problem
        pipelines.append(pipeline)
    if len(pipelines) == 1:
        return pipelines[0]
    layers = tuple(layer for pipeline in pipelines for layer in pipeline.layers)
    return Pipeline(layers, name=joined_name([each.name for each in pipelines]))


def _pipeline(expression: Expression, scope: Scope) -> Pipeline:
    match expression:
        case YamlFile(file):
            return from_file(file, scope)
        case Inline(rows):
            return Pipeline((Conv(Kernel(table(rows))),), name="kernel")
        case Named(name, arguments):
            return named(name, arguments, scope)


def from_file(file: str, scope: Scope) -> Pipeline:
    """Return the filter of a YAML file; raise FilterError where it is none, or its path leads out of the folder."""
    from convcli.catalog.yaml.file import load_yaml

    if scope.folder is None:
        return load_yaml(file, scope)
    try:
        inside(file, scope.folder)
    except Problem as problem:
        raise problem.error() from problem
    return load_yaml(str(scope.folder / file), scope)


def named(name: str, arguments: Sequence[Argument], scope: Scope) -> Pipeline:
    """Return the filter or layer of a name, in the spelling of `normal_name`.

    Raises
    ------
    Problem
        There is none, or an argument is wrong; the path is that of the argument, or empty.
    FilterError
        The YAML file of that name is wrong.
    """
    if name in LAYERS:
        return layer_filter(LAYERS[name], arguments, scope.folder)
    source, rest, builtin = find(name, arguments, builtin=scope.builtin)
    if isinstance(source, Family):
        return family_filter(source, name, rest)
    from convcli.catalog.yaml.file import load_yaml

    pipeline = load_yaml(str(source), scope, trusted=builtin)
    return with_kernel_settings(pipeline, bind(pipeline.name, (), rest, KERNEL_SETTINGS))
