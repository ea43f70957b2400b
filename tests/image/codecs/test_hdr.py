"""Radiance HDR: light, against OpenCV, which reads and writes it by other code."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from convcli.image import Picture, read_picture
from convcli.image.color_profile import light_profile
from tests.support.console import done, run
from tests.support.encoding import by_convcli
from tests.support.noise import noise
from tests.support.reading import failure

LIGHT = (noise(3, 11, 17, 3, dtype=np.float32) ** 4 * 50).astype(np.float32)


def plain(size: bytes, values: np.ndarray, said: bytes = b"FORMAT=32-bit_rle_rgbe\n") -> bytes:
    """Return a file without runs of values (pixels, 4): red, green, blue and the exponent."""
    return b"#?RADIANCE\n" + said + b"\n" + size + b"\n" + values.astype(np.uint8).tobytes()


def light_of(values: np.ndarray) -> np.ndarray:
    """Return the light of bytes, by the definition: a share of 256 times two to the power of the exponent less 128."""
    exponent = values[..., 3:].astype(np.int64)
    return np.where(exponent > 0, values[..., :3] * 2.0 ** (exponent - 136), 0)


def test_light_is_kept_to_the_bits_that_it_has() -> None:
    data = by_convcli(Picture((LIGHT,), linear=True), "hdr")
    picture = read_picture(io.BytesIO(data))
    assert (picture.linear, picture.metadata.icc) == (True, light_profile())
    largest = LIGHT.max(axis=2, keepdims=True)
    assert (np.abs(picture.frames[0] - LIGHT) <= largest / 128).all()
    assert by_convcli(picture, "hdr") == data


def test_it_is_that_of_opencv() -> None:
    cv2 = pytest.importorskip("cv2")
    data = by_convcli(Picture((LIGHT,), linear=True), "hdr")
    np.testing.assert_array_equal(
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)[:, :, ::-1],
        read_picture(io.BytesIO(data)).frames[0],
    )
    _, theirs = cv2.imencode(".hdr", LIGHT[:, :, ::-1])
    found = read_picture(io.BytesIO(theirs.tobytes())).frames[0]
    np.testing.assert_array_equal(found, cv2.imdecode(theirs, cv2.IMREAD_UNCHANGED)[:, :, ::-1])


@pytest.mark.parametrize("signs", ["-+", "--", "++", "+-"])
@pytest.mark.parametrize("by_columns", [False, True])
def test_every_order_of_rows_and_pixels_is_read(signs: str, by_columns: bool) -> None:
    values = np.random.default_rng(1).integers(100, 150, (3, 4, 4))
    down, across = (f"{signs[0]}Y 3", f"{signs[1]}X 4")
    size = f"{across} {down}" if by_columns else f"{down} {across}"
    stored = values[:: 1 if signs[0] == "-" else -1, :: 1 if signs[1] == "+" else -1]
    stored = stored.transpose(1, 0, 2) if by_columns else stored
    found = read_picture(io.BytesIO(plain(size.encode(), stored))).frames[0]
    np.testing.assert_allclose(found, light_of(values), rtol=1e-6)


def test_primaries_become_a_profile_and_other_colors_are_refused() -> None:
    values = np.full((6, 4), 130)
    primaries = b"PRIMARIES=0.708 0.292 0.17 0.797 0.131 0.046 0.3127 0.329\n"
    found = read_picture(io.BytesIO(plain(b"-Y 2 +X 3", values, primaries))).metadata.icc
    assert found == light_profile((0.3127, 0.329, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046)) != light_profile()
    error = failure(io.BytesIO(plain(b"-Y 2 +X 3", values, b"FORMAT=32-bit_rle_xyze\n")))
    assert "a kind of Radiance HDR that is not read: XYZ" in error.message


def test_a_size_may_be_filled_up_with_blanks() -> None:
    values = np.full((6, 4), 130)
    found = read_picture(io.BytesIO(plain(b"-Y        2 +X        3", values))).frames[0]
    np.testing.assert_allclose(found, light_of(values).reshape(2, 3, 3), rtol=1e-6)


@pytest.mark.parametrize("size", [b"-Y 2 +Y 3", b"-Y 2", b"-Y 2 +X 400", b""])
def test_damage_is_one_line(size: bytes) -> None:
    failure(io.BytesIO(plain(size, np.full((6, 4), 130))))


def test_the_limit_is_that_of_the_header() -> None:
    error = failure(io.BytesIO(plain(b"-Y 90000 +X 90000", np.zeros((1, 4)))))
    assert "90000×90000 pixels, over the limit" in error.message


# ---- light and levels ----


def levels(light: np.ndarray) -> np.ndarray:
    """Return the levels of sRGB, by its definition."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def test_light_becomes_levels_that_look_the_same(tmp_path: Path) -> None:
    light = LIGHT / LIGHT.max()
    (tmp_path / "in.hdr").write_bytes(by_convcli(Picture((light,), linear=True), "hdr"))
    stored = read_picture(tmp_path / "in.hdr").frames[0]
    done("apply", "identity", tmp_path / "in.hdr", "-o", tmp_path / "out.png", "--depth", "16")
    picture = read_picture(tmp_path / "out.png")
    assert picture.metadata.icc == b""
    assert np.abs(picture.frames[0] / 65_535 - levels(stored)).max() < 2e-5


