"""The transposed convolution, which makes pictures larger by weights that are learned."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import ClassVar, Self

import numpy as np

from convcli.array_types import Floats, real_numbers
from convcli.errors import ShapeError, UsageError
from convcli.filters.initial import initial_parameters
from convcli.filters.layer import ReceptiveField, Shape, Size2
from convcli.filters.networks.whole import Position, Reshaping
from convcli.filters.settings.kernel import BIAS, GROUPS
from convcli.filters.settings.layers import TRANSPOSED
from convcli.filters.settings.parameter import Parameter
from convcli.lazy import dataclass
from convcli.words import times


@dataclass(frozen=True, eq=False)
class ConvTranspose(Reshaping):
    """Every pixel times the weights, laid a stride apart and added up, as PyTorch's ConvTranspose2d.

    Parameters
    ----------
    weights
        float64, (input channels, output channels of a group, height, width).
    bias
        One number for all output channels, or one each; 1 is full scale.
    stride
        Pixels (down, right) from the weights of a pixel to those of the next.
    padding
        Pixels (above and below, left and right) that are left out of the sum.
    output_padding
        Pixels (below, right) more, for one of the sizes that a convolution with this stride makes equal.
    dilation
        Pixels (down, right) from one weight to the next.
    groups
        Parts of the channels that are filtered apart.
    is_random, seed
        Whether the weights are drawn, by `drawn`; a seed of None is still to follow from the place in the filter.
    """

    name: ClassVar[str] = "conv-transpose"
    declared: ClassVar[tuple[Parameter, ...]] = (*TRANSPOSED, GROUPS, BIAS)

    weights: Floats
    bias: tuple[float, ...] | float = (0.0,)
    stride: Size2 = (1, 1)
    padding: Size2 = (0, 0)
    output_padding: Size2 = (0, 0)
    dilation: Size2 = (1, 1)
    groups: int = 1
    is_random: bool = False
    seed: int | None = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        bias = self.bias if isinstance(self.bias, tuple) else (self.bias,)
        try:
            weights = real_numbers(self.weights).astype(np.float64)
        except ValueError as error:
            raise UsageError(f"weights of conv-transpose: {error}", "give an array of numbers") from error
        if weights.ndim != 4 or not weights.size or not np.isfinite(weights).all():
            raise UsageError(
                f"conv-transpose has weights of shape {weights.shape}",
                "give finite numbers: input channels × output channels of a group × height × width",
            )
        if len(weights) % self.groups:
            raise UsageError(f"{self.groups} groups do not divide {len(weights)} input channels", "use one that does")
        if len(bias) not in (1, weights.shape[1] * self.groups):
            raise UsageError(
                f"conv-transpose has {len(bias)} biases for {weights.shape[1] * self.groups} output channels",
                "give one per output channel",
            )
        for more, step, apart in zip(self.output_padding, self.stride, self.dilation, strict=True):
            if more >= max(step, apart):
                raise UsageError(
                    f"an output_padding of {more} is not below the stride {step} or the dilation {apart}",
                    "give less output_padding",
                )
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "bias", tuple(map(float, bias)))

    @classmethod
    def drawn(cls, shape: tuple[int, ...], *, seed: int | None, groups: int, bias: bool) -> Self:
        """Return a layer with random weights of a shape, within ±1 / √(outputs of a group · height · width)."""
        weights, _ = initial_parameters(shape, init="random", seed=seed or 0, bias=False)
        outputs, bound = shape[1] * groups, 1 / math.sqrt(math.prod(shape[1:]))
        biases = np.random.default_rng([seed or 0, 1]).uniform(-bound, bound, outputs) if bias else np.zeros(1)
        return cls(weights, tuple(biases.tolist()), groups=groups, is_random=True, seed=seed)

    def seeded(self, seed: int) -> ConvTranspose:
        """Return the layer with the weights of a seed."""
        made = self.drawn(self.weights.shape, seed=seed, groups=self.groups, bias=self.has_bias)
        return replace(self, weights=made.weights, bias=made.bias, seed=seed)

    @property
    def draws(self) -> bool:
        """True where the weights are drawn at random."""
        return self.is_random

    @property
    def has_bias(self) -> bool:
        """True where a bias is added."""
        return self.bias != (0.0,)

    @property
    def is_as_drawn(self) -> bool:
        """True where weights and bias are those of the seed."""
        if not self.is_random:
            return False
        made = self.drawn(self.weights.shape, seed=self.seed, groups=self.groups, bias=self.has_bias)
        return np.array_equal(made.weights, self.weights) and made.bias == self.bias

    @property
    def extent(self) -> Size2:
        """Height and width in pixels that the dilated weights cover."""
        height, width = self.weights.shape[2:]
        return self.dilation[0] * (height - 1) + 1, self.dilation[1] * (width - 1) + 1

    def output_shape(self, shape: Shape) -> Shape:
        """Return (n − 1) · stride − 2 · padding + extent + output_padding on each axis; raise ShapeError below 1."""
        channels, *lengths = shape
        if channels != len(self.weights):
            raise ShapeError(
                f"conv-transpose takes {len(self.weights)} channels, the input has {channels}",
                "give the layer before it as many output channels",
            )
        sides = [
            (length - 1) * step - 2 * less + extent + more
            for length, step, less, extent, more in zip(
                lengths, self.stride, self.padding, self.extent, self.output_padding, strict=True
            )
        ]
        if min(sides) < 1:
            raise ShapeError(f"conv-transpose leaves nothing of {times((lengths[0], lengths[1]))}", "use less padding")
        return self.weights.shape[1] * self.groups, sides[0], sides[1]

    def parameters(self, shape: Shape) -> int:  # noqa: ARG002 - they are the weights
        """Return the number of weights and biases."""
        return int(self.weights.size) + (len(self.bias) if isinstance(self.bias, tuple) and self.has_bias else 0)

    @property
    def receptive_field(self) -> ReceptiveField:
        """The pixels whose weights meet in a value, which are a part of a stride apart."""
        height, width = (-(-extent // step) for extent, step in zip(self.extent, self.stride, strict=True))
        return ReceptiveField((height, width), (1 / self.stride[0], 1 / self.stride[1]))

    def came_from(self, position: Position, shape: Shape) -> Position:
        """Return all channels of the pixel whose weights begin there."""
        _, *at = position
        row, column = (
            None if place is None else min((place + less) // step, side - 1)
            for place, less, step, side in zip(at, self.padding, self.stride, shape[1:], strict=True)
        )
        return None, row, column

    @property
    def words(self) -> str:
        """The size, the channels, and what is not the default."""
        inputs, outputs, height, width = self.weights.shape
        given = [times((height, width)), f"{inputs}→{outputs * self.groups} channels"]
        for name, default in (("stride", 1), ("padding", 0), ("output_padding", 0), ("dilation", 1)):
            down, right = getattr(self, name)
            if (down, right) != (default, default):
                shown = str(down) if down == right else times((down, right))
                given.append(f"{name.replace('_', ' ')} {shown}")
        return ", ".join([*given, *([f"{self.groups} groups"] if self.groups > 1 else [])])
