"""OpenEXR, written and read by its own library."""

from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.image import read_picture
from convcli.image.color_profile import light_profile
from convcli.image.sampled.chroma import from_luminance
from tests.support.console import command, done, environment, run
from tests.support.encoding import by_convcli
from tests.support.noise import noise
from tests.support.reading import failure

OpenEXR = pytest.importorskip("OpenEXR", reason="OpenEXR comes with the extra [exr]")
LIGHT = (noise(3, 11, 17, 3, dtype=np.float32) ** 4 * 50 - 0.5).astype(np.float32)
HALVES = LIGHT.astype(np.float16)


def exr(folder: Path, channels: dict[str, NDArray[Any]], **said: Any) -> bytes:
    path = folder / "made.exr"
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, **said}
    OpenEXR.File(header, channels).write(str(path))
    return path.read_bytes()


@pytest.mark.parametrize("pixels", [LIGHT, HALVES])
def test_light_of_both_depths_comes_back(tmp_path: Path, pixels: NDArray[Any]) -> None:
    picture = read_picture(io.BytesIO(exr(tmp_path, {"RGB": pixels})))
    assert picture.dtype == np.float32
    assert (picture.linear, picture.metadata.icc) == (True, light_profile())
    np.testing.assert_array_equal(picture.frames[0], pixels)
    (tmp_path / "a.exr").write_bytes(by_convcli(picture, "exr"))
    with OpenEXR.File(str(tmp_path / "a.exr")) as file:
        found = file.channels()["RGB"].pixels
    assert found.dtype == pixels.dtype
    np.testing.assert_array_equal(found, pixels)


def test_gray_is_gray_and_further_channels_are_told(tmp_path: Path) -> None:
    plane = np.ascontiguousarray(LIGHT[:, :, 0])
    gray = read_picture(io.BytesIO(exr(tmp_path, {"Y": plane})))
    np.testing.assert_array_equal(gray.frames[0][:, :, 0], plane)
    assert gray.metadata.icc == light_profile(gray=True)
    assert [note.code for note in gray.notes] == []
    more = read_picture(io.BytesIO(exr(tmp_path, {"RGB": LIGHT, "Z": plane})))
    assert [note.code for note in more.notes] == ["channels-left-out"]
    error = failure(io.BytesIO(exr(tmp_path, {"U": plane, "V": plane})))
    assert "has channels that are no gray or RGB of floats: U, V" in error.message


def test_the_colors_of_one_layer_have_the_profile_of_colors(tmp_path: Path) -> None:
    planes = {f"left.{name}": np.ascontiguousarray(LIGHT[:, :, at]) for at, name in enumerate("RGB")}
    picture = read_picture(io.BytesIO(exr(tmp_path, planes)))
    np.testing.assert_array_equal(picture.frames[0], LIGHT)
    assert (picture.metadata.icc, picture.notes) == (light_profile(), ())


def test_alpha_is_taken_out_of_the_colors_and_put_back(tmp_path: Path) -> None:
    alpha = noise(4, 11, 17, 1, dtype=np.float32)
    alpha[0, :5] = 0
    multiplied = np.concatenate([LIGHT * np.where(alpha == 0, 1, alpha), alpha], axis=2)
    picture = read_picture(io.BytesIO(exr(tmp_path, {"RGBA": multiplied})))
    assert picture.has_alpha
    np.testing.assert_allclose(picture.frames[0], np.concatenate([LIGHT, alpha], axis=2), rtol=1e-5)
    (tmp_path / "a.exr").write_bytes(by_convcli(picture, "exr"))
    with OpenEXR.File(str(tmp_path / "a.exr")) as file:
        np.testing.assert_allclose(file.channels()["RGBA"].pixels, multiplied, rtol=1e-5)


def test_its_light_is_filtered_as_it_is_and_becomes_levels(tmp_path: Path) -> None:
    (tmp_path / "in.exr").write_bytes(exr(tmp_path, {"RGB": np.abs(LIGHT) / 60}))
    done("apply", "identity", tmp_path / "in.exr", "-o", tmp_path / "a.png", "--depth", "16")
    light = np.abs(LIGHT.astype(np.float64)) / 60
    levels = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(read_picture(tmp_path / "a.png").frames[0] / 65_535 - levels).max() < 2e-5
    done("apply", "0 0 0; 0 2 0; 0 0 0", tmp_path / "in.exr", "-o", tmp_path / "b.exr")
    np.testing.assert_allclose(read_picture(tmp_path / "b.exr").frames[0], 2 * light, rtol=1e-6)


