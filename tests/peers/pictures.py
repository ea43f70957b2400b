"""Draw the small pictures of docs/peers.md: ``python -m tests.peers.pictures FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support.encoding import srgb_profile

HEIGHT, WIDTH = 9, 12

# The kernels as vips reads them: width, height, divisor, offset, and the weights.
MATRICES = {
    "box.mat": "3 3 9 0\n1 1 1\n1 1 1\n1 1 1\n",
    "tenths.mat": "3 3 1 0\n0.1 0.1 0.1\n0.1 0.2 0.1\n0.1 0.1 0.1\n",
    "sobel.mat": "3 3 1 0\n-1 0 1\n-2 0 2\n-1 0 1\n",
    "sobel-bias.mat": "3 3 1 128\n-1 0 1\n-2 0 2\n-1 0 1\n",
    "double.mat": "3 3 1 0\n0 0 0\n0 2 0\n0 0 0\n",
    "corner.mat": "3 3 1 0\n0 1 2\n0 0 0\n0 0 0\n",
}


def deep() -> NDArray[np.uint16]:
    """16 bits in three channels that rise by 16 levels a column, a sixteenth of a level of 8 bits."""
    ramp = np.arange(WIDTH, dtype=np.uint16) * 16
    return np.broadcast_to(ramp[:, np.newaxis] + np.array([1000, 20_000, 40_000], np.uint16), (HEIGHT, WIDTH, 3))


def steps() -> NDArray[np.uint8]:
    """Columns of 10, and two of 11: means of three columns are fractions."""
    picture = np.full((HEIGHT, WIDTH), 10, np.uint8)
    picture[:, 4:6] = 11
    return picture


def rim() -> NDArray[np.uint8]:
    """Gray that is seen on the left; on the right nothing, with magenta hidden under it."""
    picture = np.empty((HEIGHT, WIDTH, 4), np.uint8)
    picture[:, :6] = (180, 180, 180, 255)
    picture[:, 6:] = (255, 0, 255, 0)
    return picture


def bar() -> NDArray[np.uint8]:
    """A gray bar upright on black."""
    picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    picture[:, 4:8] = 60
    return picture


def bar16() -> NDArray[np.uint16]:
    """The bar in 16 bits, of a level that 8 do not have."""
    return np.where(bar() > 0, 15_001, 0).astype(np.uint16)


def dot() -> NDArray[np.uint8]:
    """One pixel that is not black, at x = 4, y = 4."""
    picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    picture[4, 4] = 90
    return picture


def moving() -> list[NDArray[np.uint8]]:
    """Three frames: a square that goes to the right."""
    frames = [np.full((HEIGHT, WIDTH), 30, np.uint8) for _ in range(3)]
    for index, frame in enumerate(frames):
        frame[3:6, 1 + 3 * index : 4 + 3 * index] = 240
    return frames


def flash() -> list[NDArray[np.uint8]]:
    """A bright frame, and a dark one."""
    return [np.full((HEIGHT, WIDTH), level, np.uint8) for level in (240, 30)]


def turned() -> NDArray[np.uint8]:
    """A picture as it is stored, on its side: turned upright it is black on the left and gray on the right."""
    picture = np.zeros((16, 16), np.uint8)
    picture[:8] = 60
    return picture


def draw(folder: Path) -> None:
    """Write all pictures and matrices into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in (deep, steps, rim, bar, bar16, dot):
        (folder / f"{picture.__name__}.png").write_bytes(imagecodecs.png_encode(np.ascontiguousarray(picture())))
    Image.fromarray(bar()).save(folder / "bar.tif")
    for animation in (moving, flash):
        first, *others = map(Image.fromarray, animation())
        first.save(folder / f"{animation.__name__}.gif", save_all=True, append_images=others, duration=100, loop=0)
    sideways = Image.Exif()
    sideways[0x0112] = 6  # to be turned by 90° clockwise
    Image.fromarray(turned()).save(folder / "turned.jpg", quality=100, exif=sideways)
    sideways[0x010F] = "A maker"
    photo = Image.new("RGB", (40, 24), (200, 60, 30))
    kept: dict[str, Any] = {"exif": sideways, "icc_profile": srgb_profile(), "dpi": (300, 300)}
    for name in ("photo.jpg", "photo.png"):
        photo.save(folder / name, **kept)
    for name, text in MATRICES.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
