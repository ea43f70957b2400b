"""Explain one output value: the products that it is the sum of, and the values between the layers.

The output is that of `apply_pipeline`, and so are the values between the layers. The sums are taken again, in float64,
over the same borders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import DTypeLike, NDArray

from convcli.array_types import Array, Bools
from convcli.engine.applying import apply_pipeline
from convcli.engine.color.alpha import Alpha, opacity_of
from convcli.engine.correlation import input_channels
from convcli.engine.engine_choice import Settings
from convcli.engine.explanation import ArrayPosition, Block, Explanation, Stage, Sum
from convcli.engine.layers import Shared, walk
from convcli.engine.part import OUTSIDE
from convcli.engine.pipelines import LayerRun, Values, between, with_halves
from convcli.engine.planning.borders import border_sources
from convcli.engine.planning.making import make_plan
from convcli.engine.pooling import taps
from convcli.engine.spatial.rank import ranked_position
from convcli.errors import UsageError
from convcli.filters import (
    DEFAULT_BORDER,
    Combine,
    Concat,
    Conv,
    Geometry,
    Layer,
    Linear,
    MaxPool,
    OverChannels,
    Pad,
    Pipeline,
    Pool,
    Rank,
    Reshaping,
    Shape,
    Size2,
    shape_after,
)
from convcli.lazy import dataclass

# Where a later layer makes one value of all channels, so many of them are explained.
MOST_CHANNELS = 8


# Values without bounds may become infinite or NaN, and are shown so; NumPy would warn of it.
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
    array, full_scale, dtype, alpha, settings
        As in `apply_pipeline`.
    at
        Column and row in the output, from 0.
    channel
        Of the output, from 0, and not alpha.

    Raises
    ------
    UsageError
        The output has no such position or channel, or the filter does not fit the array.
    """
    if alpha == "drop":
        array, alpha = array[:, :, :-1], None
    given = Values(array)
    if alpha is not None:
        given = Values(array[:, :, :-1], opacity_of(array[:, :, -1:], full_scale))
    height, width, colors = given.colors.shape
    position = _checked(pipeline.output_shape((colors, height, width)), at, channel)
    computed = apply_pipeline(pipeline, array, alpha=alpha, full_scale=full_scale, dtype=dtype, settings=settings)
    output = float(computed.values[position.row, position.column, channel])
    of_values = between(pipeline, array.dtype, weighs=alpha is not None)
    back = _WayBack(LayerRun(full_scale, of_values, settings, alpha or "keep"))
    if pipeline.conv is not None:
        alone = back.sum_of(pipeline.conv, given, position)
        source = back.stage(None, given, back.source(pipeline.conv, given, position))
        made = Stage(pipeline.conv, position, np.array([alone.value]))
        return Explanation((source, made), 1, (alone,), alone.value, output)
    stages, explained, sums = back.follow(pipeline.layers, given, position)
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
class _WayBack:
    """The way of a value from the output of layers back to their input; `run` computes the values after each layer."""

    run: LayerRun

    def follow(
        self, layers: Sequence[Layer], given: Values, position: ArrayPosition
    ) -> tuple[tuple[Stage, ...], int, tuple[Sum, ...]]:
        """Return the stages, the number of the last one with weights, and the sums that its values are."""
        states = [given, *walk(layers, given, self.run.after, Shared(layers))]
        explained = max((number for number, layer in enumerate(layers, start=1) if _has_weights(layer)), default=0)
        sums: tuple[Sum, ...] = ()
        stages = [self.stage(layers[-1], states[-1], position)]
        for number in range(len(layers), 0, -1):
            layer, given = layers[number - 1], states[number - 1]
            if number == explained:
                sums = self._sums(layer, given, states[number].colors.shape[2], position)
            position = self.source(layer, given, position)
            stages.append(self.stage(layers[number - 2] if number > 1 else None, given, position))
        return tuple(reversed(stages)), explained, sums

    def stage(self, layer: Layer | None, made: Values, position: ArrayPosition) -> Stage:
        """Return all values at a position, in one row."""
        axes = position.row, position.column, position.channel
        values = np.ravel(made.colors[tuple(slice(None) if each is None else each for each in axes)])
        is_weighed = layer is not None and made.opacity is not None
        return Stage(layer, position, with_halves(values.copy(), self.run.full_scale) if is_weighed else values)

    def source(self, layer: Layer, given: Values, position: ArrayPosition) -> ArrayPosition:
        """Return the position in a layer's input that one in its output comes from, or comes from most."""
        channel, row, column = position.channel, position.row, position.column
        if isinstance(layer, Reshaping):
            height, width, channels = given.colors.shape
            if isinstance(layer, Pad) and row is not None and column is not None:
                return ArrayPosition(channel, *_in_picture(layer, (height, width), (row, column)))
            return ArrayPosition(*layer.came_from((channel, row, column), (channels, height, width)))
        if row is None or column is None or isinstance(layer, Linear):
            return ArrayPosition(None, None, None)
        match layer:
            case Geometry():
                height, width, channels = given.colors.shape
                return ArrayPosition(channel, *layer.origin((row, column), (channels, height, width)))
            case Rank() if channel is not None:
                colors, visible = given.colors[:, :, [channel]], None if given.opacity is None else given.opacity > 0
                at = ranked_position(layer, colors, (row, column), self.run.full_scale, visible)
                return ArrayPosition(channel, *at)
            case Pool():
                return _in_window(layer, given, channel, (row, column))
            case Conv():
                rows, columns, _, _ = self._under(layer, given, row, column)
                inputs = range(given.colors.shape[2]) if channel is None else input_channels(layer, channel)
                under = max(int(rows[layer.anchor[0]]), 0), max(int(columns[layer.anchor[1]]), 0)
                return ArrayPosition(inputs[0] if len(inputs) == 1 else None, *under)
            case OverChannels():
                return ArrayPosition(None, row, column)
            case Combine():
                return self._through(layer, given, position)
        return position

    def _through(self, layer: Combine, given: Values, position: ArrayPosition) -> ArrayPosition:
        """Return the position in the input of branches: through the first, or the one that the channel is of."""
        if not layer.branches:
            return replace(position, channel=None)
        _, branch, own = next(self._ways(layer, given, position))
        return self.follow(branch, given, own)[0][0].position if branch else own

    @staticmethod
    def _ways(
        layer: Combine, given: Values, position: ArrayPosition
    ) -> Iterator[tuple[int, Sequence[Layer], ArrayPosition]]:
        """Yield the branches that a value is made of, from 1, and its position in the output of each."""
        height, width, channels = given.colors.shape
        channel = position.channel
        for number, branch in enumerate(layer.branches, start=1):
            own = shape_after(branch, (channels, height, width))
            if isinstance(layer, Concat) and channel is not None:
                if 0 <= channel < own[0]:
                    yield number, branch, replace(position, channel=channel)
                channel -= own[0]
                continue
            # One channel or one pixel stands for all.
            axes = zip((channel, position.row, position.column), own, strict=True)
            yield number, branch, ArrayPosition(*(0 if side == 1 and each is not None else each for each, side in axes))

    def sum_of(self, conv: Conv, given: Values, position: ArrayPosition) -> Sum:
        """Return the products of one value of a correlation."""
        channel, row, column = position.channel, position.row, position.column
        assert channel is not None  # the caller has chosen one
        assert row is not None
        assert column is not None
        rows, columns, outside, fill = self._under(conv, given, row, column)
        kernel = conv.kernel
        planes = kernel.weights if kernel.weights.ndim == 4 else kernel.weights.reshape(-1, 1, *kernel.size)
        planes = planes[channel if len(planes) > 1 else 0]
        beyond = (rows[:, np.newaxis] == OUTSIDE) | (columns == OUTSIDE)
        under = np.ix_(rows, columns)
        patch = np.where(beyond[:, :, np.newaxis], fill, given.colors[under].astype(np.float64))
        opacity = None
        if given.opacity is not None and self.run.is_weighted(conv, given):
            # A constant border is as opaque as `engine.color.alpha` has it.
            opacity = np.where(beyond, float(self.run.alpha == "keep"), given.opacity[under][:, :, 0])
        blocks = tuple(
            Block(source, patch[:, :, source], plane, opacity, conv.anchor)
            for source, plane in zip(input_channels(conv, channel), planes, strict=True)
        )
        bias = kernel.bias[channel if len(kernel.bias) > 1 else 0] * self.run.full_scale
        return Sum(position, rows, columns, outside, blocks, kernel.divisor, bias)

    def _sums(self, layer: Layer, given: Values, outputs: int, position: ArrayPosition) -> tuple[Sum, ...]:
        if isinstance(layer, Combine):
            return tuple(
                replace(each, branch=number)
                for number, branch, own in self._ways(layer, given, position)
                if branch  # without layers it is the input itself
                for each in self.follow(branch, given, own)[2]
            )
        channels = range(min(outputs, MOST_CHANNELS)) if position.channel is None else (position.channel,)
        how = _linear_sum if isinstance(layer, Linear) else self.sum_of
        return tuple(how(layer, given, replace(position, channel=channel)) for channel in channels)  # type: ignore[arg-type]

    def _under(
        self, conv: Conv, given: Values, row: int, column: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], Bools, float]:
        """Return the rows and columns of the input under the weights, those outside of it, and the border's value."""
        height, width, channels = given.colors.shape
        # Where colors are weighed by alpha they are floats, and so is the border.
        dtype = np.dtype(np.float64) if self.run.is_weighted(conv, given) else given.colors.dtype
        plan = make_plan(conv, (height, width, channels), dtype, self.run.full_scale, np.float64)
        (above, _), (left, _) = conv.margins_for((height, width))
        down = row * conv.stride[0] + conv.dilation[0] * np.arange(conv.kernel.size[0])
        right = column * conv.stride[1] + conv.dilation[1] * np.arange(conv.kernel.size[1])
        beyond_rows = (down < above) | (down >= above + height)
        beyond_columns = (right < left) | (right >= left + width)
        return plan.rows[down], plan.columns[right], beyond_rows[:, np.newaxis] | beyond_columns, plan.fill