def test_primaries_become_a_profile(tmp_path: Path) -> None:
    points = (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329)
    picture = read_picture(io.BytesIO(exr(tmp_path, {"RGB": LIGHT}, chromaticities=points)))
    assert picture.metadata.icc not in (b"", light_profile())


def test_limits_and_damage(tmp_path: Path) -> None:
    data = exr(tmp_path, {"RGB": LIGHT})
    for length in (4, 40, 200, len(data) - 50):
        failure(io.BytesIO(data[:length]))
    at = data.index(b"dataWindow") + len(b"dataWindow\0box2i\0") + 4
    large = data[:at] + np.array([0, 0, 99_999, 99_999], "<i4").tobytes() + data[at + 16 :]
    assert "100000×100000 pixels, over the limit" in failure(io.BytesIO(large)).message


def test_without_its_library_the_way_to_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in.exr").write_bytes(exr(tmp_path, {"RGB": LIGHT}))
    monkeypatch.setitem(__import__("sys").modules, "OpenEXR", None)
    answer = run("apply", "identity", tmp_path / "in.exr", "-o", tmp_path / "a.tif")
    assert answer.code == 1
    assert answer.lines == [
        "error: OpenEXR needs a library that is not installed",
        "help: pip install 'convcli[exr]'",
    ]


def parted(folder: Path, *parts: tuple[str, dict[str, NDArray[Any]]]) -> bytes:
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    made = [OpenEXR.Part(dict(header), channels, name) for name, channels in parts]
    OpenEXR.File(made).write(str(folder / "parts.exr"))
    return (folder / "parts.exr").read_bytes()


