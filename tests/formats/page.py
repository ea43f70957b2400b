"""The text of docs/formats.md, from the corpus sent through the command: ``python docs/generate.py formats.md``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path

from PIL import Image
from typer.testing import CliRunner

from convcli.cli.application.app import app
from tests.formats import damaged, rare
from tests.formats.corpus import FORMATS, SUFFIXES, Sample, samples
from tests.formats.described import FACETS, TURNED, Described, described, expected, read
from tests.formats.further import FURTHER, further
from tests.formats.moving import ANIMATED, DURATIONS, PLAYS, animation, document, pages, shown
from tests.formats.seen import pixels
from tests.support.paths import DOCS

PAGE = DOCS / "formats.md"

INTRODUCTION = """\
# What each format keeps

Made by `python docs/generate.py formats.md`: files written by Pillow, tifffile, imagecodecs and by
hand go through `convcli apply identity`, and Pillow, tifffile and imagecodecs read the output. A
test repeats this in every run.

**kept** means the same pixels, depth and channels, without a warning. JPEG, WebP and AVIF lose a
little every time they are written; WebP with `--quality 100` does not. A lossless WebP, animated or
not, stays lossless, and a JPEG of a quality above the default of 92 keeps it, unless `--quality` is
given. A warning names everything that is not kept. An output that cannot be written at all is
refused, with a way out. – means that the format does not hold it.

## Pixels

From a format to itself. A row is the content of the file. A cell other than *kept* names what it
becomes.
"""

FURTHER_FORMATS = """\

Formats that fewer programs write. **read** means that a file is read with the same pixels, depth and
channels, and that the format is not written. Of a PSD or PSB the composite of its layers is read;
of an ICO the largest picture. JPEG XL, JPEG 2000 and JPEG XR are written without loss, unless
`--quality` is given. The light of an HDR is filtered as it is, and becomes the levels that look the
same where the output holds no light.

JPEG of 12 and 16 bits and without loss comes with 16 bits where the output holds them. Light as
LogLuv in a TIFF is read as floats in the colors of sRGB. Gray of a JPEG 2000 whose pixels are not
square is filtered as it is stored. The kinds of files below have the rest.

Not read, and told so with a way out: complex numbers in a TIFF; a PCX of several planes of 2 or 4
bits; a JPEG 2000 of four channels of unequal sizes beyond 8 bits; an AVIF that breaks a rule of its
format, but for those of early writers and what can be left out, or that has colors as ICtCp.

With an extra of the package, OpenEXR (`convcli[exr]`) is read and written, whose numbers are light
as well: gray or RGB, floats of 16 or 32 bits, alpha taken out of the colors and put back. Samples at
many depths are laid over each other, the nearest first; a pixel of them counts as 128 of
`--max-pixels`. HEIC (`convcli[heic]`) is read at its 8, 10 or 12 bits and written in 8, with alpha,
color profile, EXIF and XMP data.

Camera RAW (`convcli[raw]`: DNG, CRW, CR2, CR3, NEF, ARW, RAF, ORF, RW2, PEF and others) is read by LibRaw.
By default it is rendered: the camera's white balance, colors of sRGB, brightened until one pixel of a
hundred is white; in 16 bits where the output holds them, else in 8. `--linear`, or an output of
light as OpenEXR, takes the light as it is, in floats where the output holds them. An orientation is
applied; EXIF data is kept without the notes of the maker, which describe the raw values.

Videos (`convcli[video]`) are read by FFmpeg and written as MP4 and MOV (H.264; H.265 at 10 bits, or
where the input has it), MKV (the same) and WebM (VP9). One frame after the other goes through, so
`--max-pixels` and the memory are those of a frame, however many there are. Times, matrix, range,
primaries and curve of the colors, the sampling of color, 8 or 10 bits, titles and chapters are kept;
sound and subtitles are copied where the output holds them. A rotation is applied. H.264 and H.265
have even sizes: an odd row or column is cut off, with a warning. AVI, WMV, FLV, Ogg and MPEG (streams
for programs and for transport, and pictures alone) are read alone. Other commands take the first
frame, `--frame N` any, and GIF, WebP, AVIF and PNG hold all of a short video, within `--max-pixels`
together. A folder stands for its pictures, not for its videos.
A video that is cut off is read to its end, with a warning; `--strict` refuses it.
"""

RARE = """\

