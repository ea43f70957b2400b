"""The frames of a video, decoded one after the other, and the packets of sound beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.image.codec import Source
from convcli.image.codecs.video.colors import Colors, Converter
from convcli.image.codecs.video.ends import is_cut_off
from convcli.image.codecs.video.library import container_of, library_of, opened_container, pictures_of
from convcli.image.codecs.video.screens import Screen
from convcli.image.formats import Format
from convcli.image.memory import Outline
from convcli.lazy import dataclass
from convcli.note import Note

_BESIDE = 24  # bytes of a pixel in frames that decoders refer to, and in one that is converted
_BYTE = 8  # bits
_NEARLY, _MOMENT = 0.98, 0.5  # a share and seconds that may be missing at the end, since lengths are estimated


@dataclass(frozen=True)
class Shot:
    """A decoded frame: RGB, upright; when it is shown, and how long, in units of the video's time base."""

    pixels: Array
    time: int
    duration: int


class VideoReader:
    """A video that is decoded once from beginning to end; `shots` or `parts` are asked for once."""

    def __init__(self, source: Source, form: Format) -> None:
        self.library = self._av = library_of(form)
        self._name = source.name
        container = container_of(source.stream)
        self._is_cut_off = is_cut_off(source.stream, container)
        self.container = opened_container(self._av, source.stream, container)
        try:
            self._begin_with(source)
        except BaseException:
            self.container.close()
            raise

    def _begin_with(self, source: Source) -> None:
        """Decode the first frame, whose size and colors are those of all."""
        self.stream = pictures_of(self.container, source.name)
        coded = self.stream.codec_context
        coded.thread_type = "AUTO"
        coded.options = {"max_pixels": str(max(source.max_pixels, 1))}
        if coded.width * coded.height:
            source.check_size((coded.width, coded.height))
            source.admit(source.name, [Outline(coded.height, coded.width, 3, 2, beside=_BESIDE)])
        self._reached = 0.0  # seconds
        self.damage: list[Note] = []
        self.notes: list[Note] = []
        self._converter = Converter(self._av)
        self._parts = self._decoded([each for each in self.container.streams if each.index != self.stream.index])
        self._before: list[Any] = []  # packets before the first frame
        self._first = self._begin()
        self.colors = Colors.of(self._first)
        self.screen = Screen.of(self._first)
        self.turns = round(self._first.rotation / 90) % 4  # by a quarter, as clocks do not go
        self._size = self._first.width, self._first.height
        source.check_size(self._size)
        self.bits = 8 if self.colors.bits == _BYTE or not source.deep else 16  # of the values of shots
        self._note_kind(self._first)

    @property
    def size(self) -> tuple[int, int]:
        """The width and height of the frames in pixels, upright."""
        return self._size[::-1] if self.turns % 2 else self._size

    @property
    def rate(self) -> Any:
        """Frames in a second, as a fraction."""
        return self.stream.average_rate or self.stream.guessed_rate or 25

    @property
    def count(self) -> int:
        """The number of frames, as the file states it or its length does; 0 where it is unknown."""
        if self.stream.frames:
            return int(self.stream.frames)
        seconds = self.container.duration / self._av.time_base if self.container.duration else 0
        return int(seconds * float(self.rate) + 0.5)

    @property
    def unit(self) -> Any:
        """Seconds of the unit of times, as a fraction."""
        return self.stream.time_base

    def parts(self, copied: list[int]) -> Iterator[Shot | Any]:
        """Yield frames, and packets of the streams with these numbers, in the order of the file."""
        last, seen = -1, 0
        for part in self._rest():
            if isinstance(part, self._av.Packet):
                if part.stream.index in copied:
                    yield part
                continue
            step = max(1, round(1 / (self.rate * self.unit)))
            time = part.pts if part.pts is not None else last + step
            time = max(time, last + 1) if seen else time
            last, seen = time, seen + 1
            yield Shot(self._upright(part), time, part.duration or step)
        self._check_end(seen)

    def shots(self) -> Iterator[Shot]:
        """Yield the frames."""
        return self.parts([])

    def close(self) -> None:
        """Close the file for the library; the stream stays open."""
        self.container.close()

    def _begin(self) -> Any:
        for part in self._parts:
            if not isinstance(part, self._av.Packet):
                return part
            self._before.append(part)
        if self.damage:
            raise ReadError(f"{self._name} is truncated or damaged", "fetch it or save it again")
        raise ReadError(f"{self._name} has a video without frames", "fetch it or save it again")

    def _rest(self) -> Iterator[Any]:
        yield from self._before
        self._before = []
        yield self._first
        yield from self._parts

    def _decoded(self, others: list[Any]) -> Iterator[Any]:
        """Yield decoded frames and packets of other streams; note damage in place of errors."""
        packets = self.container.demux(self.stream, *[each for each in others if each.type != "data"])
        while True:
            try:
                packet = next(packets, None)
            except self._av.error.FFmpegError:
                self._note_damage()
                packet = None
            if packet is None:
                return
            if packet.pts is not None:
                end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
                self._reached = max(self._reached, end - (self.container.start_time or 0) / self._av.time_base)
            if packet.stream.index != self.stream.index:
                if packet.dts is not None:
                    yield packet
                continue
            try:
                frames = packet.decode()
            except self._av.error.FFmpegError:
                self._note_damage()
                frames = []
            yield from frames

    def _note_damage(self) -> None:
        note = Note("damaged", "parts of the video cannot be decoded; the frames that are there are filtered")
        if note not in self.damage:
            self.damage.append(note)

    def _check_end(self, seen: int) -> None:
        """Note a file that is cut off: it states how many frames it has, or how long all of its streams take."""
        seconds = (self.container.duration or 0) / self._av.time_base
        if self.stream.frames > seen:
            text = f"the video is cut off: it has {seen} of {self.stream.frames} frames"
        elif self._reached < seconds * _NEARLY - _MOMENT:
            text = f"the video is cut off: it ends after {self._reached:.1f} of {seconds:.1f} seconds"
        elif self._is_cut_off:
            text = f"the video is cut off: the end of its file is missing, after {self._reached:.1f} seconds"
        else:
            return
        self.damage.append(Note("damaged", text))

    def _upright(self, frame: Any) -> Array:
        size = frame.width, frame.height
        if size != self._size:
            what = f"{self._name} has frames of several sizes: {self._size[0]}×{self._size[1]}, {size[0]}×{size[1]}"
            raise ReadError(what, "convert it with ffmpeg first, whose scale filter makes them alike")
        rgb = self._converter.to_rgb(frame, self.colors, self.bits, self._name)
        return np.ascontiguousarray(np.rot90(rgb, self.turns)) if self.turns else rgb

    def _note_kind(self, frame: Any) -> None:
        if frame.interlaced_frame:
            text = "its frames are interlaced: each is filtered with the lines of two moments"
            self.notes.append(Note("interlaced", text))
        if any(each.is_alpha for each in frame.format.components):
            self.notes.append(Note("alpha-left-out", "its alpha channel is left out"))
        if self.colors.is_high_range:
            text = "its levels are those of a high dynamic range, and are filtered as sRGB's"
            self.notes.append(Note("high-dynamic-range", text))
