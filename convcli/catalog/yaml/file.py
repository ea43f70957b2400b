"""Filter files: read, checked and built, every error with its line and column."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from convcli.catalog.scope import Scope
from convcli.catalog.words.problem import Problem
from convcli.catalog.yaml.build import build_pipeline
from convcli.catalog.yaml.source import builtin_values, no_text, read_text
from convcli.errors import FilterError
from convcli.filters import Pipeline

LONGEST_CHAIN = 20  # files, each naming the next


def load_yaml(file: str, scope: Scope, *, builtin: bool = False) -> Pipeline:
    """Read a filter file by its path as the user wrote it; raise FilterError where it cannot be read or is no filter.

    The scope is the one in which it is named. A file that is `builtin` names built-in filters only.
    """
    real = _real(file)
    if real in scope.done:
        return scope.done[real]
    if real in scope.chain:
        raise _circle([*scope.chain[scope.chain.index(real) :], real])
    inner = replace(scope, folder=Path(file).parent, builtin=builtin, chain=(*scope.chain, real))
    text = read_text(file)
    if len(inner.chain) > LONGEST_CHAIN:
        raise FilterError(f"more than {LONGEST_CHAIN} files that name each other", "write the layers in one file")
    if builtin and (values := builtin_values(text)):
        scope.done[real] = build_pipeline(values, Path(file), inner)
        return scope.done[real]
    from convcli.catalog.yaml.text import parse  # to import it and to parse a file takes 15 ms

    if file.lower().endswith(".json") and text.lstrip()[:1] == "[":  # rows, without a name for them
        scope.done[real] = _of_rows(text, file, inner)
        return scope.done[real]
    node = parse(text, file)
    try:
        scope.done[real] = build_pipeline(cast(dict[str, Any], node.plain()), Path(file), inner)
    except Problem as problem:
        raise problem.error(node.location_of(problem.path, on_key=problem.on_key)) from problem
    return scope.done[real]


def _of_rows(text: str, file: str, scope: Scope) -> Pipeline:
    """Return the kernel of a file that is nothing but its weights; errors have the columns of the file."""
    from convcli.catalog.yaml.text import parse

    before = "{weights: "
    try:
        node = parse(f"{before}{text}}}", file)
        try:
            return build_pipeline(cast(dict[str, Any], node.plain()), Path(file), scope)
        except Problem as problem:
            raise problem.error(node.location_of(problem.path, on_key=problem.on_key)) from problem
    except FilterError as error:
        place = error.place
        if place is None or place.line > 1:
            raise
        raise FilterError(error.message, error.hint, place._replace(column=place.column - len(before))) from error


def _circle(chain: Sequence[str]) -> FilterError:
    names = [Path(each).name for each in chain]
    if len(names) == 2:
        return FilterError(f"{names[0]} names itself", "name another filter in it, or another file so")
    return FilterError(f"filters that name each other: {' → '.join(names)}", "write out in one what the other does")


def _real(file: str) -> str:
    try:
        return os.path.realpath(file)
    except ValueError as error:  # a NUL in the name
        raise no_text(file, error) from error
