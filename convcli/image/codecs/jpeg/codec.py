"""The codec of JPEG: metadata and all that is rare stay with Pillow."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from PIL import ImageFile

from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.codec import Encoding, Source
from convcli.image.codecs.jpeg.cut_off import completed
from convcli.image.codecs.jpeg.pixels import read_jpeg, write_jpeg
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.loaded import Loaded
from convcli.image.pillow.plugins import open_image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from convcli.image.picture import Picture

# Pillow's 75 is meant for web pages. What a filter has made is often filtered again, and sharpening brings the blocks
# of a JPEG to light: 92, as ImageMagick has it.
_QUALITY = 92

_CUT_OFF = "truncated"  # in Pillow's message

# Of the quantization tables that quality 50 stands for, that of brightness: ITU-T T.81, table K.1.
_STANDARD = (
    *(
        16,
        11,
        10,
        16,
        24,
        40,
        51,
        61,
        12,
        12,
        14,
        19,
        26,
        58,
        60,
        55,
        14,
        13,
        16,
        24,
        40,
        57,
        69,
        56,
        14,
        17,
        22,
        29,
        51,
    ),
    *(87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120),
    *(101, 72, 92, 95, 98, 112, 100, 103, 99),
)

# A segment has its length in two bytes, which count among it; a header follows.
_LONGEST_SEGMENT = 65_535 - 2
_XMP_HEADER = len(b"http://ns.adobe.com/xap/1.0/\0")


class JpegCodec(PillowCodec):
    """JPEG."""

    plugin = "Jpeg"
    lossy = "compression"

    def count(self, source: Source) -> int:
        return 1

    def load_frame(self, image: ImageFile.ImageFile, source: Source) -> Loaded:
        """Decode the picture; of a file that is cut off what is there."""
        quality = quality_of(image)
        try:
            return replace(super().load_frame(image, source), quality=quality)
        except OSError as error:
            if error.errno is not None or _CUT_OFF not in str(error):
                raise
        file, damage = completed(source.content(), source.name, self._decoded)
        again = replace(source, stream=io.BytesIO(file))
        return replace(super().load_frame(self.open(again), again), quality=quality, damage=(damage,))

    def _decoded(self, file: bytes) -> ImageFile.ImageFile:
        image = open_image(io.BytesIO(file), self.plugin)
        image.load()
        return image

    def decode(self, image: ImageFile.ImageFile, source: Source) -> NDArray[np.uint8] | None:
        pixels = read_jpeg(source, image)
        return super().decode(image, source) if pixels is None else pixels

    def carried(self, picture: Picture) -> CarriedMetadata:
        """Return the metadata, without what does not fit into one segment."""
        along = super().carried(picture)
        lost = []
        if along.exif is not None and len(along.exif.tobytes()) > _LONGEST_SEGMENT:
            along.exif = None
            lost.append("the EXIF data is too long for JPEG and is left out")
        if len(along.xmp) > _LONGEST_SEGMENT - _XMP_HEADER:
            along.xmp = b""
            lost.append("the XMP data is too long for JPEG and is left out")
        if along.text and len(along.text[0].value.encode()) > _LONGEST_SEGMENT:
            along.text = ()
            lost.append("the comment is too long for JPEG and is left out")
        along.lost += tuple(lost)
        return along

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        quality = _QUALITY if encoding.quality is None else encoding.quality
        write_jpeg(picture.frames[0], stream, quality, self.save_options(self.carried(picture)))


CODEC = JpegCodec


def quality_of(image: ImageFile.ImageFile) -> int:
    """Return the quality that an opened file was written with, by libjpeg's scale; at least the default.

    It is the lowest whose steps are, in the mean, no coarser than those of the file.
    """
    steps: dict[int, list[int]] = getattr(image, "quantization", {})
    coarse = sum(steps.get(0, ()))
    return next((quality for quality in range(_QUALITY, 100) if _steps(quality) <= coarse), 100 if coarse else _QUALITY)


def _steps(quality: int) -> int:
    """Return the sum of libjpeg's steps for brightness, for a quality of 50 or more."""
    scale = 200 - 2 * quality  # percent
    return sum(max(1, (step * scale + 50) // 100) for step in _STANDARD)
