"""The codec of JPEG 2000."""

from __future__ import annotations

from dataclasses import replace
from typing import IO

import numpy as np
from imagecodecs import jpeg2k_decode, jpeg2k_encode

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.image.codec import Encoding, Source
from convcli.image.codecs.jpeg2k.enlarged import BITS, enlarged
from convcli.image.codecs.jpeg2k.unequal import with_equal_pixels
from convcli.image.coded.jpeg2k import Jp2, jp2, jp2_file
from convcli.image.limit import over_limit
from convcli.image.memory import Outline
from convcli.image.metadata import exif_bytes
from convcli.image.picture import Picture
from convcli.image.pillow.silence import without_stderr
from convcli.image.sampled.codec import Described, SampledCodec
from convcli.image.sampled.inks import of_inks
from convcli.image.samples import Samples, scaled
from convcli.note import Note

_MOST_BITS, _MOST_CHANNELS = 16, 4
_INKS = 4
_FURTHER_PIXELS = 2  # whose memory a value takes where there are more channels than can be shown
_LEAST_SUBSAMPLED = 3  # channels, of which Pillow enlarges those that are smaller than the picture
_CONVERT = "ImageMagick converts it: magick FILE.jp2 FILE.png"
_LEFT_OUT = Note("channels-left-out", "it has more channels than colors and alpha; they are left out")
_CODED_BYTES = 4  # of a value in OpenJPEG
_LOSSLESS = 100
_LEAST_PSNR, _PSNR_OF_QUALITY = 20, 0.3  # in dB: 47 at a quality of 90


class Jpeg2kCodec(SampledCodec[Jp2]):
    """JPEG 2000, in a JP2 or as a stream alone; it is written as a JP2, without loss unless a quality is asked for."""

    def parsed(self, source: Source) -> Jp2:
        file = jp2(source.content())
        if file.stream.is_subsampled and (file.channels < _LEAST_SUBSAMPLED or file.stream.bits[0] > BITS):
            return with_equal_pixels(file) or file
        return file

    def outline(self, source: Source, parsed: Jp2) -> Outline:
        file = parsed
        stream, name = file.stream, source.name
        if stream.width <= 0 or stream.height <= 0:
            raise ReadError(f"{name} has no pixels", "save it again")
        if stream.is_subsampled and file.channels < _LEAST_SUBSAMPLED:
            what = f"{name} is a kind of JPEG 2000 that is not read: gray with pixels that are not square"
            raise ReadError(what, _CONVERT)
        bits, are_few = stream.bits[0], max(stream.bits) <= BITS and file.channels <= _MOST_CHANNELS
        if bits > _MOST_BITS or (len(set(stream.bits)) > 1 and not are_few):
            held = ", ".join(map(str, stream.bits[:_MOST_CHANNELS]))
            raise ReadError(f"{name} holds channels of {held} bits, which is not read", "convert them to 8 or 16 bits")
        pixels = stream.width * stream.height * file.channels * _FURTHER_PIXELS
        if file.channels > _MOST_CHANNELS and pixels > source.max_pixels:
            held = f"{file.channels} channels of {stream.width}×{stream.height} pixels"
            raise over_limit(name, held, source.max_pixels, pixels)
        if stream.is_subsampled and bits > BITS and file.channels != _LEAST_SUBSAMPLED:
            held = "channels of fewer pixels than the picture"
            raise ReadError(f"{name} holds {held} of {bits} bits, which is not read", _CONVERT)
        size = 1 if stream.bits[0] <= 8 else 2
        return Outline(stream.height, stream.width, file.channels, size, beside=_CODED_BYTES * (file.channels + 1))

    def samples(self, source: Source, parsed: Jp2) -> Samples:
        file = parsed
        are_equal = not file.stream.is_subsampled and len(set(file.stream.bits)) == 1
        has_deep_inks = file.is_cmyk and file.stream.bits[0] > BITS
        if not are_equal or (file.is_cmyk and not has_deep_inks):
            return enlarged(file, source)
        with without_stderr():
            decoded: Array = jpeg2k_decode(file.file)
        values = decoded if decoded.ndim == 3 else decoded[:, :, np.newaxis]
        notes: tuple[Note, ...] = ()
        bits = 8 if file.has_palette else file.stream.bits[0]
        if values.dtype.kind == "i":
            values = (values.astype(np.int32) + (1 << (bits - 1))).astype(np.uint8 if bits <= 8 else np.uint16)
            notes = (Note("converted", f"its signed numbers of {bits} bits begin at black"),)
        pixels, scaling = scaled(values, (1 << bits) - 1)
        if has_deep_inks:
            rgb, note = of_inks(pixels[:, :, :_INKS], file.described.icc)
            alpha = pixels[:, :, _INKS : _INKS + bool(file.has_alpha)]
            return Samples(np.concatenate([rgb, alpha], axis=2), bool(file.has_alpha), (*notes, *scaling, note))
        if (count := pixels.shape[2]) > _MOST_CHANNELS:
            if source.everything:
                return Samples(pixels, notes=(*notes, *scaling))
            return Samples(np.ascontiguousarray(pixels[:, :, :3]), notes=(*notes, *scaling, _LEFT_OUT))
        return Samples(pixels, count in (2, 4) and file.has_alpha is not False, (*notes, *scaling))

    def described(self, source: Source, parsed: Jp2) -> Described:
        return replace(parsed.described, icc=b"") if parsed.is_cmyk else parsed.described  # converted to sRGB

    def finished(self, picture: Picture, parsed: Jp2) -> Picture:
        picture = replace(picture, damage=parsed.damage)
        if parsed.stream.reversible:
            return replace(picture, quality=_LOSSLESS)
        return replace(picture, lossy="compression")

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        frame = np.ascontiguousarray(picture.frames[0])
        height, width, channels = frame.shape
        quality = encoding.quality or _LOSSLESS
        level = 0 if quality == _LOSSLESS else round(_LEAST_PSNR + _PSNR_OF_QUALITY * quality)
        pixels = jpeg2k_encode(
            frame[:, :, 0] if channels == 1 else frame, level, codecformat="j2k", reversible=quality == _LOSSLESS
        )
        along = self.carried(picture)
        exif = exif_bytes(along.exif) if along.exif is not None else b""
        described = Described(along.icc, exif, along.xmp, along.dpi)
        alpha = picture.has_alpha
        stream.write(
            jp2_file(bytes(pixels), (height, width), channels, picture.bits, has_alpha=alpha, described=described)
        )


CODEC = Jpeg2kCodec
