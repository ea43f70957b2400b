"""Pages of a TIFF: which are pictures, smaller versions of one, or masks. Without NumPy."""

from __future__ import annotations

import re
from typing import NamedTuple

from PIL import ImageFile
from PIL.ExifTags import Base as Tag

from convcli.image.codec import Frames
from convcli.image.pillow.frames import frame_count
from convcli.note import Note
from convcli.words import counted

_IMAGES = re.compile(r"^images=([0-9]{1,9})\s*$", re.MULTILINE)
_SMALLER, _MASK, _NO_PAGE = 1, 4, 8  # bits of the kind of a page; the last one is of ours


def wanted_pages(image: ImageFile.ImageFile, frames: Frames) -> list[int]:
    """Return the numbers of the pages that are wanted; one that was named may not be there."""
    if isinstance(frames, int):
        return [frames]
    numbers = pages_of(image).numbers
    return numbers if frames == "all" else numbers[:1]


class Pages(NamedTuple):
    """The numbers of the pages that are no smaller versions or masks of another, and notes on the others."""

    numbers: list[int]
    notes: tuple[Note, ...] = ()
    damage: tuple[Note, ...] = ()


def pages_of(image: ImageFile.ImageFile) -> Pages:
    """Return the pages that are shown; turns pages."""
    numbers, count, smaller, damaged = [], frame_count(image), 0, 0
    for number in range(count):
        kind = _kind(image, number)
        smaller += bool(kind & _SMALLER)
        damaged += kind == _NO_PAGE
        if not kind & (_SMALLER | _MASK | _NO_PAGE):
            numbers.append(number)
    ends = f"{counted(damaged, 'page')} of it {'is' if damaged == 1 else 'are'} damaged and left out"
    damage = (Note("damaged", ends),) if damaged else ()
    if not numbers:
        return Pages(list(range(count)))
    if not smaller:
        return Pages(numbers, damage=damage)
    return Pages(
        numbers, (Note("overviews", "its smaller versions are left out; --overviews writes new ones"),), damage
    )


def further_images(image: ImageFile.ImageFile, pages: int) -> tuple[Note, ...]:
    """Return a note where ImageJ says of the page at hand that more images follow than there are pages.

    It writes one page of files beyond 4 GB.
    """
    text = getattr(image, "tag_v2", {}).get(Tag.ImageDescription)
    found = _IMAGES.search(text) if isinstance(text, str) and text.startswith("ImageJ=") else None
    if found is None or int(found.group(1)) <= pages:
        return ()
    text = f"it holds {found.group(1)} images behind {counted(pages, 'page')}, which is all that is read"
    return (Note("images-left-out", f"{text}; tifffile.imread takes them apart"),)


def mask_of(image: ImageFile.ImageFile, page: int) -> int | None:
    """Return the number of the page that is the mask of another, which comes before it; turns pages."""
    if _kind(image, page) & (_SMALLER | _MASK):
        return None
    for number in range(page + 1, frame_count(image)):
        kind = _kind(image, number)
        if not kind & (_SMALLER | _MASK | _NO_PAGE):
            return None
        if kind & _MASK and not kind & _SMALLER:
            return number
    return None


def _kind(image: ImageFile.ImageFile, page: int) -> int:
    image.seek(page)
    if page and not all(image.size):
        return _NO_PAGE
    kind = getattr(image, "tag_v2", {}).get(Tag.NewSubfileType, 0)
    return kind & (_SMALLER | _MASK) if isinstance(kind, int) else 0
