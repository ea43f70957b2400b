"""Models: one plane for every channel, one per channel, or planes between all channels, judged on held-out rows.

The taps of all channels and their products with the targets are summed once; each model is a least-squares fit to a
part of these sums.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.tone.samples import drawn_positions
from convcli.lazy import dataclass

SIDE = 3
_NEAR = 2.5 / 255  # of black and white: targets there are clipped, or nearly
_COUNT = 12_000
_RIDGE = 1e-7
_FEWEST = 200
_FEWEST_BLOCKS = 24  # along a side
_BLOCK = 6  # pixels a side: of their means, planes of 3 by 3 make what blurs do to pixels
_OF_SHARED, _OF_DEPTHWISE, _MOST = 0.5, 0.85, 6 / 255  # of the errors on means, and an error: up to which it is a mix

_Sums = tuple[Array, int]


@dataclass(frozen=True, eq=False)
class ModelFit:
    """The root mean square error of a model on the rows that judge, its weights (outputs, inputs, 3, 3) and bias."""

    rms: float
    weights: Array
    bias: Array


def fitted_models(source: Array, target: Array, *, levels: bool, usable: Bools | None = None) -> dict[str, ModelFit]:
    """Return the fits of ``shared``, ``gray``, ``depthwise`` and ``full``, in shares of full scale.

    ``gray`` makes equal channels. `source` and `target` are (height, width, channels); empty where too few are free.
    """
    (learned, count), (judging, others) = (
        _sums(source, target, usable, judging=each, levels=levels) for each in (False, True)
    )
    if min(count, others) < _FEWEST:
        return {}
    channels = source.shape[2]
    fits = {}
    for name, maps in _maps(channels).items():
        rows = np.array(_weights(maps, learned, count, channels))
        weights = rows[:, :-1].reshape(channels, channels, SIDE, SIDE)
        fits[name] = ModelFit(_error(list(rows), judging, others, channels), weights, rows[:, -1])
    return fits


def has_mixed_means(source: Array, target: Array, *, levels: bool, usable: Bools | None = None) -> bool:
    """Return whether the means of blocks tell that channels are mixed, whatever a kernel does inside of the blocks."""
    if min(source.shape[:2]) < _FEWEST_BLOCKS * _BLOCK:
        return False
    whole = None if usable is None else _means(usable[..., np.newaxis])[..., 0] == 1
    fits = fitted_models(_means(source), _means(target), levels=levels, usable=whole)
    if not fits:
        return False
    full = fits["full"].rms
    return full < min(_MOST, _OF_SHARED * fits["shared"].rms) and full < _OF_DEPTHWISE * fits["depthwise"].rms


def _means(values: Array) -> Array:
    """Return the means of whole blocks, (rows, columns, channels) float32."""
    rows, columns = (side // _BLOCK for side in values.shape[:2])
    blocks = values[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK, -1)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32))


def fitted_mix(
    source: Array, target: Array, side: int, *, levels: bool, usable: Bools | None = None
) -> ModelFit | None:
    """Return the fit of planes of `side` rows and columns between all channels; None where too few values are free."""
    (learned, count), (judging, others) = (
        _sums(source, target, usable, side, judging=each, levels=levels) for each in (False, True)
    )
    channels = target.shape[2]
    inputs = len(learned) - channels
    if min(count, others) < max(_FEWEST, 2 * inputs):
        return None
    gram = learned[:inputs, :inputs] + _RIDGE * count * np.eye(inputs)
    rows = np.linalg.solve(gram, learned[:inputs, inputs:]).T
    weights = rows[:, :-1].reshape(channels, source.shape[2], side, side)
    return ModelFit(_error(list(rows), judging, others, channels), weights, rows[:, -1])


def _sums(
    source: Array, target: Array, usable: Bools | None, side: int = SIDE, *, judging: bool, levels: bool
) -> _Sums:
    half = side // 2
    row, column = drawn_positions(source.shape, usable, half, _COUNT, judging=judging)
    wanted = target[row, column]
    if levels:
        free = ((wanted > _NEAR) & (wanted < 1 - _NEAR)).all(axis=1)
        row, column, wanted = row[free], column[free], wanted[free]
    offsets = range(-half, half + 1)
    taps = np.stack([source[row + down, column + right] for down in offsets for right in offsets], axis=2)
    values = np.concatenate(
        [taps.reshape(len(row), side * side * source.shape[2]), np.ones((len(row), 1)), wanted],
        axis=1,
        dtype=np.float64,
    )
    return values.T @ values, len(row)


def _maps(channels: int) -> dict[str, list[Array]]:
    """Return, of each model, the linear map from its parameters to the weights and the bias of each output channel."""
    taps = SIDE * SIDE
    rows = channels * taps + 1
    empty = np.zeros
    maps: dict[str, list[Array]] = {"shared": [], "gray": [], "depthwise": [], "full": []}
    for output in range(channels):
        own = slice(output * taps, (output + 1) * taps)
        shared, depthwise, full = (
            empty((rows, taps + 1)),
            empty((rows, channels * (taps + 1))),
            empty((rows, channels * rows)),
        )
        shared[own, :taps], shared[-1, -1] = np.eye(taps), 1
        first = output * (taps + 1)
        depthwise[own, first : first + taps], depthwise[-1, first + taps] = np.eye(taps), 1
        full[:, output * rows : (output + 1) * rows] = np.eye(rows)
        for name, made in (("shared", shared), ("gray", np.eye(rows)), ("depthwise", depthwise), ("full", full)):
            maps[name].append(made)
    return maps


def _weights(maps: list[Array], sums: Array, count: int, channels: int) -> list[Array]:
    side = len(sums) - channels
    gram = np.sum([each.T @ sums[:side, :side] @ each for each in maps], axis=0)
    slope = np.sum([each.T @ sums[:side, side + output] for output, each in enumerate(maps)], axis=0)
    parameters = np.linalg.solve(gram + _RIDGE * count * np.eye(len(gram)), slope)
    return [each @ parameters for each in maps]


def _error(weights: list[Array], sums: Array, count: int, channels: int) -> float:
    side = len(sums) - channels
    squares = 0.0
    for output, each in enumerate(weights):
        row = side + output
        squares += float(each @ sums[:side, :side] @ each - 2 * each @ sums[:side, row] + sums[row, row])
    return float(np.sqrt(max(squares, 0.0) / (count * channels)))
