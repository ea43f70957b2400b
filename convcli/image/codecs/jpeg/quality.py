"""The quality of a JPEG file, by its steps of quantization."""

from __future__ import annotations

from PIL import ImageFile

# Pillow's 75 is meant for web pages. What a filter has made is often filtered again, and sharpening brings the blocks
# of a JPEG to light: 92, as ImageMagick has it.
DEFAULT_QUALITY = 92

# The steps of brightness that quality 50 stands for: ITU-T T.81, table K.1.
_STANDARD = (16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57,
             69, 56, 14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64,
             81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99)  # fmt: skip


def quality_of(image: ImageFile.ImageFile) -> int:
    """Return the quality that an opened file was written with, by libjpeg's scale; at least the default.

    It is the lowest whose steps are, in the mean, no coarser than those of the file.
    """
    tables: dict[int, list[int]] = getattr(image, "quantization", {})
    steps = sum(tables.get(0, ()))
    if not steps:
        return DEFAULT_QUALITY
    return next((quality for quality in range(DEFAULT_QUALITY, 100) if _steps(quality) <= steps), 100)


def _steps(quality: int) -> int:
    """Return the sum of libjpeg's steps of brightness, for a quality of 50 or more."""
    scale = 200 - 2 * quality  # percent
    return sum(max(1, (step * scale + 50) // 100) for step in _STANDARD)