def test_of_several_parts_the_first_with_colors_is_read(tmp_path: Path) -> None:
    depth = np.ascontiguousarray(LIGHT[:, :, 0])
    for parts, name in (
        ([("depth", {"Z": depth}), ("left", {"RGB": LIGHT}), ("right", {"RGB": -LIGHT})], "left"),
        ([("a", {"RGB": LIGHT}), ("b", {"Y": depth})], "a"),
    ):
        data = parted(tmp_path, *parts)
        picture = read_picture(io.BytesIO(data))
        np.testing.assert_array_equal(picture.frames[0], LIGHT)
        assert [note.code for note in picture.notes] == ["parts-left-out"]
        assert f"parts {name} is filtered" in picture.notes[0]
        assert picture.metadata.icc == light_profile()
        pixels = len(parts) * LIGHT.shape[0] * LIGHT.shape[1]
        read_picture(io.BytesIO(data), max_pixels=pixels)
        assert "together" in failure(io.BytesIO(data), max_pixels=pixels - 1).message
        for length in range(8, len(data) // 3, 37):
            failure(io.BytesIO(data[:length]))


def test_pixels_that_are_not_those_of_the_display_window_are_told(tmp_path: Path) -> None:
    data = exr(tmp_path, {"RGB": LIGHT})
    assert read_picture(io.BytesIO(data)).notes == ()
    at = data.index(b"displayWindow") + len(b"displayWindow\0box2i\0") + 4
    shown = data[:at] + np.array([-2, -3, 97, 56], "<i4").tobytes() + data[at + 16 :]
    picture = read_picture(io.BytesIO(shown))
    np.testing.assert_array_equal(picture.frames[0], LIGHT)
    (note,) = picture.notes
    assert note.code == "window-left-out"
    assert "at 2,3 in a display window of 100×60" in note


def test_damage_is_told_on_stderr_alone(tmp_path: Path) -> None:
    data = exr(tmp_path, {"RGB": noise(3, 90, 60, 3, dtype=np.float32)})
    (tmp_path / "cut.exr").write_bytes(data[: len(data) * 2 // 3])
    words = command("apply", "identity", tmp_path / "cut.exr", "-o", "-", "--format", "tiff")
    ended = subprocess.run(words, env=environment(), capture_output=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert b"damaged" in ended.stderr
    assert ended.stderr.count(b"\n") == 2  # our own two lines


def test_light_without_end_goes_through_without_a_word(tmp_path: Path) -> None:
    pixels = np.concatenate([LIGHT, LIGHT[:, :, :1]], axis=2)
    pixels[0, 0], pixels[1, 1] = np.inf, np.nan
    pixels[2, 2] = 3e38, 3e38, 3e38, 1e-30
    (tmp_path / "in.exr").write_bytes(exr(tmp_path, {"RGBA": pixels}))
    for name in ("out.exr", "out.hdr", "out.png"):
        more = () if name != "out.png" else ("--depth", "8")
        answer = run("apply", "identity", tmp_path / "in.exr", "-o", tmp_path / name, *more, "-f")
        assert answer.code == 0
        assert "RuntimeWarning" not in answer.stderr


def stored_apart(planes: dict[str, tuple[NDArray[Any], int]], points: tuple[float, ...] = ()) -> bytes:
    """Return an uncompressed file of channels, each with the step of its pixels, which the library does not write."""
    (height, width), _ = max(((plane.shape, step) for plane, step in planes.values()), key=lambda each: each[0])

    def attribute(name: str, kind: str, data: bytes) -> bytes:
        return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(data)) + data

    named = sorted(planes.items())
    listed = b"".join(name.encode() + b"\0" + struct.pack("<IIII", 2, 0, step, step) for name, (_, step) in named)
    box = struct.pack("<4i", 0, 0, width - 1, height - 1)
    header = attribute("channels", "chlist", listed + b"\0") + attribute("compression", "compression", b"\0")
    header += attribute("dataWindow", "box2i", box) + attribute("displayWindow", "box2i", box)
    header += attribute("lineOrder", "lineOrder", b"\0") + attribute("pixelAspectRatio", "float", struct.pack("<f", 1))
    header += attribute("screenWindowCenter", "v2f", bytes(8)) + attribute("screenWindowWidth", "float", b"\0\0\x80?")
    header += attribute("chromaticities", "chromaticities", struct.pack("<8f", *points)) if points else b""
    header = b"\x76\x2f\x31\x01\2\0\0\0" + header + b"\0"
    lines, offsets = b"", []
    for y in range(height):
        data = b"".join(plane[y // step].astype("<f4").tobytes() for _, (plane, step) in named if y % step == 0)
        offsets.append(len(header) + 8 * height + len(lines))
        lines += struct.pack("<iI", y, len(data)) + data
    return header + struct.pack(f"<{height}Q", *offsets) + lines


@pytest.mark.parametrize("points", [(), (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329)])
@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_luminance_and_differences_are_colors(points: tuple[float, ...], step: int, has_alpha: bool) -> None:
    down, across = np.mgrid[0:30, 0:40]
    light = np.stack([1 + down / 10, 2 + across / 20, 3 - down / 40], axis=2)
    luminance = light @ np.array([0.2627, 0.6780, 0.0593] if points else [0.2126, 0.7152, 0.0722])  # BT.2020 and sRGB
    planes = {"Y": (luminance, 1)}
    for name, at in (("RY", 0), ("BY", 2)):
        planes[name] = ((light[:, :, at] - luminance) / luminance)[::step, ::step], step
    if has_alpha:
        planes["A"] = np.ones((30, 40)), 1
    picture = read_picture(io.BytesIO(stored_apart(planes, points)))
    colors = picture.frames[0][:, :, :3]
    inside = slice(None) if step == 1 else slice(8, -8)  # values that are repeated beyond the edges are others
    np.testing.assert_allclose(colors[inside, inside], light[inside, inside], rtol=2e-3)
    assert picture.has_alpha == has_alpha
    assert [note.code for note in picture.notes] == ["converted"]
    assert (picture.metadata.icc == light_profile()) == (not points)


def test_differences_of_another_size_are_damage() -> None:
    luminance = np.ones((9, 9), np.float32)
    for shape in ((3, 3), (9, 4), (10, 9)):
        with pytest.raises(ValueError, match="another size"):
            from_luminance(luminance, np.ones(shape, np.float32), luminance, ())
