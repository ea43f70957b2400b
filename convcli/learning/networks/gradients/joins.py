"""Gradients of layers that combine the values of branches, or of the channels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from convcli.array_types import Array
from convcli.filters import Layer
from convcli.learning.networks.gradients.made import Made, Mode


def join(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Add, subtract or multiply; one channel, or one pixel, counts for all."""
    first, *others = inputs
    if layer.name == "multiply":
        y = first
        for each in others:
            y = y * each

        def shares(gradient: Array) -> list[Array]:
            return [
                gradient * math.prod((each for at, each in enumerate(inputs) if at != own), start=1.0)
                for own in range(len(inputs))
            ]
    else:
        sign = 1 if layer.name == "add" else -1
        y = first + others[0] if sign > 0 else first - others[0]
        for each in others[1:]:
            y = y + each if sign > 0 else y - each

        def shares(gradient: Array) -> list[Array]:
            return [gradient, *(gradient if sign > 0 else -gradient for _ in others)]

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        parts = shares(gradient)
        return [_summed(part, each.shape) for part, each in zip(parts, inputs, strict=True)], {}

    return y, back


def concat(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Put channels behind each other."""
    ends = np.cumsum([0, *(each.shape[3] for each in inputs)]).tolist()
    return (
        np.concatenate(inputs, axis=3),
        lambda g: ([np.ascontiguousarray(g[..., first:end]) for first, end in pairwise(ends)], {}),
    )


def combine(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Take the length of the vector, or the largest, of branches or of the channels."""
    has_branches = len(inputs) > 1
    stack = np.stack(inputs) if has_branches else np.moveaxis(inputs[0], 3, 0)[..., np.newaxis]
    if layer.name == "magnitude":
        y = np.sqrt(np.square(stack).sum(axis=0))
        shares = stack / np.where(y > 0, y, 1)
    else:
        y = stack.max(axis=0)
        shares = np.zeros_like(stack)
        np.put_along_axis(shares, stack.argmax(axis=0)[np.newaxis], 1, axis=0)

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        made = shares * gradient
        return (list(made) if has_branches else [np.ascontiguousarray(np.moveaxis(made[..., 0], 0, 3))]), {}

    return y, back


def _summed(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Return the gradient of a value that was repeated along some axes."""
    axes = tuple(axis for axis, side in enumerate(shape) if side == 1 and gradient.shape[axis] > 1)
    return gradient.sum(axis=axes, keepdims=True) if axes else gradient