### Kinds of files

Read in the column *in a TIFF* what `convcli apply identity` makes of each; the notes are those of
`--json`, told as warnings ([docs/scripts.md](scripts.md) has them in words).

| format | kind | in a TIFF | notes |
|---|---|---|---|
"""

METADATA = """\

## Metadata

From every format that holds it to the format of the column. An orientation is **applied**: the
pixels are turned, the tag is removed, and a resolution is turned with them. What a column does not
hold is left out, with a warning; colors whose profile is left out are converted to sRGB. Sizes in
EXIF and XMP data are those of the output; thumbnails in them are left out.

TIFF keeps the tags of GeoTIFF, and the metadata of GDAL, ImageJ and OME: places, the size of pixels
and descriptions are mended where pixels have moved, and left out, with a warning, where they cannot
be. Numbers with a sign or of more than 16 bits are filtered as they are, and written in their type.

What a PNG says of its colors in other chunks (cICP, gAMA, cHRM) becomes a profile; so does what an
AVIF says by numbers, and Adobe RGB in the EXIF data of a JPEG. Levels of a high dynamic range (PQ,
HLG) have no profile: PNG keeps their numbers, and the screen that they were made on (mDCV, cLLI);
elsewhere a warning says that they are left out.

IPTC data stays in JPEG and TIFF. What filtering makes false is left out, with a warning, and so is
what the XMP data says of it: content credentials (C2PA), the gain map of a picture for bright
screens, the short video behind one.

`--metadata color` keeps the profile alone, `--metadata strip` nothing. Neither changes the look of a
picture: `strip` converts its colors to sRGB, at every depth.
"""

FRAMES = """\

## Frames and pages

From every animation to the format of the column, and from a TIFF of pages to itself. Each frame is
filtered by itself, as it is shown; no frame shines through another. A format of one picture refuses
several; `--frame N` selects one. Axes of a stack (times, depths, channels) go along between TIFF
and Zarr: [docs/scale.md](scale.md).
"""

OTHERS = """\

## Damaged files

A file that is damaged a little is read, with a warning that names what is missing; `--strict`
refuses it. All others are refused. At most a half of a picture may be missing.

| file | what becomes of it |
|---|---|
"""

ARRAYS = """\

Of a JPEG what is read is what libjpeg-turbo's own tools read. A JPEG that was cut off and given an
end mark is found out, too.

## Array files

