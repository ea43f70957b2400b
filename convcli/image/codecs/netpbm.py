"""PGM, PPM and PNM, binary or as text; with a white of more than 255 without Pillow."""

from __future__ import annotations

import io
import re
from functools import partial
from typing import IO, TYPE_CHECKING

from PIL import Image, ImageFile

from convcli.errors import ReadError
from convcli.image.codec import Encoding, Source
from convcli.image.memory import Outline
from convcli.image.metadata import Metadata
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.frames import check_frame
from convcli.image.pillow.plugins import open_image
from convcli.note import Note
from convcli.words import grouped

if TYPE_CHECKING:
    from convcli.array_types import Array
    from convcli.image.picture import Picture
    from convcli.image.samples import Samples

_BLANK = rb"(?:\s|#[^\r\n]*[\r\n])+"
# Kind, width, height and the value of white; a single blank ends it where the samples are binary.
_HEADER = re.compile(rb"P([2356])" + (_BLANK + rb"(\d{1,10})") * 3 + rb"\s")
_TEXT = (b"P1", b"P2", b"P3")
_COMMENT = re.compile(rb"#[^\r\n]*")
_LONGEST_HEADER = 1 << 16
_WORDS = 4  # of a header, of which bitmaps lack the last
_BITMAPS = (b"P1", b"P4")


class NetpbmCodec(PillowCodec):
    """The family of PGM, PPM and PNM."""

    plugin = "Ppm"

    def open(self, source: Source) -> ImageFile.ImageFile:
        """Read the header; Pillow would read comments byte by byte, and copy the rest behind each."""
        source.stream.seek(0)
        head = source.stream.read(_LONGEST_HEADER)
        words = _COMMENT.sub(b"", head).split(maxsplit=_WORDS)
        if len(head) == _LONGEST_HEADER and len(words) < (_WORDS - 1 if head[:2] in _BITMAPS else _WORDS):
            raise ReadError(
                f"{source.name} has a header of more than {grouped(_LONGEST_HEADER)} bytes", "shorten its comments"
            )
        if head[:2] not in _TEXT:
            return super().open(source)
        source.stream.seek(0)
        parts = iter(partial(source.stream.readlines, _LONGEST_HEADER), [])
        return open_image(io.BytesIO(b"".join(_COMMENT.sub(b"", b"".join(each)) for each in parts)), self.plugin)

    def needs_arrays(self, image: ImageFile.ImageFile) -> bool:
        return image.mode == "I" or _maxval(image) > 255

    def notes(self, image: ImageFile.ImageFile) -> tuple[Note, ...]:
        maxval = _maxval(image)
        return () if maxval in (0, 255) else (_scaled(maxval, 255),)

    def read_arrays(self, source: Source) -> Picture:
        from convcli.image.pillow.decode import picture_of

        image = self.open(source)
        if isinstance(source.frames, int):
            check_frame(image, source.name, source.frames)
        source.admit(source.name, [Outline(image.height, image.width, len(image.getbands()), 2)])
        samples = netpbm_samples(source.stream)
        return picture_of([samples], Metadata(), None, samples.notes)

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        """Write P5 for gray and P6 for RGB."""
        import numpy as np

        frame = picture.frames[0]
        height, width, channels = frame.shape
        if channels == 1 and self.format.gray_as_rgb:
            frame, channels = np.repeat(frame, 3, axis=2), 3
        white = np.iinfo(frame.dtype).max
        stream.write(b"P%d\n%d %d\n%d\n" % (5 if channels == 1 else 6, width, height, white))
        stream.write(np.ascontiguousarray(frame, frame.dtype.newbyteorder(">")).data)


CODEC = NetpbmCodec


def _maxval(image: Image.Image) -> int:
    """Return the value of white in the header; 0 for the plain 255."""
    tiles = getattr(image, "tile", None)
    last = tiles[0][3][-1] if tiles and isinstance(tiles[0][3], tuple) else 0
    return last if isinstance(last, int) else 0


def netpbm_samples(stream: IO[bytes]) -> Samples:
    """Decode the first picture of a file that Pillow has opened.

    Raises ValueError where it is cut off, or a sample is no number from 0 to white.
    """
    import numpy as np

    from convcli.image.samples import WHITE, Samples, scaled_to_16_bits

    stream.seek(0)
    header = _HEADER.match(stream.read(_LONGEST_HEADER))
    if header is None:
        raise ValueError("a header that is none")
    kind, width, height, white = map(int, header.groups())
    channels = 3 if kind in (3, 6) else 1
    count = width * height * channels
    stream.seek(header.end())
    values = _text_values(stream.read(), count) if kind in (2, 3) else np.frombuffer(stream.read(2 * count), ">u2")
    if len(values) != count or values.min() < 0 or values.max() > white:
        raise ValueError("too few samples, or one beyond white")
    pixels = scaled_to_16_bits(values, white).reshape(height, width, channels)
    notes = (_scaled(white, WHITE),) if white != WHITE else ()
    return Samples(pixels, notes=notes)


def _text_values(text: bytes, count: int) -> Array:
    import numpy as np

    numbers = _COMMENT.sub(b"", text).split(maxsplit=count)[:count]
    return np.fromiter(map(int, numbers), np.int64, len(numbers))


def _scaled(maxval: int, white: int) -> Note:
    return Note("scaled", f"its values, 0 to {maxval}, are scaled to {white}")
