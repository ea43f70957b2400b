"""The ends of video files: whole ones have one, cut ones are found out, whatever their container."""

from __future__ import annotations

import io

import pytest

from convcli.image.codecs.video.ends import is_cut_off
from convcli.image.codecs.video.library import SecondLook, container_of
from tests.support.videos import video

pytest.importorskip("av", reason="PyAV comes with the extra [video]")

# Containers with a codec each, and how many of forty cuts may be at the very end of a part.
KINDS = [
    ("mp4", "libx264", 0),
    ("matroska", "libx264", 0),
    ("webm", "libvpx-vp9", 0),
    ("avi", "mpeg4", 0),
    ("flv", "flv", 2),
    ("ogg", "libvpx", 2),
    ("asf", "wmv2", 1),
    ("mpeg", "mpeg2video", 3),
    ("mpegts", "libx264", 1),
]
HEARD = ("mp4", "matroska", "avi", "mpeg", "mpegts")


@pytest.mark.parametrize(("container", "codec", "unknown"), KINDS)
def test_cuts_are_found_out(container: str, codec: str, unknown: int) -> None:
    data = video(30, container=container, codec=codec, sound="mp2" if container in HEARD else "")
    stream = io.BytesIO(data)
    name = container_of(stream)
    assert not is_cut_off(stream, name)
    assert stream.tell() == 0
    last = range(len(data) // 2, len(data) - 12, len(data) // 80 + 1)
    missed = [length for length in last if not is_cut_off(io.BytesIO(data[:length]), name)]
    assert len(missed) <= unknown


def test_a_matroska_of_unknown_size_is_gone_along() -> None:
    data = video(30, container="matroska")
    at = data.index(b"\x18\x53\x80\x67") + 4
    unknown = data[:at] + b"\x01" + b"\xff" * 7 + data[at + 8 :]
    assert not is_cut_off(io.BytesIO(unknown), "matroska")
    assert is_cut_off(io.BytesIO(unknown[:-9]), "matroska")


@pytest.mark.parametrize("kind", ["mov", "matroska", "avi", "flv", "ogg", "asf", "mpeg", "mpegts", "mpegvideo"])
@pytest.mark.parametrize(
    "data", [b"", bytes(3), bytes(400), b"\xff" * 400, b"RIFF\x01\0\0\0" * 50, b"OggS" + bytes(30)]
)
def test_what_is_no_video_ends_somewhere(kind: str, data: bytes) -> None:
    assert is_cut_off(io.BytesIO(data), kind) in (True, False)


def test_a_second_look_leaves_the_first_where_it_is() -> None:
    stream = io.BytesIO(b"0123456789")
    stream.seek(4)
    look = SecondLook(stream)
    assert (look.read(3), look.seek(-2, io.SEEK_END), look.read(9), look.tell()) == (b"012", 8, b"89", 10)
    assert (look.seek(1), look.seek(2, io.SEEK_CUR), look.read(1)) == (1, 3, b"3")
    assert stream.tell() == 4
