"""What is to be done with a file, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from convcli import engine
from convcli.errors import ConvcliError
from convcli.filters import Pipeline
from convcli.image import Format, PngEffort

if TYPE_CHECKING:
    from convcli.jobs.one.record import Record

Existing = Literal["refuse", "skip", "overwrite"]
Depth = Literal[8, 16, "float"]
DRY_RUN = "dry run"

# Draws feature maps (height, width, channels) with a title as one RGB picture.
Artist = Callable[[NDArray[Any], str], NDArray[np.uint8]]


@dataclass(frozen=True)
class Job:
    """What to read and where to write.

    Parameters
    ----------
    source
        None for standard input.
    target
        None for standard output.
    format
        Of the output; None for the one that suits it: CSV for an array, PNG for a picture.
    makes_folder
        Whether the target's folder is made where it is missing.
    each
        Whether every output channel is written to a file of its own, named after the target: `numbered`.
    own
        Files of an earlier run of the same batch, which may be overwritten.
    """

    source: Path | None
    target: Path | None
    format: Format | None = None
    makes_folder: bool = False
    each: bool = False
    own: tuple[Path, ...] = ()

    @property
    def source_name(self) -> str:
        """What messages call the source."""
        return "stdin" if self.source is None else str(self.source)

    @property
    def target_name(self) -> str:
        """What messages call the target: the first, where there are several."""
        return "stdout" if self.target is None else str(self.numbered(0))

    def numbered(self, channel: int) -> Path:
        """Return the file of an output channel: ``name-0.png`` for ``name.png``, or the one of all channels."""
        assert self.target is not None  # standard output has no channels of its own
        return self.target.with_stem(f"{self.target.stem}-{channel}") if self.each else self.target


@dataclass(frozen=True)
class Recipe:
    """What is done to every file of a batch.

    Parameters
    ----------
    pipeline
        The filter.
    range
        What becomes of values outside the range of the output.
    alpha
        What becomes of the alpha channel.
    channels
        What is filtered: ``all`` colors, their brightness (``luma``), or the letters of some of r, g, b, a; with a,
        `alpha` is ``filter``.
    linear
        Whether the light is filtered that the levels stand for.
    depth
        Bits a channel of the output, or float for floats, 1 being full scale; None for those of the input, and 8 for an
        array that becomes a picture.
    existing
        What becomes of an output that is there already.
    quality
        1 to 100 for formats that lose; None for the format's default.
    png_effort
        How hard a PNG is compressed.
    metadata
        What becomes of what a file says about its pixels.
    frame
        Which one of an animation or a document is filtered, counted from 0; None for all.
    max_pixels
        Larger pictures are refused before they are decoded.
    memory
        Bytes that each picture may take, where several are at work at once; None for all that are free.
    settings
        How to compute.
    artist
        Draws the output channels on one sheet, which is written in their place; None for the channels as they are.
    record
        Takes down what is done, for a run that goes on from there; None where none would.
    """

    pipeline: Pipeline
    range: engine.Range = "clip"
    alpha: engine.Alpha = "keep"
    channels: str = "all"
    linear: bool = False
    depth: Depth | None = None
    existing: Existing = "refuse"
    quality: int | None = None
    png_effort: PngEffort = "balanced"
    metadata: Literal["keep", "strip"] = "keep"
    frame: int | None = None
    max_pixels: int = 89_478_485
    memory: int | None = None
    settings: engine.Settings = field(default_factory=engine.Settings)
    artist: Artist | None = None
    record: Record | None = None


@dataclass(frozen=True)
class Done:
    """The output is written.

    Parameters
    ----------
    job
        What was done.
    seconds
        From opening the source to the written target.
    size
        (height, width) of the output in pixels.
    clipped
        Share of the values that did not fit the output, 0 to 1.
    engine
        Which one computed.
    notes
        What the user should know of: one sentence each.
    files
        How many were written.
    frames
        How many frames or pages each of them has.
    """

    job: Job
    seconds: float
    size: tuple[int, int]
    clipped: float
    engine: str
    notes: tuple[str, ...] = ()
    files: int = 1
    frames: int = 1


@dataclass(frozen=True)
class Skipped:
    """Nothing was written, as asked.

    Parameters
    ----------
    job, reason
        What was not done, and why.
    frames
        How many frames or pages would have been written, where it was looked for.
    """

    job: Job
    reason: str
    frames: int = 1


@dataclass(frozen=True)
class Failed:
    """Nothing was written, because of an error."""

    job: Job
    error: ConvcliError


Outcome = Done | Skipped | Failed
