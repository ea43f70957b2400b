"""What stands in a file, read by other libraries than wrote it, in the words of docs/peers.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tests.support.encoding import srgb_profile

_PLACE = re.compile(r"(?:frame (\d+), )?x = (\d+)(?:, y = (\d+))?")
_KINDS = {"uint8": "8 bits", "uint16": "16 bits", "float32": "floats"}


def pixels(path: Path, frame: int = 0) -> NDArray[Any]:
    """Return the pixels of a file, of one frame of it."""
    if path.suffix == ".png":
        return np.asarray(imagecodecs.png_decode(path.read_bytes()))
    if path.suffix == ".tif":
        return np.asarray(tifffile.imread(path))
    with Image.open(path) as image:
        image.seek(frame)
        return np.asarray(image.convert("L"))


def measure(what: str, path: Path, said: str) -> str:
    """Return what the column of the page that is called `what` has to say of a file."""
    if what == "said":
        return "a warning" if said.strip() else "nothing"
    if what == "kind":
        return _KINDS[str(pixels(path).dtype)]
    if what in ("frames", "upright", "EXIF", "profile", "dpi"):
        return _with_pillow(what, path)
    place = _PLACE.fullmatch(what)
    assert place, f"no such column: {what}"
    frame, x, y = int(place[1] or 0), int(place[2]), int(place[3] or 4)
    values = np.atleast_1d(pixels(path, frame)[y, x])
    return " ".join(f"{value:g}" for value in values.astype(float))


def _with_pillow(what: str, path: Path) -> str:
    with Image.open(path) as image:
        if what == "frames":
            return str(getattr(image, "n_frames", 1))
        if what == "upright":
            return "yes" if ImageOps.exif_transpose(image).size == (24, 40) else "no"
        kept = {
            "EXIF": image.getexif().get(0x010F) == "A maker",
            "profile": image.info.get("icc_profile") == srgb_profile(),
            "dpi": abs(image.info.get("dpi", (0, 0))[0] - 300) < 0.01,
        }
    return "kept" if kept[what] else "lost"
