"""Recipe and Policy: the settings that change outputs, and those that do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from convcli import engine
from convcli.array_types import Array
from convcli.filters import Pipeline
from convcli.image import DEFAULT_MAX_PIXELS, PngEffort

Existing = Literal["refuse", "skip", "overwrite"]
Depth = Literal[8, 16, "float"]

# Draws feature maps (height, width, channels) with a title as one RGB picture.
Artist = Callable[[Array, str], NDArray[np.uint8]]


@dataclass(frozen=True)
class Recipe:
    """The treatment of pixels and their encoding, the same for every file of a batch.

    Each field changes what is written, so that an output is done again where one of them has changed.

    Parameters
    ----------
    channels
        ``all`` colors are filtered, their brightness (``luma``), or the letters of some of r, g, b, a; with a, `alpha`
        is ``filter``.
    linear
        Whether the light is filtered that the levels stand for.
    depth
        Bits a channel of the output, or float for floats, 1 being full scale; None for those of the input, and 8 for an
        array that becomes a picture.
    quality
        1 to 100 for formats that lose; None for the format's default.
    metadata
        Whether the output keeps what the file says about its pixels.
    frame
        The one of an animation or a document that is filtered, counted from 0; None for all.
    artist
        Draws the output channels on one sheet, which is written in their stead; None for the channels as they are.
    """

    pipeline: Pipeline
    range: engine.Range = "clip"
    alpha: engine.Alpha = "keep"
    channels: str = "all"
    linear: bool = False
    depth: Depth | None = None
    quality: int | None = None
    png_effort: PngEffort = "balanced"
    metadata: Literal["keep", "strip"] = "keep"
    frame: int | None = None
    artist: Artist | None = None


class Policy(NamedTuple):
    """The use of files and of the machine: settings that change no output.

    Parameters
    ----------
    keep_going
        Whether jobs are begun after one has failed. Those at work by then come to their end.
    workers
        Processes; None for as many as pay for their start.
    max_pixels
        Larger pictures are refused before they are decoded.
    memory
        Bytes that each picture may take, where several are at work at once; None for all that are free.
    settings
        The engine, its threads, and the number of pictures that it can expect.
    """

    existing: Existing = "refuse"
    keep_going: bool = True
    workers: int | None = None
    max_pixels: int = DEFAULT_MAX_PIXELS
    memory: int | None = None
    settings: engine.Settings = engine.Settings()
