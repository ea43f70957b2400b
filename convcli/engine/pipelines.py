"""A pipeline on an array: layer after layer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Array, Bools
from convcli.engine.color.alpha import Alpha, KeptAlpha, is_weighted, next_opacity, opacity_of, weighted_by_alpha
from convcli.engine.correlation import Computed, run_conv
from convcli.engine.engine_choice import Engine, Settings
from convcli.engine.layers import Shared, apply_layer, combined, opacity_after, walk_through
from convcli.engine.part import Rows
from convcli.engine.planning.arithmetic import between_layers
from convcli.engine.planning.making import make_plan
from convcli.engine.spatial.layers import sharpened
from convcli.engine.values import Levels, to_integers
from convcli.filters import Combine, Conv, Layer, Pipeline, Rank, Shape, Unsharp, branches_of
from convcli.lazy import dataclass

_COLORS = 4
_LARGE = 1 << 17  # values, from which bands of rows pay for layers that are no kernel


# Infinite values and NaN stay what they are; NumPy would warn of them.
@np.errstate(invalid="ignore", over="ignore")
def apply_whole(
    pipeline: Pipeline,
    array: Array,
    *,
    alpha: Alpha | None = None,
    full_scale: float,
    dtype: DTypeLike,
    settings: Settings = Settings(),  # noqa: B008 - a frozen value
) -> Computed:
    """Apply a pipeline to an array (height, width, channels), layer after layer.

    Values between layers are floats and unclipped, of the type that `between` returns.

    Parameters
    ----------
    array
        uint8, uint16, float32 or float64.
    alpha
        None where the array has no alpha. Else its last channel is alpha. ``keep``: colors are weighed by their alpha
        (see `weighted_by_alpha`), which stays as it is; ``filter``: the same, and alpha is filtered too; ``drop``:
        alpha is ignored and left out of the result.
    full_scale
        What a bias or constant border of 1 is in the array's values.
    dtype
        Of the result; integers are rounded half up and clipped.

    Raises
    ------
    ShapeError
        The pipeline does not fit the array; raised before anything is computed.
    UsageError
        A layer has no use for alpha that is not dropped.
    """
    colors = array if alpha is None else array[:, :, :-1]
    pipeline.output_shape((colors.shape[2], *colors.shape[:2]))
    if alpha is None or alpha == "drop":
        if pipeline.conv is not None:
            return run_conv(pipeline.conv, colors, full_scale=full_scale, dtype=dtype, settings=settings)
        dtype_between = between(pipeline, colors.dtype, weighs=False)
        run = LayerRun(full_scale, dtype_between, settings, in_place=in_place(pipeline.layers))
        behind = walk_through(pipeline.layers, Values(colors), run.after, Shared(pipeline.layers))
        found = as_dtype(behind.colors, dtype)
        if np.may_share_memory(found.values, array):  # as where layers change nothing, or move a view
            found = found._replace(values=found.values.copy())
        return Computed(found.values, found.clipped, run.engine, found.not_numbers)
    given = array[:, :, -1:]
    opacity = opacity_of(given, full_scale)
    if pipeline.conv is not None and not is_weighted(pipeline.conv, opacity, alpha):
        levels = alpha_levels(given, opacity, next_opacity(pipeline.conv, opacity, alpha, settings), dtype, full_scale)
        if levels.all():
            # Where nothing is transparent, weighing by alpha changes nothing, and integers stay exact.
            computed = run_conv(pipeline.conv, colors, full_scale=full_scale, dtype=dtype, settings=settings)
            return replace(computed, values=np.concatenate([computed.values, levels], axis=2))
    run = LayerRun(full_scale, between(pipeline, colors.dtype, weighs=True), settings, alpha)
    made = walk_through(pipeline.layers, Values(colors, opacity), run.after, Shared(pipeline.layers))
    levels = alpha_levels(given, opacity, made.opacity, dtype, full_scale)
    found = levels_of(made.colors, dtype, full_scale, levels > 0)
    return Computed(np.concatenate([found.values, levels], axis=2), found.clipped, run.engine, found.not_numbers)


def between(pipeline: Pipeline, dtype: DTypeLike, *, weighs: bool) -> np.dtype[Any]:
    """Return the dtype of values between layers: float64 for float64 and uint16 input, else float32.

    Where a pipeline weighs colors by alpha, quotients of sums are to be rounded as exact ones are, so it is float64.
    But the values of networks, layers of several channels, are no colors, and take a fifth of the time in float32.
    """
    if weighs and not any(_mixes_many(layer) for layer in distinct(pipeline.layers)):
        return np.dtype(np.float64)
    return between_layers(dtype)


def _mixes_many(layer: Layer) -> bool:
    """Return whether a layer mixes more channels than colors have."""
    return isinstance(layer, Conv) and layer.kernel.weights.ndim == 4 and max(layer.kernel.weights.shape[:2]) > _COLORS


def distinct(layers: Iterable[Layer], known: dict[int, Layer] | None = None) -> Collection[Layer]:
    """Return all layers, those of branches too, each once."""
    known = {} if known is None else known
    for layer in layers:
        if id(layer) not in known:
            known[id(layer)] = layer
            for branch in branches_of(layer):
                distinct(branch, known)
    return known.values()


def values_held(pipeline: Pipeline, shape: Shape) -> int:
    """Return the most values held at once while input of `shape` goes through the layers.

    Raises
    ------
    ShapeError
        A layer does not fit.
    """
    pipeline.output_shape(shape)
    held = []

    def after(layer: Layer, given: Shape, parts: Sequence[Shape]) -> Shape:
        made = layer.output_shape(given)
        held.append(sum(map(prod, (given, *parts, made))))
        return made

    walk_through(pipeline.layers, shape, after, Shared(pipeline.layers))
    return max(held)


def with_halves(values: Array, full_scale: float) -> Array:
    """Round levels to a millionth, in the array: quotients and shares miss a half by less and would be rounded down."""
    return np.round(values, 6, out=values) if full_scale > 1 else values  # floats have no levels


@dataclass(frozen=True, eq=False)
class Values:
    """The values between two layers."""

    colors: Array  # (height, width, channels)
    opacity: Array | None = None  # (height, width, 1), 0 to 1; None where the picture has no alpha
    rows: Rows | None = None  # of a picture, where these are a part of it
    given: Array | None = None  # alpha as the picture has it, of these rows; None where a layer has changed it


@dataclass
class LayerRun:
    """One run through layers; `after` computes each of them, for `walk`."""

    full_scale: float  # the level of white
    between: np.dtype[Any]  # of the values between layers
    settings: Settings
    alpha: KeptAlpha = "keep"  # where there is alpha
    engine: Engine = "numpy"  # that computed the last Conv
    in_place: frozenset[int] = frozenset()  # layers that may change the values before them, by their identity

    def after(self, layer: Layer, given: Values, parts: Sequence[Values]) -> Values:
        """Return the values after a layer; `parts` are those of its branches."""
        if isinstance(layer, Unsharp):
            return self._sharpened(layer, *parts)
        if isinstance(layer, Combine) and parts:
            colors, opacities = zip(*((part.colors, part.opacity) for part in parts), strict=True)
            made = self._combined(layer, colors, opacities).astype(self.between, copy=False)
            # One value for the whole picture, as of a global mean, has no alpha for it.
            fitting = (each for each in opacities if each is not None and each.shape[:2] == made.shape[:2])
            return Values(made, next(fitting, opacities[0]))
        opacity = given.opacity
        if isinstance(layer, Conv):
            made = self._conv(layer, given)
            return Values(made, None if opacity is None else next_opacity(layer, opacity, self.alpha, self.settings))
        # Ranks are the same among integers, and take a quarter of the time.
        values = given.colors if isinstance(layer, Rank) else given.colors.astype(self.between, copy=False)
        made = self._applied(layer, values, opacity)
        made = made.astype(self.between, copy=False)
        return Values(made, None if opacity is None else opacity_after(layer, opacity, self.alpha))

    def _applied(self, layer: Layer, values: Array, opacity: Array | None) -> Array:
        if opacity is None and values.size >= _LARGE:
            from convcli.engine.in_bands.applying import applied_in_bands, goes_in_bands

            if goes_in_bands(layer):
                is_free = id(layer) in self.in_place
                return applied_in_bands(layer, values, self.full_scale, self.settings.threads, in_place=is_free)
        return apply_layer(layer, values, self.full_scale, opacity, self.alpha, self.settings.threads)

    def _combined(self, layer: Combine, parts: Sequence[Array], opacities: Sequence[Array | None]) -> Array:
        if opacities[0] is None and parts[0].size >= _LARGE:
            from convcli.engine.in_bands.applying import combined_in_bands

            made = combined_in_bands(layer, parts, self.full_scale, self.settings.threads)
            if made is not None:
                return made
        return combined(layer, parts, opacities, self.full_scale)

    def is_weighted(self, conv: Conv, given: Values) -> bool:
        """Return whether `conv` weighs colors by alpha: without transparency, that would change nothing."""
        return given.opacity is not None and is_weighted(conv, given.opacity, self.alpha)

    def _conv(self, conv: Conv, given: Values) -> Array:
        if given.opacity is None or not self.is_weighted(conv, given):
            computed = run_conv(
                conv, given.colors, full_scale=self.full_scale, dtype=self.between, settings=self.settings
            )
            self.engine = computed.engine
            return computed.values
        height, width, channels = given.colors.shape
        plan = make_plan(conv, (height, width, channels), self.between, self.full_scale, self.between)
        self.engine = self.settings.chosen(plan)
        settings = replace(self.settings, engine=self.engine)
        weighted = given.colors, given.opacity, self.alpha, self.full_scale, settings
        return weighted_by_alpha(conv, *weighted, dtype=self.between).astype(self.between, copy=False)

    def _sharpened(self, layer: Unsharp, own: Values, blurred: Values) -> Values:
        colors = sharpened(layer, own.colors, blurred.colors, self.full_scale)
        if own.opacity is None or blurred.opacity is None:
            return Values(colors)
        return Values(colors, np.clip(sharpened(layer, own.opacity, blurred.opacity, 1.0), 0, 1))


def alpha_levels(given: Array, opacity: Array, after: Array | None, dtype: DTypeLike, full_scale: float) -> Array:
    """Return the alpha of the output; where no layer changed it, `given`, which of floats is no opacity."""
    levels = given.astype(np.float64) if after is None or after is opacity else after * full_scale
    return levels_of(levels, dtype, full_scale).values


def levels_of(values: Array, dtype: DTypeLike, full_scale: float, visible: Bools | None = None) -> Levels:
    """Return levels in a dtype, halves of integers rounded up; values that are hidden are not counted."""
    return as_dtype(with_halves(values, full_scale), dtype, visible)


def as_dtype(values: Array, dtype: DTypeLike, visible: Bools | None = None) -> Levels:
    """Return values in a dtype, integers rounded and clipped."""
    if np.dtype(dtype).kind == "u":
        return to_integers(values, dtype, "clip", visible)
    return Levels(values.astype(dtype, copy=False))


def in_place(layers: Sequence[Layer]) -> frozenset[int]:
    """Return the identities of layers that may change the values before them: none of kernels alone."""
    if all(isinstance(each, Conv) for each in layers):
        return frozenset()
    from convcli.engine.in_bands.in_place import layers_in_place  # imports the layers of networks

    return layers_in_place(layers)
