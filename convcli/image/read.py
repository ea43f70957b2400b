"""A file to a Picture, whole or not at all."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePath
from typing import IO, BinaryIO

from convcli.disk import is_special, is_stored_folder
from convcli.errors import ConvcliError, ReadError
from convcli.image.ahead import take_decoded
from convcli.image.codec import Frames, Source, codec_of
from convcli.image.formats import FORMATS, Format, format_of, format_of_folders, identified
from convcli.image.limit import DEFAULT_MAX_PIXELS, check_index
from convcli.image.memory import Admit, admit_decoding
from convcli.image.picture import Picture
from convcli.image.pillow.errors import reading_errors
from convcli.places import Place, Remote
from convcli.words import as_word, did_you_mean

_STDIN = "stdin"
_FIRST = 7  # formats of the table that a message names
_MOST_COMPARED = 500  # names in a folder
_SYSTEM_ERRORS = {
    FileNotFoundError: ("does not exist", "check the name, and the folder you are in"),
    IsADirectoryError: ("is a folder", "name the files in it"),
    PermissionError: ("may not be read: permission denied", "ask its owner, or change its mode"),
    MemoryError: ("does not fit into memory", "give --max-pixels a smaller number"),
}


def read_picture(
    source: Place | BinaryIO,
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    format: Format | None = None,  # noqa: A002 - the word on the command line
    frames: Frames = "first",
    admit: Admit = admit_decoding,
    strict: bool = False,
    everything: bool = False,
    deep: bool = False,
    light: bool = False,
) -> Picture:
    """Read a picture or an array file, whole or not at all.

    A picture file is identified by its content, whatever its name says; an array file by its name, or by `format`; a
    stream of .npy or of CSV by its content.

    Parameters
    ----------
    source
        A path, a place behind a URL, or a stream of bytes, called stdin in messages.
    max_pixels
        The largest height × width that is decoded, of all frames together; compared before memory is asked for.
    format
        One of array files: read the source as that. Any other is ignored.
    frames
        The frames or pages that are read; of an array file the first are all.
    admit
        Called before anything is decoded, or where a small picture was, ahead; not for CSV, whose size is unknown.
    everything, deep, light
        Read all channels of a TIFF, and numbers beyond 16 bits or with a sign; AVIF of 10 and 12 bits as 16; a camera
        RAW no brighter than it is, and with `everything` as floats of light.
    strict
        Refuse a file that is damaged a little; otherwise the notes say what is missing.

    Returns
    -------
    Picture
        With those frames or pages; all planes of an array file.

    Raises
    ------
    ReadError
        The file is missing, damaged, too large or of a kind that is not read.
    """
    path, name = _place_of(source), name_of(source)
    named = format_of(path) if format is None and path is not None else format
    with system_errors(name):
        ahead = source if isinstance(source, Place) and not (named and named.array) else None
        if ahead is not None and (begun := take_decoded(ahead, max_pixels, frames)):
            admit(name, begun.outlines)
            return judged(begun.finish(), name, strict=strict)
        with opened(source, format) as (stream, form), reading_errors(name, form.title, max_pixels):
            given = source_of(source, stream, max_pixels, frames, admit, everything=everything, deep=deep, light=light)
            picture = codec_of(form).read(given)
    if form.array and isinstance(frames, int):
        check_index(name, "item", len(picture.frames), frames)
        picture = replace(picture, frames=(picture.frames[frames],))
    return judged(replace(picture, format=form), name, strict=strict)


def judged(picture: Picture, name: str, *, strict: bool) -> Picture:
    """Return a picture with its damage among its notes; raise ReadError for damage where `strict`."""
    if strict and picture.damage:
        hint = "fetch it or save it again; without --strict it is read, with a warning"
        raise ReadError(f"{name} is damaged: {picture.damage[0]}", hint)
    if not picture.damage and not picture.pages:
        return picture
    pages = tuple(judged(page, name, strict=strict) for page in picture.pages)
    return replace(picture, notes=(*picture.damage, *picture.notes), pages=pages)


def _format_of_content(stream: IO[bytes], name: str, named: Format | None, *, nameless: bool) -> Format:
    """Return the format of a file: of an array by its name, or where that names none; else by its content."""
    form = identified(stream, name)
    if not stream.read(1):
        raise ReadError(f"{name} is empty", "fetch or save it again")
    stream.seek(0)
    if named is not None and named.array:
        return named
    if form is None or (form.array and (named is not None or (form.printable and not nameless))):
        from convcli.image.foreign.table import refusal  # here, for such files alone

        if (foreign := refusal(stream, name)) is not None:
            raise foreign
        raise _unknown(name)
    return form


def _unknown(name: str) -> ReadError:
    """Return the error for a file whose first bytes are those of no format."""
    what, path = f"{name} is not a picture in a format that convcli reads", PurePath(name)
    if (named := format_of(name)) is not None:
        kind = "a video" if named.moving else named.title
        hint = f"it does not begin as {kind} does; save it again, or ask for its kind: file {as_word(name)}"
        return ReadError(f"{what}, though its name ends in {path.suffix}", hint)
    known = ", ".join(each.title for each in FORMATS[:_FIRST])
    return ReadError(what, f"convcli reads {known} and many others: docs/formats.md")


@contextmanager
def opened(source: Place | BinaryIO, named: Format | None = None) -> Iterator[tuple[IO[bytes], Format]]:
    """Open what is read; yield a stream of it, an empty one for a folder, and its format.

    `named` is the format of a stream of an array.
    """
    if is_stored_folder(source):
        yield io.BytesIO(), format_of_folders()
        return
    path, name = _place_of(source), name_of(source)
    named = format_of(path) if named is None and path is not None else named
    if isinstance(source, Remote) and source.is_tree:
        named = format_of_folders()
        with codec_of(named).folder_behind(source) as stream:
            yield stream, named
        return
    with _opened(source) as stream:
        yield stream, _format_of_content(stream, name, named, nameless=path is None or is_special(path))


def source_of(
    source: Place | BinaryIO,
    stream: IO[bytes],
    max_pixels: int,
    frames: Frames = "first",
    admit: Admit = admit_decoding,
    *,
    everything: bool = False,
    deep: bool = False,
    light: bool = False,
) -> Source:
    """Return what a codec reads."""
    folder = source if isinstance(source, Path) and is_stored_folder(source) else getattr(stream, "folder", None)
    return Source(stream, name_of(source), max_pixels, frames, admit, everything, deep, light, folder)


def count_frames(path: Place, max_pixels: int) -> int:
    """Return how many frames, pages or items a file has, from its headers; 1 for a file of none of the formats.

    Raises ReadError where it is missing, damaged or so large that its headers alone would ask for much memory.
    """
    name = str(path)
    if is_stored_folder(path):
        stored = format_of_folders()
        with system_errors(name), reading_errors(name, stored.title, max_pixels):
            return codec_of(stored).count(source_of(path, io.BytesIO(), max_pixels))
    if isinstance(path, Remote) and path.is_tree:
        with system_errors(name), opened(path) as (stream, chunked), reading_errors(name, chunked.title, max_pixels):
            return codec_of(chunked).count(source_of(path, stream, max_pixels))
    with system_errors(name), path.open("rb") as stream:
        form = identified(stream, name)
        if form is None:
            return 1
        with reading_errors(name, form.title, max_pixels):
            return codec_of(form).count(Source(stream, name, max_pixels))


class Piped(io.BytesIO):
    """The content of a pipe, which can be read more than once, and the name of the pipe."""

    def __init__(self, content: bytes, place: Place | None) -> None:
        super().__init__(content)
        self.place = place


# Within `pipes_kept`: the content of pipes by their places, of stdin by None.
_kept: list[dict[Place | None, bytes]] = []


@contextmanager
def pipes_kept() -> Iterator[None]:
    """Keep what `held` reads from pipes and from stdin, and return it again to whoever asks until the end."""
    _kept.append({})
    try:
        yield
    finally:
        _kept.pop()


def held(source: Place | BinaryIO) -> Place | BinaryIO:
    """Return what can be read more than once: a file as it is, and the content of a pipe. Errors: `read_picture`'s."""
    place = _place_of(source)
    if place is not None and not is_special(place):
        return source
    contents = _kept[-1] if _kept else {}
    if place in contents:
        return Piped(contents[place], place)
    with system_errors(name_of(source)):
        if not isinstance(source, Place):
            if source.seekable() and source.tell() == 0:
                return source
            content = source.read()
        else:
            with source.open("rb") as stream:
                content = stream.read()
    contents[place] = content
    return Piped(content, place)


