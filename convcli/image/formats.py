"""The table of file formats: their names and what they hold. `codec` and `codecs` have what they do.

Neither NumPy nor Pillow is imported here: listing a folder and completing a file name read this table and nothing else.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import PurePath
from typing import IO, Literal

from convcli.errors import UsageError
from convcli.lazy import dataclass
from convcli.places import Remote

PREFIX = 32  # bytes that distinguish the formats

PngEffort = Literal["fast", "balanced", "small"]  # of compressing


@dataclass(frozen=True)
class Format:
    """The names of one file format and what it can hold.

    Parameters
    ----------
    name
        The word after ``--format``; also the module of its codec, where `codec` names no other.
    title
        The name in messages.
    suffixes
        The ends of its files' names, in lower case; the first is the usual one.
    signature
        A regular expression for the first bytes of its files; empty where another row has it.
    codec
        The module in `codecs` that reads and writes it; empty for the one called `name`.
    array
        Whether it holds numbers without a range rather than a picture.
    printable
        Whether its files are text, which a terminal may show.
    one_plane
        Whether a file holds one channel of one frame.
    chunked
        Whether its files are folders of chunks, which hold pictures and arrays, of any number of channels and frames.
    colors
        The numbers of channels it holds, alpha not counted.
    gray_as_rgb
        Whether gray comes back as RGB.
    alpha, sixteen_bits, icc, exif, xmp, dpi
        Whether it holds an alpha channel, 16 bits a channel, a color profile, EXIF data, XMP data, a resolution.
    floats, many_channels
        Whether it holds floats, without a range, and any number of channels, beside colors and alpha.
    whole_numbers
        Whether it holds whole numbers.
    light
        Whether its numbers are light, as of physics, in place of levels.
    written
        Whether it is written, and not only read.
    extra
        The extra of this package with which it is read; empty where it needs none.
    iptc
        Whether it holds IPTC data.
    screen
        Whether it holds the numbers of a high dynamic range, and the screen that a picture was made on.
    foreign_tags
        Whether it holds the tags of maps and microscopes.
    text
        The texts that it holds: ``all``, one ``comment``, or none.
    animated, paged
        Whether it holds several frames that are shown in turn, or several pages.
    moving
        Whether it is a video, whose frames are read and written one after the other.
    takes_quality
        Whether it is encoded with a quality.
    largest_side
        The largest width or height in pixels; 0 where there is no limit to speak of.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    signature: bytes = b""
    codec: str = ""
    array: bool = False
    printable: bool = False
    one_plane: bool = False
    chunked: bool = False
    colors: tuple[int, ...] = (1, 3)
    gray_as_rgb: bool = False
    alpha: bool = False
    sixteen_bits: bool = False
    floats: bool = False
    many_channels: bool = False
    whole_numbers: bool = True
    light: bool = False
    written: bool = True
    extra: str = ""
    icc: bool = False
    exif: bool = False
    xmp: bool = False
    dpi: bool = False
    iptc: bool = False
    foreign_tags: bool = False
    screen: bool = False
    text: Literal["", "comment", "all"] = ""
    animated: bool = False
    paged: bool = False
    moving: bool = False
    takes_quality: bool = False
    largest_side: int = 0

    @property
    def least_bits(self) -> int:
        """The bits of the smallest numbers that it holds."""
        return 8 if self.whole_numbers else 32

    @property
    def stacks_pages(self) -> bool:
        """True for one that holds the pages of a document, all of one size and kind, as planes of one array."""
        return (self.array and not self.one_plane) or self.chunked


_described = partial(Format, icc=True, exif=True, xmp=True)
_deep = partial(_described, alpha=True, sixteen_bits=True, dpi=True)
_of_web = partial(_described, alpha=True, animated=True, takes_quality=True)
_netpbm = partial(Format, codec="netpbm", sixteen_bits=True)
_array = partial(Format, array=True)
_by_wish = partial(Format, alpha=True, sixteen_bits=True, takes_quality=True)  # lossy where a quality is asked for
_floats = partial(Format, floats=True, whole_numbers=False)
_plain = partial(Format, codec="plain", alpha=True, largest_side=65_535)

