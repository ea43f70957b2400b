"""Videos through `apply`: frames filtered, all else as it was."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convcli.errors import ConvcliError
from convcli.image import read_picture
from convcli.image.codecs.video.screens import Screen
from convcli.image.codecs.video.writing import VideoWriter
from convcli.jobs.one.filtering import filter_page
from tests.support.console import done, refused, run
from tests.support.videos import FIELD, video

av = pytest.importorskip("av", reason="PyAV comes with the extra [video]")


def save(folder: Path, name: str = "in.mp4", **settings: Any) -> Path:
    path = folder / name
    path.write_bytes(video(**settings))
    return path


def streams(path: Path) -> dict[str, Any]:
    with av.open(str(path)) as file:
        return {each.type: each.codec_context.codec.canonical_name for each in file.streams}


def packets(path: Path, kind: str) -> list[tuple[int, bytes]]:
    with av.open(str(path)) as file:
        (stream,) = [each for each in file.streams if each.type == kind]
        return [(each.pts, bytes(each)) for each in file.demux(stream) if each.size]


def frames(path: Path) -> list[tuple[float, np.ndarray]]:
    with av.open(str(path)) as file:
        return [(float(each.time), each.to_ndarray(format="rgb24")) for each in file.decode(video=0)]


def test_frames_are_filtered_and_sound_is_copied(tmp_path: Path) -> None:
    given = save(tmp_path, frames=12, sound="aac")
    answer = done("apply", "invert", given, "-o", tmp_path / "out.mp4", "--json")
    record = json.loads(answer.stdout)
    assert (record["status"], record["frames"]) == ("done", 12)
    assert packets(tmp_path / "out.mp4", "audio") == packets(given, "audio")
    before, after = frames(given), frames(tmp_path / "out.mp4")
    assert [time for time, _ in after] == [time for time, _ in before]
    for (_, one), (_, other) in zip(before, after, strict=True):
        assert np.abs(one.astype(int) + other - 255)[4:-12, 36:60].max() < 6
    with av.open(str(tmp_path / "out.mp4")) as file:
        assert file.metadata["title"] == "A title"
    done("apply", "invert", given, "-o", tmp_path / "bare.mp4", "--metadata", "strip")
    with av.open(str(tmp_path / "bare.mp4")) as file:
        assert "title" not in file.metadata


def test_times_that_are_not_even_stay(tmp_path: Path) -> None:
    given = save(tmp_path, frames=5, times=(0, 1, 5, 6, 20))
    done("apply", "identity", given, "-o", tmp_path / "out.mkv")
    found = [time for time, _ in frames(tmp_path / "out.mkv")]
    np.testing.assert_allclose(found, [0, 0.04, 0.2, 0.24, 0.8], atol=0.001)


@pytest.mark.parametrize("colors", [(1, 1, 1, 1), (5, 2, 6, 6), (9, 1, 9, 16)])
def test_names_of_colors_stay(colors: tuple[int, int, int, int], tmp_path: Path) -> None:
    given = save(tmp_path, frames=2, colors=colors)
    done("apply", "identity", given, "-o", tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as file:
        frame = next(file.decode(video=0))
    assert (frame.color_primaries, frame.color_trc, frame.color_range) == (colors[2], colors[3], colors[1])
    assert frame.colorspace == colors[0]
    apart = frames(given)[0][1].astype(int) - frames(tmp_path / "out.mp4")[0][1]
    assert np.abs(apart[30:40, 36:60]).max() < 5


@pytest.mark.parametrize(
    ("settings", "options", "kind", "name"),
    [
        ({"codec": "libx265", "pixels": "yuv420p10le"}, (), "yuv420p10le", "hevc"),
        ({"codec": "libx265", "pixels": "yuv420p10le"}, ("--depth", "8"), "yuv420p", "hevc"),
        ({}, ("--depth", "16"), "yuv420p10le", "hevc"),
        ({"pixels": "yuv444p"}, (), "yuv444p", "h264"),
        ({"pixels": "yuv422p"}, (), "yuv422p", "h264"),
    ],
)
def test_depth_and_sampling(settings: Any, options: tuple[str, ...], kind: str, name: str, tmp_path: Path) -> None:
    given = save(tmp_path, frames=4, **settings)
    done("apply", "identity", given, "-o", tmp_path / "out.mp4", *options)
    with av.open(str(tmp_path / "out.mp4")) as file:
        assert file.streams.video[0].pix_fmt == kind
    assert streams(tmp_path / "out.mp4") == {"video": name}
    pixels = read_picture(tmp_path / "out.mp4").frames[0].astype(int)
    assert np.abs(pixels[30, 50] - FIELD).max() < 5


@pytest.mark.parametrize("number", [1, 2, 3])
def test_few_frames_of_an_encoder_that_reorders(number: int, tmp_path: Path) -> None:
    given = save(tmp_path, frames=number)
    done("apply", "identity", given, "-o", tmp_path / "out.mp4", "--depth", "16")
    assert [round(time * 25) for time, _ in frames(tmp_path / "out.mp4")] == list(range(number))


def test_a_turned_video_is_upright(tmp_path: Path) -> None:
    given = save(tmp_path, frames=2, turned=90)
    done("apply", "identity", given, "-o", tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as file:
        frame = next(file.decode(video=0))
    assert (frame.height, frame.width, frame.rotation) == (64, 48, 0)


def test_odd_sizes_are_cut_and_said(tmp_path: Path) -> None:
    given = save(tmp_path, frames=2)
    answer = done("apply", "crop:x=0,y=0,width=31,height=23", given, "-o", tmp_path / "out.mp4")
    assert "31×23 pixels are cut off" in answer.stderr
    assert "30×22" in answer.stderr
    assert frames(tmp_path / "out.mp4")[0][1].shape == (22, 30, 3)
    done("apply", "crop:x=0,y=0,width=31,height=23", given, "-o", tmp_path / "out.webm")
    assert frames(tmp_path / "out.webm")[0][1].shape == (23, 31, 3)


def test_quality_makes_files_smaller(tmp_path: Path) -> None:
    given = save(tmp_path, frames=4)
    for quality in (20, 90):
        done("apply", "identity", given, "-o", tmp_path / f"{quality}.mp4", "--quality", str(quality))
    assert (tmp_path / "20.mp4").stat().st_size < (tmp_path / "90.mp4").stat().st_size


def test_what_the_output_cannot_hold_is_said(tmp_path: Path) -> None:
    given = save(tmp_path, frames=3, sound="aac")
    answer = done("apply", "identity", given, "-o", tmp_path / "out.webm")
    assert "cannot hold it: sound (aac)" in answer.stderr
    assert streams(tmp_path / "out.webm") == {"video": "vp9"}


def test_a_damaged_video(tmp_path: Path) -> None:
    data = video(30, container="matroska")
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) * 2 // 3])
    answer = done("apply", "identity", tmp_path / "cut.mkv", "-o", tmp_path / "out.mkv")
    assert "cut off" in answer.stderr
    assert 0 < len(frames(tmp_path / "out.mkv")) < 30
    what, _ = refused(1, "apply", "identity", tmp_path / "cut.mkv", "-o", tmp_path / "strict.mkv", "--strict")
    assert "is damaged" in what
    assert not (tmp_path / "strict.mkv").exists()


def test_a_video_whose_end_alone_is_missing(tmp_path: Path) -> None:
    data = video(30, container="matroska", sound="aac")
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) - 200])
    answer = done("apply", "identity", tmp_path / "cut.mkv", "-o", tmp_path / "out.mkv")
    assert "the end of its file is missing" in answer.stderr
    what, _ = refused(1, "apply", "identity", tmp_path / "cut.mkv", "-o", tmp_path / "strict.mkv", "--strict")
    assert "is damaged" in what


def test_the_index_of_an_mp4_is_at_its_beginning(tmp_path: Path) -> None:
    given = save(tmp_path, frames=4, sound="aac")
    for name in ("out.mp4", "out.mov"):
        done("apply", "identity", given, "-o", tmp_path / name)
        data = (tmp_path / name).read_bytes()
        assert 0 < data.index(b"moov") < data.index(b"mdat")
        assert len(frames(tmp_path / name)) == 4


def test_animations_become_videos_and_back(tmp_path: Path) -> None:
    first, second = (Image.new("RGB", (64, 48), color) for color in ((200, 50, 20), (10, 200, 90)))
    first.save(tmp_path / "in.gif", save_all=True, append_images=[second], duration=[100, 300])
    done("apply", "identity", tmp_path / "in.gif", "-o", tmp_path / "out.mp4")
    found = read_picture(tmp_path / "out.mp4", frames="all")
    assert found.animation is not None
    assert found.animation.durations == pytest.approx((100, 300), abs=2)
    assert np.abs(found.frames[1][20, 20].astype(int) - (10, 200, 90)).max() < 5
    done("apply", "identity", tmp_path / "out.mp4", "-o", tmp_path / "again.gif")
    with Image.open(tmp_path / "again.gif") as image:
        assert getattr(image, "n_frames", 1) == 2


def test_animations_of_odd_sizes_lose_a_row_or_a_column_and_say_so(tmp_path: Path) -> None:
    for size, said in (((31, 24), "the last column of 31×24 pixels is"), ((32, 23), "the last row of 32×23 pixels is")):
        first, second = (Image.new("RGB", size, color) for color in ((200, 50, 20), (10, 200, 90)))
        first.save(tmp_path / "in.webp", save_all=True, append_images=[second], duration=100)
        told = done("apply", "identity", tmp_path / "in.webp", "-o", tmp_path / "out.mp4", "-f").stderr
        assert said in told
        assert f"({size[0] // 2 * 2}×{size[1] // 2 * 2}, 2 frames" in told  # as the file is
        assert "cut off" not in done("apply", "identity", tmp_path / "in.webp", "-o", tmp_path / "a.webm", "-f").stderr


def test_an_animation_comes_through_a_pipe(tmp_path: Path) -> None:
    first, second = (Image.new("RGB", (32, 24), color) for color in ((200, 50, 20), (10, 200, 90)))
    first.save(tmp_path / "in.gif", save_all=True, append_images=[second], duration=100)
    done("apply", "identity", "-", "-o", tmp_path / "out.mp4", stdin=(tmp_path / "in.gif").read_bytes())
    assert len(frames(tmp_path / "out.mp4")) == 2
    os.mkfifo(tmp_path / "pipe")
    with ThreadPoolExecutor(1) as pool:
        pool.submit((tmp_path / "pipe").write_bytes, (tmp_path / "in.gif").read_bytes())
        done("apply", "identity", tmp_path / "pipe", "-o", tmp_path / "other.mp4")
    assert len(frames(tmp_path / "other.mp4")) == 2


def test_frames_and_refusals(tmp_path: Path) -> None:
    given = save(tmp_path, frames=4)
    done("apply", "identity", given, "-o", tmp_path / "third.png", "--frame", "3")
    assert np.abs(read_picture(tmp_path / "third.png").frames[0][-4, 4].astype(int) - 60).max() < 6
    assert "one picture" in refused(1, "apply", "identity", tmp_path / "third.png", "-o", tmp_path / "a.mp4")[0]
    assert "--sheet" in refused(1, "apply", "identity", given, "-o", tmp_path / "a.mp4", "--sheet")[0]
    assert "stdout" in refused(1, "apply", "identity", given, "-o", "-", "--format", "mp4")[0]
    assert "read and not written" in refused(1, "apply", "identity", given, "-o", tmp_path / "a.avi")[0]
    assert "over the limit" in refused(1, "apply", "identity", given, "-o", tmp_path / "a.mp4", "--max-pixels", "99")[0]
    assert not (tmp_path / "a.mp4").exists()


def test_videos_in_folders_are_others(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    save(tmp_path / "in")
    Image.new("L", (9, 9)).save(tmp_path / "in" / "a.png")
    answer = done("apply", "identity", tmp_path / "in", "-o", f"{tmp_path}/out/")
    assert "1 of no format" in answer.stderr
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["a.png"]


def test_stdin_and_in_place(tmp_path: Path) -> None:
    given = save(tmp_path, frames=3)
    before = given.read_bytes()
    done("apply", "identity", "-", "-o", tmp_path / "out.mp4", stdin=before)
    assert len(frames(tmp_path / "out.mp4")) == 3
    done("apply", "invert", given, "--in-place")
    assert (tmp_path / "in.mp4~").read_bytes() == before
    assert np.abs(frames(given)[0][1][30, 50].astype(int) + FIELD - 255).max() < 6


def test_without_its_library_the_way_to_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = save(tmp_path, frames=1)
    monkeypatch.setitem(sys.modules, "av", None)
    answer = run("apply", "identity", given, "-o", tmp_path / "a.mp4")
    assert answer.code == 1
    assert answer.lines == [
        "error: video needs a library that is not installed",
        "help: pip install 'convcli[video]'",
    ]


def test_an_error_of_a_frame_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = save(tmp_path, frames=3)
    filtered, numbers = filter_page, count()

    def failing(*words: Any) -> Any:
        if next(numbers) == 2:
            raise ConvcliError("the filter has failed", "do not use it")
        return filtered(*words)

    monkeypatch.setattr("convcli.jobs.one.videos.running.filter_page", failing)
    left = []

    def leaving(writer: VideoWriter, *error: Any) -> None:
        left.append((writer, error))

    monkeypatch.setattr(VideoWriter, "__exit__", leaving)
    assert run("apply", "identity", given, "-o", tmp_path / "out.mp4").code == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.mp4"]
    monkeypatch.undo()
    ((writer, error),) = left
    writer.__exit__(*error)  # its file is gone, which is no error any more


SCREEN = ":master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"


def test_the_screen_that_a_video_was_made_on_is_kept_or_said(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"codec": "libx265", "pixels": "yuv420p10le", "colors": (9, 1, 9, 16)}
    given = save(tmp_path, frames=3, params=SCREEN, **settings)

    def said(path: Path) -> dict[str, bytes]:
        with av.open(str(path)) as file:
            data = next(file.decode(video=0)).side_data
            return {each.type.name: bytes(each) for each in data if "SEI" not in each.type.name}

    done("apply", "identity", given, "-o", tmp_path / "out.mp4")
    assert set(said(given)) >= {"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"}
    assert said(tmp_path / "out.mp4") == said(given)
    answer = done("apply", "identity", given, "-o", tmp_path / "out.webm")
    assert "the screen that it was made on is left out" in answer.stderr
    assert "levels of 10 bits become 8" in answer.stderr
    assert len(frames(tmp_path / "out.webm")) == 3


def test_light_scene_by_scene_is_said_to_be_left_out() -> None:
    assert Screen().losses(is_kept=False) == ()
    (note,) = Screen(is_dynamic=True).losses(is_kept=True)
    assert "HDR10+" in note


def test_a_missing_file_is_one_for_a_video_too(tmp_path: Path) -> None:
    for name in ("no.mp4", "no.gif"):
        assert "does not exist" in refused(1, "apply", "identity", tmp_path / name, "-o", tmp_path / "out.mp4")[0]


def test_alpha_is_left_out_and_said(tmp_path: Path) -> None:
    given = save(tmp_path, "in.mkv", frames=2, container="matroska", codec="ffv1", pixels="yuva420p")
    assert "its alpha channel is left out" in done("apply", "identity", given, "-o", tmp_path / "out.mkv").stderr
    assert np.abs(frames(tmp_path / "out.mkv")[0][1][30, 50].astype(int) - FIELD).max() < 6