def _place_of(source: Place | BinaryIO) -> Place | None:
    """Return the place of a file or a pipe; None for a stream."""
    if isinstance(source, Place):
        return source
    return source.place if isinstance(source, Piped) else None


def name_of(source: Place | BinaryIO) -> str:
    """Return the name of a source in messages."""
    place = _place_of(source)
    return _STDIN if place is None else str(place)


@contextmanager
def _opened(source: Place | BinaryIO) -> Iterator[IO[bytes]]:
    if isinstance(source, Place):
        with source.open("rb") as stream:
            yield stream if stream.seekable() else io.BytesIO(stream.read())
    elif source.seekable() and source.tell() == 0:
        try:
            yield source
        finally:
            source.seek(0)
    else:
        yield io.BytesIO(source.read())


@contextmanager
def system_errors(name: str) -> Iterator[None]:
    """Put into words what the system raises about the file `name`."""
    try:
        yield
    except ConvcliError:
        raise
    except (OSError, ValueError, MemoryError) as error:
        if isinstance(error, FileNotFoundError) and Path(name).is_symlink():
            raise ReadError(f"{name} is a link to {Path(name).readlink()}, which does not exist", "mend it") from error
        for kind, (what, hint) in _SYSTEM_ERRORS.items():
            if isinstance(error, kind):
                near = near_name(name) if kind is FileNotFoundError else ""
                raise ReadError(f"{name} {what}", near or hint) from error
        number = error.errno if isinstance(error, OSError) else None
        reason = "the name is too long" if number == errno.ENAMETOOLONG else getattr(error, "strerror", None) or error
        raise ReadError(f"{name} cannot be read: {reason}", "check its name, and the disk that it is on") from error


