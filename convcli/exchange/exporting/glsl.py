"""A fragment shader in GLSL ES 3.00, as WebGL 2 has it: one pass over a texture."""

from __future__ import annotations

from collections.abc import Sequence

from convcli.errors import UsageError
from convcli.exchange.exporting.handed import Handed
from convcli.exchange.exporting.joining import joined_layers
from convcli.exchange.exporting.kernels import anchor_of, border_of, needs_border, plane_of, title_of
from convcli.filters import (
    Abs,
    Border,
    Clip,
    Combine,
    Conv,
    Invert,
    Layer,
    LeakyReLU,
    Magnitude,
    Maximum,
    Pipeline,
    ReLU,
    Threshold,
)

TITLE = "a shader"
_MOST_WEIGHTS = 1024  # a large array of constants takes the compiler of a driver long
_IN_A_ROW = 8

# The position that a position beyond the picture takes its value from; n is the width or the height.
_SOURCES = {
    "edge": "return clamp(at, 0, n - 1);",
    "reflect": "int turned = abs(at) % max(2 * n - 2, 1); return min(turned, 2 * n - 2 - turned);",
    "symmetric": "int turned = ((at % (2 * n)) + 2 * n) % (2 * n); return min(turned, 2 * n - 1 - turned);",
    "wrap": "return ((at % n) + n) % n;",
}

_HEAD = """#version 300 es
// {name} as convcli applies it, to a texture whose first row is the upper one. Draw over all pixels.
precision highp float;
precision highp int;
uniform highp sampler2D image;
out vec4 color;
const int DOWN = 1;  // -1 where the first row is the lower one, as with UNPACK_FLIP_Y_WEBGL
"""

_MAIN = """
void main() {{
    ivec2 here = ivec2(gl_FragCoord.xy);
    vec3 value = {start};
{steps}
    color = vec4(value, texelFetch(image, here, 0).a);
}}
"""


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - the text is the same for every file
    """Return a shader with the kernels of one pass, and layers of single values behind them.

    Raises UsageError where a second pass would be needed, or a layer has no words in GLSL.
    """
    shader = _Shader()
    layers = joined_layers(pipeline.layers)
    first, rest = (layers[0], layers[1:]) if isinstance(layers[0], Conv | Combine) else (None, layers)
    start = shader.started(first) if first is not None else "texelFetch(image, here, 0).rgb"
    steps = "\n".join(f"    value = {_pointwise(each)};" for each in rest)
    text = _HEAD.format(name=title_of(pipeline)) + "".join(shader.parts) + _MAIN.format(start=start, steps=steps)
    lines = ("upload the picture without colors converted, and draw into as many pixels as it has",)
    return Handed(text.replace("\n\n    color", "\n    color"), lines=lines)


class _Shader:
    """The functions of a shader: borders and kernels."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._borders: list[Border] = []
        self._kernels = 0

    def started(self, layer: Layer) -> str:
        """Return the value of the first layer."""
        if isinstance(layer, Conv):
            return self._kernel(layer)
        if not isinstance(layer, Magnitude | Maximum) or not layer.branches:
            raise _refusal(layer)
        parts = [self._branch(joined_layers(branch)) for branch in layer.branches]
        if isinstance(layer, Magnitude):
            return f"sqrt({' + '.join(f'{part} * {part}' for part in parts)})"
        value = parts[0]
        for part in parts[1:]:
            value = f"max({value}, {part})"
        return value

    def _branch(self, layers: Sequence[Layer]) -> str:
        if len(layers) > 1 or not isinstance(layers[0], Conv):
            raise _refusal(layers[-1])
        return self._kernel(layers[0])

    def _kernel(self, conv: Conv) -> str:
        """Return the call for a kernel, and note its function."""
        plane = plane_of(conv, TITLE)
        row, column = anchor_of(conv, TITLE)
        if plane.size > _MOST_WEIGHTS:
            raise UsageError(
                f"{TITLE} of {plane.size} weights compiles slowly, so {_MOST_WEIGHTS} are the most",
                "export it --to opencv or vips",
            )
        self._kernels += 1
        height, width = plane.shape
        numbers = [_float(each) for each in (plane / conv.kernel.divisor).ravel().tolist()]
        rows = [", ".join(numbers[begin : begin + _IN_A_ROW]) for begin in range(0, len(numbers), _IN_A_ROW)]
        table = ",\n    ".join(rows)
        name, pixel = f"kernel{self._kernels}", self._pixel(conv)
        self.parts.append(
            f"\nconst float WEIGHTS{self._kernels}[{plane.size}] = float[{plane.size}](\n    {table});\n"
            f"\nvec3 {name}(ivec2 here) {{\n"
            "    vec3 total = vec3(0.0);\n"
            f"    for (int row = 0; row < {height}; row++)\n"
            f"        for (int column = 0; column < {width}; column++)\n"
            f"            total += WEIGHTS{self._kernels}[row * {width} + column]"
            f" * {pixel}(here + ivec2(column - {column}, DOWN * (row - {row})));\n"
            f"    return total + {_float(conv.kernel.bias[0])};\n"
            "}\n"
        )
        return f"{name}(here)"

    def _pixel(self, conv: Conv) -> str:
        """Return the name of the function that has the pixels of a border, and note it."""
        border = border_of(conv) if needs_border(conv) else Border("edge")
        if border not in self._borders:
            self._borders.append(border)
            number = len(self._borders)
            level = _float(border.value)
            outside = (
                f"    if (any(lessThan(at, ivec2(0))) || any(greaterThanEqual(at, size))) return vec3({level});\n"
                if border.name == "constant"
                else f"    at = ivec2(source{number}(at.x, size.x), source{number}(at.y, size.y));\n"
            )
            if border.name != "constant":
                self.parts.append(f"\nint source{number}(int at, int n) {{ {_SOURCES[border.name]} }}\n")
            self.parts.append(
                f"\nvec3 pixel{number}(ivec2 at) {{\n    ivec2 size = textureSize(image, 0);\n{outside}"
                "    return texelFetch(image, at, 0).rgb;\n}\n"
            )
        return f"pixel{self._borders.index(border) + 1}"


def _pointwise(layer: Layer) -> str:
    match layer:
        case ReLU():
            return "max(value, 0.0)"
        case LeakyReLU(slope=slope):
            return f"mix(value * {_float(slope)}, value, vec3(greaterThan(value, vec3(0.0))))"
        case Abs():
            return "abs(value)"
        case Invert():
            return "1.0 - value"
        case Clip(low=low, high=high):
            return f"clamp(value, {_float(low)}, {_float(high)})"
        case Threshold(level=level):
            return f"step({_float(level)}, value)"
        case Conv(kernel=kernel) if kernel.weights.ndim == 2 and kernel.size == (1, 1):
            return f"value * {_float(kernel.gain)} + {_float(kernel.bias[0])}"
        case _:
            raise _refusal(layer)


def _refusal(layer: Layer) -> UsageError:
    if isinstance(layer, Conv | Combine):
        return UsageError(f"{TITLE} is one pass, and this filter needs another", "export each kernel by itself")
    return UsageError(f"{TITLE} has no {layer.name}", "export it --to opencv, scipy or torch")


def _float(value: float) -> str:
    text = repr(float(value))
    return text if any(sign in text for sign in ".e") else f"{text}.0"
