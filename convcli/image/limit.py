"""The pixel limit: no file may ask for more memory than the user allows."""

from __future__ import annotations

from convcli.errors import ReadError

DEFAULT_MAX_PIXELS = 89_478_485  # Pillow's own: a quarter of a gigabyte as RGB
USUAL_TILE = 1 << 20  # pixels that a tile of a TIFF may have whatever the limit: it is larger than a small picture


def over_limit(name: str, has: str, max_pixels: int, enough: int | None = None) -> ReadError:
    """Error for a file over the limit.

    Parameters
    ----------
    name
        The file.
    has
        What it has: ``30000×30000 pixels``.
    max_pixels
        The limit.
    enough
        The limit that would do, where it is known.
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
