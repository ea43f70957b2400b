"""The steps of a filter as statements of Python, and the tables of weights that they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from convcli.array_types import Floats
from convcli.errors import UsageError
from convcli.exchange.exporting.handed import number
from convcli.exchange.exporting.joining import joined_layers
from convcli.exchange.exporting.kernels import border_of, dilated
from convcli.exchange.exporting.python.windows import pool_as_conv, ranked
from convcli.filters import (
    Abs,
    Clip,
    Combine,
    Conv,
    Curve,
    Invert,
    Layer,
    LeakyReLU,
    Magnitude,
    Maximum,
    MaxPool,
    Median,
    Normalize,
    Pipeline,
    Pool,
    Rank,
    ReLU,
    Round,
    Size2,
    Threshold,
)
from convcli.lazy import dataclass

_WIDTH = 110  # of a line of code
_LONGEST_NUMBERS = 5  # in a row that stands on one line with others


@dataclass(frozen=True)
class Words:
    """The words of a library for steps: expressions with ``{}`` for the values, and numbers as named fields."""

    title: str
    expressions: Mapping[str, str]
    pool: Callable[[Pool], str | None] | None = None  # the call of its own function for a pool; None for ours
    medians: tuple[Size2, ...] = ()  # the sizes that it has, where not all


class Steps:
    """The statements and constants of a filter."""

    def __init__(self, pipeline: Pipeline, words: Words) -> None:
        self._words = words
        self._count = 0
        self.has_ranks = False
        self.constants: dict[str, str] = {}
        self.weights: dict[str, Floats] = {}
        self._input = "image_planes"  # until a layer has made floats of them
        self.statements = self._chain(joined_layers(pipeline.layers), self._input, "planes")

    @property
    def deepest(self) -> int:
        """The largest number of dimensions of any weights; 0 without kernels."""
        return max((each.ndim for each in self.weights.values()), default=0)

    def _chain(self, layers: Sequence[Layer], before: str, name: str) -> list[str]:
        lines = []
        for layer in layers:
            lines += self._layer(layer, before, name)
            before = name
        return lines

    def _layer(self, layer: Layer, before: str, name: str) -> list[str]:
        if isinstance(layer, Conv):
            return [f"{name} = {self._conv(layer, before)}"]
        if isinstance(layer, Magnitude | Maximum):
            return self._combined(layer, before, name)
        if isinstance(layer, Rank | Pool):
            return [f"{name} = {self._of_windows(layer, before)}"]
        return [f"{name} = {self._pointwise(layer).format(before)}"]

    def _of_windows(self, layer: Rank | Pool, before: str) -> str:
        title = self._words.title
        if isinstance(layer, Pool) and self._words.pool is not None:
            call = self._words.pool(layer)
            if call is None:
                what = layer.name if layer.dilation == (1, 1) else f"{layer.name} with a dilation"
                raise UsageError(f"the code for {title} has no {what}", "leave it out, or export it --to onnx")
            return call.format(before)
        if isinstance(layer, Pool) and not isinstance(layer, MaxPool):
            return self._conv(pool_as_conv(layer, title), before)
        if self._words.medians and isinstance(layer, Median) and layer.size not in self._words.medians:
            sizes = " and ".join("×".join(map(str, each)) for each in self._words.medians)
            raise UsageError(f"{title}'s median of floats is one of {sizes}", "export it --to scipy or torch")
        self.has_ranks = True
        return ranked(layer, before, title, lambda border: _level(border.value, is_input=before == self._input))

    def _combined(self, layer: Combine, before: str, name: str) -> list[str]:
        kind = "magnitude" if isinstance(layer, Magnitude) else "maximum"
        if not layer.branches:
            return [f"{name} = {self._words.expressions[f'{kind}-of-channels'].format(before)}"]
        parts, lines = [], []
        for branch in layer.branches:
            self._count += 1
            parts.append(f"part{self._count}")
            lines += self._chain(joined_layers(branch), before, parts[-1])
        return [*lines, f"{name} = {self._words.expressions[kind].format(', '.join(parts))}"]

    def _pointwise(self, layer: Layer) -> str:
        known = self._words.expressions
        values: dict[str, str] = {}
        kind = layer.name
        match layer:
            case ReLU() | Abs() | Invert() | Normalize() | Round():
                pass
            case LeakyReLU(slope=slope):
                values = {"slope": number(slope)}
            case Clip(low=low, high=high):
                values = {"low": number(low), "high": number(high)}
            case Threshold(level=level):
                values = {"level": number(level)}
            case Curve(points=points, channels="all"):
                x, y = zip(*points, strict=True)
                values = {"x": f"[{', '.join(map(number, x))}]", "y": f"[{', '.join(map(number, y))}]"}
            case _:
                kind = ""
        if kind not in known:
            raise UsageError(
                f"the code for {self._words.title} has no {layer.name}",
                "leave it out, and do it in Python before or after",
            )
        return known[kind].format("{0}", **values)  # the values follow later

    def _conv(self, conv: Conv, before: str) -> str:
        """Return the call for a kernel, and note its weights."""
        if isinstance(conv.padding, str) and conv.padding.startswith("same-") and conv.stride != (1, 1):
            raise UsageError(
                f"the code for {self._words.title} has no padding {conv.padding} with a stride",
                "give the pixels: padding: [rows, columns]",
            )
        number_ = len(self.weights) + 1
        name = f"WEIGHTS_{number_}"
        weights = dilated(conv)
        self.weights[name] = weights
        divisor = "" if conv.kernel.divisor == 1 else f" / {number(conv.kernel.divisor)}"
        # Weights that are integers are summed as such, and divided once.
        late = divisor if conv.kernel.is_integer else ""
        self.constants[name] = f"np.array({_table(weights)}, dtype=float)" + ("" if late else divisor)
        border = border_of(conv)
        arguments = [before, name, f"pads={conv.margins}", f"border={border.name!r}"]
        if border.value:
            arguments.append(f"value={_level(border.value, is_input=before == self._input)}")
        if conv.stride != (1, 1):
            arguments.append(f"stride={conv.stride}")
        if conv.groups > 1:
            arguments.append(f"groups={conv.groups}")
        return f"correlate({', '.join(arguments)}){late}{self._bias(conv, number_)}"

    def _bias(self, conv: Conv, number_: int) -> str:
        bias = conv.kernel.bias
        if not any(bias):
            return ""
        if len(bias) == 1:
            return f" + {number(bias[0])} * full"
        self.constants[f"BIAS_{number_}"] = self._words.expressions["biases"].format(", ".join(map(number, bias)))
        return f" + BIAS_{number_} * full"


def _level(value: float, *, is_input: bool) -> str:
    """Return the level of a constant border: beside the pixels of a picture it is a whole one, as they are."""
    level = _float(value)
    return f"np.floor({level} * full + 0.5) if full > 1 else {level}" if is_input else f"{level} * full"


def _float(value: float) -> str:
    return number(value) if np.isfinite(value) else f"float({str(value)!r})"


def _table(weights: Floats, indent: str = "") -> str:
    """Return nested lists of numbers, a row a line where they are long."""
    if weights.ndim == 1:
        numbers = list(map(number, weights.tolist()))
        line = f"[{', '.join(numbers)}]"
        if len(indent) + len(line) <= _WIDTH:
            return line
        lines, begun = [], indent + "    "
        for each in numbers:
            if len(begun) + len(each) > _WIDTH:
                lines.append(begun.rstrip())
                begun = indent + "    "
            begun += f"{each}, "
        return "\n".join(["[", *lines, begun.rstrip(), f"{indent}]"])
    inner = [_table(each, indent + "    ") for each in weights]
    line = f"[{', '.join(inner)}]"
    if "\n" not in line and len(indent) + len(line) <= _WIDTH // 2:
        return line
    return "\n".join(["[", *(f"{indent}    {each}," for each in inner), f"{indent}]"])