`.npy` holds H×W, C×H×W and N×C×H×W as floats of 32 or 64 bits, `.csv` one plane. Values are neither
scaled nor clipped, and there is no metadata.
"""


def formats_page() -> str:
    """Return the text of the page."""
    parts = [INTRODUCTION, *_table(FORMATS, _pixel_rows(samples(), FORMATS))]
    parts += [FURTHER_FORMATS, *_table(FURTHER, _pixel_rows(further(), FURTHER))]
    parts += [RARE + "\n".join(f"| {' | '.join(cells)} |" for cells in rare.rows())]
    parts += [METADATA, *_table(FORMATS, _metadata_rows())]
    parts += [FRAMES, *_table((*ANIMATED, "TIFF"), _frame_rows())]
    parts += [OTHERS + "\n".join(f"| {words} | {fate} |" for words, fate in damaged.rows()), ARRAYS]
    return "\n".join(parts)


def _table(columns: Iterable[str], rows: Iterable[tuple[str, list[str]]]) -> list[str]:
    columns = list(columns)
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    return [*lines, *(f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows)]


def _pixel_rows(files: Iterable[Sample], formats: Iterable[str]) -> list[tuple[str, list[str]]]:
    found: dict[str, dict[str, str]] = {}
    for sample in files:
        found.setdefault(sample.kind, {})[sample.format] = _fate(sample)
    return [(kind, [fates.get(name, "–") for name in formats]) for kind, fates in found.items()]


def _fate(sample: Sample) -> str:
    with tempfile.TemporaryDirectory() as folder:
        output = _identity(Path(folder), sample.suffix, sample.data, sample.suffix)
        if output is None:
            return _read_alone(Path(folder), sample)
        kind, _ = pixels(output)
        return "kept" if kind == sample.kind else kind


def _read_alone(folder: Path, sample: Sample) -> str:
    """Return the fate of a file whose format is not written, as a TIFF of its pixels has it."""
    output = _identity(folder, sample.suffix, sample.data, ".tif")
    if output is None:
        return "refused"
    kind, _ = pixels(output)
    return "read" if kind == sample.kind else f"read as {kind}"


def _metadata_rows() -> list[tuple[str, list[str]]]:
    fates: dict[tuple[str, str], set[str]] = {}
    for source, target in product(described(), FORMATS):
        for facet, fate in _carried(source, target).items():
            fates.setdefault((facet, target), set()).add(fate)
    return [(facet, [" or ".join(sorted(fates[facet, target])) for target in FORMATS]) for facet in FACETS]


def _carried(source: Described, target: str) -> dict[str, str]:
    """Return the fate of each kind of metadata from one format to another."""
    with tempfile.TemporaryDirectory() as folder:
        output = _identity(Path(folder), source.suffix, source.data, SUFFIXES.get(target, ".ppm"), "--depth", "8")
        assert output is not None
        there = read(output)
        with Image.open(output) as image:
            upright = image.width < image.height and TURNED not in there
    fates = {facet: "kept" if there.get(facet) == value else "–" for facet, value in expected(source.facets).items()}
    return fates | ({TURNED: "applied" if upright else "lost"} if TURNED in source.facets else {})


def _frame_rows() -> list[tuple[str, list[str]]]:
    looks: dict[str, Callable[[Path], bool]] = {
        "frames": lambda path: len(shown(path)[0]) == len(DURATIONS),
        "durations": lambda path: shown(path)[1] == list(DURATIONS),
        "number of plays": lambda path: shown(path)[2] == PLAYS,
    }
    columns = (*ANIMATED, "TIFF")
    rows = [(name, [_moved(target, look) for target in columns]) for name, look in looks.items()]
    rows[0][1][-1] = rows[0][1][-1].replace("kept", "as pages")
    return [*rows, ("pages, each of its own size and kind", ["–"] * len(ANIMATED) + [_paged()])]


def _moved(target: str, look: Callable[[Path], bool]) -> str:
    kept = []
    for source in ANIMATED:
        if source == "AVIF" and target != "AVIF":
            continue  # it has no number of plays to bring
        with tempfile.TemporaryDirectory() as folder:
            output = _identity(Path(folder), SUFFIXES[source], animation(source), SUFFIXES[target])
            assert output is not None
            kept.append(look(output))
    return "kept" if all(kept) else "–"


def _paged() -> str:
    with tempfile.TemporaryDirectory() as folder:
        output = _identity(Path(folder), ".tif", document(), ".tif")
        assert output is not None
        with Image.open(output) as image:
            sizes = []
            for index in range(getattr(image, "n_frames", 1)):
                image.seek(index)
                sizes.append((image.height, image.width, len(image.getbands())))
    wanted = [(*page.shape[:2], page.shape[2] if page.ndim == 3 else 1) for page in pages()]
    return "kept" if sizes == wanted else "lost"


def _identity(folder: Path, suffix: str, data: bytes, becomes: str, *options: str) -> Path | None:
    """Send a file through the command, and return the output; None if the command refuses."""
    source, output = folder / f"a{suffix}", folder / f"b{becomes}"
    source.write_bytes(data)
    words = ["-q", "apply", "identity", str(source), "-o", str(output), *options]
    done = CliRunner().invoke(app, words)
    assert done.exit_code in (0, 1), done.stderr
    return output if done.exit_code == 0 else None
