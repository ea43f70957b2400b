"""How one output value came about: the products that went into it, and the values on the way.

What is explained is what `apply_pipeline` computes: the output is its. The sums that lead there are taken again, in
float64, over the same borders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from convcli.engine.alpha import Alpha
from convcli.engine.correlation import Settings
from convcli.engine.explanation import ArrayPosition, Block, Explanation, Stage, Sum
from convcli.engine.pipelines import apply_pipeline, between_layers, run_with_alpha
from convcli.engine.planning.plan import OUTSIDE, make_plan
from convcli.errors import UsageError
from convcli.filters import Combine, Conv, Layer, Linear, MaxPool, Pipeline, Pool, Shape

Array = NDArray[Any]

# Where a later layer makes one value of all channels, so many of them are explained.
MOST_CHANNELS = 8


# What comes of values without bounds is infinite or no number, and is shown so; NumPy would warn of it.
@np.errstate(invalid="ignore", over="ignore")
def explain(
    pipeline: Pipeline,
    array: Array,
    at: tuple[int, int],
    channel: int,
    *,
    full_scale: float,
    dtype: DTypeLike,
    alpha: Alpha | None = None,
    settings: Settings = Settings(),  # noqa: B008 - a frozen value
) -> Explanation:
    """Explain one output value of a pipeline.

    Parameters
    ----------
    array, full_scale, dtype, settings
        As in `apply_pipeline`.
    at
        Column and row in the output, from 0.
    channel
        Of the output, from 0, and not alpha.
    alpha
        What becomes of alpha, the last channel of the array; None where it has none.

    Raises
    ------
    UsageError
        There is no such place or channel in the output, or the filter does not fit the array.
    """
    if alpha == "drop":
        array, alpha = array[:, :, :-1], None
    colors = array.shape[2] - (alpha is not None)
    place = _checked(pipeline.output_shape((colors, array.shape[0], array.shape[1])), at, channel)
    apply: Callable[..., Any] = apply_pipeline if alpha is None else partial(run_with_alpha, alpha=alpha)
    apply = partial(apply, full_scale=full_scale, settings=settings)
    output = float(apply(pipeline, array, dtype=dtype).values[place.row, place.column, channel])
    between = between_layers(array.dtype) if alpha is None else np.dtype(np.float64)
    way = _BackwardWalk(partial(apply, dtype=between), full_scale, alpha is not None)
    if pipeline.conv is not None:
        alone = way.sum_of(pipeline.conv, array, place)
        source = way.stage(None, array, way.source(pipeline.conv, array, place))
        made = Stage(pipeline.conv, place, np.array([alone.value]))
        return Explanation((source, made), 1, (alone,), alone.value, output)
    stages, explained, sums = way.back(pipeline.layers, array, place)
    return Explanation(stages, explained, sums, float(stages[-1].values[0]), output)


def _checked(shape: Shape, at: tuple[int, int], channel: int) -> ArrayPosition:
    channels, height, width = shape
    column, row = at
    if not (0 <= column < width and 0 <= row < height):
        raise UsageError(
            f"{column},{row} lies outside the output, which is {width} wide and {height} high",
            f"give X from 0 to {width - 1} and Y from 0 to {height - 1}",
        )
    if not 0 <= channel < channels:
        has = f"{channels} channels" if channels > 1 else "1 channel"
        raise UsageError(f"the output has {has} and no channel {channel}", f"give --channel from 0 to {channels - 1}")
    return ArrayPosition(channel, row, column)


@dataclass(frozen=True)
class _BackwardWalk:
    """The way of values through layers, and back.

    Parameters
    ----------
    apply
        Applies a pipeline to an array.
    full_scale
        What a level of 1 is in the values.
    has_alpha
        Whether the last channel of every array is alpha.
    """

    apply: Callable[[Pipeline, Array], Any]
    full_scale: float
    has_alpha: bool

    def back(
        self, layers: Sequence[Layer], array: Array, place: ArrayPosition
    ) -> tuple[tuple[Stage, ...], int, tuple[Sum, ...]]:
        """Follow a value back to the input; return the stages, the last one with weights, and what it is the sum of."""
        arrays = [array]
        for layer in layers:
            arrays.append(self.apply(Pipeline((layer,)), arrays[-1]).values)
        explained = max((number for number, layer in enumerate(layers, start=1) if _has_weights(layer)), default=0)
        sums: tuple[Sum, ...] = ()
        stages = [self.stage(layers[-1], arrays[-1], place)]
        for number in range(len(layers), 0, -1):
            layer, given = layers[number - 1], arrays[number - 1]
            if number == explained:
                sums = self._sums(layer, given, arrays[number].shape[2] - self.has_alpha, place)
            place = self.source(layer, given, place)
            stages.append(self.stage(layers[number - 2] if number > 1 else None, given, place))
        return tuple(reversed(stages)), explained, sums

    def stage(self, layer: Layer | None, made: Array, place: ArrayPosition) -> Stage:
        """Return all values at a place, one after the other."""
        colors = made[:, :, :-1] if self.has_alpha else made
        index = tuple(slice(None) if each is None else each for each in (place.row, place.column, place.channel))
        return Stage(layer, place, np.ravel(colors[index]))

    def source(self, layer: Layer, given: Array, place: ArrayPosition) -> ArrayPosition:
        """Return the place in the input of a layer that a place in its output comes from, or comes from most."""
        channel, row, column = place.channel, place.row, place.column
        if row is None or column is None or isinstance(layer, Linear):
            return ArrayPosition(None, None, None)
        match layer:
            case Pool():
                return self._in_window(layer, given, channel, (row, column))
            case Conv():
                rows, columns, _, _ = self._under(layer, given, row, column)
                inputs = _input_channels(layer, given.shape[2] - self.has_alpha, channel)
                under = max(int(rows[layer.kernel.anchor[0]]), 0), max(int(columns[layer.kernel.anchor[1]]), 0)
                return ArrayPosition(inputs[0] if len(inputs) == 1 else None, *under)
            case Combine(branches=()):
                return ArrayPosition(None, row, column)
            case Combine(branches=branches):
                return self.back(branches[0], given, place)[0][0].place
        return place

    def sum_of(self, conv: Conv, given: Array, place: ArrayPosition) -> Sum:
        """Return the products of one value of a correlation."""
        assert place.channel is not None  # whoever asks has chosen one
        assert place.row is not None
        assert place.column is not None
        rows, columns, outside, fill = self._under(conv, given, place.row, place.column)
        kernel = conv.kernel
        channels = given.shape[2] - self.has_alpha
        planes = kernel.weights if kernel.weights.ndim == 4 else kernel.weights.reshape(-1, 1, *kernel.size)
        planes = planes[place.channel if len(planes) > 1 else 0]
        beyond = (rows[:, np.newaxis] == OUTSIDE) | (columns == OUTSIDE)
        patch = np.where(beyond[:, :, np.newaxis], fill, given[np.ix_(rows, columns)].astype(np.float64))
        opacity = self._opacity(given, patch, beyond)
        blocks = tuple(
            Block(source, patch[:, :, source], plane, opacity, kernel.anchor)
            for source, plane in zip(_input_channels(conv, channels, place.channel), planes, strict=True)
        )
        bias = kernel.bias[place.channel if len(kernel.bias) > 1 else 0] * self.full_scale
        return Sum(place, rows, columns, outside, blocks, kernel.divisor, bias)

    def _sums(self, layer: Layer, given: Array, outputs: int, place: ArrayPosition) -> tuple[Sum, ...]:
        if isinstance(layer, Combine):
            return tuple(
                replace(each, branch=number)
                for number, branch in enumerate(layer.branches, start=1)
                for each in self.back(branch, given, place)[2]
            )
        channels = range(min(outputs, MOST_CHANNELS)) if place.channel is None else (place.channel,)
        how = self._linear_sum if isinstance(layer, Linear) else self.sum_of
        return tuple(how(layer, given, replace(place, channel=channel)) for channel in channels)  # type: ignore[arg-type]

    def _linear_sum(self, layer: Linear, given: Array, place: ArrayPosition) -> Sum:
        """Return the products of one output of a linear layer: a correlation whose kernel covers the whole input."""
        height, width, channels = given.shape
        weights, bias = layer.parameters_for(given.size)
        planes = weights[place.channel or 0].reshape(channels, height, width)
        blocks = tuple(
            Block(channel, given[:, :, channel].astype(np.float64), plane, None, (0, 0))
            for channel, plane in enumerate(planes)
        )
        inside = np.zeros((height, width), np.bool_)
        return Sum(place, np.arange(height), np.arange(width), inside, blocks, bias=float(bias[place.channel or 0]))

    def _under(
        self, conv: Conv, given: Array, row: int, column: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_], float]:
        """Return rows and columns of the input that the weights lie on, which are outside of it, and what is there."""
        height, width, channels = given.shape
        shape = (height, width, channels - self.has_alpha)
        # Where colors are weighed by alpha they are floats, and so is the border.
        dtype = np.dtype(np.float64) if self._is_transparent(given) else given.dtype
        plan = make_plan(conv, shape, dtype, self.full_scale, np.float64)
        (above, _), (left, _) = conv.margins
        down = row * conv.stride[0] + conv.dilation[0] * np.arange(conv.kernel.size[0])
        right = column * conv.stride[1] + conv.dilation[1] * np.arange(conv.kernel.size[1])
        beyond_rows = (down < above) | (down >= above + height)
        beyond_columns = (right < left) | (right >= left + width)
        return plan.rows[down], plan.columns[right], beyond_rows[:, np.newaxis] | beyond_columns, plan.fill

    def _opacity(
        self, given: Array, patch: NDArray[np.float64], beyond: NDArray[np.bool_]
    ) -> NDArray[np.float64] | None:
        """Return how much is seen of each value, or None where all of the picture is; a constant border is."""
        if not self._is_transparent(given):
            return None
        return np.where(beyond, 1.0, patch[:, :, -1] / self.full_scale)

    def _is_transparent(self, given: Array) -> bool:
        return self.has_alpha and bool(given[:, :, -1].min() < self.full_scale)

    def _in_window(self, pool: Pool, given: Array, channel: int | None, at: tuple[int, int]) -> ArrayPosition:
        row, column = (index * step for index, step in zip(at, pool.step, strict=True))
        if isinstance(pool, MaxPool) and channel is not None:
            window = given[row : row + pool.size[0], column : column + pool.size[1], channel]
            down, right = np.unravel_index(np.argmax(window), window.shape)
            return ArrayPosition(channel, row + int(down), column + int(right))
        return ArrayPosition(channel, row + pool.size[0] // 2, column + pool.size[1] // 2)


def _has_weights(layer: Layer) -> bool:
    return isinstance(layer, Conv | Linear) or (isinstance(layer, Combine) and bool(layer.branches))


def _input_channels(conv: Conv, channels: int, output: int | None) -> range:
    """Return the input channels that an output channel is the sum over; all of them for all."""
    shape = conv.kernel.weights.shape
    if output is None:
        return range(channels)
    if len(shape) < 4:
        return range(output, output + 1)
    first = output // (shape[0] // conv.groups) * shape[1]
    return range(first, first + shape[1])
