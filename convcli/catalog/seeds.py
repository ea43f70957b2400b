"""Seeds of the layers that draw their weights at random and name none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from convcli.catalog.words.limits import Tally
from convcli.errors import FilterError, UsageError
from convcli.filters import Combine, Layer, Pipeline, rebuilt


def with_seeds(pipeline: Pipeline, *, first: int = 0) -> Pipeline:
    """Return the pipeline with a seed for each layer that draws its weights, so that no two draw the same.

    A layer without a seed takes its number among the layers that draw, counted from `first` through the whole filter,
    the files and branches in it included. Where another layer names that number as its seed, the number of such layers
    is added to it.
    """
    # Where names cross, a layer stands in several branches.
    drawing = list({id(layer): layer for layer in _drawing(pipeline.layers, set())}.values())
    if all(each.seed is not None for each in drawing):
        return pipeline
    named = {each.seed for each in drawing}
    seeds = {id(layer): _free(number, len(drawing), named) for number, layer in enumerate(drawing, first)}

    def seeded(layer: Any) -> Any:
        return layer.seeded(seeds[id(layer)]) if id(layer) in seeds and layer.seed is None else layer

    return replace(pipeline, layers=rebuilt(pipeline.layers, seeded, {}))


def without_labels(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return layers with branches in place of names; raise FilterError where a name is not known.

    A layer that stands in a list several times, as that of a file does, is copied, so that each draws its own weights;
    a layer that names put into several branches is one, and draws once.
    """
    layers = tuple(_copied(layer) for layer in layers)
    if not any(layer.name in ("as", "reference") for layer in layers):
        return layers
    from convcli.filters import resolved  # few filters have names

    try:
        made = resolved(layers)
        Tally().add(made)
    except UsageError as error:
        raise FilterError(error.message, error.hint) from error
    return made


def _copied(layer: Layer) -> Layer:
    """Return a layer with copies of those in it that draw, the same copy of the same."""
    (made,) = rebuilt((layer,), lambda each: replace(each) if each.draws else each, {})  # type: ignore[type-var]
    return made


def _drawing(layers: Iterable[Layer], done: set[int]) -> Iterator[Any]:
    """Yield the layers that draw their weights, in the order of a file; `done` has those with branches, once each."""
    for layer in layers:
        if isinstance(layer, Combine):
            branches = () if id(layer) in done else layer.branches
            done.add(id(layer))
            for branch in branches:
                yield from _drawing(branch, done)
        elif layer.draws:
            yield layer


def _free(number: int, step: int, named: set[int | None]) -> int:
    while number in named:
        number += step
    return number
