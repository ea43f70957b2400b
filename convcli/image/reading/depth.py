"""Whether Pillow would cut a picture's samples down, asked of its header before they are decoded.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

from PIL import Image

_SAMPLES = 277  # TIFF's tag for how many a pixel has
_PHOTOMETRIC, _YCBCR = 262, 6  # and for which colors they are
_FURTHER_CHANNEL = "X"  # how Pillow spells one, at the end of how a TIFF stores a pixel


def is_deep(image: Image.Image) -> bool:
    """Whether an opened PNG, PGM or PPM has samples that Pillow does not decode, or not whole.

    Of 16 bits, Pillow keeps those of gray alone, and leaves out which gray is transparent. A TIFF is asked before it is
    opened: `TiffHeader.deep`.
    """
    if image.format == "PNG":
        return ";16" in _raw_mode(image) and (not image.mode.startswith("I") or "transparency" in image.info)
    return image.format == "PPM" and (image.mode == "I" or _maxval(image) > 255)


def depth_notes(image: Image.Image) -> tuple[str, ...]:
    """Say what of the samples of an opened, not yet loaded, picture is scaled or left out by Pillow."""
    notes = []
    maxval = _maxval(image)
    if maxval not in (0, 255):
        notes.append(f"its values, 0 to {maxval}, are scaled to 255")
    stored = _raw_mode(image)
    # YCbCr has four on the way, of three in the file.
    if stored.endswith(_FURTHER_CHANNEL) and len(stored) == getattr(image, "tag_v2", {}).get(_SAMPLES):
        notes.append("it has more channels than colors and alpha; they are left out")
    if stored == "RGBa":
        notes.append("its alpha was multiplied into the colors; that is undone")
    # libtiff converts what is compressed as JPEG by itself.
    if getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == _YCBCR:
        notes.append("its YCbCr colors are converted to RGB")
    return tuple(notes)


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
