"""Seeds of the layers that draw their weights at random and name none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from convcli.catalog.words.limits import Tally
from convcli.errors import FilterError, UsageError
from convcli.filters import Combine, Layer, Pipeline


def with_seeds(pipeline: Pipeline) -> Pipeline:
    """Return the pipeline with a seed for each layer that draws its weights, so that no two draw the same.

    A layer without a seed takes its number among the layers that draw, counted from 0 through the whole filter, the
    files and branches in it included. Where another layer names that number as its seed, the number of such layers is
    added to it.
    """
    # Where names cross, a layer stands in several branches.
    drawing = list({id(layer): layer for layer in _drawing(pipeline.layers)}.values())
    if all(each.seed is not None for each in drawing):
        return pipeline
    named = {each.seed for each in drawing}
    seeds = {id(layer): _free(number, len(drawing), named) for number, layer in enumerate(drawing)}
    return replace(pipeline, layers=_seeded(pipeline.layers, seeds, {}))


def without_labels(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return layers with branches in place of names; raise FilterError where a name is not known.

    A layer that stands in a list several times, as that of a file does, is copied, so that each draws its own weights;
    a layer that names put into several branches is one, and draws once.
    """
    layers = tuple(_copied(layer, {}) for layer in layers)
    if not any(layer.name in ("as", "reference") for layer in layers):
        return layers
    from convcli.filters import resolved  # few filters have names

    try:
        made = resolved(layers)
        Tally().add(made)
    except UsageError as error:
        raise FilterError(error.message, error.hint) from error
    return made


def _copied(layer: Layer, done: dict[int, Layer]) -> Layer:
    """Return a layer with copies of those that draw, the same copy of the same; `done` has them."""
    if isinstance(layer, Combine):
        branches = tuple(tuple(_copied(each, done) for each in branch) for branch in layer.branches)
        return layer if branches == layer.branches else replace(layer, branches=branches)
    if not layer.draws:
        return layer
    return done.setdefault(id(layer), replace(layer))  # type: ignore[type-var]  # a dataclass


def _drawing(layers: Iterable[Layer]) -> Iterator[Any]:
    """Yield the layers that draw their weights, in the order of a file."""
    for layer in layers:
        if isinstance(layer, Combine):
            for branch in layer.branches:
                yield from _drawing(branch)
        elif layer.draws:
            yield layer


def _free(number: int, step: int, named: set[int | None]) -> int:
    while number in named:
        number += step
    return number


def _seeded(layers: Iterable[Layer], seeds: Mapping[int, int], done: dict[int, Layer]) -> tuple[Layer, ...]:
    """Return the layers with their seeds; `done` has those that have theirs."""
    return tuple(_with_seed(layer, seeds, done) for layer in layers)


def _with_seed(layer: Layer, seeds: Mapping[int, int], done: dict[int, Layer]) -> Layer:
    if isinstance(layer, Combine):
        return replace(layer, branches=tuple(_seeded(branch, seeds, done) for branch in layer.branches))
    if id(layer) not in seeds:
        return layer
    if id(layer) not in done:
        is_open = layer.seed is None  # type: ignore[attr-defined]  # it draws
        done[id(layer)] = layer.seeded(seeds[id(layer)]) if is_open else layer
    return done[id(layer)]
