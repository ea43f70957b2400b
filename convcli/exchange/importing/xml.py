"""Kernels in files of XML: feConvolveMatrix in SVG, and filtered sources in the VRT of GDAL.

Nothing is expanded and nothing is loaded: a file that declares an entity is refused, and no address is followed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn
from xml.parsers import expat

import numpy as np

from convcli.errors import printable
from convcli.exchange.importing.files import bytes_of, refusal
from convcli.exchange.importing.numbers import flat_numbers
from convcli.filters import Border, Conv, Kernel, Layer
from convcli.lazy import dataclass

log = logging.getLogger(__name__)

_LARGEST_XML = 2**23  # bytes
_MOST_ELEMENTS = 100_000
_DEEPEST = 100
_EDGES = {"duplicate": Border("edge"), "wrap": Border("wrap"), "none": Border("constant")}
_COLORS = 3
_LINEAR = "linearRGB"  # of filters that name no light
# What a filter of SVG is made of beside kernels, and what stands in it without an effect of its own.
_NEUTRAL = {"feMergeNode", "feFuncR", "feFuncG", "feFuncB", "feFuncA"}


@dataclass(frozen=True)
class Element:
    """An element: its name without a prefix, its attributes, its text, its line, the names around it, and the nearest.

    `parent` is that element, None for the outermost.
    """

    name: str
    attributes: Mapping[str, str]
    line: int
    around: tuple[str, ...]
    text: list[str]
    parent: Element | None = None

    def inherited(self, name: str, default: str) -> str:
        """Return a property of SVG: in the style or the attributes, its own, or those of an element around it."""
        found = re.findall(rf"(?:^|;)\s*{name}\s*:\s*([^;!\s]+)", self.attributes.get("style", ""))
        value: str = found[-1] if found else self.attributes.get(name, "inherit").strip()
        if value != "inherit":
            return value
        return default if self.parent is None else self.parent.inherited(name, default)


def elements_of(file: str) -> list[Element]:
    """Return the elements of a file in their order; raise FilterError where it is no XML, or declares entities."""
    data = bytes_of(file, _LARGEST_XML)
    found: list[Element] = []
    open_elements: list[Element] = []
    parser = expat.ParserCreate()

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(found) >= _MOST_ELEMENTS or len(open_elements) >= _DEEPEST:
            raise refusal(file, "too many elements", "leave out all but the filter", parser.CurrentLineNumber)
        around = tuple(each.name for each in open_elements)
        own = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        parent = open_elements[-1] if open_elements else None
        element = Element(name.rpartition(":")[2], own, parser.CurrentLineNumber, around, [], parent)
        found.append(element)
        open_elements.append(element)

    def declare(*_: object) -> NoReturn:
        hint = "write what it stands for in its place"
        raise refusal(file, "it declares an entity, which is not expanded", hint, parser.CurrentLineNumber)

    parser.StartElementHandler = begin

    def end(_: str) -> None:
        open_elements.pop()

    def write(text: str) -> None:
        open_elements[-1].text.append(text)

    parser.EndElementHandler = end
    parser.CharacterDataHandler = write
    parser.EntityDeclHandler = declare
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise refusal(file, f"it is no XML: {reason}", "export it again", error.lineno, error.offset + 1) from error
    except (ValueError, LookupError) as error:  # an encoding that Python has not
        raise refusal(file, "its encoding is not known", "save the file as UTF-8") from error
    return found


def read_svg(file: str) -> list[Layer]:
    """Return a kernel for every feConvolveMatrix, in their order, and a mix of colors for every feColorMatrix.

    Raises FilterError where there is none, or where the filter has a step that is no kernel.
    """
    elements = elements_of(file)
    filters = [each for each in elements if each.name == "filter"]
    if len(filters) > 1:
        raise refusal(file, f"there are {len(filters)} filters in it", "leave one of them", filters[1].line)
    steps = [each for each in elements if each.name.startswith("fe") and each.name not in _NEUTRAL]
    layers: list[Layer] = []
    before = {"", "SourceGraphic"}  # names of what the next step takes if it says nothing
    for each in steps:
        if (given := each.attributes.get("in", "")) not in before:
            raise refusal(file, f"a step that takes {given!r}, and not the one before it", "order the steps", each.line)
        before = {"", each.attributes.get("result", "")}
        if each.name == "feConvolveMatrix":
            layers.append(_convolve_matrix(file, each))
        elif each.name == "feColorMatrix" and each.attributes.get("type", "matrix") == "matrix":
            layers.append(_color_matrix(file, each))
        else:
            raise refusal(file, f"the step {each.name} is no kernel", "leave it out of the filter", each.line)
    if not layers:
        raise refusal(file, "there is no feConvolveMatrix in it", "give an SVG with a filter of kernels")
    _tell_light(file, steps)
    return layers


def _tell_light(file: str, steps: Sequence[Element]) -> None:
    """Warn of steps in linear light, which is SVG's own choice where a file names none."""
    linear = [each.inherited("color-interpolation-filters", _LINEAR) != "sRGB" for each in steps]
    if all(linear):
        log.warning("%s filters in linear light, which is SVG's default: --linear applies it so", printable(file))
    elif any(linear):
        number = linear.index(True) + 1
        message = "%s: step %d is in linear light, and others are not: here all are as without --linear"
        log.warning(message, printable(file), number)


