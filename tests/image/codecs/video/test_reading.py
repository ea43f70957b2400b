"""Videos as pictures: a frame, or all of them; turned upright; within limits."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from convcli.errors import ReadError
from convcli.image import count_frames, read_picture
from tests.support.reading import attempt, failure, read_all
from tests.support.videos import SQUARE, video

pytest.importorskip("av", reason="PyAV comes with the extra [video]")


def test_one_frame_and_all_of_them() -> None:
    data = video(6)
    first = read_picture(io.BytesIO(data))
    assert [note.code for note in first.notes] == ["frames-left-out"]
    assert first.count == 1
    fourth = read_picture(io.BytesIO(data), frames=4)
    assert np.abs(fourth.frames[0][-4, 4].astype(int) - 80).max() < 6
    every = read_all(data)
    assert every.count == 6
    assert every.animation is not None
    assert every.animation.durations == (40,) * 6
    assert (every.lossy, every.notes) == ("compression", ())
    assert "no frame 6" in failure(data, frames=6).message


@pytest.mark.parametrize(
    ("container", "codec", "packet"),
    [
        ("mpegts", "mpeg2video", 0),
        ("mpegts", "libx264", 0),
        ("mpegts", "libx264", 192),
        ("mpeg1video", "mpeg1video", 0),
        ("mpeg2video", "mpeg2video", 0),
    ],
)
def test_streams_of_mpeg_without_a_signature(container: str, codec: str, packet: int) -> None:
    data = video(6, container=container, codec=codec, colors=(6, 1, 6, 6))
    if packet:
        data = b"".join(bytes(packet - 188) + data[at : at + 188] for at in range(0, len(data), 188))
    every = read_all(data)
    assert (every.count, every.notes) == (6, ())
    assert max(np.abs(each[4, 4].astype(int) - SQUARE).max() for each in every.frames) < 8
    corners = [int(each[-4, 4, 1]) for each in every.frames]
    assert all(abs(corner - number * 20) < 12 for number, corner in enumerate(corners)), corners


def test_bytes_of_sync_alone_are_no_video() -> None:
    assert "damaged" in failure((b"G" + bytes(187)) * 3).message
    assert "not a picture" in failure((b"G" + bytes(186)) * 3).message


def test_frames_of_different_length() -> None:
    animation = read_all(video(4, times=(0, 1, 5, 6))).animation
    assert animation is not None
    assert animation.durations[:3] == (40, 160, 40)


@pytest.mark.parametrize(("turned", "square"), [(90, (-5, 4)), (-90, (4, -5)), (180, (-5, -5))])
def test_videos_are_turned_upright_as_opencv_turns_them(
    turned: int, square: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is the oracle")
    path = tmp_path_factory.mktemp("turned") / "a.mp4"
    path.write_bytes(video(1, turned=turned))
    pixels = read_picture(path).frames[0].astype(int)
    assert np.abs(pixels[square] - SQUARE).max() < 4
    found, seen = cv2.VideoCapture(str(path)).read()
    assert found
    assert pixels.shape == seen.shape
    assert np.abs(pixels[square] - seen[square][::-1]).max() < 5


def test_limits_are_for_a_frame_and_for_frames_that_are_held_together() -> None:
    data = video(6)
    assert "64×48 pixels, over the limit" in failure(data, max_pixels=3000).message
    assert read_picture(io.BytesIO(data), max_pixels=3100).count == 1
    assert "frames of" in failure(data, max_pixels=10_000, frames="all").message


def test_what_has_no_frames_is_refused() -> None:
    import av

    stream = io.BytesIO()
    file = av.open(stream, "w", format="mp4")
    heard: Any = file.add_stream("aac", rate=48_000, layout="mono")
    tone = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
    tone.sample_rate = 48_000
    file.mux([*heard.encode(tone), *heard.encode(None)])
    file.close()
    assert "no video" in failure(stream.getvalue()).message
    assert "damaged" in failure(b"\0\0\0\x18ftypisom" + bytes(100)).message


def test_a_video_that_is_cut_off_has_the_frames_that_are_there() -> None:
    data = video(30, container="matroska")
    part = attempt(data[: len(data) * 2 // 3], frames="all")
    assert not isinstance(part, ReadError)
    assert 0 < part.count < 30
    assert "cut off" in part.damage[0]
    assert "damaged" in failure(data[: len(data) * 2 // 3], frames="all", strict=True).message


def test_frames_are_counted_from_headers(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("counted") / "a.mp4"
    path.write_bytes(video(7))
    assert count_frames(path, 1 << 20) == 7


def test_random_bytes_within_a_video_raise_nothing_else() -> None:
    data = np.frombuffer(video(4), np.uint8)
    source = np.random.default_rng(5)
    for _ in range(25):
        broken = data.copy()
        broken[source.integers(12, len(data), 20)] = source.integers(0, 256, 20)
        error = attempt(broken.tobytes(), frames="all")
        assert "Input/output" not in getattr(error, "message", "")
