"""Code for Pillow, whose kernels are of 3×3 or 5×5, upside down, and leave the rim as it is."""

from __future__ import annotations

from convcli.errors import UsageError
from convcli.exchange.exporting.handed import Handed, number
from convcli.exchange.exporting.kernels import anchor_of, border_of, centered, layers_for, plane_of, title_of
from convcli.filters import DEFAULT_BORDER, Conv, Invert, Max, Min, Pipeline, Rank, ReLU

TITLE = "Pillow"
_SIDES = (3, 5)

_HEAD = '''"""{name} as convcli applies it, for Pillow.

apply(image) takes and returns an image of the modes L, RGB and I;16, or LA and RGBA, whose alpha stays as it is.
"""

from PIL import Image, ImageChops, ImageFilter

# A border, by the position in the picture that stands there; n is its width or height.
SOURCES = {{
    "edge": lambda at, n: min(max(at, 0), n - 1),
    "reflect": lambda at, n: (n - 1) - abs((n - 1) - at % (2 * n - 2)) if n > 1 else 0,
    "symmetric": lambda at, n: min(at % (2 * n), 2 * n - 1 - at % (2 * n)),
    "wrap": lambda at, n: at % n,
}}


def padded(image, reach, border, level):
    """Return the image with a border as wide as the kernel reaches."""
    (width, height), fill = image.size, level if len(image.getbands()) == 1 else (level,) * len(image.getbands())
    wide = Image.new(image.mode, (width + 2 * reach, height + 2 * reach), fill)
    wide.paste(image, (reach, reach))
    if border == "constant":
        return wide
    source = SOURCES[border]
    for at in [*range(-reach, 0), *range(height, height + reach)]:
        from_row = source(at, height) + reach
        wide.paste(wide.crop((0, from_row, wide.width, from_row + 1)), (0, at + reach))
    for at in [*range(-reach, 0), *range(width, width + reach)]:
        from_column = source(at, width) + reach
        wide.paste(wide.crop((from_column, 0, from_column + 1, wide.height)), (at + reach, 0))
    return wide


def correlate(image, size, weights, scale, bias, border, value):
    """Return an image without alpha under a kernel, with its rim, which Pillow leaves out."""
    full = 65535 if image.mode.startswith("I;16") else 255
    reach = size // 2
    wide = padded(image, reach, border, int(value * full + 0.5))
    # Pillow has the lowest row first.
    rows = [weights[begin : begin + size] for begin in range(0, size * size, size)]
    kernel = ImageFilter.Kernel((size, size), [each for row in reversed(rows) for each in row], scale, bias * full)
    return wide.filter(kernel).crop((reach, reach, reach + image.width, reach + image.height))


def ranked(image, size, rank, border, value):
    """Return the value of a rank, counted from 0, in the window around each pixel of an image without alpha."""
    reach = size // 2
    wide = padded(image, reach, border, int(value * 255 + 0.5)).filter(ImageFilter.RankFilter(size, rank))
    return wide.crop((reach, reach, reach + image.width, reach + image.height))


def filtered(image):
    """Return an image without alpha under all steps."""
{statements}
    return image


def apply(image):
    """Return the filtered image."""
    if image.mode in ("LA", "RGBA"):
        *colors, alpha = image.split()
        return Image.merge(image.mode, (*filtered(Image.merge(image.mode[:-1], colors)).split(), alpha))
    if image.mode not in ("L", "RGB", "I;16"):
        raise ValueError(f"the filter takes images of L, LA, RGB, RGBA and I;16, not {{image.mode}}")
    return filtered(image)
'''


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - one form for every file
    """Return a program of `ImageFilter.Kernel`, one per kernel; raise UsageError for what Pillow has not."""
    layers = layers_for(pipeline, TITLE, Invert, ReLU, Rank)
    statements = []
    for layer in layers:
        if isinstance(layer, Conv):
            statements.append(f"image = correlate({_kernel(layer)})")
        elif isinstance(layer, Rank):
            statements.append(f"image = ranked({_rank(layer)})")
        elif isinstance(layer, Invert):
            statements.append("image = ImageChops.invert(image)")
    told = f"{TITLE} rounds to levels between the steps, and cuts values off, where convcli keeps them"
    notes = [told] if len(layers) > 1 else []
    if any(isinstance(each, Rank) for each in layers):
        notes.append(f"{TITLE} has no ranks of 16 bits")
    body = "\n".join(f"    {each}" for each in statements) or "    # Nothing changes values that are not negative."
    text = _HEAD.format(name=title_of(pipeline), statements=body)
    for name in ("ranked", "correlate"):
        if f" {name}(" not in body:
            begin = text.index(f"def {name}(")
            text = text[:begin] + text[text.index("\n\n\n", begin) + 3 :]
    if "ImageChops." not in body:
        text = text.replace("ImageChops, ", "")
    return Handed(text, tuple(notes))


def _rank(layer: Rank) -> str:
    height, width = layer.size
    if height != width or height % 2 == 0:
        raise UsageError(
            f"{TITLE} has windows of odd sides alone, as high as wide, and this one is {height}×{width}",
            "export it --to scipy or torch",
        )
    count = height * width
    rank = 0 if isinstance(layer, Min) else count - 1 if isinstance(layer, Max) else count // 2
    border = layer.border or DEFAULT_BORDER
    return f"image, {height}, {rank}, border={border.name!r}, value={number(border.value)}"


def _kernel(conv: Conv) -> str:
    plane = centered(plane_of(conv, TITLE), anchor_of(conv, TITLE), square=True, least=_SIDES[0])
    size = len(plane)
    if size not in _SIDES:
        raise UsageError(
            f"{TITLE} has kernels of 3×3 and 5×5, and this one needs {size}×{size}", "export it --to scipy or opencv"
        )
    weights = ", ".join(map(number, plane.ravel().tolist()))
    kernel, border = conv.kernel, border_of(conv)
    settings = f"scale={number(kernel.divisor)}, bias={number(kernel.bias[0])}"
    return f"image, {size}, [{weights}], {settings}, border={border.name!r}, value={number(border.value)}"
