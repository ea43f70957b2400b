"""The start of a network: what it makes of INPUT, its weights, and its patches."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.errors import UsageError
from convcli.filters import Pipeline, Shape
from convcli.learning.networks.network import Network
from convcli.learning.networks.patches import Locality, locality_of
from convcli.learning.networks.settings import TrainingSettings
from convcli.learning.networks.starting.scaling import scale_to
from convcli.learning.pair import LearningPair
from convcli.words import times


def check_shapes(pipeline: Pipeline, pair: LearningPair) -> None:
    """Raise UsageError where a network does not make the shape of TARGET of INPUT, or learns nothing."""
    source, target = shape_of(pair.source), shape_of(pair.target)
    made = pipeline.output_shape(source)
    if made != target:
        raise UsageError(
            f"{pair.prefix}the network makes {times(made)} of INPUT ({times(source)}), and TARGET has {times(target)}",
            _way_to(target, source, made),
        )
    check_learns(pipeline, source)


def _way_to(target: Shape, source: Shape, made: Shape) -> str:
    """Return what would make the shape of TARGET."""
    factor = target[1] // source[1]
    if factor > 1 and target[1:] == (source[1] * factor, source[2] * factor):
        return f"end it with conv:{target[0] * factor**2},3 | pixel-shuffle:{factor}"
    if made[0] != target[0]:
        return f"let the last layer have {target[0]} output channels, and the layers keep the size: padding same"
    step = round(made[1] / target[1])
    if step > 1 and made[1:] == (target[1] * step, target[2] * step):
        return f"give a layer a stride, as conv:16,5,stride={step}"
    return "let the layers keep the size: padding same, stride 1"


def check_learns(pipeline: Pipeline, shape: Shape) -> None:
    """Raise UsageError where a network learns nothing."""
    if not Network(pipeline, shape).learning:
        raise UsageError("the network has no layer that learns", "give it a conv, a linear or a conv-transpose layer")


def check_whole(settings: TrainingSettings, subject: str) -> None:
    """Raise UsageError where settings of patches are given, of a `subject`, with its verb, that has none."""
    if settings.patch is not None or settings.augment not in ("auto", "none"):
        option = "--augment" if settings.patch is None else "--patch"
        raise UsageError(
            f"{option} is about patches, and {subject} learned from whole items",
            f"leave {option} out",
        )


def shape_of(array: Array) -> Shape:
    """Return the shape of a picture as layers have it."""
    return array.shape[2], array.shape[0], array.shape[1]


def begun(pipeline: Pipeline, shape: Shape, batch: Array) -> Pipeline | None:
    """Return a network that begins with an output of 0, to be added to that of a kernel; None where it cannot.

    Its last layer that learns begins with zeros, of which the layers behind it have to make zeros; the random weights
    of the others are scaled to a batch.
    """
    network = Network(pipeline, shape)
    scale_to(network, batch)
    last = network.learning[-1]
    for each in network.numbers[id(last)].values():
        each[...] = 0
    if network.output(batch).any():
        return None
    return network.trained()


def locality(pipeline: Pipeline, shape: Shape, side: int | None) -> tuple[Locality | None, int]:
    """Return how a network on patches belongs to that on the whole, tried on random numbers; and the side of patches.

    None where it depends on the whole picture. Raises UsageError for patches that are smaller than what a value
    depends on.
    """
    found = locality_of(pipeline, shape)
    if found is None:
        return None, 0
    rim = max(found.reach)
    wanted = side or max(32, 2 * rim + 16)
    wanted = max(wanted // max(found.step), 1) * max(found.step)
    if side is not None and side > min(shape[1:]):
        raise UsageError(
            f"patches of {side}×{side} pixels do not fit into a picture of {times(shape[1:])}",
            f"give a --patch of {min(shape[1:])} or less",
        )
    if side is not None and wanted <= 2 * rim < min(shape[1:]):
        raise UsageError(
            f"patches of {side}×{side} pixels are too small: a value depends on {2 * rim + 1}×{2 * rim + 1}",
            f"give a --patch above {2 * rim}, or leave it out",
        )
    whole = min(2 * wanted, shape[1]), min(2 * wanted, shape[2])
    return (found, wanted) if _agrees(pipeline, (shape[0], *whole), found, wanted) else (None, 0)


def _agrees(pipeline: Pipeline, shape: Shape, found: Locality, side: int) -> bool:
    """Return whether the inner part of a patch in the middle is that of the whole, for random weights."""
    from convcli.errors import ShapeError

    generator = np.random.default_rng(0)
    begin = [max((length - side) // 2, 0) // step * step for length, step in zip(shape[1:], found.step, strict=True)]
    size = [
        min(side, length - first) // step * step
        for length, first, step in zip(shape[1:], begin, found.step, strict=True)
    ]
    try:
        network = Network(pipeline, shape, np.float64)
        made = pipeline.output_shape((shape[0], size[0], size[1]))[1:]
    except ShapeError:
        return False
    for own in network.numbers.values():
        for name, each in own.items():
            each[...] = (
                generator.uniform(0.5, 1, each.shape) if name == "variance" else generator.normal(0, 0.2, each.shape)
            )
    whole = generator.random((1, *shape[1:], shape[0]))
    part = whole[:, begin[0] : begin[0] + size[0], begin[1] : begin[1] + size[1]]
    of_whole, of_part = network.output(whole), network.output(part)
    inner, places = [], []
    for axis in (0, 1):
        low, high = found.inner(axis, begin[axis], size[axis], shape[1 + axis], made[axis])
        first = round(begin[axis] * found.scale[axis])
        inner.append(slice(low, high))
        places.append(slice(first + low, first + high))
    expected = of_whole[:, places[0], places[1]]
    given = of_part[:, inner[0], inner[1]]
    return expected.shape == given.shape and bool(np.allclose(expected, given, rtol=1e-6, atol=1e-9))
