"""Stacks of an OME-Zarr: the axes along which its planes lie, the sizes of pixels, and what says so in a new one."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np

from convcli.image.codecs.zarr.layout import attributes_of
from convcli.image.picture import Layout, Stack, StackAxis
from convcli.note import Note

_OF_STACKS = ("t", "z")
_RGB = 3
_STEPS = "coordinateTransformations"
_DAMAGED = Note("damaged", "what it says of the size and place of its pixels is damaged, and is left out")
_IN_ORDER = "tczyx"  # as OME-Zarr wants it: time, channels, space


def with_sound_steps(layout: Layout) -> tuple[Layout, tuple[Note, ...]]:
    """Return the layout of a file without what is no size or place of pixels, and a note where there is such."""
    if layout.group is None:
        return layout, ()
    first = attributes_of(layout.group)["multiscales"][0]
    if all(_is_sound(each.get(_STEPS, []), len(layout.axes)) for each in (first, *first["datasets"])):
        return layout, ()
    group = copy.deepcopy(layout.group)
    first = attributes_of(group)["multiscales"][0]
    for each in (first, *first["datasets"]):
        each.pop(_STEPS, None)
    return replace(layout, group=group), (_DAMAGED,)


def _is_sound(said: Any, count: int) -> bool:
    """Return whether transformations are those of OME-Zarr, by lists of so many numbers."""
    return isinstance(said, list) and all(
        isinstance(each, dict)
        and (
            each.get("type") not in ("scale", "translation")
            or _are_numbers(each.get(each["type"]), count, each["type"])
        )
        for each in said
    )


def _are_numbers(found: Any, count: int, kind: str) -> bool:
    return (
        isinstance(found, list)
        and len(found) == count
        and all(isinstance(each, int | float) and isfinite(each) and (each > 0 or kind != "scale") for each in found)
    )


def stack_in(layout: Layout, dtype: np.dtype[Any]) -> Stack | None:
    """Return the axes of the planes of a file with sound steps; None where they are neither times nor depths.

    Channels of an OME-Zarr lie apart, but for those of RGB: three of 8 bits.
    """
    shape = dict(zip(layout.axes, layout.levels[0].shape, strict=True))
    names = [name for name in layout.axes if name not in ("y", "x", "c")]
    if not set(names) <= set(_OF_STACKS):
        return None
    channels = shape.get("c", 1)
    are_apart = layout.group is not None and channels > 1 and not (channels == _RGB and dtype == np.uint8)
    if not names and not are_apart:
        return None
    steps = _steps(layout) if layout.group is not None else {}
    frames = tuple(StackAxis(name, shape[name], *steps.get(name, (0.0, ""))) for name in names)
    down, across = (StackAxis(name, 1, *steps.get(name, (0.0, ""))) for name in "yx")
    return Stack(frames, (down, across), channels_apart=are_apart)


def _steps(layout: Layout) -> Mapping[str, tuple[float, str]]:
    """Return the size of a step along each axis, and its unit, as the metadata around an array has them."""
    assert layout.group is not None
    first = attributes_of(layout.group)["multiscales"][0]
    sizes = dict.fromkeys(layout.axes, 1.0)
    for each in (*first["datasets"][0].get(_STEPS, ()), *first.get(_STEPS, ())):
        if each.get("type") == "scale":
            sizes |= {name: sizes[name] * float(by) for name, by in zip(layout.axes, each["scale"], strict=True)}
    units = dict.fromkeys(layout.axes, "")
    for name, axis in zip(layout.axes, first.get("axes", ()), strict=False):
        units[name] = str(axis.get("unit", "")) if isinstance(axis, dict) else ""
    return {name: (sizes[name] if units[name] or sizes[name] != 1 else 0.0, units[name]) for name in layout.axes}


def planes_of(stack: Stack | None, frames: int, channels: int) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return the axes and their lengths for so many frames and channels, in their order, and those of the frames."""
    if stack is None or (channels > 1 and any(each.name == "c" and each.length > 1 for each in stack.frames)):
        along = {"t": frames} if frames > 1 else {}
    else:
        along = {each.name: each.length for each in stack.frames if each.length > 1}
    order = tuple(along)
    if channels > 1:
        along["c"] = channels
    return {name: along[name] for name in _IN_ORDER if name in along}, order


def described_axes(stack: Stack) -> dict[str, tuple[float, str]]:
    """Return the size of a step and its unit of those axes of a stack that say it, and channels, which lie apart."""
    axes = (*stack.frames, *stack.pixel)
    return {each.name: (each.step, each.unit) for each in axes if each.step or (each.name == "c" and each.length > 1)}
