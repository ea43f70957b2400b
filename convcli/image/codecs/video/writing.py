"""Frames to a video, and the other streams of another one copied into it."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from types import TracebackType
from typing import IO, Any, Self

from convcli.array_types import Array
from convcli.errors import WriteError
from convcli.image.codecs.video.colors import Colors, Converter
from convcli.image.codecs.video.library import SecondLook
from convcli.image.codecs.video.reading import Shot, VideoReader
from convcli.image.codecs.video.screens import Screen
from convcli.note import Note

_CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
_WEBM = "webm"
_BYTE = 8  # bits
_FINEST = 100
_FAR = 1 << 32  # units of time
# The encoders, the number of their coarsest quality, and their default.
_SCALES = {"libx264": (51, 18), "libx265": (51, 20), "libvpx-vp9": (63, 24)}
_ANY_SIZE = ("libvpx-vp9",)  # encoders that take odd sizes beside halved differences of colors
_OF_FILES = ("major_brand", "minor_version", "compatible_brands", "encoder")  # what a file says of itself alone
_INDEXED = ("mp4", "mov")  # containers of which an index is a part
_SHALLOW = Note("depth-reduced", "its levels of 10 bits become 8, as this encoder of VP9 holds; MP4 and MKV keep them")
_KINDS = {"audio": "sound", "subtitle": "subtitles"}


def encoder_for(suffix: str, bits: int, codec: str) -> str:
    """Return the library's name of the encoder: that of the container, and where it has several, of the input."""
    if suffix == ".webm":
        return "libvpx-vp9"
    return "libx265" if bits > _BYTE or codec == "hevc" else "libx264"


def container_for(suffix: str) -> str:
    """Return the library's name of a container; raise WriteError where it is read alone."""
    if suffix.lower() not in _CONTAINERS:
        raise WriteError(f"{suffix} is a video that is read and not written", f"write {', '.join(_CONTAINERS)}")
    return _CONTAINERS[suffix.lower()]


def even_size(size: tuple[int, int], encoder: str, colors: Colors) -> tuple[int, int]:
    """Return the height and width of frames in a file, where differences of colors may be halved."""
    height, width = size
    is_halved = encoder not in _ANY_SIZE
    return (
        height - height % 2 if is_halved and colors.sampling == "420" else height,
        width - width % 2 if is_halved and colors.sampling != "444" else width,
    )


def cut_note(size: tuple[int, int], written: tuple[int, int]) -> tuple[Note, ...]:
    """Return a note on the row and the column that frames lose, where they do."""
    (height, width), (rows, columns) = size, written
    cut = ["row"] * (rows < height) + ["column"] * (columns < width)
    text = f"the last {' and the last '.join(cut)} of {width}×{height} pixels is cut off, since videos have even sizes"
    return (Note("odd-size", text.replace(" is ", " are ") if len(cut) > 1 else text),) if cut else ()


