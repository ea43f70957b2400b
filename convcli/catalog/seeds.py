"""Seeds of the layers that draw their weights at random and name none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from convcli.filters import Combine, Layer, Pipeline


def with_seeds(pipeline: Pipeline) -> Pipeline:
    """Return the pipeline with a seed for each layer that draws its weights, so that no two draw the same.

    A layer without a seed takes its number among the layers that draw, counted from 0 through the whole filter, the
    files and branches in it included. Where another layer names that number as its seed, the number of such layers is
    added to it.
    """
    drawing = list(_drawing(pipeline.layers))
    if all(each.seed is not None for each in drawing):
        return pipeline
    named = {each.seed for each in drawing}
    seeds = iter([_free(number, len(drawing), named) for number in range(len(drawing))])
    return replace(pipeline, layers=_seeded(pipeline.layers, seeds))


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


def _seeded(layers: Iterable[Layer], seeds: Iterator[int]) -> tuple[Layer, ...]:
    """Return the layers with their seeds, of which each that draws takes one."""
    return tuple(_with_seed(layer, seeds) for layer in layers)


def _with_seed(layer: Layer, seeds: Iterator[int]) -> Layer:
    if isinstance(layer, Combine):
        return replace(layer, branches=tuple(_seeded(branch, seeds) for branch in layer.branches))
    if not next(_drawing([layer]), None):
        return layer
    seed = next(seeds)
    return layer.seeded(seed) if layer.seed is None else layer  # type: ignore[attr-defined]  # it draws
