"""Recipe and Policy: the settings that change outputs, and those that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from convcli import engine
from convcli.array_types import Array
from convcli.filters import Pipeline
from convcli.image import DEFAULT_MAX_PIXELS, Color, PngEffort

CLUSTER_LOGGER = "convcli.cluster"
STRIPS_LOGGER = "convcli.strips"
FRAMES_LOGGER = "convcli.frames"  # of a video, with the number of a frame and of all
LOCAL = "local"  # the address of a cluster on this machine, which is started and ended

Existing = Literal["refuse", "skip", "overwrite", "replace"]  # the last: each output is its input
Depth = Literal[8, 16, "float"]

# Draws feature maps (height, width, channels) with a title as one RGB picture. Their opacity (height, width, 1), 0 to
# 1, is None where all of them are opaque; what is transparent lies on the color.
Artist = Callable[[Array, str, Array | None, Color], NDArray[np.uint8]]


class Recipe(NamedTuple):
    """The treatment of pixels and their encoding, the same for every file of a batch.

    Each field changes what is written, so that an output is done again where one of them has changed.
    """

    pipeline: Pipeline
    range: engine.Range = "clip"
    alpha: engine.Alpha = "keep"
    # All colors, their brightness (``luma``), or the letters of some of r, g, b, a; with a, `alpha` is ``filter``.
    channels: str = "all"
    # Under what is transparent, where the output holds no alpha; None for white, and a note on it.
    background: Color | None = None
    linear: bool = False  # whether the light is filtered that the levels stand for
    # Bits a channel of the output, or float for floats, 1 being full scale; None for those of the input, and 8 for an
    # array that becomes a picture.
    depth: Depth | None = None
    quality: int | None = None  # 1 to 100 for formats that lose; None for the format's default
    png_effort: PngEffort = "balanced"
    overviews: bool = False  # whether a TIFF has smaller versions of the picture too
    # What the file says about its pixels: all of it, what its colors mean, or nothing, in sRGB.
    metadata: Literal["keep", "color", "strip"] = "keep"
    frame: int | None = None  # of an animation or a document, counted from 0; None for all
    artist: Artist | None = None  # draws the output channels on one sheet, written in their stead


class Policy(NamedTuple):
    """The use of files and of the machine: settings that change no output."""

    existing: Existing = "refuse"
    backup: bool = True  # of a file that is replaced: whether it stays as `NAME~`
    keep_going: bool = True  # begin jobs after one has failed; those at work by then come to their end
    workers: int | None = None  # processes; None for as many as pay for their start
    scheduler: str | None = None  # the address of a Dask cluster that does the jobs, or local; None for this machine
    max_pixels: int = DEFAULT_MAX_PIXELS  # larger pictures are refused before they are decoded
    strict: bool = False  # refuse files that are damaged a little, which are read with a warning otherwise
    memory: int | None = None  # bytes for each picture, where several are at work at once; None for all that are free
    # Bytes from which a picture is done in strips, as asked for; None for a quarter of what is free.
    bound: int | None = None
    takes_all: bool = False  # do pictures whole where they fit into all that is free
    resumes: bool = False  # go on with a picture in strips where an earlier run was stopped
    flush_new: bool = True  # each new output to the disk before it takes its name; a batch does so at its end
    settings: engine.Settings = engine.Settings()  # the engine, its threads, and the number of pictures to expect
