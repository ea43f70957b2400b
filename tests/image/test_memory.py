"""What a picture will take is told by its header, and one that has no room is refused before it is decoded."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import tifffile
from imagecodecs import png_encode
from PIL import Image

from convcli.errors import ReadError
from convcli.image import memory, read_picture
from convcli.image.memory import LARGE, Outline, free_memory, require_memory
from tests.support.encoding import npy
from tests.support.noise import noise

RNG = np.random.default_rng(6)


def pillows(mode: str, name: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    rgb = Image.fromarray(noise(RNG, 20, 30, 3))
    image = rgb.quantize(16) if mode == "P" else rgb.convert(mode)
    if options.get("save_all"):
        options["append_images"] = [Image.fromarray(noise(RNG, 20, 30)).convert(mode)] * 2
    image.save(stream, name, **options)
    return stream.getvalue()


def tiff(*pages: Any) -> bytes:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        for page in pages:
            writer.write(page, photometric="rgb" if page.ndim == 3 else "minisblack")
    return stream.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    **{f"PNG {mode}": partial(pillows, mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")},
    "PNG with a transparent color": lambda: pillows("RGB", transparency=(1, 2, 3)),
    "JPEG": lambda: pillows("RGB", "JPEG"),
    "JPEG of CMYK": lambda: pillows("CMYK", "JPEG"),
    "WebP": lambda: pillows("RGBA", "WEBP"),
    "BMP": lambda: pillows("RGB", "BMP"),
    "PPM": lambda: pillows("RGB", "PPM"),
    "PGM of 16 bits": lambda: b"P5 3 2 65535\n" + bytes(12),
    "PNG of 16 bits": lambda: bytes(png_encode(noise(RNG, 5, 4, 3, dtype=np.uint16))),
    "animated GIF": lambda: pillows("RGB", "GIF", save_all=True),
    "animated PNG": lambda: pillows("RGBA", save_all=True),
    "animated WebP": lambda: pillows("RGBA", "WEBP", save_all=True, lossless=True),
    "TIFF of pages": lambda: tiff(np.zeros((3, 4, 3), np.uint8), np.zeros((5, 6), np.uint8)),
    "TIFF of 16 bits": lambda: tiff(np.zeros((3, 4, 3), np.uint16)),
    "TIFF of floats": lambda: tiff(np.zeros((3, 4, 3), np.float32)),
    "TIFF of all depths": lambda: tiff(np.zeros((3, 4), np.float64), np.zeros((5, 6, 3), np.uint8)),
    ".npy": lambda: npy(np.zeros((2, 3, 4, 5), np.float32)),
    ".npy of whole numbers": lambda: npy(np.zeros((4, 5), np.uint8)),
}


@pytest.mark.parametrize("name", FILES)
def test_a_header_tells_how_large_the_arrays_will_be(name: str) -> None:
    told: list[int] = []

    def admit(what: str, outlines: Sequence[Outline]) -> None:
        assert what == "stdin"
        told.append(sum(each.arrays for each in outlines))

    picture = read_picture(io.BytesIO(FILES[name]()), frames="all", admit=admit)
    frames = [frame for each in (picture, *picture.pages) for frame in each.frames]
    expected = sum(frame.nbytes for frame in frames)
    # Whether a palette or a frame is gray, or transparent anywhere, is known when it is decoded.
    exact = not name.startswith(("PNG P", "animated"))
    assert told == [expected] if exact else expected <= told[0] * 4 / 3


@pytest.mark.parametrize("name", FILES)
def test_what_has_no_room_is_refused_before_it_is_decoded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ReadError("no room")

    def decoded(*_: object) -> None:
        pytest.fail("it was decoded")

    data = FILES[name]()
    monkeypatch.setattr(Image.Image, "load", decoded)
    monkeypatch.setattr("tifffile.TiffPage.asarray", decoded)
    monkeypatch.setattr("convcli.image.codecs.png.read.png_decode", decoded)
    with pytest.raises(ReadError, match="no room"):
        read_picture(io.BytesIO(data), frames="all", admit=refuse)


def bmp(width: int, height: int) -> bytes:
    """The head of a picture, and none of its pixels."""
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


def test_a_picture_that_does_not_fit_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 3_100_000_000)
    with pytest.raises(ReadError) as caught:
        read_picture(io.BytesIO(bmp(40_000, 30_000)), max_pixels=10**10)
    # 3 bytes in an array and 4 in Pillow's image
    assert caught.value.message == "stdin needs about 8.4 GB, 3.1 GB free: 40000×30000 pixels of 3 channels"
    assert caught.value.hint == "end other programs, or cut it into parts"
    with pytest.raises(ReadError, match="truncated or damaged"):  # it would fit, and was looked into
        read_picture(io.BytesIO(bmp(20_000, 20_000)), max_pixels=10**10)


def test_what_is_free_for_each_is_compared_where_it_is_given() -> None:
    outlines = [Outline(100, 200, 3, count=7)]
    require_memory("a.gif", LARGE, outlines, free=LARGE)
    with pytest.raises(ReadError) as caught:
        require_memory("a.gif", 2 * LARGE, outlines, free=90_000_000)
    assert caught.value.message == (
        "a.gif needs about 0.5 GB, 90 MB free: 7 frames, the first of 200×100 pixels of 3 channels"
    )
    assert caught.value.hint == "fewer --jobs leave more to each"


def test_nobody_asks_for_small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: pytest.fail("it was asked"))
    require_memory("a.png", LARGE - 1, [Outline(1, 1, 1)])


def test_what_is_free_is_no_more_than_the_system_has() -> None:
    system = psutil.virtual_memory().total + psutil.swap_memory().total
    assert 0 < free_memory() <= system


def test_a_limit_of_the_process_counts() -> None:
    resource = pytest.importorskip("resource")
    if sys.platform != "linux":
        pytest.skip("psutil tells limits of a process on Linux alone")
    limit = 1 << 31

    def set_limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    code = "from convcli.image.memory import free_memory; print(free_memory())"
    # Only started after the limit is set, so that no thread of ours is forked.
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, preexec_fn=set_limit
    )
    assert 0 < int(answer.stdout) < limit


def test_a_limit_of_the_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("100000\n")
    (tmp_path / "memory.current").write_text("30000\n")
    (tmp_path / "memory.stat").write_text("anon 20000\ninactive_file 5000\n")
    assert free_memory() == 75_000
    (tmp_path / "memory.max").write_text("max\n")
    assert free_memory() > 75_000