_HEIC = rb"(?s).{4}ftyp(?:hei[cxms]|hev[cxms]|mif[12]|msf1)"
_VIDEO = rb"(?s).{4}(?:ftyp|moov|mdat|wide)|\x1aE\xdf\xa3|RIFF.{4}AVI |FLV\x01|OggS|0&\xb2u\x8ef\xcf\x11"
_VIDEO += rb"|\0\0\x01[\xba\xb3]"
_VIDEO_SUFFIXES = (
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".flv", ".ogv", ".wmv", ".mpg", ".mpeg", ".3gp"),
    *(".ts", ".mts", ".m2ts", ".m1v", ".m2v"),
)
# RAW files that are no TIFF, or say what they are first; `content` has the others.
_RAW = rb"(?s)FUJIFILMCCD-RAW|IIU\0|II[RS][OS]|MMOR|FOVb|\0MRM|.{4}ftypcrx|(?:II.{4}|MM.{4})HEAPCCDR"
_RAW_SUFFIXES = (
    *(".dng", ".crw", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".sr2", ".srf", ".raf", ".orf", ".rw2", ".pef", ".srw"),
    *(".rwl", ".3fr", ".fff", ".erf", ".mef", ".mos", ".iiq", ".dcr", ".kdc", ".mrw", ".x3f"),
)
_JPEG_2000 = (".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx")
# A bitmap of a clipboard begins with its own header, of a known size, and one plane of so many bits.
_BARE_BMP = rb"[\x28\x38\x6c\x7c]\0\0\0.{8}\x01\0[\x01\x04\x08\x10\x18\x20]\0"
# TGA has no signature: a palette or none, a kind that fits it, a size that is not 0, and 8 to 32 bits.
# Some programs name the bits of a palette's colors where there is none.
_TGA = rb"(?s).(?:\x01[\x01\x09].{5}|\0[\x02\x03\x0a\x0b]\0{4}[\0\x0f\x10\x18\x20]|\x01[\x02\x0a].{5})"
_TGA += rb".{4}(?!\0\0)..(?!\0\0).."
_TGA += rb"[\x08\x0f\x10\x18\x20][\0-\x3f]"

# Rows of numbers, perhaps below names, in UTF-8 or UTF-16. P7 begins a kind of picture.
_IN_ROWS = rb"""[\w\s,;."#()%/+-]"""
_ROWS = rb"""(?s)(?:\xef\xbb\xbf)?(?!P7\s)\s*(?:[-+.,\d]|(?=.*\d)["#A-Za-z_])%(any)b*\Z""" % {b"any": _IN_ROWS}
_ROWS += rb"""|\xff\xfe(?:%(any)b\0)+\Z|\xfe\xff(?:\0%(any)b)+\Z|(?:[-+.,\d]\0)(?:%(any)b\0)+\Z""" % {b"any": _IN_ROWS}

_video = Format(
    "video",
    "video",
    _VIDEO_SUFFIXES,
    _VIDEO,
    gray_as_rgb=True,
    sixteen_bits=True,
    extra="video",
    animated=True,
    moving=True,
    takes_quality=True,
    largest_side=16_384,
)

