"""The options of ``apply``, in bundles: the panels of its help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from convcli.cli.options.bundles import Bundle
from convcli.cli.options.common import ENGINE, FILES, VALUES
from convcli.errors import UsageError
from convcli.image import DEFAULT_MAX_PIXELS

if TYPE_CHECKING:
    import typer

    from convcli.cli.options.declared import Alpha, Force, MaxPixels

_DEPTHS: dict[str | None, Literal[8, 16, "float"] | None] = {None: None, "8": 8, "16": 16, "float": "float"}


class ValueOptions(Bundle):
    """Options of the channels that are filtered, and of the treatment of values."""

    panel = VALUES

    range: Annotated[
        Literal["clip", "abs", "stretch", "center"],
        typer.Option(help="Clip values out of range, drop signs, stretch all to the range, or make 0 gray."),
    ] = "clip"
    channels: Annotated[
        str,
        typer.Option(
            metavar="all|luma|r,g,b,a",
            help="What is filtered: all colors, their brightness alone, or some channels, also by number (0,3);"
            " the rest is kept.",
        ),
    ] = "all"
    alpha: Alpha = "keep"
    background: Annotated[
        str | None,
        typer.Option(
            metavar="COLOR",
            help="Laid under what is transparent where the output holds no alpha: a name, #rgb, #rrggbb, or r,g,b.",
            show_default="white",
        ),
    ] = None
    linear: Annotated[
        bool, typer.Option("--linear", help="Filter the light that the levels stand for, by the curve of sRGB.")
    ] = False
    frame: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Take one frame of an animation, or one page, counted from 0.",
            min=0,
            show_default="all of them",
        ),
    ] = None


class OutputOptions(Bundle):
    """Options of the encoding of outputs."""

    panel = "Output"

    depth: Annotated[
        Literal["8", "16", "float"] | None,
        typer.Option(help="Bits a channel, or floats from 0 to 1 and beyond (TIFF).", show_default="the input's"),
    ] = None
    format: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Of the output: png, jpeg, tiff, npy, …, in place of the one its name ends in."
        ),
    ] = None
    quality: Annotated[
        int | None, typer.Option(metavar="N", help="Of lossy formats such as JPEG and WebP, 1 to 100.", min=1, max=100)
    ] = None
    png_effort: Annotated[
        Literal["fast", "balanced", "small"],
        typer.Option(help="How hard a PNG is compressed, always without loss; fast does not compress it."),
    ] = "balanced"
    overviews: Annotated[
        bool,
        typer.Option("--overviews", help="Add versions of half the size, a quarter and so on to a TIFF, all in tiles."),
    ] = False
    metadata: Annotated[
        Literal["keep", "color", "strip"],
        typer.Option(
            help="EXIF, XMP, color profile, resolution and texts: keep all, the profile alone, or none, in sRGB."
            " The picture looks the same for each, and is turned upright."
        ),
    ] = "keep"
    sheet: Annotated[
        bool, typer.Option("--sheet", help="Draw the output channels on one labeled picture, each in its own range.")
    ] = False
    each: Annotated[
        bool, typer.Option("--each", help="Write a file per output channel: NAME-0.png, NAME-1.png, and so on.")
    ] = False
    name: Annotated[
        str,
        typer.Option(
            metavar="PATTERN",
            help="Names the files in an output folder: {stem}, {suffix} of the output, {ext} of the input without its"
            " dot, {filter}, {parent} folder, {n} or {n:03} in order, {width} and {height} of the output, {date} on"
            " which the input was changed.",
        ),
    ] = "{stem}{suffix}"

    def check(self) -> None:
        """Refuse options that contradict each other."""
        if self.sheet and self.each:
            raise UsageError("--sheet and --each contradict each other", "give one of them")
        if self.sheet and self.depth not in (None, "8"):
            raise UsageError("a sheet has 8 bits a channel", "leave out --depth, or write the channels with --each")

    @property
    def bits(self) -> Literal[8, 16, "float"] | None:
        """Bits a channel of the output, or float; None for the input's."""
        return _DEPTHS[self.depth]