class VideoWriter:
    """A video that is written frame after frame, used in a ``with`` statement; `finish` completes it."""

    def __init__(
        self,
        av: Any,
        stream: IO[bytes],
        container: str,
        encoder: str,
        size: tuple[int, int],
        colors: Colors,
        rate: Any,
        unit: Any,
        quality: int | None,
        screen: Screen = Screen(),  # noqa: B008 - it is frozen
    ) -> None:
        """Begin a file; `size` is the height and width of the frames."""
        height, width = size
        self._av, self._converter = av, Converter(av)
        is_shallow = colors.pixels not in {each.name for each in av.Codec(encoder, "w").video_formats}
        colors = colors.at_depth(_BYTE) if is_shallow else colors
        self._height, self._width = even_size(size, encoder, colors)
        if self._height * self._width == 0:
            raise WriteError(f"a video has frames of 2×2 pixels at least, these have {width}×{height}", "write PNG")
        self.notes = (_SHALLOW,) * is_shallow
        self.notes += (*cut_note(size, self.size), *screen.losses(is_kept=encoder == "libx265"))
        index_first = {"movflags": "+faststart"} if container in _INDEXED else {}  # so that players begin at once

        def again(*_: object) -> SecondLook:
            return SecondLook(stream)

        self.container = av.open(stream, "w", format=container, options=index_first, io_open=again)
        worst, usual = _SCALES[encoder]
        crf = usual if quality is None else max(1, round((_FINEST - quality) * worst / _FINEST))
        options = {"crf": str(crf)}
        if encoder == "libx265":
            options["x265-params"] = "log-level=none" + screen.options()
        if encoder == "libvpx-vp9":
            options |= {"b": "0", "row-mt": "1", "cpu-used": "4", "deadline": "good"}
        self._colors = colors
        self.stream = self.container.add_stream(encoder, rate=rate, options=options)
        self.stream.width, self.stream.height, self.stream.pix_fmt = self._width, self._height, colors.pixels
        coded = self.stream.codec_context
        coded.time_base = unit
        coded.thread_type = "AUTO"
        coded.color_range, coded.colorspace = colors.range, 2 if colors.matrix == 0 else colors.matrix
        coded.color_primaries, coded.color_trc = colors.primaries, colors.curve
        if encoder == "libx265" and container in _INDEXED:
            coded.codec_tag = "hvc1"  # by which Apple's players know it
        self._unit = unit
        self._durations: dict[int, int] = {}  # of frames that are in the encoder, by their times
        self._size = width, height

    @property
    def size(self) -> tuple[int, int]:
        """The height and width of the frames in the file."""
        return self._height, self._width

    def copy_streams(self, reader: VideoReader) -> dict[int, Any]:
        """Take over streams of sound and subtitles that the container holds; return those of the output by number."""
        made = {}
        left = set()
        for each in reader.container.streams:
            if each.index == reader.stream.index:
                continue
            name = each.codec_context.codec.canonical_name if each.codec_context is not None else ""
            if each.type in _KINDS and name in self.container.supported_codecs:
                made[each.index] = self.container.add_stream_from_template(each)
                made[each.index].metadata.update(each.metadata)
                made[each.index].disposition = each.disposition
            else:
                left.add(f"{_KINDS.get(each.type, 'other data')} ({name or each.type})")
        for what in sorted(left):
            note = Note("streams-left-out", f"left out, since the output cannot hold it: {what}")
            self.notes = (*self.notes, note)
        return made

    def copy_description(self, reader: VideoReader) -> None:
        """Take over texts, chapters, and the shape of pixels."""
        texts = {name: text for name, text in reader.container.metadata.items() if name not in _OF_FILES}
        self.container.metadata.update(texts)
        self.stream.metadata.update({k: v for k, v in reader.stream.metadata.items() if k == "language"})
        if chapters := reader.container.chapters():
            self.container.set_chapters(chapters)
        shape = reader.stream.sample_aspect_ratio
        if shape:
            self.stream.codec_context.sample_aspect_ratio = 1 / Fraction(shape) if reader.turns % 2 else shape

    def write(self, shot: Shot) -> None:
        """Write a frame."""
        pixels: Array = shot.pixels[: self._height, : self._width]
        if pixels.shape[2] == 1:
            pixels = pixels.repeat(3, axis=2)
        frame = self._converter.from_rgb(pixels, self._colors, self._size)
        frame.pts, frame.time_base = shot.time, self._unit
        self._durations[shot.time] = shot.duration
        self._encode(frame)

    def copy(self, packet: Any, stream: Any) -> None:
        """Write a packet of a stream that is copied."""
        packet.stream = stream
        self.container.mux(packet)

    def finish(self) -> None:
        """Complete the file."""
        self._encode(None)
        self.container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Let go of a file that is not completed, because of an error: that one counts, none of closing it."""
        if kind is not None:
            with suppress(self._av.error.FFmpegError, OSError, ValueError):
                self.container.close()

    def _encode(self, frame: Any) -> None:
        for packet in self.stream.encode(frame):
            packet.duration = self._durations.pop(packet.pts, packet.duration)  # encoders guess it
            # x265 leaves the times of decoding to chance where it has seen fewer frames than it may reorder.
            if packet.dts is None or abs(packet.pts - packet.dts) > _FAR:
                packet.dts = packet.pts
            self.container.mux(packet)
