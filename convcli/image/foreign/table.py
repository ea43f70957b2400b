"""The table of formats that are not read, by the first bytes of their files or by the ends of their names.

Each row has the title in messages and the way to a picture: a command, in which ``{file}`` is the file and ``{stem}``
its name without its end, or words.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import IO

from convcli.errors import ReadError
from convcli.lazy import dataclass
from convcli.words import as_word

PREFIX = 1024  # bytes that distinguish these formats


@dataclass(frozen=True)
class Foreign:
    """A format that is not read."""

    title: str
    way: str  # to a picture
    signature: bytes = b""  # a regular expression for the first bytes; empty where names alone tell
    suffixes: tuple[str, ...] = ()


# Of two rows that match, the first one counts.
FOREIGN = (
    Foreign("PDF", "pdftoppm -png -r 150 {file} {stem} draws its pages", rb"(?s).{0,1000}?%PDF-", (".pdf",)),
    Foreign(
        "SVG",
        "rsvg-convert {file} -o {stem}.png draws it",
        rb"(?s)(?:\xef\xbb\xbf)?\s*<(?:svg|(?:\?xml|!DOCTYPE svg|!--).*<svg|!DOCTYPE svg)",
        (".svg",),
    ),
    Foreign("compressed SVG", "gunzip -c {file} | rsvg-convert -o {stem}.png draws it", b"", (".svgz",)),
    Foreign(
        "PostScript",
        "gs -sDEVICE=png16m -r150 -o {stem}.png {file} draws it",
        rb"%!PS|\xc5\xd0\xd3\xc6",
        (".eps", ".ps"),
    ),
    Foreign(
        "a web page",
        "it may be the answer of a server in place of a picture: open it in a browser",
        rb"(?is)(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)",
    ),
    Foreign("a pointer of Git LFS", "git lfs pull fetches the file itself", rb"version https://git-lfs"),
    Foreign("a GIMP file", "xcf2png {file} -o {stem}.png", rb"gimp xcf", (".xcf",)),
    Foreign("a Krita file", "krita {file} --export --export-filename {stem}.png", b"", (".kra",)),
    Foreign("an OpenRaster file", "unzip {file} mergedimage.png", rb"(?s)PK.{28}mimetypeimage/openraster", (".ora",)),
    Foreign("DICOM", "dcm2pnm +on2 {file} {stem}.png", rb"(?s).{128}DICM", (".dcm",)),
    Foreign("FITS", "astropy: np.save('{stem}.npy', fits.getdata('{file}'))", rb"SIMPLE  =", (".fits", ".fit")),
    Foreign("HDF5", "h5py: np.save('{stem}.npy', file['NAME'])", rb"\x89HDF\r\n\x1a\n", (".h5", ".hdf5")),
    Foreign("DjVu", "ddjvu -format=tiff {file} {stem}.tif", rb"AT&TFORM", (".djvu",)),
    Foreign("FLIF", "flif -d {file} {stem}.png", rb"FLIF", (".flif",)),
    Foreign("BPG", "bpgdec -o {stem}.png {file}", rb"BPG\xfb", (".bpg",)),
    Foreign("a Windows metafile", "inkscape {file} -o {stem}.png draws it", rb"\xd7\xcd\xc6\x9a", (".wmf", ".emf")),
    Foreign("Apple's icons", "icns2png -x {file}", rb"icns", (".icns",)),
    Foreign("a ZIP archive", "unzip {file}, and name the pictures in it", rb"PK\x03\x04", (".zip", ".cbz")),
    Foreign("compressed by gzip", "gunzip {file}", rb"\x1f\x8b", (".gz",)),
)


def foreign_of(prefix: bytes, name: str = "") -> Foreign | None:
    """Return the format of a file that is not read, by its first `PREFIX` bytes, else by its name; None for none."""
    suffix = PurePath(name).suffix.lower()
    by_content = (each for each in FOREIGN if each.signature and re.match(each.signature, prefix))
    by_name = (each for each in FOREIGN if not each.signature and suffix in each.suffixes)
    return next(by_name, None) or next(by_content, None)


def refusal(stream: IO[bytes], name: str) -> ReadError | None:
    """Return the error for a file of a format that is not read; None where it is none of the table."""
    found = foreign_of(stream.read(PREFIX), name)
    if found is None:
        return None
    way = found.way.format(file=as_word(name), stem=as_word(str(PurePath(name).with_suffix(""))))
    return ReadError(f"{name} is {found.title}, which convcli does not read", way)
