"""A picture as Pillow has decoded it. Without NumPy: that is still being imported meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from convcli.image.animation import Animation
from convcli.image.metadata import Metadata

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Loaded:
    """A decoded picture; what is not described here is as in `Picture`.

    Parameters
    ----------
    image
        The first frame, decoded, and its metadata read.
    turn
        The turn that makes the pixels upright; None where they are.
    pixels
        (height, width, channels) where they were decoded without Pillow, whose image has none then.
    frames, pages
        Those behind the first one; frames are in its mode.
    """

    image: Image.Image
    metadata: Metadata
    turn: Image.Transpose | None
    notes: tuple[str, ...]
    pixels: NDArray[np.uint8] | None = None
    frames: tuple[Image.Image, ...] = ()
    animation: Animation | None = None
    pages: tuple[Loaded, ...] = ()
    lossy: str = ""
