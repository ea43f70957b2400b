"""Conv: cross-correlation with a kernel, with the settings of PyTorch's Conv2d."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, ClassVar, Literal, Self, TypedDict, Unpack

from convcli.errors import ShapeError, UsageError
from convcli.filters.border import Border
from convcli.filters.kernel import Kernel
from convcli.filters.layer import Layer, ReceptiveField, Shape, Size2
from convcli.filters.settings.kernel import (
    BORDER,
    DILATION,
    FLIP,
    GROUPS,
    PADDING,
    STRIDE,
    check_names,
    judged,
)
from convcli.filters.settings.parameter import Flag, Parameter
from convcli.lazy import dataclass

NamedPadding = Literal["same", "valid", "full", "same-upper", "same-lower"]
Padding = NamedPadding | Size2

DEFAULT_BORDER: Border = Border(BORDER.default)


class ConvSettings(TypedDict, total=False):
    """The settings of a correlation beside its weights, as Python's keywords; None leaves one as it is.

    Declared, with their ranges, in `convcli.filters.settings.kernel`.
    """

    anchor: Size2 | None
    divisor: float | None
    bias: float | Sequence[float] | None
    flip: bool | None
    normalize: Literal["none", "sum", "l1"] | None
    stride: int | Size2 | None
    padding: Padding | int | None
    dilation: int | Size2 | None
    border: Border | str | None
    groups: int | None


@dataclass(frozen=True, eq=False)
class Conv(Layer):
    """Cross-correlation with a kernel, with the settings of PyTorch's Conv2d.

    Parameters
    ----------
    kernel
        One plane for every channel, one plane per channel, or output × input channels; with `groups`, the input
        channels of one group.
    stride
        Steps down and to the right between output pixels, at least 1.
    padding
        ``same``: as many pixels out as in, divided by the stride and rounded up; ``valid``: none; ``full``: every
        position where kernel and picture overlap; or pixels (vertically, horizontally), at least 0. ``same-upper`` and
        ``same-lower``: for as many pixels out, as few as the last window needs, half on each side, of an odd number one
        more below and to the right, or above and to the left.
    dilation
        Distance between the weights, down and to the right, at least 1.
    groups
        Number of groups of input channels, each with its share of the output channels.
    border
        The values of the padding; None leaves them to the caller, whose default is reflect.
    centered
        Let the padding ``same`` be PyTorch's: half on each side, of an odd number the larger part below and to the
        right. Otherwise it follows from the anchor.
    bias_is_setting
        Whether the bias was given beside a kernel, not with its weights; `check_shares` asks for it.
    """

    name: ClassVar[str] = "conv"
    declared: ClassVar[tuple[Parameter, ...]] = (
        *(STRIDE, PADDING, DILATION, GROUPS, BORDER),
        *(Flag("centered", False), Flag("bias_is_setting", False)),
    )

    kernel: Kernel
    stride: Size2 = (1, 1)
    padding: Padding = "same"
    dilation: Size2 = (1, 1)
    groups: int = 1
    border: Border | None = None
    centered: bool = False
    bias_is_setting: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.kernel, Kernel):
            object.__setattr__(self, "kernel", Kernel(self.kernel))
        super().__post_init__()
        if self.groups > 1 and self.kernel.weights.ndim != 4:
            raise UsageError(
                f"groups {self.groups} need weights of output × input channels",
                "one plane per channel is already a group per channel",
            )

    @property
    def extent(self) -> Size2:
        """Height and width in pixels that the dilated kernel covers: dilation · (k - 1) + 1."""
        (height, width), (down, right) = self.kernel.size, self.dilation
        return down * (height - 1) + 1, right * (width - 1) + 1

    @property
    def receptive_field(self) -> ReceptiveField:
        """The dilated kernel, a stride apart."""
        return ReceptiveField(self.extent, self.stride)

    def parameters(self, shape: Shape) -> int:  # noqa: ARG002 - they are the kernel's
        """Return the number of weights and, where there are any, biases."""
        bias = self.kernel.bias
        # A kernel without a bias has a single zero.
        return int(self.kernel.weights.size) + (len(bias) if len(bias) > 1 or any(bias) else 0)

    @property
    def anchor(self) -> Size2:
        """Row and column of the weight on the output pixel, or next before it, where the padding is ``same``."""
        (above, left), (down, right) = self._before, self.dilation
        return above // down, left // right

    @property
    def _before(self) -> Size2:
        (height, width), (down, right), (row, column) = self.extent, self.dilation, self.kernel.anchor
        is_centered = self.centered and self.padding == "same"
        return ((height - 1) // 2, (width - 1) // 2) if is_centered else (down * row, right * column)

    def with_border(self, border: Border) -> Conv:
        """Return the layer with `border` where it names none."""
        return self if self.border is not None else replace(self, border=border)

    @property
    def margins(self) -> tuple[Size2, Size2]:
        """Pixels added (above, below) and (left of, right of) a picture, at the most."""
        return self.margins_for((1, 1))

    def margins_for(self, lengths: Size2) -> tuple[Size2, Size2]:
        """Return the pixels added (above, below) and (left of, right of) a picture of (height, width)."""
        height, width = self.extent
        if self.padding in ("same-upper", "same-lower"):
            vertical, horizontal = (
                max((-(-length // stride) - 1) * stride + extent - length, 0)
                for length, extent, stride in zip(lengths, self.extent, self.stride, strict=True)
            )
            low = self.padding == "same-lower"
            above, left = (vertical + low) // 2, (horizontal + low) // 2
            return (above, vertical - above), (left, horizontal - left)
        if self.padding == "same":
            above, left = self._before
            return (above, height - 1 - above), (left, width - 1 - left)
        named = {"valid": (0, 0), "full": (height - 1, width - 1)}
        vertical, horizontal = named[self.padding] if isinstance(self.padding, str) else self.padding
        return (vertical, vertical), (horizontal, horizontal)

    def output_shape(self, shape: Shape) -> Shape:
        """Return floor((n + padding - extent) / stride) + 1 on each axis.

        Raises
        ------
        ShapeError
            The channels do not fit the kernel, or the kernel does not fit into the padded picture.
        """
        channels, *lengths = shape
        outputs = self._output_channels(channels)
        margins = self.margins_for((lengths[0], lengths[1]))
        sides = [
            (length + sum(margin) - extent) // stride + 1
            for length, margin, extent, stride in zip(lengths, margins, self.extent, self.stride, strict=True)
        ]
        if min(sides) < 1:
            height, width = self.extent
            padded = " padded" if any(map(any, margins)) else ""
            raise ShapeError(
                f"a kernel that covers {height}×{width} pixels does not fit into a{padded} picture"
                f" of {lengths[0]}×{lengths[1]}",
                "use --padding same, a smaller kernel or a larger picture",
            )
        return outputs, sides[0], sides[1]

    def with_settings(self, **settings: Unpack[ConvSettings]) -> Conv:
        """Return the layer with the given settings in place of its own.

        `flip` turns the kernel by 180°, with an `anchor` that is given, then `normalize` chooses its divisor by
        `Kernel.normalized`.
        A `stride`, `padding` or `dilation` of one number holds for both axes.
        """
        check_names(settings, ConvSettings.__annotations__)
        given: dict[str, Any] = {name: value for name, value in settings.items() if value is not None}
        numbers = {name: given.pop(name) for name in ("anchor", "divisor", "bias") if name in given}
        if "bias" in numbers:
            given["bias_is_setting"] = True
        kernel = replace(self.kernel, **numbers)
        kernel = kernel.flipped() if judged(FLIP, given.pop("flip", False)) else kernel
        kernel = kernel.normalized(given.pop("normalize", "none"))
        if "anchor" in numbers:
            given["centered"] = False
        return replace(self, kernel=kernel, **given)

    def _output_channels(self, channels: int) -> int:
        shape = self.kernel.weights.shape
        if len(shape) == 2:
            return channels
        if len(shape) == 3:
            if shape[0] != channels:
                raise ShapeError(
                    f"the kernel has planes for {shape[0]} channels, the input has {channels}",
                    "use one plane for every channel, or as many planes as channels",
                )
            return channels
        expected = shape[1] * self.groups
        if expected != channels:
            of_groups = f" ({self.groups} groups of {shape[1]})" if self.groups > 1 else ""
            raise ShapeError(
                f"the kernel takes {expected} input channels{of_groups}, the input has {channels}",
                "use --channels luma, which filters the brightness"
                if (expected, channels) == (1, 3)
                else "use a kernel with as many input channels as the input",
            )
        if shape[0] % self.groups:
            raise ShapeError(
                f"{shape[0]} output channels cannot be split into {self.groups} groups",
                "use a number of output channels that the groups divide",
            )
        return int(shape[0])


@dataclass(frozen=True, eq=False)
class NamedConv(Conv):
    """A Conv whose kernel is that of a filter, which files have by its name in place of the weights.

    Parameters
    ----------
    text
        The filter as `apply` takes it, with arguments by their names: ``gaussian:sigma=1.5``; empty where files have
        the weights, since the filter has more than this kernel.
    """

    text: str = ""

    @classmethod
    def of(cls, conv: Conv, text: str) -> Self:
        """Return a Conv with its name."""
        return cls(**{each.name: getattr(conv, each.name) for each in fields(Conv)}, text=text)

    @property
    def is_as_named(self) -> bool:
        """True where the border is all that is set beside the name."""
        plain = (self.stride, self.padding, self.dilation, self.groups) == ((1, 1), "same", (1, 1), 1)
        return bool(self.text) and plain and not (self.centered or self.bias_is_setting)

    def with_settings(self, **settings: Unpack[ConvSettings]) -> Conv:
        """Return the layer with the given settings, by its weights."""
        return Conv(**{each.name: getattr(self, each.name) for each in fields(Conv)}).with_settings(**settings)
