"""From the text of a filter to the filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from convcli.catalog.expression import Argument, Inline, Named, YamlFile, parse
from convcli.catalog.families import FAMILIES, Family
from convcli.catalog.folders import builtin_files, filter_names
from convcli.catalog.names import normal_name
from convcli.catalog.parameters import bind
from convcli.catalog.problem import Problem, at, printable, shown
from convcli.catalog.suggest import did_you_mean
from convcli.errors import FilterError
from convcli.kernel import Kernel
from convcli.pipeline import Conv, Pipeline


def load_filter(text: str) -> Pipeline:
    """Return the filter that a text stands for.

    Parameters
    ----------
    text
        A name (``sharpen``), a name with arguments (``gaussian:2``, ``gaussian:sigma=2,size=9``),
        a YAML file (with a slash, or ending in .yaml or .yml), or a kernel
        (``"0 -1 0; -1 5 -1; 0 -1 0"``).

    Raises
    ------
    FilterError
        The text stands for no filter.
    """
    match parse(text):
        case YamlFile(file):
            from convcli.catalog.yaml_file import load_yaml

            return load_yaml(file)
        case Inline(rows):
            return _inline(rows)
        case Named(name, arguments):
            return _named(name, arguments)


def _inline(rows: list[list[str]]) -> Pipeline:
    from convcli.catalog.weights import table

    try:
        with at():
            kernel = Kernel(table(rows))
    except Problem as problem:
        raise FilterError(printable(problem.message), printable(problem.hint)) from problem
    return Pipeline((Conv(kernel),), name="kernel")


def _named(name: str, arguments: Sequence[Argument]) -> Pipeline:
    family = FAMILIES.get(name) or next((each for each in FAMILIES.values() if name in each.aliases), None)
    if family is not None:
        return from_family(family, bind(family.name, family.parameters, arguments))
    pipeline = _from_files(name)
    if pipeline is None:
        raise _unknown(name)
    if arguments:
        bind(pipeline.name, (), arguments)
    return pipeline


def from_family(family: Family, values: Mapping[str, float]) -> Pipeline:
    """Return the filter that a family makes of some of its parameters, named after them: ``gaussian-sigma2``."""
    plane = family.formula(**values)
    return Pipeline(
        (Conv(Kernel(plane.weights, plane.divisor)),),
        name="-".join([family.name, *(f"{parameter}{value:.12g}" for parameter, value in values.items())]),
        description=family.description,
        tags=family.tags,
        aliases=() if values else family.aliases,  # they name the family, not one of its kernels
    )


def _from_files(name: str) -> Pipeline | None:
    from convcli.catalog.yaml_file import load_yaml

    files = builtin_files()
    if name in files:
        return load_yaml(str(files[name]), trusted=True)
    for path in files.values():
        # An alias stands in its file as it is written: only a file that holds it is worth reading.
        if name.encode() in path.read_bytes():
            pipeline = load_yaml(str(path), trusted=True)
            if name in map(normal_name, pipeline.aliases):
                return pipeline
    return None


def _unknown(name: str) -> FilterError:
    from convcli.catalog.listing import list_filters

    known = [*filter_names(), *(alias for entry in list_filters() for alias in entry.aliases)]
    hint = f"{did_you_mean(name, known)} `convcli list` shows every filter".strip()
    return FilterError(f"unknown filter {shown(name)}", hint)