def _convolve_matrix(file: str, element: Element) -> Conv:
    def numbers(name: str, default: str) -> list[float]:
        return flat_numbers(file, element.attributes.get(name, default), element.line)

    order = numbers("order", "3")
    if len(order) not in (1, 2) or not all(each.is_integer() and 0 < each < _MOST_ELEMENTS for each in order):
        raise refusal(file, f"order={element.attributes.get('order')!r} is no size", "write 3, or 5 3", element.line)
    width, height = int(order[0]), int(order[-1])
    weights = numbers("kernelMatrix", "")
    if len(weights) != width * height:
        message = f"kernelMatrix has {len(weights)} numbers for an order of {width} {height}"
        raise refusal(file, message, f"give {width * height}", element.line)
    row, column = (_target(file, element, name, side) for name, side in (("targetY", height), ("targetX", width)))
    plane = np.array(weights).reshape(height, width)[::-1, ::-1]
    # Without a divisor, and for one of 0, it is the sum of the weights, or 1.
    divisor = (numbers("divisor", "0") or [0.0])[0] or float(plane.sum()) or 1.0
    edge = element.attributes.get("edgeMode", "duplicate")
    if edge not in _EDGES:
        raise refusal(file, f"edgeMode={edge!r} is none", "write duplicate, wrap or none", element.line)
    is_usual = (row, column) == (height // 2, width // 2)
    bias = (numbers("bias", "0") or [0.0])[0]
    return Conv(Kernel(plane, divisor, bias, None if is_usual else (row, column)), border=_EDGES[edge])


def _target(file: str, element: Element, name: str, side: int) -> int:
    (value,) = flat_numbers(file, element.attributes.get(name, str(side // 2)), element.line)[:1] or (-1.0,)
    if not value.is_integer() or not 0 <= value < side:
        raise refusal(file, f"{name}={value:g} lies outside of the kernel", f"write 0 to {side - 1}", element.line)
    return int(value)


def _color_matrix(file: str, element: Element) -> Conv:
    numbers = flat_numbers(file, element.attributes.get("values", ""), element.line)
    if len(numbers) != 20:
        raise refusal(file, f"values has {len(numbers)} numbers", "give 4 rows of 5", element.line)
    matrix = np.array(numbers).reshape(4, 5)
    if matrix[:_COLORS, 3].any() or (matrix[3] != (0, 0, 0, 1, 0)).any():
        raise refusal(file, "it mixes colors with alpha", "leave alpha as it is: 0 0 0 1 0", element.line)
    weights = matrix[:_COLORS, :_COLORS, None, None]
    return Conv(Kernel(weights, bias=matrix[:_COLORS, 4].tolist()))


def read_vrt(file: str) -> list[Layer]:
    """Return the kernel of the KernelFilteredSource of a VRT; where its bands have others, a plane per channel.

    Raises FilterError where some bands have a kernel and others none.
    """
    elements = elements_of(file)
    kernels = [
        (index, each)
        for index, each in enumerate(elements)
        if each.name == "Kernel" and "KernelFilteredSource" in each.around
    ]
    if not kernels:
        raise refusal(file, "there is no KernelFilteredSource in it", "give a VRT with a kernel")
    planes = [_vrt_plane(file, elements, index) for index, _ in kernels]
    if len({each.shape for each in planes}) > 1:
        raise refusal(file, "its bands have kernels of several sizes", "give each kernel a file")
    bands = [index for index, each in enumerate(elements) if each.name == "VRTRasterBand"]
    of_bands = {sum(band < index for band in bands) for index, _ in kernels}
    if len(of_bands) < len(bands):
        missing = next(number for number in range(1, len(bands) + 1) if number not in of_bands)
        raise refusal(
            file, f"band {missing} has no kernel, and others have", "give a kernel to each band, or leave the band out"
        )
    is_one = all((each == planes[0]).all() for each in planes)
    weights = planes[0] if is_one else np.stack(planes)
    return [Conv(Kernel(weights), border=Border("edge"))]


def _vrt_plane(file: str, elements: list[Element], index: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    kernel = elements[index]
    inner = {}
    for each in elements[index + 1 :]:
        if len(each.around) <= len(kernel.around):
            break
        inner[each.name] = each
    for name in ("Size", "Coefs"):
        if name not in inner:
            raise refusal(file, f"a kernel without {name}", f"write <{name}>", kernel.line)
    (size,) = flat_numbers(file, "".join(inner["Size"].text), inner["Size"].line)[:1] or (0.0,)
    numbers = flat_numbers(file, "".join(inner["Coefs"].text), inner["Coefs"].line)
    if size not in (len(numbers), len(numbers) ** 0.5) or not size.is_integer():
        message = f"{len(numbers)} coefficients for a size of {size:g}"
        raise refusal(file, message, f"give {size * size:g}, or {size:g} for a separable kernel", inner["Coefs"].line)
    side = int(size)
    # A single coefficient is a kernel of one pixel, which GDAL applies once.
    is_separable = len(numbers) == side > 1
    plane = np.outer(numbers, numbers) if is_separable else np.array(numbers).reshape(side, side)
    total = float(plane.sum())
    is_normalized = kernel.attributes.get("normalized", "0").strip() not in ("", "0")
    return plane / total if is_normalized and total else plane
