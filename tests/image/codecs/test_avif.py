"""An AVIF is refused for the size of its frames, whatever its boxes name, and read where they are small enough."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from convcli.errors import ReadError
from convcli.image import read_picture
from convcli.image.codec import Frames
from convcli.image.codecs.avif.streams import frame_sizes
from convcli.image.memory import Outline
from tests.support.avif_files import NEEDS_AVIF, Item, avif, box, grid, huge_stream, renamed, stream_of
from tests.support.encoding import by_pillow
from tests.support.noise import noise

pytestmark = NEEDS_AVIF

SIZE = WIDTH, HEIGHT = 304, 200
PIXELS = WIDTH * HEIGHT
SMALL = (24, 20)


def scene(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    return Image.linear_gradient("L").resize(size).convert(mode)


def see_through(size: tuple[int, int] = SIZE) -> Image.Image:
    image = scene("RGB", size)
    image.putalpha(scene("L", size).transpose(Image.Transpose.ROTATE_180))
    return image


def sequence(size: tuple[int, int] = SIZE) -> bytes:
    first, *others = (scene("RGB", size).rotate(angle) for angle in (0, 90, 180))
    return by_pillow(first, "AVIF", save_all=True, append_images=others, duration=40)


def cells(*streams: bytes) -> bytes:
    return avif(
        Item(grid(2, 2, 100, 100), (100, 100), cells=(2, 3, 4, 5)), *(Item(stream, (64, 64)) for stream in streams)
    )


def lying() -> Iterator[tuple[str, bytes]]:
    """Yield files that libavif decodes, with a frame that is larger than they say."""
    large, small = stream_of(scene()), stream_of(scene(size=SMALL))
    cell = stream_of(scene(size=(64, 64)))
    yield "RGB", renamed(by_pillow(scene(), "AVIF"), SIZE)
    yield "gray", renamed(by_pillow(scene("L"), "AVIF"), SIZE)
    yield "RGBA", renamed(by_pillow(see_through(), "AVIF"), SIZE)
    yield "sequence", renamed(sequence(), SIZE)
    yield (
        "sequence with alpha",
        renamed(by_pillow(see_through(), "AVIF", save_all=True, append_images=[see_through()]), SIZE),
    )
    yield "long places", with_long_places(renamed(sequence(), SIZE))
    yield "second frame", with_frame(sequence(SMALL), large)
    yield "frames of one length", with_frame(sequence(SMALL), large, alike=True)
    yield "10 bits", renamed(deep(), SIZE)
    yield "alpha alone", avif(Item(small), Item(stream_of(scene("L")), gray=True, alpha_of=1))
    yield "cell of a grid", cells(cell, cell, large, cell)
    yield "second header", avif(Item(small + large))
    yield "second header behind a long frame", avif(Item(stream_of(Image.fromarray(noise(3, *SMALL, 3))) + large))
    yield "layers", avif(Item(as_layer(large)))
    yield "no last length", avif(Item(without_last_length(large)))
    yield "parts", avif(Item(large), extents=3)
    yield "beside the places", avif(Item(large), in_box=True)
    yield "parts beside the places", avif(Item(large), in_box=True, extents=2)
    yield "long numbers", avif(Item(large), wide=True)
    yield "no end", avif(Item(large), endless=True)
    yield "no end of the only box", avif(Item(large), in_box=True, endless=True)


def deep() -> bytes:
    rgb = np.asarray(scene()).astype(np.uint16) * 4
    return bytes(imagecodecs.avif_encode(rgb, bitspersample=10))


def with_long_places(file: bytes) -> bytes:
    """Return a sequence whose frames are told by numbers of 64 bits."""
    at = file.index(b"stco") - 4
    (place,) = struct.unpack_from(">I", file, at + 16)
    file = file[:at] + box(b"co64", bytes(4), struct.pack(">IQ", 1, place + 4)) + file[at + 20 :]
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
        head = file.index(name) - 4
        (length,) = struct.unpack_from(">I", file, head)
        file = file[:head] + struct.pack(">I", length + 4) + file[head + 4 :]
    return file


def with_frame(file: bytes, frame: bytes, *, alike: bool = False) -> bytes:
    """Return a sequence of three frames of which the second is another; `alike` has them filled up to one length."""
    sizes = file.index(b"stsz") + 8
    first, second, third = struct.unpack_from(">III", file, sizes + 8)
    places = file.index(b"stco") + 12
    (start,) = struct.unpack_from(">I", file, places)
    last = start + first + second
    frames = [file[start : start + first], frame, file[last : last + third]]
    told = struct.pack(">IIIII", 0, 3, *map(len, frames))
    if alike:
        length = max(map(len, frames)) + 3
        frames = [each + unit(0x7A, bytes(length - len(each) - 3)) for each in frames]
        told = struct.pack(">II12x", length, 3)
    end = struct.pack(">I", len(file) + 8)
    file = file[:sizes] + told + file[sizes + 20 : places] + end + file[places + 4 :]
    return file + box(b"mdat", *frames)


def bits(data: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in data)


def units(stream: bytes) -> list[tuple[int, bytes]]:
    """Return the first byte and the payload of each unit of a stream; lengths are of two bytes at most."""
    found = []
    while stream:
        start, length = 2, stream[1]
        if length > 127:
            start, length = 3, length - 128 + 128 * stream[2]
        found.append((stream[0], stream[start : start + length]))
        stream = stream[start + length :]
    return found


def unit(kind: int, data: bytes, layer: bytes = b"") -> bytes:
    """Return a unit, with a length of two bytes."""
    return bytes((kind,)) + layer + bytes((128 + len(data) % 128, len(data) // 128)) + data


def as_layer(stream: bytes) -> bytes:
    """Return a stream whose units tell their layer."""
    return b"".join(unit(kind | 4, data, b"\0") for kind, data in units(stream))


def without_last_length(stream: bytes) -> bytes:
    """Return a stream of a header and a frame that goes on up to its end."""
    _, (kind, header), (_, frame) = units(stream)
    return b"\x12\0" + unit(kind, header) + b"\x30" + frame


def read(file: bytes, max_pixels: int, frames: Frames = "first") -> tuple[int, ...]:
    return read_picture(io.BytesIO(file), max_pixels=max_pixels, frames=frames).frames[0].shape


@pytest.mark.parametrize(("name", "file"), [pytest.param(*each, id=each[0]) for each in lying()])
def test_frames_over_the_limit_are_refused_before_they_are_decoded(
    name: str, file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Image.open(io.BytesIO(file)) as image:
        shown, count = image.size, getattr(image, "n_frames", 1)
        image.load()
    assert shown[0] * shown[1] < PIXELS
    assert read(file, PIXELS)[:2] == shown[::-1], "what is within the limit is read"
    if name.startswith("sequence"):
        assert read(file, count * PIXELS, "all")[:2] == shown[::-1]
        with pytest.raises(ReadError, match=rf"has {count} frames of {count * PIXELS} pixels together"):
            read(file, count * PIXELS - 1, "all")
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(ReadError) as caught:
        read(file, PIXELS - 1)
    assert caught.value.message == f"stdin has {WIDTH}×{HEIGHT} pixels, over the limit of 60 799"
    assert caught.value.hint == f"--max-pixels {PIXELS} allows it"


@pytest.mark.parametrize("frames", ["first", "all"])
@pytest.mark.parametrize(
    "file",
    [
        by_pillow(scene(), "AVIF"),
        by_pillow(scene("L"), "AVIF"),
        by_pillow(see_through(), "AVIF"),
        by_pillow(scene(size=(1, 1)), "AVIF"),
        sequence(),
        deep(),
        cells(*[stream_of(scene(size=(64, 64)))] * 4),
    ],
    ids=["RGB", "gray", "RGBA", "a pixel", "sequence", "10 bits", "grid"],
)
def test_a_file_that_tells_the_truth_needs_no_larger_limit(file: bytes, frames: Frames) -> None:
    with Image.open(io.BytesIO(file)) as image:
        pixels = image.width * image.height * (getattr(image, "n_frames", 1) if frames == "all" else 1)
        read(file, pixels, frames)
        if pixels > 1:
            with pytest.raises(ReadError, match="over the limit"):
                read(file, pixels - 1, frames)


def overriding(own_size: bool, timed: str) -> bytes:
    """Return a stream of which a frame has 2100×2100 pixels, and everything that there can be before that is told.

    Parameters
    ----------
    own_size
        The sequence is said to have 24×20 pixels.
    timed
        `evenly`, `unevenly`, or nothing for frames without times.
    """
    image = Image.new("RGB", (2100, 2100), "red")
    file = by_pillow(image, "AVIF", save_all=True, append_images=[image], speed=10)
    at = file.index(b"\x12\0\x0a")
    (length,) = struct.unpack_from(">I", file, file.index(b"stsz") + 16)
    header, frame = (bits(data) for _, data in units(file[at : at + length])[1:])
    size = f"{2099:012b}" * 2
    # Of no time, of no delay, of one operating point of some level; then the size, and no numbers of frames.
    assert header[5:24] == "0" + "0" + "00000" + "0" * 12
    assert header[29:63] == "0" + "1011" * 2 + size + "0"
    # Not shown before; a key frame; shown; learning; no tools; of the size of all; and its order, of seven bits.
    assert frame[:14] == "0" + "00" + "1" + "0" + "0" + "0" + "0000000"
    assert header[73:75] == "11", "a frame says whether it has tools for screens, and then whether its motion is whole"
    points, numbers, moment, tools, number, removal = header[5:30], "0", "", "0", "", ""
    if timed:
        evenly = timed == "evenly"
        ticks = "1" * 64 + ("1" + "00101" if evenly else "0")
        delays = "1" + f"{19:05b}" + "1" * 32 + f"{6:05b}" + f"{7:05b}"
        first = "0" * 12 + "10000" + "1" + "1" + "1" * 41 + "1" + "1111"
        points = "1" + ticks + delays + "1" + "00001" + first + "0" * 12 + "00111" + "0" + "0"
        numbers = "1" + "0000" + "110"
        header = header[:73] + "00" + header[75:]  # no frame has the tools
        # Whole bytes together, so that all behind them stays where it is in its byte.
        moment, tools, number, removal = "" if evenly else "1" * 8, "", "1" * 9, "1" * 8
    said = f"{23:012b}{19:012b}" if own_size else size
    header = (header[:5] + points + header[30:38] + said + numbers + header[63:]).rstrip("0")
    header += "0" * (-len(header) % 8)
    start = frame[:4] + moment + frame[4] + tools + number + str(int(own_size)) + frame[7:14]
    frame = start + removal + size * own_size + frame[14:]
    told, coded = (int(text, 2).to_bytes(len(text) // 8, "big") for text in (header, frame))
    return b"\x12\0" + unit(0x0A, told) + b"\x30" + coded


@pytest.mark.parametrize("timed", ["", "evenly", "unevenly"])
@pytest.mark.parametrize(("own_size", "largest"), [(True, 4096), (False, 2100)])
def test_a_frame_with_a_size_of_its_own_is_as_large_as_it_can_be(timed: str, own_size: bool, largest: int) -> None:
    file = avif(Item(overriding(own_size, timed)))
    with Image.open(io.BytesIO(file)) as image:
        assert image.size == SMALL
        red = image.convert("RGB").getpixel((9, 9))
    assert isinstance(red, tuple)
    assert red[0] > 150, "libavif decodes it"
    with pytest.raises(ReadError, match=f"has {largest}×{largest} pixels"):
        read(file, largest**2 - 1)
    assert read(file, largest**2) == (20, 24, 3)


def test_cells_that_share_a_stream_are_counted_each() -> None:
    streams = [stream_of(Image.fromarray(noise(3, 64, 64, 3)))] * 64
    file = avif(
        Item(grid(8, 8, 64, 64), (64, 64), cells=tuple(range(2, 66))), *(Item(stream, (8, 8)) for stream in streams)
    )
    limit = 64 * 64 * 64 // 8
    with pytest.raises(ReadError) as caught:
        read(file, limit - 1)
    assert "has 64 pictures of 262144 pixels together" in caught.value.message
    assert caught.value.hint == f"--max-pixels {limit} allows it"
    with pytest.raises(ReadError, match="damaged"):  # libavif has no cells so small
        read(file, limit)


def test_memory_is_asked_for_frames_before_they_are_scaled() -> None:
    told: list[Outline] = []

    def admit(_: str, outlines: Sequence[Outline]) -> None:
        told.extend(outlines)

    read_picture(io.BytesIO(renamed(by_pillow(scene(), "AVIF"), SIZE)), admit=admit)
    assert [each.arrays for each in told] == [24 * 20 * 3]
    assert told[0].decoding > 3 * PIXELS


def many_extents() -> bytes:
    """Return a file with 200 items that are said to have 65 535 parts each, in six bytes."""
    items = b"".join(struct.pack(">HHH", number + 1, 0, 65_535) for number in range(200))
    places = box(b"iloc", bytes(6), struct.pack(">H", 200), items)
    file = by_pillow(scene(size=SMALL), "AVIF")
    start, meta = file.index(b"iloc") - 4, file.index(b"meta") - 4
    (length,), (whole,) = struct.unpack_from(">I", file, start), struct.unpack_from(">I", file, meta)
    file = file[:start] + places + file[start + length :]
    return file[:meta] + struct.pack(">I", whole + len(places) - length) + file[meta + 4 :]


MEASURE = """
import sys
from pathlib import Path