class FileOptions(Bundle):
    """Which files are read and written, and in what order."""

    panel = FILES

    files_from: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Take more inputs from a list: one a line, or with NUL between them; - for stdin."
        ),
    ] = None
    recursive: Annotated[bool, typer.Option("-r", "--recursive", help="Take the folders below a folder too.")] = False
    force: Force = False
    in_place: Annotated[
        bool,
        typer.Option(
            "--in-place",
            help="Replace each file by its filtered one, written whole or not at all; the original stays as NAME~.",
        ),
    ] = False
    no_backup: Annotated[bool, typer.Option("--no-backup", help="Keep no originals with --in-place.")] = False
    skip_existing: Annotated[bool, typer.Option("--skip-existing", help="Leave existing outputs alone.")] = False
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on where a batch was stopped: do what is not done yet, or whose input has changed. A picture in"
            " strips goes on at its row.",
        ),
    ] = False
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Refuse files that are damaged a little, which are read with a warning otherwise."
        ),
    ] = False
    dry_run: Annotated[bool, typer.Option("-n", "--dry-run", help="Say what would be done, and do nothing.")] = False
    keep_going: Annotated[
        bool, typer.Option("--keep-going/--fail-fast", help="After a file that failed, go on with the others, or stop.")
    ] = True
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Show before and after; without -o write nothing."),
    ] = False
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Filter files as they change, until Ctrl-C."),
    ] = False
    jobs: Annotated[str, typer.Option("-j", "--jobs", metavar="N|auto", help="How many files at a time.")] = "auto"

    def check(self) -> None:
        """Refuse options that contradict each other."""
        if self.force and self.skip_existing:
            raise UsageError("--force and --skip-existing contradict each other", "give one of them")
        if self.in_place and self.skip_existing:
            raise UsageError("--in-place replaces what --skip-existing leaves alone", "give one of them")
        if self.resume and self.skip_existing:
            raise UsageError("--resume trusts no output for being there, as --skip-existing does", "give one of them")

    def check_output(self, output: str | None) -> None:
        """Refuse a line with none of an output, --in-place and --preview, or with two that contradict each other."""
        if self.no_backup and not self.in_place:
            raise UsageError("--no-backup is about the originals of --in-place", "leave it out")
        if output is None and not (self.in_place or self.preview):
            raise UsageError("Missing option '-o' / '--output'", "convcli apply --help shows how")
        if self.in_place and self.preview:
            raise UsageError("--in-place and --preview contradict each other", "look first, by --preview alone")
        if self.in_place and self.watch:
            raise UsageError("--in-place and --watch contradict each other", "write to a folder: -o out/")
        if output is not None and self.in_place:
            raise UsageError("--in-place and -o contradict each other", "give one of them")

    @property
    def existing(self) -> Literal["refuse", "skip", "overwrite", "replace"]:
        """The treatment of an output that exists already."""
        if self.in_place:
            return "replace"
        return "overwrite" if self.force else "skip" if self.skip_existing else "refuse"

    @property
    def workers(self) -> int | None:
        """The number of processes; None for as many as pay."""
        if self.jobs == "auto":
            return None
        if self.jobs.isascii() and self.jobs.isdigit() and int(self.jobs) > 0:
            return int(self.jobs)
        raise UsageError(f"--jobs {self.jobs.strip()!r} is no number of files", "write auto or a whole number from 1")


class EngineOptions(Bundle):
    """Options of the computation, and of the sizes that are refused."""

    panel = ENGINE

    engine: Annotated[
        Literal["auto", "numpy", "numba"],
        typer.Option(help="What computes; auto takes the quicker one. Both results agree within one level."),
    ] = "auto"
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", help="Threads for one picture.", min=1, show_default="as many as processors"),
    ] = None
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS|local",
            help="Do the files on a Dask cluster, such as tcp://host:8786; local starts one on this machine.",
            show_default="this machine, without Dask",
        ),
    ] = None
    memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Bound of a picture, such as 500MB: a larger one is done in strips, with the same result.",
            show_default="a quarter of what is free",
        ),
    ] = None
    max_pixels: MaxPixels = DEFAULT_MAX_PIXELS

    @property
    def bound(self) -> int | None:
        """The bound in bytes; None where none is given."""
        if self.memory is None:
            return None
        from convcli.cli.options.amounts import parsed_size

        return parsed_size(self.memory)
