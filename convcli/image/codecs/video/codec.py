"""The codec of videos: a frame of one, or all as an animation, and an animation to a video."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import IO

from PIL import Image

from convcli.errors import WriteError
from convcli.image.animation import Animation, Clock
from convcli.image.codec import Codec, Encoding, Source
from convcli.image.codecs.video.colors import Colors
from convcli.image.codecs.video.library import library_of
from convcli.image.codecs.video.reading import Shot, VideoReader
from convcli.image.codecs.video.writing import VideoWriter, container_for, cut_note, encoder_for, even_size
from convcli.image.limit import FRAMES, check_index
from convcli.image.picture import Picture
from convcli.image.pillow.decode import picture_of
from convcli.image.pillow.frames import first_of
from convcli.image.pillow.numbered_colors import note_numbered_colors
from convcli.image.sampled.codec import Described, taken
from convcli.image.samples import Samples
from convcli.note import Note

_MILLISECONDS = 1000
_HD = Colors(matrix=1, range=1, primaries=1, curve=1)
_DAY = 86_400_000  # milliseconds


class VideoCodec(Codec):
    """Videos, of which a picture has one frame, and an animation all."""

    clock = Clock(unit=1, longest=_DAY, most_plays=1)

    def count(self, source: Source) -> int:
        reader = VideoReader(source, self.format)
        try:
            return max(1, reader.count)
        finally:
            reader.close()

    def read(self, source: Source) -> Picture:
        reader = VideoReader(source, self.format)
        try:
            return self._read(reader, source)
        finally:
            reader.close()

    def _read(self, reader: VideoReader, source: Source) -> Picture:
        frames, times, last = [], [], 0
        for number, shot in enumerate(reader.shots()):
            if source.frames == "all":
                source.check_together(number + 1, (number + 1) * shot.pixels.shape[0] * shot.pixels.shape[1])
                FRAMES.check(source.name, number + 1, source.max_pixels)
            if source.frames in ("first", "all", number):
                frames.append(Samples(shot.pixels))
                times.append(shot.time)
                last = shot.time + shot.duration
                if source.frames != "all":
                    break
        else:
            if isinstance(source.frames, int):
                check_index(source.name, "frame", number + 1, source.frames)
        notes = tuple(reader.notes)
        if source.frames == "first" and reader.count > 1:
            notes = (first_of(reader.count), *notes)
        colors = Image.new("RGB", (1, 1))
        note_numbered_colors(colors, reader.colors.primaries, reader.colors.curve)  # notes on them are the reader's
        metadata, _, _ = taken(Described(colors.info.get("icc_profile", b"")), self)
        spans = [(after - before) * reader.unit * _MILLISECONDS for before, after in pairwise([*times, last])]
        animation = Animation(tuple(map(float, spans)), plays=1) if len(frames) > 1 else None
        picture = picture_of(frames, metadata, None, notes, animation)
        damage = tuple(reader.damage) if source.frames == "all" else ()
        return replace(picture, lossy="compression", damage=damage)

    def losses(self, picture: Picture) -> list[Note]:
        text = [Note("exif-left-out", "the EXIF data is left out")] if picture.metadata.exif else []
        return text + super().losses(picture) if picture.animation is not None else []

    def losses_in(self, picture: Picture, suffix: str) -> list[Note]:
        lost = self.losses(picture)
        if picture.animation is not None:
            lost += cut_note(picture.size, self.size_in(picture, suffix))
        return lost

    def size_in(self, picture: Picture, suffix: str) -> tuple[int, int]:
        colors = _HD.at_depth(picture.bits)
        return even_size(picture.size, encoder_for(suffix or self.format.suffixes[0], colors.bits, ""), colors)

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        if picture.animation is None:
            raise WriteError("a video has frames, and this is one picture", "write PNG or JPEG")
        suffix = encoding.suffix or self.format.suffixes[0]
        colors = _HD.at_depth(picture.bits)
        mean = Fraction(sum(picture.animation.durations) / len(picture.frames) / _MILLISECONDS)
        writer = VideoWriter(
            library_of(self.format),
            stream,
            container_for(suffix),
            encoder_for(suffix, colors.bits, ""),
            picture.size,
            colors,
            (1 / mean if mean else Fraction(25)).limit_denominator(1001),
            Fraction(1, _MILLISECONDS),
            encoding.quality,
        )
        with writer:
            time = 0
            for frame, duration in zip(picture.frames, picture.animation.in_units_of(1), strict=True):
                writer.write(Shot(frame, time, max(1, duration)))
                time += max(1, duration)
            writer.finish()


CODEC = VideoCodec