from convcli.errors import ReadError
from convcli.image import count_frames, read_picture

def peak():
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return 1024 * int(status["VmHWM"].split()[0])

small, bomb = map(Path, sys.argv[1:])
read_picture(small)
before = peak()
for work in (read_picture, count_frames):
    try:
        work(bomb, max_pixels=1000)
    except ReadError as error:
        print(error.message)
    else:
        print("was read")
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="where the most that a process had is told otherwise")
@pytest.mark.parametrize(
    ("bomb", "words"),
    [
        (avif(Item(huge_stream())), "has 16384×16384 pixels, over the limit of 1 000"),
        (many_extents(), "is truncated or damaged"),
    ],
    ids=["a huge frame", "many parts"],
)
def test_a_bomb_takes_no_memory(bomb: bytes, words: str, tmp_path: Path) -> None:
    small, large = tmp_path / "small.avif", tmp_path / "bomb.avif"
    small.write_bytes(by_pillow(scene(size=SMALL), "AVIF"))
    large.write_bytes(bomb)
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, str(small), str(large)], capture_output=True, text=True, check=True
    )
    first, second, taken = answer.stdout.splitlines()
    assert first == second == f"{large} {words}"
    assert int(taken) < 8e6


def test_a_file_whose_frames_overlap_is_damaged() -> None:
    stream = stream_of(scene(size=SMALL))
    file = avif(*(Item(stream + b"\x12\0" * count) for count in range(0, 3000, 10)))
    assert len(file) < 20_000
    with Image.open(io.BytesIO(file)) as image:
        image.load()
    with pytest.raises(ReadError, match="damaged"):
        read(file, 10**9)


def test_a_frame_without_a_header_is_damaged() -> None:
    stream = stream_of(scene(size=SMALL))
    kinds = [kind for kind, _ in units(stream)]
    assert kinds == [0x12, 0x0A, 0x32]
    with pytest.raises(OSError, match="without a header"):
        frame_sizes(memoryview(avif(Item(stream[4 + stream[3] :]))))


def test_more_boxes_than_any_picture_has_are_damage() -> None:
    with pytest.raises(OSError, match="more boxes"):
        frame_sizes(memoryview(struct.pack(">I4s", 8, b"free") * 200_000))