FORMATS = (
    _deep("png", "PNG", (".png",), rb"\x89PNG\r\n\x1a\n", text="all", animated=True, screen=True),
    _described(
        "jpeg",
        "JPEG",
        (".jpg", ".jpeg", ".jpe", ".jfif"),
        rb"\xff\xd8",  # libjpeg skips what is no marker behind it
        dpi=True,
        iptc=True,
        text="comment",
        takes_quality=True,
        largest_side=65_500,
    ),
    _of_web("webp", "WebP", (".webp",), rb"(?s)RIFF.{4}WEBP", gray_as_rgb=True, largest_side=16_383),
    _of_web("avif", "AVIF", (".avif",), rb"(?s).{4}ftyp.*avi[fs]", largest_side=32_768),
    # With + in a TIFF offsets have 64 bits.
    _deep(
        "tiff",
        "TIFF",
        (".tif", ".tiff"),
        rb"II[*+]\0|MM\0[*+]",
        floats=True,
        many_channels=True,
        iptc=True,
        foreign_tags=True,
        paged=True,
    ),
    Format("bmp", "BMP", (".bmp", ".dib"), rb"(?s)BM|" + _BARE_BMP, alpha=True, dpi=True),
    Format("gif", "GIF", (".gif",), rb"GIF8[79]a", alpha=True, text="comment", animated=True, largest_side=65_535),
    _netpbm("pgm", "PGM", (".pgm",), colors=(1,)),
    _netpbm("ppm", "PPM", (".ppm",), gray_as_rgb=True),
    _netpbm("pnm", "PNM", (".pnm",), rb"P[1-6]\s"),
    Format("pam", "PAM", (".pam",), rb"P7\n", alpha=True, sixteen_bits=True),
    _floats("pfm", "PFM", (".pfm",), rb"P[Ff]\s"),
    _floats("hdr", "Radiance HDR", (".hdr", ".pic", ".rgbe"), rb"#\?(?:RADIANCE|RGBE)", gray_as_rgb=True, light=True),
    _by_wish("jpegxl", "JPEG XL", (".jxl",), rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n", exif=True, xmp=True, floats=True),
    _by_wish(
        "jpeg2k", "JPEG 2000", _JPEG_2000, rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", icc=True, exif=True, xmp=True, dpi=True
    ),
    _by_wish("jpegxr", "JPEG XR", (".jxr", ".wdp", ".hdp"), rb"II\xbc\x01", dpi=True, floats=True),
    _floats("exr", "OpenEXR", (".exr",), rb"\x76\x2f\x31\x01", alpha=True, light=True, extra="exr"),
    _described("heic", "HEIC", (".heic", ".heif"), _HEIC, alpha=True, takes_quality=True, extra="heic"),
    _described("raw", "camera RAW", _RAW_SUFFIXES, _RAW, sixteen_bits=True, floats=True, written=False, extra="raw"),
    _video,
    Format("qoi", "QOI", (".qoi",), rb"qoif", alpha=True, gray_as_rgb=True),
    _array("npy", ".npy", (".npy",), rb"\x93NUMPY"),
    _plain("ico", "ICO", (".ico",), rb"\0\0\x01\0[^\0]", largest_side=256),
    _plain("cur", "CUR", (".cur",), rb"\0\0\x02\0[^\0]\0", written=False),
    _plain("pcx", "PCX", (".pcx",), rb"\x0a[\0-\x05][\0\x01][\x01\x02\x04\x08]", alpha=False, largest_side=65_534),
    _plain("sgi", "SGI", (".sgi", ".rgb", ".rgba", ".bw"), rb"\x01\xda[\0\x01][\x01\x02]", sixteen_bits=True),
    _plain("dds", "DDS", (".dds",), rb"DDS \x7c"),
    _deep("psd", "PSD", (".psd", ".psb"), rb"8BPS", floats=True, written=False),
    _plain("tga", "TGA", (".tga", ".icb", ".vda", ".vst"), _TGA),
    Format("zarr", "Zarr", (".zarr",), chunked=True, sixteen_bits=True, floats=True),
    _array("csv", "CSV", (".csv",), _ROWS, codec="csv_rows", printable=True, one_plane=True),
)

# In folders; a video among photographs is filtered where it is named.
READABLE_SUFFIXES = frozenset(suffix for each in FORMATS if not each.moving for suffix in each.suffixes)
WRITTEN = tuple(each for each in FORMATS if each.written)

_BY_SUFFIX = {suffix: each for each in FORMATS for suffix in each.suffixes}
_BY_NAME = {each.name: each for each in FORMATS} | {suffix[1:]: each for suffix, each in _BY_SUFFIX.items()}


def identify(prefix: bytes) -> Format | None:
    """Return the format of a file by its first `PREFIX` bytes; None for none of ours.

    Text that may be CSV is taken for it, which a file with a name ought not to be.
    """
    return next((each for each in FORMATS if each.signature and re.match(each.signature, prefix)), None)


def identified(stream: IO[bytes], name: str = "") -> Format | None:
    """Return the format of an open file, and leave it at its beginning; None for none of ours.

    RAW files of most cameras are TIFF files of their own kinds; the end of the `name` tells them where tags do not.
    Some videos have no signature at their beginning.
    """
    prefix = stream.read(PREFIX)
    form = identify(prefix)
    if form is None:
        from convcli.image.content.transport import transport_packet  # here, for files without a signature alone

        form = _video if transport_packet(stream) else None
    if form is not None and form.name == "tiff":
        from convcli.image.content.raw_tiff import is_raw  # here, for TIFFs alone

        raw = _BY_NAME["raw"]
        form = raw if is_raw(stream, prefix, is_named_so=format_of(name) is raw) else form
    stream.seek(0)
    return form


def default_format(*, array: bool = False) -> Format:
    """Return the format of an output that names none: CSV for an array, else PNG."""
    return format_named("csv" if array else "png")


def format_of_folders() -> Format:
    """Return the format whose files are folders."""
    return next(each for each in FORMATS if each.chunked)


def format_of(path: str | PurePath | Remote) -> Format | None:
    """Return the format of a file by the end of its name, in upper or lower case; None for none of ours."""
    return _BY_SUFFIX.get((PurePath(path) if isinstance(path, str) else path).suffix.lower())


def format_named(name: str) -> Format:
    """Return the format with this name, or whose files' names end so: ``jpeg``, ``jpg`` and ``.jpg`` are one.

    Raises UsageError where there is none.
    """
    key = name.strip().lower().removeprefix(".")
    if key in _BY_NAME:
        return _BY_NAME[key]
    import difflib  # here, for misspelled names alone

    near = difflib.get_close_matches(key, _BY_NAME, n=1)
    known = ", ".join(each.name for each in FORMATS)
    raise UsageError(
        f"unknown format {name!r}",
        f"did you mean {near[0]}? The formats are {known}" if near else f"the formats are {known}",
    )
