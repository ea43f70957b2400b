"""Files that are damaged, and what becomes of them: read with a warning, or refused."""

from __future__ import annotations

import io
import json
import re
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tifffile
from PIL import Image
from typer.testing import CliRunner

from convcli.cli.application.app import app
from tests.image.codecs.tiff.test_rare import point_last_page_at
from tests.support.encoding import by_pillow
from tests.support.noise import noise
from tests.support.png import chunk
from tests.support.videos import video

_IMAGE = Image.fromarray(noise(1, 96, 128, 3) // 8 + np.arange(96, dtype=np.uint8)[:, np.newaxis, np.newaxis] * 2)
_MOST, _LITTLE = 0.8, 0.2


class Damage(NamedTuple):
    """A damaged file, in the words of the page, and the end of its name."""

    words: str
    suffix: str
    file: bytes


def damages() -> Iterator[Damage]:
    """Yield damaged files, those of a format together."""
    yield from _of_jpeg()
    yield from _of_png()
    yield from _of_gif()
    yield from _of_tiff()
    yield from _of_others()


def _cut(file: bytes, share: float) -> bytes:
    return file[: int(len(file) * share)]


def _of_jpeg() -> Iterator[Damage]:
    whole, progressive = by_pillow(_IMAGE, "JPEG"), by_pillow(_IMAGE, "JPEG", progressive=True)
    yield Damage("JPEG without its end mark", ".jpg", whole[:-2])
    yield Damage("JPEG, four fifths of which are there", ".jpg", _cut(whole, _MOST))
    yield Damage("progressive JPEG, four fifths of which are there", ".jpg", _cut(progressive, _MOST))
    yield Damage("JPEG, a fifth of which is there", ".jpg", _cut(whole, _LITTLE))
    yield Damage("JPEG with bytes between its headers", ".jpg", whole[:2] + bytes(9) + whole[2:])
    yield Damage("JPEG with a broken JFIF header", ".jpg", b"\xff\xd8\xff\xe0\0\7JFIF\0" + whole[20:])
    middle = len(whole) // 2
    yield Damage("JPEG with a marker in its pixels", ".jpg", whole[:middle] + b"\xff\xc0\0\4" + whole[middle + 4 :])


def _of_png() -> Iterator[Damage]:
    whole, interlaced = by_pillow(_IMAGE, "PNG"), _interlaced()
    at = whole.index(b"IDAT")
    yield Damage("PNG without its end mark", ".png", whole[:-12])
    yield Damage("PNG, four fifths of which are there", ".png", _cut(whole, _MOST))
    yield Damage("PNG, a fifth of which is there", ".png", _cut(whole, _LITTLE))
    yield Damage("interlaced PNG, four fifths of which are there", ".png", _cut(interlaced, _MOST))
    described = by_pillow(_IMAGE, "PNG", dpi=(72, 72))
    place = described.index(b"pHYs") + 5
    yield Damage("PNG with a wrong checksum beside its pixels", ".png", _changed(described, place))
    yield Damage("PNG with a wrong checksum of its pixels alone", ".png", _changed(whole, len(whole) - 13))
    yield Damage("PNG with a wrong checksum inside of its pixels alone", ".png", _with_wrong_sum(whole))
    yield Damage("PNG with wrong bytes in its pixels", ".png", _changed(whole, at + 400))
    frames = [Image.fromarray(noise(each, 96, 128, 3)) for each in range(3)]
    moving = by_pillow(frames[0], "PNG", save_all=True, append_images=frames[1:])
    yield Damage("animated PNG, four fifths of which are there", ".png", _cut(moving, _MOST))


def _changed(file: bytes, at: int) -> bytes:
    return file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]


def _with_wrong_sum(png: bytes) -> bytes:
    """Return a PNG of one chunk of pixels whose own checksum is wrong, and that of the chunk right."""
    (length,) = struct.unpack_from(">I", png, place := png.index(b"IDAT") - 4)
    packed = bytearray(png[place + 8 : place + 8 + length])
    packed[-1] ^= 1
    return png[:place] + chunk(b"IDAT", bytes(packed)) + png[place + 12 + length :]


