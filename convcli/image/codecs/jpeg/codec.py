"""The codec of JPEG: metadata and all that is rare stay with Pillow."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from PIL import Image, ImageChops, ImageFile

from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.codec import Encoding, Source
from convcli.image.codecs.jpeg.adobe_rgb import with_named_profile
from convcli.image.codecs.jpeg.cut_off import BROKEN_INSIDE, MOST, BrokenInsideError, completed
from convcli.image.codecs.jpeg.parts import check_length, check_scans, check_segments, kind_and_bits
from convcli.image.codecs.jpeg.pixels import read_jpeg, write_jpeg
from convcli.image.codecs.jpeg.quality import DEFAULT_QUALITY, quality_of
from convcli.image.metadata import take_metadata
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.loaded import Loaded
from convcli.image.pillow.plugins import open_image
from convcli.note import Note

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from convcli.image.picture import Picture

_USUAL_FRAMES = {(kind, 8) for kind in (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)}  # kinds that Pillow decodes, of 8 bits
_USUAL_HEAD = 1 << 16  # bytes before the header of the frame, mostly
_CUT_OFF = "truncated"  # in Pillow's message
_GRAY = 128
_FILLED = (_GRAY, (_GRAY,), (_GRAY, _GRAY, _GRAY))

# A segment has its length in two bytes, which count among it; a header follows.
_LONGEST_SEGMENT = 65_535 - 2
_PHOTOSHOP = b"Photoshop 3.0\x008BIM\x04\x04\0\0"  # begins a segment of IPTC data alone, whose length follows
_OF_CLAIMS = ("APP2", "APP11")
_FURTHER_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_XMP_HEADER = len(b"http://ns.adobe.com/xap/1.0/\0")


class JpegCodec(PillowCodec):
    """JPEG."""

    plugin = "Jpeg"
    lossy = "compression"

    def open(self, source: Source) -> ImageFile.ImageFile:
        file = check_segments(source)
        image = super().open(source)
        source.check_size(image.size)
        check_length(file, source.name, image.size)
        check_scans(file, source.name, image.size, source.max_pixels)
        return image

    def count(self, source: Source) -> int:
        return 1

    def load(self, source: Source) -> Loaded | None:
        if _is_deep(source):
            return None
        try:
            return super().load(source)
        except (SyntaxError, ValueError, struct.error) as error:  # of Pillow's reader of segments
            return self._load_mended(source, error)

    def _load_mended(self, source: Source, error: Exception) -> Loaded | None:
        """Decode a file whose pixels are behind damaged headers; raise the error where they are not."""
        from convcli.image.codecs.jpeg.mended import mended  # here, for such files alone

        for file, damage in mended(source.content()):
            with suppress(OSError, SyntaxError, ValueError, struct.error):
                loaded = super().load(replace(source, stream=io.BytesIO(file)))
                return loaded and replace(loaded, damage=(*damage, *loaded.damage))
        raise error

    def read_arrays(self, source: Source) -> Picture:
        from convcli.image.codecs.jpeg.deep import INKS, described, read_deep  # here, with imagecodecs and NumPy
        from convcli.image.coded.jpeg import frame_of
        from convcli.image.pillow.decode import picture_of

        file = check_segments(source)
        frame = frame_of(file)
        source.check_size((frame.width, frame.height))
        check_scans(file, source.name, (frame.width, frame.height), source.max_pixels)
        image = described(file, frame)
        notes = self.notes(image)
        metadata, turn, more = take_metadata(image, self.format)
        samples = read_deep(source, file, metadata.icc)
        if frame.channels == INKS:
            metadata = replace(metadata, icc=b"")  # its colors are converted to sRGB
        picture = picture_of([samples], metadata, turn, (*samples.notes, *notes, *more))
        return replace(picture, lossy="" if frame.is_lossless else self.lossy)

    def load_frame(self, image: ImageFile.ImageFile, source: Source) -> Loaded:
        """Decode the picture; of a file that is cut off what is there."""
        quality, loaded = quality_of(image), None
        try:
            loaded = with_named_profile(replace(super().load_frame(image, source), quality=quality))
            if not _ends_in_gray(loaded):
                return loaded
        except OSError as error:
            if error.errno is not None or _CUT_OFF not in str(error):
                raise
        try:
            file, damage = completed(source.content(), source.name, self._decoded)
        except BrokenInsideError:
            if loaded is None or _gray_below(loaded) > MOST:
                raise
            return replace(loaded, damage=(BROKEN_INSIDE,))
        again = replace(source, stream=io.BytesIO(file))
        loaded = super().load_frame(self.open(again), again)
        return with_named_profile(replace(loaded, quality=quality, damage=damage))

    def _decoded(self, file: bytes) -> ImageFile.ImageFile:
        image = open_image(io.BytesIO(file), self.plugin)
        image.load()
        return image

    def notes(self, image: ImageFile.ImageFile) -> tuple[Note, ...]:
        segments: list[tuple[str, bytes]] = getattr(image, "applist", [])
        if not any(name in _OF_CLAIMS for name, _ in segments) and "xmp" not in image.info:
            return ()
        from convcli.image.content.claims import false_claims  # here, for such files alone

        data = b"".join(content for name, content in segments if name in _OF_CLAIMS)
        if any(content.startswith(b"MPF\0") for _, content in segments) and image.fp is not None:
            at = image.fp.tell()  # the pictures behind this one say what they are
            image.fp.seek(0)
            data = image.fp.read()
            image.fp.seek(at)
        found = false_claims(data, image.info.get("xmp") or b"")
        further = any(content.startswith(_FURTHER_XMP) for name, content in segments if name == "APP1")
        return (*found, Note("xmp-left-out", "its XMP data beyond 64 KB is left out")) if further else found

    def decode(self, image: ImageFile.ImageFile, source: Source) -> NDArray[np.uint8] | None:
        pixels = read_jpeg(source, image)
        return super().decode(image, source) if pixels is None else pixels

    def carried(self, picture: Picture) -> CarriedMetadata:
        """Return the metadata, without what does not fit into one segment."""
        along = super().carried(picture)
        lost = []
        if along.exif is not None and len(along.exif.tobytes()) > _LONGEST_SEGMENT:
            along.exif = None
            lost.append(Note("exif-left-out", "the EXIF data is too long for JPEG and is left out"))
        if len(along.xmp) > _LONGEST_SEGMENT - _XMP_HEADER:
            along.xmp = b""
            lost.append(Note("xmp-left-out", "the XMP data is too long for JPEG and is left out"))
        if along.text and len(along.text[0].value.encode()) > _LONGEST_SEGMENT:
            along.text = ()
            lost.append(Note("text-left-out", "the comment is too long for JPEG and is left out"))
        if len(along.iptc) > _LONGEST_SEGMENT - len(_PHOTOSHOP) - 5:
            along.iptc = b""
            lost.append(Note("iptc-left-out", "the IPTC data is too long for JPEG and is left out"))
        along.lost += tuple(lost)
        return along

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        quality = DEFAULT_QUALITY if encoding.quality is None else encoding.quality
        write_jpeg(picture.frames[0], stream, quality, self.save_options(self.carried(picture)))

    def save_options(self, along: CarriedMetadata) -> dict[str, Any]:
        options = super().save_options(along)
        if along.iptc:
            records = _PHOTOSHOP + struct.pack(">I", len(along.iptc)) + along.iptc + b"\0" * (len(along.iptc) % 2)
            options["extra"] = b"\xff\xed" + struct.pack(">H", 2 + len(records)) + records
        return options


CODEC = JpegCodec


def _is_deep(source: Source) -> bool:
    """Return whether a file has other samples than Pillow reads; one that is damaged has not."""
    for length in (_USUAL_HEAD, -1):
        source.stream.seek(0)
        if kind_of := kind_and_bits(source.stream.read(length)):
            return kind_of not in _USUAL_FRAMES
    return False


def _ends_in_gray(loaded: Loaded) -> bool:
    """Return whether the last pixel is of the gray that libjpeg puts in the place of what is missing."""
    image = loaded.image
    last = (
        tuple(loaded.pixels[-1, -1])
        if loaded.pixels is not None
        else image.getpixel((image.width - 1, image.height - 1))
    )
    return last in _FILLED


def _gray_below(loaded: Loaded) -> float:
    """Return the share of a picture's height that is the gray of what is missing, from below."""
    image = loaded.image
    if loaded.pixels is not None:
        shown = (loaded.pixels != _GRAY).any(axis=(1, 2)).nonzero()[0]
        return 1 - (int(shown[-1]) + 1 if shown.size else 0) / image.height
    gray = Image.new(image.mode, image.size, _GRAY if image.mode == "L" else (_GRAY,) * len(image.getbands()))
    box = ImageChops.difference(image, gray).getbbox()
    return 1 - (box[3] if box else 0) / image.height
