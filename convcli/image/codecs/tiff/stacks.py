"""Stacks: the axes along which the pages of a TIFF lie, as OME, ImageJ and tifffile describe them, read and written.

OME-TIFF 2016-06 by its schema; ImageJ by its own writer, whose pages are in the order of channels, slices and frames.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import product
from math import prod
from typing import Any

from PIL import Image
from PIL.ExifTags import Base as Tag

from convcli.array_types import Array
from convcli.image.codecs.tiff.foreign import PIXELS_OF_OME
from convcli.image.metadata import Metadata, exif_bytes
from convcli.image.picture import Picture, Stack, StackAxis

# The names of units in an OME-Zarr, by those of OME-TIFF and ImageJ.
_UNITS = dict.fromkeys(("µm", "μm", "um", "micron", "microns", "micrometer", "\\u00b5m"), "micrometer")
_UNITS |= {
    "nm": "nanometer",
    "mm": "millimeter",
    "cm": "centimeter",
    "m": "meter",
    "pm": "picometer",
    "km": "kilometer",
}
_UNITS |= {"Å": "angstrom", "in": "inch", "inch": "inch", "ft": "foot", "s": "second", "sec": "second"}
_UNITS |= {"ms": "millisecond", "µs": "microsecond", "us": "microsecond", "ns": "nanosecond"}
_UNITS |= {"min": "minute", "h": "hour", "d": "day"}
_OF_OME = {"micrometer": "µm", "nanometer": "nm", "millimeter": "mm", "centimeter": "cm", "meter": "m"}
_OF_OME |= {"picometer": "pm", "kilometer": "km", "angstrom": "Å", "inch": "in", "foot": "ft", "second": "s"}
_OF_OME |= {"millisecond": "ms", "microsecond": "µs", "nanosecond": "ns", "minute": "min", "hour": "h", "day": "d"}
_TYPES = {"uint8": "uint8", "uint16": "uint16", "uint32": "uint32", "int8": "int8", "int16": "int16", "int32": "int32"}
_TYPES |= {"float32": "float", "float64": "double"}

_ATTRIBUTE = re.compile(r'\b(\w{1,40})="([^"]*)"')
_SAMPLES = re.compile(r'<(?:\w+:)?Channel\b[^>]*?\bSamplesPerPixel="([0-9]{1,4})"')
_PLANES = re.compile(r"<(?:\w+:)?TiffData\b([^>]*)>")
_ORDERS = {"XY" + "".join(each) for each in product("CZT", repeat=3) if len(set(each)) == 3}
_OF_IMAGEJ = (("t", "frames"), ("z", "slices"), ("c", "channels"))


def stack_of(metadata: Metadata, pages: int) -> Stack | None:
    """Return the axes of so many pages, by the description of the first; None where it says nothing of them all."""
    text = _description(metadata)
    found: Stack | None
    if text.startswith("ImageJ="):
        found = _of_imagej(text, metadata)
    elif PIXELS_OF_OME.search(text):
        found = _of_ome(text)
    else:
        found = _of_tifffile(text) if text.startswith('{"shape"') else None
    if found is None or prod(each.length for each in found.frames) != pages:
        return None
    return found


def _description(metadata: Metadata) -> str:
    if not metadata.exif:
        return ""
    exif = Image.Exif()
    exif.load(metadata.exif)
    text = exif.get(Tag.ImageDescription)
    return text if isinstance(text, str) else ""


def _of_ome(text: str) -> Stack | None:
    element = PIXELS_OF_OME.search(text)
    assert element is not None
    said = dict(_ATTRIBUTE.findall(element.group()))
    order = said.get("DimensionOrder", "")
    if order not in _ORDERS:
        return None
    samples = _SAMPLES.search(text)
    lengths = {name: _whole(said.get(f"Size{name}", "1")) for name in "CZT"}
    lengths["C"] //= max(int(samples.group(1)), 1) if samples else 1
    axes = order[:1:-1]  # the slowest first
    if not _is_in_order(text, axes, [lengths[name] for name in axes]):
        return None

    def step(name: str, key: str, unit: str, length: int = 1) -> StackAxis:
        return _axis(name, length, _number(said.get(key)), said.get(f"{key}Unit", unit))

    steps = {
        "Z": step("z", "PhysicalSizeZ", "µm", lengths["Z"]),
        "T": step("t", "TimeIncrement", "s", lengths["T"]),
        "C": StackAxis("c", lengths["C"]),
    }
    across, down = (step(name.lower(), f"PhysicalSize{name}", "µm") for name in "XY")
    return Stack(tuple(steps[name] for name in axes), (down, across))


def _is_in_order(text: str, axes: str, lengths: list[int]) -> bool:
    """Return whether pages are where the order of the axes has them; some files name the place of each."""
    for found in _PLANES.finditer(text):
        said = dict(_ATTRIBUTE.findall(found.group(1)))
        if "IFD" not in said:
            continue
        number = 0
        for name, length in zip(axes, lengths, strict=True):
            number = number * length + _whole(said.get(f"First{name}", "0"))
        if _whole(said["IFD"]) != number:
            return False
    return True


def _of_imagej(text: str, metadata: Metadata) -> Stack:
    said = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    unit = said.get("unit", "").strip()
    steps = {"z": (_number(said.get("spacing")), unit), "t": (_number(said.get("finterval")), "s"), "c": (0.0, "")}
    frames = tuple(_axis(name, _whole(said.get(key, "1")), *steps[name]) for name, key in _OF_IMAGEJ)
    tags: Mapping[int, Any] = {tag: value for tag, _, value in metadata.tiff}
    down, across = (_inverse(tags.get(tag)) for tag in (Tag.YResolution, Tag.XResolution))
    return Stack(frames, (_axis("y", 1, down, unit), _axis("x", 1, across, unit)))


def _axis(name: str, length: int, step: float, unit: str) -> StackAxis:
    """Return an axis with the name that OME-Zarr has for a unit; none where there is no step to have one."""
    words = html.unescape(unit)
    if not words.isascii():
        with suppress(UnicodeError):  # Pillow reads a text as Latin-1, which mostly is UTF-8
            words = words.encode("latin-1").decode("utf-8")
    return StackAxis(name, length, step, _UNITS.get(words, "") if step else "")


def _of_tifffile(text: str) -> Stack | None:
    try:
        said = json.loads(text)
        letters, shape = said.get("axes", "").lower(), said["shape"]
        frames = letters[: letters.index("y")]
        if not set(frames) <= set("tzc") or len(set(frames)) < len(frames):
            return None
        axes = tuple(StackAxis(name, int(length)) for name, length in zip(frames, shape, strict=False))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return Stack(axes, (StackAxis("y"), StackAxis("x")))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.strip().isdigit() and len(text) < 10 else 0


def _number(text: str | None) -> float:
    """Return the size of a step; 0 where it is not said, or is none."""
    try:
        found = float(text or 0)
    except ValueError:
        return 0.0
    return found if 0 < found < float("inf") else 0.0


def _inverse(value: Any) -> float:
    try:
        found = 1 / float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0
    return found if 0 < found < float("inf") else 0.0


def description_of(stack: Stack, size: tuple[int, int], dtype: str, samples: int) -> str:
    """Return the description of pages of a height, a width and so many samples; empty for numbers that OME has not."""
    if dtype not in _TYPES:
        return ""
    lengths = {each.name: each.length for each in stack.frames}
    order = "".join(each.name for each in reversed(stack.frames))
    order = "XY" + (order + "".join(name for name in "czt" if name not in order)).upper()
    if set(order) != set("XYCZT"):
        return ""
    height, width = size
    channels = lengths.get("c", 1)
    said: dict[str, object] = {"ID": "Pixels:0", "DimensionOrder": order, "Type": _TYPES[dtype]}
    said |= {"SizeX": width, "SizeY": height, "SizeC": channels * samples}
    said |= {"SizeZ": lengths.get("z", 1), "SizeT": lengths.get("t", 1)}
    keys = {"x": "PhysicalSizeX", "y": "PhysicalSizeY", "z": "PhysicalSizeZ", "t": "TimeIncrement"}
    for each in (*stack.pixel[::-1], *stack.frames):
        if each.name in keys and each.step:
            said[keys[each.name]] = repr(float(each.step))
            usual = "second" if each.name == "t" else "micrometer"
            if each.unit not in (usual, "") and each.unit in _OF_OME:
                said[f"{keys[each.name]}Unit"] = _OF_OME[each.unit]
    attributes = " ".join(f'{name}="{value}"' for name, value in said.items())
    inside = "".join(f'<Channel ID="Channel:0:{each}" SamplesPerPixel="{samples}"/>' for each in range(channels))
    inside += "".join(_plane(stack, number) for number in range(prod(lengths.values())))
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        f'<Image ID="Image:0"><Pixels {attributes}>{inside}</Pixels></Image></OME>'
    )
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _plane(stack: Stack, number: int) -> str:
    """Return the place of a page, as other readers want it of each."""
    first = {"c": 0, "z": 0, "t": 0}
    rest = number
    for each in reversed(stack.frames):
        rest, first[each.name] = divmod(rest, each.length)
    places = " ".join(f'First{name.upper()}="{value}"' for name, value in first.items())
    return f'<TiffData {places} IFD="{number}" PlaneCount="1"/>'


def as_stack(pages: list[tuple[Array, Picture]], stack: Stack) -> list[tuple[Array, Picture]]:
    """Return pages with the description of a stack, unless the first one has one; channels of their own are pages."""
    first, picture = pages[0]
    count = first.shape[2]
    if _description(picture.metadata) or len(pages) != prod(each.length for each in stack.frames):
        return pages
    if stack.channels_apart and not picture.has_alpha and count > 1:
        stack = stack._replace(frames=(*stack.frames, StackAxis("c", count)))
        pages = [(frame[:, :, each : each + 1], page) for frame, page in pages for each in range(count)]
    first = pages[0][0]
    text = description_of(stack, picture.size, picture.numbers or first.dtype.name, first.shape[2])
    if not text:
        return pages
    exif = Image.Exif()
    if picture.metadata.exif:
        exif.load(picture.metadata.exif)
    exif[Tag.ImageDescription] = text
    described = replace(picture, metadata=replace(picture.metadata, exif=exif_bytes(exif)))
    return [(first, described), *pages[1:]]