def _linear_sum(layer: Linear, given: Values, position: ArrayPosition) -> Sum:
    """Return the products of one output of a linear layer: a correlation whose kernel covers the whole input."""
    colors = given.colors
    height, width, channels = colors.shape
    weights, bias = layer.parameters_for(colors.size)
    output = position.channel or 0
    blocks = tuple(
        Block(channel, colors[:, :, channel].astype(np.float64), plane, None, (0, 0))
        for channel, plane in enumerate(weights[output].reshape(channels, height, width))
    )
    inside = np.zeros((height, width), np.bool_)
    return Sum(position, np.arange(height), np.arange(width), inside, blocks, bias=float(bias[output]))


def _in_picture(pad: Pad, sides: Size2, at: Size2) -> Size2:
    """Return the pixel that one of a padded picture repeats; of a constant border the nearest."""
    found = []
    for side, (before, after), place in zip(sides, pad.margins, at, strict=True):
        source = int(border_sources(pad.border or DEFAULT_BORDER, before, side + before + after, side)[place])
        found.append(min(max(place - before, 0), side - 1) if source == OUTSIDE else source)
    return found[0], found[1]


def _in_window(pool: Pool, given: Values, channel: int | None, at: tuple[int, int]) -> ArrayPosition:
    """Return the position of the largest visible value of a window, or of its middle; in the picture."""
    sides = given.colors.shape[:2]
    windows = [taps(pool, axis, index) for axis, index in enumerate(at)]
    rows, columns = (each[(each >= 0) & (each < side)] for each, side in zip(windows, sides, strict=True))
    if isinstance(pool, MaxPool) and channel is not None and rows.size and columns.size:
        window = given.colors[:, :, channel][np.ix_(rows, columns)]
        if given.opacity is not None and (visible := given.opacity[:, :, 0][np.ix_(rows, columns)] > 0).any():
            window = np.where(visible, window, -np.inf)
        down, right = np.unravel_index(np.argmax(window), window.shape)
        return ArrayPosition(channel, int(rows[down]), int(columns[right]))
    row, column = (int(np.clip(each[len(each) // 2], 0, side - 1)) for each, side in zip(windows, sides, strict=True))
    return ArrayPosition(channel, row, column)


def _has_weights(layer: Layer) -> bool:
    return isinstance(layer, Conv | Linear) or (isinstance(layer, Combine) and bool(layer.branches))