def near_name(name: str) -> str:
    """Return the file that a misspelled name may be meant for, as a question; empty where none is near."""
    if "*" in Path(name).name:
        return "leave out the quotes, so that the shell finds the files, or give their folder"
    slashed = Path(name.replace("\\", "/")).expanduser() if name.startswith("~/") or "\\" in name else None
    if slashed is not None and slashed.exists():
        return f"did you mean {slashed}?"
    parts = [part.strip() for part in name.replace(";", ",").split(",") if part.strip()]
    if len(parts) > 1 and all(Path(part).exists() for part in parts):
        return f"blanks separate files: {' '.join(map(as_word, parts))}"
    folder = Path(name).parent
    try:
        names = [each.name for each in folder.iterdir() if each.name[:1].casefold() == Path(name).name[:1].casefold()]
    except (OSError, ValueError):
        return ""
    alike = [each for each in names if Path(each).stem.casefold() == Path(name).stem.casefold()]
    near = did_you_mean(Path(name).name, sorted(names)[:_MOST_COMPARED]).removeprefix("did you mean ").removesuffix("?")
    own = Path(name).name.casefold()
    near = min(alike, default=near, key=lambda each: (each.casefold() != own, format_of(each) is None, each))
    return f"did you mean {folder / near}?" if near else ""
