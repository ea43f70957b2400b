"""What a file's header says about the depth of its samples, asked before and after they are decoded.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

from typing import Any

from PIL import Image

from convcli.errors import ReadError

BITS_PER_SAMPLE = 258  # TIFF tags
PHOTOMETRIC = 262


def refuse_deep_colour(image: Image.Image, name: str) -> None:
    """Refuse a picture whose channels Pillow would cut down to 8 bits without a word.

    Asked before the pixels are decoded: afterwards nothing tells any more.

    Raises
    ------
    ReadError
        More than 8 bits a channel in more than one channel, or floating-point samples.
    """
    if image.mode == "F":
        raise ReadError(
            f"{name} holds floating-point samples, which are not read from a picture file",
            "save the values as .npy",
        )
    deep = not image.mode.startswith("I") and (";16" in _raw_mode(image) or _maxval(image) > 255)
    if deep or max(tiff_bits(image)[1:], default=8) > 8:
        raise ReadError(
            f"{name} holds 16 bits a channel in colour or with alpha, of which 8 would be lost",
            "convert it to 16-bit gray or to 8 bits a channel first",
        )


def depth_notes(image: Image.Image) -> tuple[str, ...]:
    """Say whether an opened, not yet loaded, PGM or PPM has its values scaled to a full scale of its own."""
    maxval = _maxval(image)
    if maxval in (0, 255, 65_535):
        return ()
    return (f"its values, 0 to {maxval}, are scaled to {255 if maxval < 255 else 65_535}",)


def _raw_mode(image: Image.Image) -> str:
    """Return how the file stores a pixel, in Pillow's words; empty where Pillow does not say."""
    tiles = getattr(image, "tile", None)
    if not tiles:
        return ""
    arguments = tiles[0][3]
    first = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return first if isinstance(first, str) else ""


def _maxval(image: Image.Image) -> int:
    """Return the value of white in a PGM's or PPM's header; 0 for other formats and for the plain 255."""
    tiles = getattr(image, "tile", None)
    if image.format != "PPM" or not tiles or not isinstance(tiles[0][3], tuple):
        return 0
    last = tiles[0][3][-1]
    return last if isinstance(last, int) else 0


def tiff_tag(image: Image.Image, tag: int) -> Any:
    """Return the value of a tag; None where there is none, or the file is no TIFF."""
    return image.tag_v2.get(tag) if hasattr(image, "tag_v2") else None


def tiff_bits(image: Image.Image) -> tuple[int, ...]:
    """Return the bits of a sample in each channel of a TIFF; empty where it does not say."""
    bits = tiff_tag(image, BITS_PER_SAMPLE)
    return bits if isinstance(bits, tuple) else ()
