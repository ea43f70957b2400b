"""The pixel limit, which bounds the memory that a file may take."""

from __future__ import annotations

from convcli.errors import ReadError

DEFAULT_MAX_PIXELS = 89_478_485  # Pillow's own: a quarter of a gigabyte as RGB
USUAL_TILE = 1 << 20  # pixels of a tile of a TIFF that any limit allows: it is larger than a small picture


def over_limit(name: str, has: str, max_pixels: int, enough: int | None = None) -> ReadError:
    """Return the error for a file over the limit.

    `has` says what it has: ``30000×30000 pixels``. `enough` is the limit that would do, where it is known.
    """
    limit = f"{max_pixels:,}".replace(",", " ")
    hint = f"--max-pixels {enough} allows it" if enough else "a larger --max-pixels allows it"
    return ReadError(f"{name} has {has}, over the limit of {limit}", hint)


def check_size(size: tuple[int, int], name: str, max_pixels: int) -> None:
    """Refuse a picture without pixels, or with more than the limit; `size` is its width and height."""
    width, height = size
    if width * height == 0:
        raise ReadError(f"{name} has no pixels: {width}×{height}")
    if width * height > max_pixels:
        raise over_limit(name, f"{width}×{height} pixels", max_pixels, width * height)


def check_together(name: str, count: int, pixels: int, max_pixels: int) -> None:
    """Refuse frames or pages that are within the limit each, but not together."""
    if pixels > max_pixels:
        raise over_limit(name, f"{count} frames of {pixels} pixels together", max_pixels, pixels)
