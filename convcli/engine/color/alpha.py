"""Correlation of colors weighed by their alpha.

The color of a transparent pixel must not bleed into its neighbors, nor must its absence darken them. So a color is
weighed by its alpha, and what is missing is replaced by the mean around it: with alpha a in 0 … 1, colors c, weights w,

    mean = sum of |w| a c / sum of |w| a
    out  = sum of w a c + mean · (sum of w − sum of w a)

If all is opaque this is the plain correlation. For a kernel without negative weights it is sum w a c / sum w a, scaled
by the sum of w: the premultiplied filter of Porter and Duff's algebra (1984), as libvips and ImageMagick compute it.
For kernels that sharpen or find edges, whose sum of w a may vanish, it stays finite, and the rim of a shape on a
transparent ground is no edge.

Outside of the picture, a constant border follows the treatment of alpha. ``keep``: it is opaque and of the border's
value, so that an opaque picture is filtered as the same picture without alpha. ``filter``: it is transparent, so that
its value has no weight, and the rim of the output is less opaque but not darker. The other borders repeat pixels of the
picture with their alpha.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Array, Floats
from convcli.engine.correlation import run_conv
from convcli.engine.engine_choice import Settings
from convcli.engine.part import Part
from convcli.engine.planning.arithmetic import ROUNDING
from convcli.errors import UsageError
from convcli.filters import DEFAULT_BORDER, Border, Conv, Kernel

Alpha = Literal["keep", "filter", "drop"]
KeptAlpha = Literal["keep", "filter"]


def opacity_of(alpha: Array, full_scale: float) -> Floats:
    """Return alpha (height, width, 1) in levels as opacity, 0 where transparent, 1 where opaque.

    Floats may lie beyond full scale, which is opaque, or below 0 or be NaN, which is transparent.
    """
    shares = alpha.astype(np.float64) / full_scale
    return shares if alpha.dtype.kind == "u" else np.where(shares > 0, np.minimum(shares, 1), 0)


def seen(values: Array, opacity: Array) -> Array:
    """Return values times opacity; 0 where that is 0, also of a hidden value that is NaN or infinite."""
    product: Array = np.multiply(values, opacity, out=np.zeros_like(values), where=opacity > 0)
    return product


def is_weighted(conv: Conv, opacity: Floats, alpha: KeptAlpha) -> bool:
    """Return whether a correlation meets transparency: in the picture, or in a constant border."""
    return sees_outside(conv, alpha) or not opacity.min() >= 1


def sees_outside(conv: Conv, alpha: KeptAlpha) -> bool:
    """Return whether a correlation meets transparency in a constant border."""
    return alpha == "filter" and (conv.border or DEFAULT_BORDER).name == "constant" and any(map(any, conv.margins))


def keeps_opacity(conv: Conv, alpha: KeptAlpha) -> bool:
    """Return whether the alpha of the output of `conv` is that of its input."""
    return alpha == "keep" and conv.padding == "same" and conv.stride == (1, 1)


def weighted_by_alpha(
    conv: Conv,
    colors: Array,
    opacity: Floats,
    alpha: KeptAlpha,
    full_scale: float,
    settings: Settings,
    part: Part | None = None,
    dtype: DTypeLike = np.float64,
) -> Array:
    """Correlate colors (height, width, channels), weighed by their alpha; return floats of the same axes, in levels.

    The colors are levels not multiplied by alpha; `opacity` (height, width, 1) is 0 where transparent, 1 where opaque.
    A bias or constant border of 1 is `full_scale`. Colors and opacity may be a `part`. Channels that are mixed are
    computed in `dtype`, all else in float64.
    """
    run = _Run(conv, settings, part)
    weights = conv.kernel.weights
    bias = np.array(conv.kernel.bias) * full_scale
    if weights.ndim == 2:
        return np.add(values := _one_plane(run, weights, colors, opacity, alpha, full_scale), bias, out=values)
    if weights.ndim == 4:
        values = _mixed(run, colors.astype(dtype, copy=False), opacity, alpha, full_scale)
        values += bias
        return values
    outputs = [
        _one_plane(run, plane, colors[:, :, channel : channel + 1], opacity, alpha, full_scale)
        for channel, plane in enumerate(weights)
    ]
    return np.concatenate(outputs, axis=2) + bias


def next_opacity(conv: Conv, opacity: Floats, alpha: KeptAlpha, settings: Settings, part: Part | None = None) -> Floats:
    """Return the alpha of the output of `conv`: that under its anchor, or filtered as the colors are.

    Raises UsageError where the kernel that is to filter alpha has no plane for it.
    """
    _, shares = _with_outside(conv, alpha)
    run = _Run(conv, settings, part)
    if alpha == "keep":
        return run.under_anchor(opacity, shares, 1.0)
    if conv.kernel.weights.ndim != 2:
        raise UsageError("alpha cannot be filtered by a kernel with a plane per channel", "use --alpha keep or drop")
    weights = conv.kernel.weights / conv.kernel.divisor
    filtered = np.clip(run.correlated(shares, weights, opacity, 1.0), 0, 1)
    # What is left of weights that cancel would make the pixel visible, in one engine and not in the other.
    return np.where(filtered > ROUNDING * np.abs(weights).sum(), filtered, 0)


def _with_outside(conv: Conv, alpha: KeptAlpha) -> tuple[Conv, Conv]:
    """Return `conv` as it is applied to colors weighed by their alpha, and to alpha: a constant border differs."""
    if (conv.border or DEFAULT_BORDER).name != "constant":
        return conv, conv
    transparent, opaque = Border("constant", 0.0), Border("constant", 1.0)
    if alpha == "filter":
        return replace(conv, border=transparent), replace(conv, border=transparent)
    return conv, replace(conv, border=opaque)


def _one_plane(run: _Run, plane: Floats, colors: Array, opacity: Floats, alpha: KeptAlpha, full_scale: float) -> Floats:
    conv = run.conv
    weights = plane / conv.kernel.divisor
    filled, shares = _with_outside(conv, alpha)
    share = run.correlated(shares, weights, opacity, 1.0)
    signed = bool((weights < 0).any())
    mean_share = run.correlated(shares, np.abs(weights), opacity, 1.0) if signed else share
    missing = float(weights.sum()) - share
    # Elsewhere it is rounding, which would make NaN of a mean that is infinite.
    is_missing = np.abs(missing) > ROUNDING * np.abs(weights).sum()
    result = np.empty((*share.shape[:2], colors.shape[2]))
    # One channel at a time, since each takes five times its size: half a gigabyte for 12 megapixels.
    for channel in range(colors.shape[2]):
        color = colors[:, :, channel : channel + 1].astype(np.float64)
        weighed = seen(color, opacity)
        total = run.correlated(filled, weights, weighed, full_scale)
        mean_total = run.correlated(filled, np.abs(weights), weighed, full_scale) if signed else total
        own = run.under_anchor(color, conv, full_scale)
        mean = np.divide(mean_total, mean_share, out=own, where=mean_share > 0)
        result[:, :, channel : channel + 1] = np.add(total, mean * missing, out=total, where=is_missing)
    return result


def _mixed(run: _Run, colors: Array, opacity: Floats, alpha: KeptAlpha, full_scale: float) -> Array:
    from convcli.engine.color.mixing import Weighed, mixed  # for networks alone

    outside = (run.conv.border or DEFAULT_BORDER).value * full_scale
    is_kept = alpha == "keep"
    seen_outside, share_outside = (outside, 1.0) if is_kept else (0.0, 0.0)
    weighed = seen(colors, opacity.astype(colors.dtype, copy=False))
    arrays = Weighed(colors, outside), Weighed(weighed, seen_outside), Weighed(opacity, share_outside)
    return mixed(run.conv, *arrays, run.settings, run.part)


class _Run(NamedTuple):
    """The correlations of one layer, of the whole picture or a part of it."""

    conv: Conv
    settings: Settings
    part: Part | None

    def correlated(self, conv: Conv, weights: Floats, array: Floats, full_scale: float) -> Floats:
        """Return an array correlated with other weights, and the border of `conv`."""
        plain = replace(conv, kernel=Kernel(weights, anchor=conv.kernel.anchor), groups=1)
        return run_conv(
            plain, array, full_scale=full_scale, dtype=np.float64, settings=self.settings, part=self.part
        ).values

    def under_anchor(self, array: Floats, conv: Conv, full_scale: float) -> Floats:
        """Return the values under the anchor, of an array with the border of `conv`."""
        if conv.padding == "same" and conv.stride == (1, 1):
            return array if self.part is None else self.part.taken(array, self.part.wanted)
        delta = np.zeros(conv.kernel.size)
        delta[conv.kernel.anchor] = 1
        return self.correlated(conv, delta, array, full_scale)
