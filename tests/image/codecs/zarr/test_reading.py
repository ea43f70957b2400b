from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convcli.errors import ConvcliError, ReadError
from convcli.image import count_frames, read_picture
from convcli.image.strips.reading import opened_rows
from tests.support.console import done
from tests.support.noise import noise
from tests.support.reading import failure
from tests.support.zarrs import array_in, multiscale_in

ORDERS = {"yx": (), "cyx": (3,), "yxc": (3,), "tcyx": (2, 3), "tczyx": (2, 3, 4), "zyxc": (4, 3)}


def moved(values: Any, axes: str) -> Any:
    """Return frames of (height, width, channels) by the axes' names, without the reader's own arithmetic."""
    along = [each for each in axes if each not in "yxc"]
    if "c" not in axes:
        values, axes = values[..., np.newaxis], f"{axes}c"
    letters = "".join(along)
    return np.einsum(f"{axes}->{letters}yxc", values).reshape(-1, *(values.shape[axes.index(each)] for each in "yxc"))


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("axes", ORDERS)
def test_axes_by_their_names(tmp_path: Path, axes: str, version: int) -> None:
    lengths = {"t": 2, "c": 3, "z": 4, "y": 23, "x": 17}
    values = noise(1, *(lengths[each] for each in axes))
    chunks = tuple(min(lengths[each], 7) for each in axes)
    names: dict[str, Any] = {"attributes": {"_ARRAY_DIMENSIONS": list(axes)}}
    if version == 3:
        names = {"dimension_names": list(axes)}
    folder = array_in(tmp_path / "in.zarr", values, chunks=chunks, zarr_format=version, **names)
    picture = read_picture(folder, frames="all")
    np.testing.assert_array_equal(np.stack(picture.frames), moved(values, axes))
    assert (picture.axes, picture.notes, picture.bits) == ("", (), 8)
    assert count_frames(folder, 10**6) == len(picture.frames)
    last = len(picture.frames) - 1
    np.testing.assert_array_equal(read_picture(folder, frames=last).frames[0], picture.frames[last])
    np.testing.assert_array_equal(read_picture(folder).frames[0], picture.frames[0])
    with pytest.raises(ReadError, match=f"there is no plane {last + 1}"):
        read_picture(folder, frames=last + 1)


@pytest.mark.parametrize(
    ("dtype", "wanted", "is_array"),
    [
        ("u1", "u1", False),
        (">u2", "u2", False),
        ("f2", "f4", False),
        ("f4", "f4", False),
        ("f8", "f8", False),
        ("i2", "f8", True),
        ("u4", "f8", True),
        ("?", "f8", True),
    ],
)
def test_values_of_every_type(tmp_path: Path, dtype: str, wanted: str, is_array: bool) -> None:
    values = noise(2, 20, 30, top=1).astype(dtype)
    picture = read_picture(array_in(tmp_path / "in.zarr", values, chunks=(8, 8)))
    assert (picture.dtype, picture.is_array) == (np.dtype(wanted), is_array)
    np.testing.assert_array_equal(picture.frames[0][:, :, 0], values.astype(wanted))


def test_complex_numbers_are_refused(tmp_path: Path) -> None:
    folder = array_in(tmp_path / "in.zarr", np.ones((3, 4), complex))
    with pytest.raises(ReadError, match="values of type complex128"):
        read_picture(folder)


@pytest.mark.parametrize(
    ("shape", "read"), [((5, 6), ""), ((3, 20, 30), "c, y, x"), ((20, 30, 3), "y, x, c"), ((2, 3, 8, 9), "n, c, y, x")]
)
def test_axes_without_names_are_guessed(tmp_path: Path, shape: tuple[int, ...], read: str) -> None:
    picture = read_picture(array_in(tmp_path / "in.zarr", noise(3, *shape)), frames="all")
    assert [str(note) for note in picture.notes] == (
        [f"its axes are read as {read}; names of them would tell"] if read else []
    )
    assert picture.frames[0].shape == {2: (5, 6, 1), 3: (20, 30, 3), 4: (8, 9, 3)}[len(shape)]


def test_shards_and_every_compression(tmp_path: Path) -> None:
    from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

    values = noise(4, 70, 90, dtype=np.uint16)
    for number, codec in enumerate([BloscCodec(), GzipCodec(), ZstdCodec(), None]):
        folder = tmp_path / f"{number}.zarr"
        array_in(folder, values, chunks=(16, 16), shards=(32, 48), compressors=codec)
        np.testing.assert_array_equal(read_picture(folder).frames[0][:, :, 0], values)


@pytest.mark.parametrize("version", [2, 3])
def test_an_ome_zarr_is_its_first_level(tmp_path: Path, version: int) -> None:
    levels = [noise(5, 2, 40, 50), noise(6, 2, 20, 25)]
    folder = multiscale_in(tmp_path / "in.ome.zarr", levels, "cyx", version=version)
    picture = read_picture(folder)
    np.testing.assert_array_equal(picture.frames[0], np.moveaxis(levels[0], 0, 2))
    assert [note.code for note in picture.notes] == ["overviews"]
    inner = read_picture(folder / "s1")
    np.testing.assert_array_equal(inner.frames[0], np.moveaxis(levels[1], 0, 2))
    assert inner.notes == ()


def test_an_old_ome_zarr_has_five_axes(tmp_path: Path) -> None:
    values = noise(7, 1, 2, 3, 10, 12)
    array_in(tmp_path / "0", values, zarr_format=2)
    (tmp_path / ".zattrs").write_text(json.dumps({"multiscales": [{"version": "0.1", "datasets": [{"path": "0"}]}]}))
    frames = read_picture(tmp_path, frames="all").frames
    np.testing.assert_array_equal(np.stack(frames), moved(values, "tczyx"))


