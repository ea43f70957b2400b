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
    """A decoded picture.

    Parameters
    ----------
    image
        Decoded, and its metadata read.
    metadata
        What the file says about its pixels.
    turn
        The turn that makes them upright; None where they are.
    notes
        What was converted or left out, each for a line of warning.
    pixels
        (height, width, channels) where they were decoded without Pillow, whose image has none then.
    frames
        Those of an animation behind the first one, in its mode.
    animation
        When they are shown; None for a still picture.
    pages
        Those of a document behind the first one.
    lossy
        As in `Picture`.
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
