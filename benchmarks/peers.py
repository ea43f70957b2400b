"""The programs that sharpen a picture file, as command lines, with a check for each installation."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from measuring import THREADS, convcli, works

QUALITY = "92"  # of JPEG, on every side: it is convcli's default
SCRIPT = Path(__file__).resolve().parent / "opencv_script.py"
MASK = "3 3\n0 -1 0\n-1 5 -1\n0 -1 0\n"

Words = list[str | Path]


@dataclass(frozen=True)
class Program:
    """A program that sharpens.

    Parameters
    ----------
    command
        The command line that reads the first file and writes the second.
    installed
        Return whether it can run here.
    """

    name: str
    command: Callable[[Path, Path], Words]
    installed: Callable[[], bool]


def ours(source: Path, target: Path) -> Words:
    return convcli("apply", "sharpen", source, "-o", target, "--force", "--quiet", "--threads", str(THREADS))


def opencv_loop(threads: int, folder: Path, sources: list[Path]) -> Words:
    return [sys.executable, SCRIPT, str(threads), folder, *sources]


def opencv(source: Path, target: Path) -> Words:
    return opencv_loop(THREADS, target.parent, [source])


def vips_target(target: Path) -> str:
    return f"{target}[Q={QUALITY}]" if target.suffix == ".jpg" else str(target)


def vips(source: Path, target: Path) -> Words:
    mask = target.parent / "sharpen.mat"
    if not mask.exists():
        mask.write_text(MASK, "utf-8")
    return ["vips", "conv", source, vips_target(target), mask, "--precision", "integer"]


# The names in version 7, in version 6 beside other builds, and in version 6 alone; other programs are called convert.
IMAGE_MAGICK = ("magick", "convert-im6.q16", "convert")


def image_magick(source: Path, target: Path) -> Words:
    kernel = "3x3: 0,-1,0 -1,5,-1 0,-1,0"
    return [image_magick_name() or "convert", source, "-morphology", "Convolve", kernel, *quality(target), target]


def graphics_magick(source: Path, target: Path) -> Words:
    return ["gm", "convert", source, "-convolve", "0,-1,0,-1,5,-1,0,-1,0", *quality(target), target]


def quality(target: Path) -> list[str]:
    """Return the option for JPEG. For PNG the same option would set the compression."""
    return ["-quality", QUALITY] if target.suffix == ".jpg" else []


def has_opencv() -> bool:
    return find_spec("cv2") is not None


@cache
def image_magick_name() -> str | None:
    """Return the name of ImageMagick's command, or None if it is not installed."""
    return next((name for name in IMAGE_MAGICK if works(name, "-version", says="Version: ImageMagick")), None)


def has_vips() -> bool:
    return works("vips", "--version", says="vips-")


PROGRAMS = (
    Program("OpenCV script", opencv, has_opencv),
    Program("vips conv", vips, has_vips),
    Program("ImageMagick", image_magick, lambda: image_magick_name() is not None),
    Program("GraphicsMagick", graphics_magick, lambda: works("gm", "version", says="GraphicsMagick")),
)
