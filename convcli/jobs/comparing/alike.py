"""Two pictures in one form: the same channels in the same levels, or an error that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

import numpy as np

from convcli.array_types import Array
from convcli.errors import FileError
from convcli.image import Picture, in_srgb
from convcli.lazy import dataclass
from convcli.note import Note
from convcli.words import as_word, counted

_COLORS = {1: ("gray",), 3: ("red", "green", "blue")}
_TO_16_BITS = 257

Names = tuple[str, str]
Both = tuple[Picture, Picture]


@dataclass(frozen=True, eq=False)
class Alike:
    """Two pictures in one form.

    Parameters
    ----------
    frames
        The frames and pages of both in pairs, each (height, width, channels).
    channels
        Their names. The last is alpha where the pictures have it and are not opaque.
    values
        The kind of the values: ``8 bits``, ``16 bits``, ``floats``, or ``numbers`` of array files.
    peak
        The level of white; of numbers the range of the first file's.
    notes
        The conversions that it took.
    """

    frames: tuple[tuple[Array, Array], ...]
    channels: tuple[str, ...]
    values: str
    peak: float
    notes: tuple[Note, ...]


def made_alike(first: Picture, second: Picture, names: Names) -> Alike:
    """Bring two pictures, which messages call by `names`, to one form.

    Raises FileError where they differ in size, or in the number of frames or channels.
    """
    if first.count != second.count:
        noun = "item" if first.is_array or second.is_array else "frame"
        longer = names[0 if first.count > second.count else 1]
        first_alone = (
            f"convcli apply identity {as_word(longer)} --frame 0 -o first.png takes the first frame of {longer}"
        )
        raise FileError(
            f"{names[0]} holds {counted(first.count, noun)}, and {names[1]} {second.count}",
            first_alone
            if noun == "frame" and 1 in (first.count, second.count)
            else f"compare files of as many {noun}s",
        )
    parts = _pages if len(first.pages) == len(second.pages) else _singles
    pages = [_page_alike(pair, names) for pair in zip(parts(first), parts(second), strict=True)]
    if len({(page.channels, page.values) for page in pages}) > 1:
        raise FileError(
            f"the pages of {names[0]} and {names[1]} are not of one kind",
            "compare page after page: convcli apply identity FILE --frame N -o page.png takes one",
        )
    frames = tuple(frame for page in pages for frame in page.frames)
    return replace(pages[0], frames=frames, notes=tuple(dict.fromkeys(note for page in pages for note in page.notes)))


def _pages(picture: Picture) -> Iterator[Picture]:
    yield from (picture, *picture.pages)


def _singles(picture: Picture) -> Iterator[Picture]:
    """Yield frames and pages as pictures of one frame each: an animation has frames, a document pages."""
    for page in _pages(picture):
        yield from (replace(page, frames=(frame,), pages=()) for frame in page.frames)


def _page_alike(pair: Both, names: Names) -> Alike:
    _check_sizes(pair, names)
    notes: list[Note] = []
    for step in (_in_one_space, _in_one_depth, _in_as_many_colors, _in_as_many_channels):
        pair, more = step(pair, names)
        notes += more
    first, second = pair
    is_numbers = first.is_array and second.is_array
    return Alike(
        tuple(zip(first.frames, second.frames, strict=True)),
        _channel_names(first, is_numbers=is_numbers),
        "numbers" if is_numbers else "floats" if first.dtype.kind == "f" else f"{first.bits} bits",
        _range_of(first) if is_numbers else max(each.full_scale for each in pair),
        tuple(notes),
    )


def _check_sizes(pair: Both, names: Names) -> None:
    (height, width), (tall, wide) = (each.size for each in pair)
    if (height, width) == (tall, wide):
        return
    suffix, other = PurePath(names[1]).suffix or ".png", as_word(names[1])
    if (height, width) == (wide, tall):
        turned = as_word(f"turned{suffix}")
        advice = f"convcli apply turn:90 {other} -o {turned} turns it, turn:270 the other way"
    elif abs(height * wide - width * tall) <= max(wide, tall):
        resized = as_word(f"resized{suffix}")
        advice = f"convcli apply resize:width={width},height={height} {other} -o {resized} makes them alike"
    else:
        part, cut = f"{min(width, wide)},{min(height, tall)}", as_word(f"part{suffix}")
        advice = f"convcli apply crop:X,Y,{part} FILE -o {cut} cuts one size out of each"
    raise FileError(f"{names[0]} is {width}×{height}, and {names[1]} {wide}×{tall}: they differ in size", advice)


def _in_one_space(pair: Both, names: Names) -> tuple[Both, list[Note]]:
    """Convert colors to sRGB where the pictures have different profiles."""
    if any(each.is_array for each in pair) or pair[0].metadata.icc == pair[1].metadata.icc:
        return pair, []
    notes = []
    for index, name in enumerate(names):
        converted = in_srgb(pair[index])
        if converted is not None:
            pair = _with(pair, index, converted)
            text = f"the colors of {name} are converted to sRGB, since the color profiles differ"
            notes.append(Note("profile-converted", text))
    return pair, notes


def _in_one_depth(pair: Both, names: Names) -> tuple[Both, list[Note]]:
    """Bring levels of 8 bits to 16, and levels to floats; numbers are compared with levels as they are."""
    kinds = [each.dtype for each in pair]
    if pair[0].is_array != pair[1].is_array:
        array, picture = (names[0], names[1]) if pair[0].is_array else (names[1], names[0])
        return pair, [Note("numbers", f"the numbers in {array} are compared with the levels of {picture} as they are")]
    if kinds[0] == kinds[1] or kinds[0].kind == kinds[1].kind == "f":
        return pair, []
    index = 0 if kinds[1].kind == "f" or kinds[1].itemsize > kinds[0].itemsize else 1
    given, name = pair[index], names[index]
    frames: tuple[Array, ...]
    if kinds[1 - index].kind == "f":
        text = f"{name} has {given.bits} bits, and {names[1 - index]} floats: its levels are divided by white"
        frames = tuple(frame / given.full_scale for frame in given.frames)
    else:
        text = f"{name} has 8 bits, and {names[1 - index]} 16: its levels are multiplied by {_TO_16_BITS}"
        frames = tuple(frame.astype(np.uint16) * np.uint16(_TO_16_BITS) for frame in given.frames)
    return _with(pair, index, replace(given, frames=frames)), [Note("depth", text)]


def _in_as_many_colors(pair: Both, names: Names) -> tuple[Both, list[Note]]:
    """Repeat gray for each color of the other picture."""
    colors = [each.colors for each in pair]
    if colors[0] == colors[1]:
        return pair, []
    if 1 not in colors:
        noun = "channel" if colors[0] == 1 else "channels"
        raise FileError(
            f"{names[0]} has {colors[0]} {noun}, and {names[1]} {colors[1]}", "compare files of as many channels"
        )
    index = colors.index(1)
    frames = tuple(
        np.concatenate([frame[:, :, :1]] * colors[1 - index] + [frame[:, :, 1:]], axis=2)
        for frame in pair[index].frames
    )
    text = f"{names[index]} is gray, and compared with every color of {names[1 - index]}"
    return _with(pair, index, replace(pair[index], frames=frames)), [Note("gray", text)]


def _in_as_many_channels(pair: Both, names: Names) -> tuple[Both, list[Note]]:
    """Leave out alpha where both pictures are opaque, else give both alpha; and forget colors that neither shows."""
    if not any(each.has_alpha for each in pair):
        return pair, []
    if all(_is_opaque(each) for each in pair):
        return (_without_alpha(pair[0]), _without_alpha(pair[1])), []
    notes = [
        Note("opaque", f"{name} has no alpha channel, and counts as opaque")
        for name, each in zip(names, pair, strict=True)
        if not each.has_alpha
    ]
    pair = _with_alpha(pair[0]), _with_alpha(pair[1])
    hidden = [
        (first[:, :, -1] == 0) & (second[:, :, -1] == 0)
        for first, second in zip(pair[0].frames, pair[1].frames, strict=True)
    ]
    frames = []
    is_other = False
    for first, second, where in zip(pair[0].frames, pair[1].frames, hidden, strict=True):
        is_other |= bool((first[where] != second[where]).any())
        frames.append(np.where(where[:, :, np.newaxis], first, second))
    if is_other:
        text = "colors that are transparent in both files differ, and are not compared"
        notes.append(Note("hidden-colors", text))
    return (pair[0], replace(pair[1], frames=tuple(frames))), notes


def _with(pair: Both, index: int, picture: Picture) -> Both:
    return (picture, pair[1]) if index == 0 else (pair[0], picture)


def _is_opaque(picture: Picture) -> bool:
    return not picture.has_alpha or all((frame[:, :, -1] >= picture.full_scale).all() for frame in picture.frames)


def _without_alpha(picture: Picture) -> Picture:
    return replace(picture, frames=tuple(frame[:, :, : picture.colors] for frame in picture.frames), has_alpha=False)


def _with_alpha(picture: Picture) -> Picture:
    if picture.has_alpha:
        return picture
    opaque = np.full((*picture.size, 1), picture.full_scale, picture.dtype)
    return replace(
        picture, frames=tuple(np.concatenate([frame, opaque], axis=2) for frame in picture.frames), has_alpha=True
    )


def _channel_names(picture: Picture, *, is_numbers: bool) -> tuple[str, ...]:
    if is_numbers or picture.colors not in _COLORS:
        return tuple(f"channel {number}" for number in range(picture.channels))
    return _COLORS[picture.colors] + (("alpha",) if picture.has_alpha else ())


def _range_of(picture: Picture) -> float:
    """Return the largest finite value less the smallest; 1 where these are the same."""
    finite = [frame[np.isfinite(frame)] for frame in picture.frames]
    ends = [end for each in finite if each.size for end in (float(each.min()), float(each.max()))]
    return (max(ends) - min(ends) if ends else 0.0) or 1.0
