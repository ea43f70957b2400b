"""Samples at many depths, against a compositor of a few lines that goes through them one by one."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.image import read_picture
from convcli.image.codecs.exr.deep import flattened
from tests.support.console import done
from tests.support.reading import failure

OpenEXR = pytest.importorskip("OpenEXR", reason="OpenEXR comes with the extra [exr]")
SHAPE = (7, 9)


def drawn(colors: int = 3, most: int = 6, *, back: bool = False) -> dict[str, NDArray[Any]]:
    """Return channels of up to so many samples a pixel, in no order, with alpha multiplied into the colors."""
    rng = np.random.default_rng(4)
    channels: dict[str, NDArray[Any]] = {}
    names = ["RGB"[:colors] if colors == 3 else "Y", "A", "Z", *(["ZBack"] if back else [])]
    for name in names:
        channels[name] = np.empty(SHAPE, object)
    for at in np.ndindex(SHAPE):
        count = int(rng.integers(0, most + 1))
        alpha = rng.choice([0, 0.25, 0.5, 1], count).astype(np.float32)
        light = rng.random((count, colors), np.float32) * alpha[:, np.newaxis]
        near = rng.permutation(count).astype(np.float32)
        channels[names[0]][at] = light if colors == 3 else light[:, 0]
        channels["A"][at], channels["Z"][at] = alpha, near
        if back:
            channels["ZBack"][at] = near + np.float32(0.5)
    return channels


def deep_exr(folder: Path, channels: dict[str, NDArray[Any]], **said: Any) -> bytes:
    header = {"compression": OpenEXR.ZIPS_COMPRESSION, "type": OpenEXR.deepscanline, **said}
    OpenEXR.File(header, dict(channels)).write(str(folder / "deep.exr"))  # it changes what it is given
    return (folder / "deep.exr").read_bytes()


def composited(channels: dict[str, NDArray[Any]], name: str) -> NDArray[np.float64]:
    """Return colors with alpha multiplied into them, and alpha."""
    colors = 3 if name == "RGB" else 1
    made = np.zeros((*SHAPE, colors + 1))
    for at in np.ndindex(SHAPE):
        for each in np.argsort(channels["Z"][at]):
            seen = 1 - made[at][-1]
            light = np.atleast_2d(channels[name][at].reshape(-1, colors))[each]
            made[at] += seen * np.append(light, channels["A"][at][each])
    return made


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(("name", "colors"), [("RGB", 3), ("Y", 1)])
def test_the_nearest_lie_over_the_others(tmp_path: Path, name: str, colors: int, back: bool) -> None:
    channels = drawn(colors, back=back)
    picture = read_picture(io.BytesIO(deep_exr(tmp_path, channels)))
    wanted = composited(channels, name)
    assert picture.has_alpha
    found = picture.frames[0].astype(np.float64)
    np.testing.assert_allclose(found[:, :, -1], wanted[:, :, -1], atol=1e-6)
    multiplied = found[:, :, :-1] * found[:, :, -1:]
    np.testing.assert_allclose(multiplied, wanted[:, :, :-1], atol=1e-6)
    assert [note.code for note in picture.notes] == ["flattened"]


def test_one_goes_through_the_command(tmp_path: Path) -> None:
    deep_exr(tmp_path, drawn())
    answer = done("apply", "box:3", tmp_path / "deep.exr", "-o", tmp_path / "out.exr")
    assert "many depths" in answer.stderr
    with OpenEXR.File(str(tmp_path / "out.exr")) as file:
        assert set(file.channels()) == {"RGBA"}


def test_volumes_that_overlap_are_told(tmp_path: Path) -> None:
    channels = drawn(back=True)
    channels["ZBack"] = np.vectorize(lambda near: near + np.float32(1.5), otypes=[object])(channels["Z"])
    picture = read_picture(io.BytesIO(deep_exr(tmp_path, channels)))
    assert [note.code for note in picture.notes] == ["flattened", "volumes-overlap"]


def test_without_alpha_the_nearest_is_seen_and_without_distances_the_first() -> None:
    channels = drawn()
    near = np.zeros((*SHAPE, 3))
    first = np.zeros((*SHAPE, 3))
    for at in np.ndindex(SHAPE):
        if len(channels["Z"][at]):
            near[at] = channels["RGB"][at][np.argmin(channels["Z"][at])]
            first[at] = channels["RGB"][at][0]
    for left_out, wanted in ((("A",), near), (("A", "Z"), first)):
        found, _ = flattened({name: each for name, each in channels.items() if name not in left_out}, "RGB")
        assert found.keys() == {"RGB"}
        np.testing.assert_array_equal(found["RGB"], wanted.astype(np.float32))


def test_a_flat_part_beside_a_deep_one(tmp_path: Path) -> None:
    flat = np.full((*SHAPE, 3), 0.5, np.float32)
    deep = drawn()
    header = {"compression": OpenEXR.ZIPS_COMPRESSION}
    parts: dict[str, Any] = {
        "flat": ({"type": OpenEXR.scanlineimage, **header}, {"RGB": flat}),
        "deep": ({"type": OpenEXR.deepscanline, **header}, deep),
    }
    for first, second in (("flat", "deep"), ("deep", "flat")):
        made = [OpenEXR.Part(dict(parts[each][0]), dict(parts[each][1]), each) for each in (first, second)]
        OpenEXR.File(made).write(str(tmp_path / "parts.exr"))
        picture = read_picture(tmp_path / "parts.exr")
        assert picture.has_alpha == (first == "deep")
        codes = [note.code for note in picture.notes]
        assert codes == (["flattened"] if first == "deep" else []) + ["parts-left-out"]


def test_limits_and_damage(tmp_path: Path) -> None:
    data = deep_exr(tmp_path, drawn())
    samples = sum(len(each) for each in drawn()["Z"].flat)
    enough = samples + 129 * SHAPE[0] * SHAPE[1]
    read_picture(io.BytesIO(data), max_pixels=enough)
    error = failure(data, max_pixels=enough - 1)
    assert f"{samples} samples in 63 pixels" in error.message
    assert f"--max-pixels {enough}" in error.hint
    few = {name: np.full(SHAPE, None) for name in ("RGB", "A", "Z")}
    for name, each in drawn().items():
        few[name][3, 4] = each[next(at for at in np.ndindex(SHAPE) if len(each[at]) == 2)]
    read_picture(io.BytesIO(deep_exr(tmp_path, few)), max_pixels=2 + 63 + 2 * 128)  # all others are empty
    for length in range(300, len(data), 97):
        failure(data[:length])
    flat = bytearray(data)
    flat[5] &= ~0x08  # the bit of the version: its chunks are said to be others
    failure(bytes(flat))


def test_counts_that_are_not_those_of_the_samples_are_damage(tmp_path: Path) -> None:
    data = bytearray(deep_exr(tmp_path, drawn(), compression=OpenEXR.NO_COMPRESSION))
    at = data.index(struct.pack("<iQQ", 0, 4 * SHAPE[1], 0)[:12])  # the first row, and the bytes of its counts
    struct.pack_into("<I", data, at + 4 + 24, 1 << 30)
    assert "damaged" in failure(bytes(data)).message