def test_levels_become_light_and_come_back(tmp_path: Path) -> None:
    pixels = noise(4, 9, 8, 3) // 2 + 100  # of one exponent, nearly
    (tmp_path / "in.png").write_bytes(by_convcli(Picture((pixels,)), "png"))
    done("apply", "identity", tmp_path / "in.png", "-o", tmp_path / "a.hdr")
    stored = read_picture(tmp_path / "a.hdr").frames[0]
    light = np.where(pixels <= 10, pixels / 255 / 12.92, ((pixels / 255 + 0.055) / 1.055) ** 2.4)
    assert (np.abs(stored - light) <= light.max(axis=2, keepdims=True) / 128).all()
    done("apply", "identity", tmp_path / "a.hdr", "-o", tmp_path / "out.png", "--depth", "8")
    assert np.abs(read_picture(tmp_path / "out.png").frames[0].astype(int) - pixels).max() <= 4


def test_light_is_filtered_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "in.hdr").write_bytes(by_convcli(Picture((LIGHT,), linear=True), "hdr"))
    stored = read_picture(tmp_path / "in.hdr").frames[0].astype(np.float64)
    wide = np.pad(stored, ((0, 0), (1, 1), (0, 0)), "reflect")
    wanted: np.ndarray = (wide[:, :-2] + wide[:, 1:-1] + wide[:, 2:]) / 3
    for name, *more in (("a.pfm",), ("b.npy",), ("c.tif",), ("d.pfm", "--linear")):
        done("apply", "1/3 1/3 1/3", tmp_path / "in.hdr", "-o", tmp_path / name, *more)
        found = read_picture(tmp_path / name)
        np.testing.assert_allclose(found.frames[0], wanted, rtol=1e-5, atol=1e-5)
        assert found.metadata.icc == (light_profile() if name == "c.tif" else b"")
    done("apply", "1/3 1/3 1/3", tmp_path / "in.hdr", "-o", tmp_path / "e.png", "--depth", "16")
    deep = read_picture(tmp_path / "e.png").frames[0] / 65_535
    assert np.abs(deep - np.clip(levels(wanted), 0, 1)).max() < 2e-5


def test_a_depth_that_it_does_not_hold_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(by_convcli(Picture((noise(4, 9, 8, 3),)), "png"))
    answer = run("apply", "identity", tmp_path / "in.png", "-o", tmp_path / "a.hdr", "--depth", "8")
    assert answer.code == 1
    assert answer.lines[0] == "error: Radiance HDR holds floats, this result has whole numbers of 8 bits"
