"""Other values for black and white: those with which a network was trained, between two layers that scale."""

from __future__ import annotations

from dataclasses import replace

from convcli.filters.layer import Layer
from convcli.filters.linear import Linear
from convcli.filters.networks.adaptive import AdaptivePool
from convcli.filters.networks.norms import BatchNorm
from convcli.filters.networks.shuffles import Flatten
from convcli.filters.pipeline import Pipeline


def with_levels(pipeline: Pipeline, low: float, high: float) -> Pipeline:
    """Return a pipeline whose layers see black as `low` and white as `high`.

    Its output is turned back, so that a picture is one again; numbers of a whole picture, as those of classes, are
    left as they are.
    """
    if (low, high) == (0, 1):
        return pipeline
    scale = high - low
    before = BatchNorm(weight=(scale,), bias=(low,), eps=0.0)
    behind = () if _makes_numbers(pipeline) else (BatchNorm(weight=(1 / scale,), bias=(-low / scale,), eps=0.0),)
    return replace(pipeline, layers=(before, *pipeline.layers, *behind))


def _makes_numbers(pipeline: Pipeline) -> bool:
    """Return whether the output is one of the whole picture."""
    whole: tuple[type[Layer], ...] = (Linear, Flatten, AdaptivePool)
    return any(isinstance(layer, whole) for layer in pipeline.layers)