def _interlaced() -> bytes:
    from tests.support.deep import png

    return png(noise(1, 96, 128, 3, dtype=np.uint16), interlaced=True)


def _of_gif() -> Iterator[Damage]:
    colors = _IMAGE.quantize(64)
    whole = by_pillow(colors, "GIF", interlace=0)
    yield Damage("GIF, four fifths of which are there", ".gif", _cut(whole, _MOST))
    yield Damage("GIF, a fifth of which is there", ".gif", _cut(whole, _LITTLE))
    yield Damage("interlaced GIF, four fifths of which are there", ".gif", _cut(by_pillow(colors, "GIF"), _MOST))
    frames = [Image.fromarray(noise(each, 40, 50, 3)) for each in range(3)]
    moving = by_pillow(frames[0], "GIF", save_all=True, append_images=frames[1:])
    yield Damage("animated GIF, four fifths of which are there", ".gif", _cut(moving, _MOST))
    at = moving.rindex(b",\0\0\0\0") + 900
    wrong = bytes(each ^ 255 for each in moving[at : at + 10])
    yield Damage("animated GIF with wrong bytes in its last frame", ".gif", moving[:at] + wrong + moving[at + 10 :])


def _of_tiff() -> Iterator[Damage]:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        for number in range(2):
            writer.write(noise(number, 20, 24, 3), photometric="rgb", metadata=None)
    whole = stream.getvalue()
    yield Damage("TIFF with a page that is none behind the others", ".tif", _with_no_page(whole))
    yield Damage("TIFF, four fifths of which are there", ".tif", _cut(whole, _MOST))


def _with_no_page(whole: bytes) -> bytes:
    data = bytearray(whole)
    point_last_page_at(data, len(data))
    return bytes(data) + b"\1\0\x31\1\2\0\2\0\0\0A\0\0\0" + bytes(4)


def _of_others() -> Iterator[Damage]:
    jp2 = by_pillow(_IMAGE, "JPEG2000")
    at = jp2.index(b"jp2c") - 4
    yield Damage("JPEG 2000 with a wrong length of its last box", ".jp2", jp2[:at] + b"\0\xff" + jp2[at + 2 :])
    options: dict[str, dict[str, Any]] = {"WebP": {"lossless": True}, "BMP": {}, "TGA": {}, "PCX": {}}
    for name, given in options.items():
        yield Damage(
            f"{name}, four fifths of which are there", f".{name.lower()}", _cut(by_pillow(_IMAGE, name, **given), _MOST)
        )
    yield Damage("MKV, nine tenths of which are there", ".mkv", _cut(video(40, container="matroska"), 0.9))


def rows() -> Iterator[tuple[str, str]]:
    """Yield the words for each file, and what becomes of it: the warning, or the refusal; `--strict` refuses all."""
    for damage in damages():
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / f"a{damage.suffix}"
            source.write_bytes(damage.file)
            line = _outcome(source, "b.tif")
            assert _outcome(source, "c.tif", "--strict")["status"] == "failed", damage.words
            if line["status"] == "done":
                said = [note["text"] for note in line["notes"] if note["code"] == "damaged"]
                assert said, damage.words
                yield damage.words, _without_numbers(f"read: {'; '.join(said)}")
            else:
                error = str(line["error"]).splitlines()[0]
                found = error.removeprefix("error: ").replace(str(source), "it")
                yield damage.words, _without_numbers(f"refused: {found}")


def _without_numbers(text: str) -> str:
    """Return what does not depend on how small an encoder makes a file."""
    return re.sub(r"[0-9.]+ (%|seconds)", r"N \1", text)


def _outcome(source: Path, name: str, *options: str) -> dict[str, Any]:
    words = ["-q", "apply", "identity", str(source), "-o", str(source.parent / name), "--json", *options]
    line: dict[str, Any] = json.loads(CliRunner().invoke(app, words).stdout)
    return line