V3: dict[str, Any] = {"zarr_format": 3, "node_type": "group"}


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (V3, "in.zarr is a Zarr without an array"),
        (V3 | {"attributes": {"ome": {"labels": ["cells"]}}}, "is a group of labels"),
        (V3 | {"attributes": {"ome": {"plate": {}}}}, "is a plate of pictures"),
        (V3 | {"attributes": {"bioformats2raw.layout": 3}}, "is a series of pictures"),
        (V3 | {"attributes": {"ome": {"image-label": {}, "multiscales": [{}]}}}, "holds labels"),
        (V3 | {"attributes": {"ome": {"multiscales": [{"datasets": [{"path": "0"}]}]}}}, "has no array 0"),
        (V3 | {"attributes": {"ome": {"multiscales": [{"datasets": [{"path": "../x"}]}]}}}, "outside of it"),
        (V3 | {"attributes": {"ome": {"multiscales": 5}}}, "metadata that is damaged"),
        (V3 | {"attributes": {"ome": {"multiscales": [{"datasets": []}]}}}, "metadata that is damaged"),
        ([], "metadata that is damaged"),
        ({"zarr_format": 3, "node_type": "array", "shape": [0, 4]}, "truncated or damaged"),
    ],
)
def test_what_is_no_picture_is_one_line(tmp_path: Path, metadata: Any, message: str) -> None:
    (tmp_path / "in.zarr").mkdir()
    (tmp_path / "in.zarr" / "zarr.json").write_text(json.dumps(metadata))
    with pytest.raises(ConvcliError, match=message) as caught:
        read_picture(tmp_path / "in.zarr")
    assert caught.value.hint
    assert caught.value.exit_code == 1


def test_a_group_names_its_arrays(tmp_path: Path) -> None:
    array_in(tmp_path / "in.zarr" / "red", noise(8, 4, 5))
    (tmp_path / "in.zarr" / "zarr.json").write_text(json.dumps(V3))
    with pytest.raises(ReadError, match="is a group of 1 array, and no OME-Zarr") as caught:
        read_picture(tmp_path / "in.zarr")
    assert "in.zarr/red" in caught.value.hint


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((2, 2, 2, 2, 2), {}, "has 5 axes without names"),
        ((2, 2, 2, 2, 2), {"dimension_names": list("abcde")}, "axes a, b, c, d, e, no y and x among them"),
        ((4,), {}, "has 1 axis"),
        ((4,), {"dimension_names": ["y"]}, "axes y, no y and x among them"),
        ((4, 5), {"attributes": {"_ARRAY_DIMENSIONS": ["y"]}}, "has 2 axes, and names for 1"),
        ((), {}, "has no axes"),
        ((0, 4), {}, "holds no values"),
        ((40, 50), {}, "over the limit"),
        ((4, 20, 20), {"dimension_names": ["t", "y", "x"]}, "over the limit"),
        ((4, 5), {"chunks": (2000, 2000)}, "chunks of 2000×2000 values"),
    ],
)
def test_arrays_that_are_not_read(tmp_path: Path, shape: tuple[int, ...], options: Any, message: str) -> None:
    folder = array_in(tmp_path / "in.zarr", noise(9, *shape), **options)
    with pytest.raises(ReadError, match=message):
        read_picture(folder, max_pixels=1500, frames="all")


def test_a_damaged_chunk(tmp_path: Path) -> None:
    folder = array_in(tmp_path / "in.zarr", noise(10, 20, 20), chunks=(20, 20))
    (chunk,) = (each for each in folder.rglob("c/*/*"))
    chunk.write_bytes(chunk.read_bytes()[:9])
    with pytest.raises(ReadError, match="truncated or damaged"):
        read_picture(folder)


def test_without_the_library_one_line_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = array_in(tmp_path / "in.zarr", noise(11, 4, 5))
    monkeypatch.setitem(__import__("sys").modules, "tensorstore", None)
    with pytest.raises(ConvcliError, match="Zarr needs a library") as caught:
        read_picture(folder)
    assert caught.value.hint == "pip install 'convcli[zarr]'"


@pytest.mark.parametrize(
    "steps",
    [
        "one",
        [1, 2],
        [{"type": "scale"}],
        [{"type": "scale", "scale": [1.0, 2.0]}],
        [{"type": "scale", "scale": [1.0, "2", 3.0]}],
        [{"type": "scale", "scale": [1.0, 0.0, 3.0]}],
        [{"type": "translation", "translation": [1.0, float("nan"), 3.0]}],
    ],
)
def test_steps_that_are_none_are_told_and_left_out(tmp_path: Path, steps: Any) -> None:
    folder = multiscale_in(tmp_path / "in.zarr", [noise(3, 5, 9, 11)], "zyx")
    group = json.loads((folder / "zarr.json").read_text())
    (dataset,) = group["attributes"]["ome"]["multiscales"][0]["datasets"]
    dataset["coordinateTransformations"] = steps
    (folder / "zarr.json").write_text(json.dumps(group))
    picture = read_picture(folder, frames="all")
    assert [note.code for note in picture.damage] == ["damaged"]
    assert picture.stack is not None
    assert [axis.step for axis in (*picture.stack.frames, *picture.stack.pixel)] == [0, 0, 0]
    assert "size and place of its pixels" in failure(folder, strict=True).message
    answer = done("apply", "box:3", folder, "-o", tmp_path / "out.zarr")
    assert answer.stderr.count("size and place") == 1
    assert "coordinateTransformations" not in (tmp_path / "out.zarr/zarr.json").read_text()
    with opened_rows(folder) as reader:
        assert reader is not None
        assert "damaged" in [note.code for note in reader.picture.notes]
    with pytest.raises(ReadError, match="size and place"), opened_rows(folder, strict=True):
        pass
