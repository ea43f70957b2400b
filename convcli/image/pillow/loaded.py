"""A picture as Pillow has decoded it. Without NumPy: that is still being imported meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from convcli.image.animation import Animation
from convcli.image.metadata import Metadata
from convcli.lazy import dataclass
from convcli.note import Note

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Loaded:
    """A decoded picture; what is not described here is as in `Picture`."""

    image: Image.Image  # the first frame, decoded, and its metadata read
    metadata: Metadata
    turn: Image.Transpose | None  # makes the pixels upright; None where they are
    notes: tuple[Note, ...]
    pixels: NDArray[np.uint8] | None = None  # H×W×C, where they were decoded without Pillow, whose image has none then
    frames: tuple[Image.Image, ...] = ()  # behind the first one, and in its mode
    animation: Animation | None = None
    pages: tuple[Loaded, ...] = ()
    damage: tuple[Note, ...] = ()
    quality: int | None = None
    lossy: str = ""
