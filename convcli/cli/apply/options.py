"""The options of ``apply``, in the groups in which its help shows them."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

KERNEL = "Kernel"
VALUES = "Values and channels"
OUTPUT = "Output"
FILES = "Files"
ENGINE = "Engine and limits"

Inputs = Annotated[
    list[str],
    typer.Argument(metavar="INPUT", help="Files, folders, or - for stdin.", default_factory=list, show_default=False),
]
Output = Annotated[
    str,
    typer.Option(
        *("-o", "--output"),
        metavar="OUTPUT",
        help="A file for one input, a folder (ending in /) for many, or - for stdout.",
        show_default=False,
    ),
]

Border = Annotated[
    str | None,
    typer.Option(
        metavar="NAME[:VALUE]",
        help="What stands around the picture: constant[:VALUE], edge, reflect, symmetric or wrap.",
        show_default="reflect",
        rich_help_panel=KERNEL,
    ),
]
Padding = Annotated[
    str | None,
    typer.Option(
        metavar="same|valid|full|N",
        help="How much is added around the picture.",
        show_default="same",
        rich_help_panel=KERNEL,
    ),
]
Stride = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Pixels from one output to the next.",
        min=1,
        show_default="1",
        rich_help_panel=KERNEL,
    ),
]
Dilation = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Pixels from one weight to the next.",
        min=1,
        show_default="1",
        rich_help_panel=KERNEL,
    ),
]
Divisor = Annotated[
    str | None,
    typer.Option(metavar="X", help="Divides the sum of products.", rich_help_panel=KERNEL),
]
Bias = Annotated[
    str | None,
    typer.Option(metavar="X|X%", help="Added to it: 0.5 or 50% is mid-gray.", rich_help_panel=KERNEL),
]
Normalize = Annotated[
    Literal["none", "sum", "l1"] | None,
    typer.Option(
        metavar="none|sum|l1",
        help="Divide by the sum of the weights, or of their absolute values.",
        show_default="none",
        rich_help_panel=KERNEL,
    ),
]
Flip = Annotated[
    bool,
    typer.Option(
        *("--flip", "--convolve"),
        help="Turn the kernel by 180°: true convolution.",
        rich_help_panel=KERNEL,
    ),
]

Range = Annotated[
    Literal["clip", "abs", "stretch", "center"],
    typer.Option(
        "--range",
        metavar="clip|abs|stretch|center",
        help="What becomes of values outside the picture's range.",
        rich_help_panel=VALUES,
    ),
]
Channels = Annotated[
    str,
    typer.Option(
        metavar="all|luma|r,g,b,a",
        help="What is filtered: all colors, their brightness alone, or some channels; the rest is kept.",
        rich_help_panel=VALUES,
    ),
]
Alpha = Annotated[
    Literal["keep", "filter", "drop"],
    typer.Option(metavar="keep|filter|drop", help="What becomes of transparency.", rich_help_panel=VALUES),
]
Linear = Annotated[
    bool,
    typer.Option(
        "--linear",
        help="Filter the light that the levels stand for, by the curve of sRGB.",
        rich_help_panel=VALUES,
    ),
]

Depth = Annotated[
    Literal["8", "16", "float"] | None,
    typer.Option(
        metavar="8|16|float",
        help="Bits a channel, or floats from 0 to 1 and beyond (TIFF).",
        show_default="the input's",
        rich_help_panel=OUTPUT,
    ),
]
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="Of the output: png, jpeg, tiff, npy, …, in place of the one its name ends in.",
        rich_help_panel=OUTPUT,
    ),
]
Quality = Annotated[
    int | None,
    typer.Option(metavar="N", help="Of JPEG, WebP and AVIF, 1 to 100.", min=1, max=100, rich_help_panel=OUTPUT),
]
PngEffort = Annotated[
    Literal["fast", "balanced", "small"],
    typer.Option(
        metavar="fast|balanced|small",
        help="How hard a PNG is compressed, always without loss; fast stores it as it is.",
        rich_help_panel=OUTPUT,
    ),
]
Metadata = Annotated[
    Literal["keep", "strip"],
    typer.Option(
        metavar="keep|strip",
        help="What becomes of EXIF, XMP, color profile, resolution and texts. Pictures are turned upright either way.",
        rich_help_panel=OUTPUT,
    ),
]
Sheet = Annotated[
    bool,
    typer.Option(
        "--sheet",
        help="Draw the output channels on one labeled picture, each in its own range.",
        rich_help_panel=OUTPUT,
    ),
]
Each = Annotated[
    bool,
    typer.Option(
        "--each", help="Write a file per output channel: NAME-0.png, NAME-1.png, and so on.", rich_help_panel=OUTPUT
    ),
]
Name = Annotated[
    str,
    typer.Option(
        metavar="PATTERN",
        help="Names the files in an output folder: {stem}, {filter}, {suffix}.",
        rich_help_panel=OUTPUT,
    ),
]

FilesFrom = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Take more inputs from a list: one a line, or with NUL between them; - for stdin.",
        rich_help_panel=FILES,
    ),
]
Recursive = Annotated[
    bool,
    typer.Option("-r", "--recursive", help="Take the folders below a folder too.", rich_help_panel=FILES),
]
Force = Annotated[
    bool,
    typer.Option("-f", "--force", help="Overwrite existing outputs.", rich_help_panel=FILES),
]
SkipExisting = Annotated[
    bool,
    typer.Option("--skip-existing", help="Leave existing outputs alone.", rich_help_panel=FILES),
]
DryRun = Annotated[
    bool,
    typer.Option("-n", "--dry-run", help="Say what would be done, and do nothing.", rich_help_panel=FILES),
]
KeepGoing = Annotated[
    bool,
    typer.Option("--keep-going/--fail-fast", help="What to do after a file that failed.", rich_help_panel=FILES),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Go on where a batch was stopped: do what is not done yet, or whose input has changed.",
        rich_help_panel=FILES,
    ),
]
Jobs = Annotated[
    str,
    typer.Option("-j", "--jobs", metavar="N|auto", help="How many files at a time.", rich_help_panel=FILES),
]

Engine = Annotated[
    Literal["auto", "numpy", "numba"],
    typer.Option(
        metavar="auto|numpy|numba",
        help="What computes; auto takes the quicker one, the result is the same.",
        rich_help_panel=ENGINE,
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="How many work on one picture.",
        min=1,
        show_default="as many as processors",
        rich_help_panel=ENGINE,
    ),
]
Frame = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Take one frame of an animation, or one page, counted from 0.",
        min=0,
        show_default="all of them",
        rich_help_panel=VALUES,
    ),
]
MaxPixels = Annotated[
    int,
    typer.Option(
        metavar="N",
        help="Larger pictures are refused before they are decoded; all frames are counted.",
        min=1,
        rich_help_panel=ENGINE,
    ),
]
