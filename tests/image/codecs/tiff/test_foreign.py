"""Tags of maps and microscopes: kept, and true of pixels that have moved."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.support.console import run
from tests.support.encoding import tiff
from tests.support.noise import noise

KEYS = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633)
POINT_KEYS = (*KEYS[:11], 2, *KEYS[12:])
GDAL = '<GDALMetadata><Item name="band" sample="0">µ é</Item></GDALMetadata>'
HEIGHT, WIDTH = 24, 30
VALUES = noise(1, HEIGHT, WIDTH)

Place = tuple[float, float]


def scaled(keys: tuple[int, ...] = KEYS) -> list[Any]:
    return [
        (33550, 12, 3, (10.0, 20.0, 0.0), True),
        (33922, 12, 6, (0.0, 0.0, 0.0, 500_000.0, 6_000_000.0, 0.0), True),
        (34735, 3, len(keys), keys, True),
    ]


MATRIX = (10.0, 3.0, 0.0, 7000.0, -2.0, -20.0, 0.0, 8000.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
MAPS = {
    "scale": scaled(),
    "scale of points": scaled(POINT_KEYS),
    "matrix": [(34264, 12, 16, MATRIX, True), (34735, 3, len(KEYS), KEYS, True)],
}


def world(tags: Any, column: float, row: float) -> Place:
    """Return the place of the middle of a pixel by the words of GeoTIFF 1.1, section 2.6."""
    keys = tags["GeoKeyDirectoryTag"]
    half = 0.0 if keys[11] == 2 else 0.5
    i, j = column + half, row + half
    if "ModelTransformationTag" in tags:
        matrix = np.array(tags["ModelTransformationTag"]).reshape(4, 4)
        x, y, _, _ = matrix @ [i, j, 0, 1]
        return float(x), float(y)
    across, down, _ = tags["ModelPixelScaleTag"]
    at_i, at_j, _, x, y, _ = tags["ModelTiepointTag"]
    return x + (i - at_i) * across, y - (j - at_j) * down


def applied(tmp_path: Path, data: bytes, *words: str, name: str = "out.tif") -> Any:
    source = tmp_path / "in.tif"
    source.write_bytes(data)
    return run("apply", words[0], source, "-o", tmp_path / name, *words[1:])


def tags_of(path: Path) -> dict[str, Any]:
    with tifffile.TiffFile(path) as file:
        return {tag.name: tag.value for tag in file.pages.first.tags}


@pytest.mark.parametrize("kind", MAPS)
@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("identity",), lambda column, row: (column, row)),
        (("gaussian:1",), lambda column, row: (column, row)),
        (("box:3", "--stride", "2"), lambda column, row: (2 * column, 2 * row)),
        (("box:3", "--padding", "valid"), lambda column, row: (column + 1, row + 1)),
        (("box:3", "--padding", "2"), lambda column, row: (column - 1, row - 1)),
        (("maxpool:2",), lambda column, row: (2 * column + 0.5, 2 * row + 0.5)),
        (("crop:x=5,y=3,width=20,height=18",), lambda column, row: (column + 5, row + 3)),
        (("mirror:horizontal",), lambda column, row: (WIDTH - 1 - column, row)),
        (("turn:180",), lambda column, row: (WIDTH - 1 - column, HEIGHT - 1 - row)),
        (("resize:width=15,height=12",), lambda column, row: (2 * column + 0.5, 2 * row + 0.5)),
    ],
    ids=lambda value: value[0] + "".join(value[1:]) if isinstance(value, tuple) else "",
)
def test_every_pixel_stays_at_its_place_in_the_world(kind: str, words: Any, where: Any, tmp_path: Path) -> None:
    answer = applied(tmp_path, tiff(VALUES, extratags=MAPS[kind], metadata=None), *words)
    assert answer.code == 0, answer.stderr
    before, after = tags_of(tmp_path / "in.tif"), tags_of(tmp_path / "out.tif")
    for column, row in ((0, 0), (3, 2), (7, 6)):
        assert world(after, column, row) == pytest.approx(world(before, *where(column, row)), abs=1e-3)
    assert after["GeoKeyDirectoryTag"] == before["GeoKeyDirectoryTag"]


@pytest.mark.parametrize(
    "tags",
    [
        [(33550, 12, 1, (10.0,), True), MAPS["scale"][1]],
        [MAPS["scale"][0], (33922, 12, 1, (0.0,), True)],
        [*MAPS["scale"][:2], (34735, 3, 1, (1,), True)],
        [(34264, 12, 4, (1.0, 0.0, 0.0, 1.0), True)],
    ],
    ids=["scale", "point", "keys", "matrix"],
)
def test_tags_of_places_that_are_too_short_are_left_out(tags: Any, tmp_path: Path) -> None:
    answer = applied(tmp_path, tiff(VALUES, extratags=tags, metadata=None), "box:3", "--stride", "2")
    assert answer.code == 0, answer.stderr
    assert len(tags_of(tmp_path / "out.tif").get("GeoKeyDirectoryTag", "1234")) == 4


@pytest.mark.parametrize("size", [".", "e", "1-2"])
def test_a_size_of_ome_that_is_no_number_stays(size: str, tmp_path: Path) -> None:
    text = f'<?xml version="1.0"?><OME><Image><Pixels SizeX="30" SizeY="24" PhysicalSizeX="{size}"/></Image></OME>'
    answer = applied(tmp_path, tiff(VALUES, description=text, metadata=None), "box:3", "--stride", "2")
    assert answer.code == 0, answer.stderr
    assert f'SizeX="15" SizeY="12" PhysicalSizeX="{size}"' in tags_of(tmp_path / "out.tif")["ImageDescription"]


def test_what_has_no_places_loses_its_georeference_and_that_is_said(tmp_path: Path) -> None:
    several = [MAPS["scale"][2], (33922, 12, 12, (0.0, 0, 0, 5, 6, 0, 9, 9, 0, 14, 15, 0), True)]
    answer = applied(tmp_path, tiff(VALUES, extratags=several, metadata=None), "mirror:horizontal")
    assert "its georeference does not fit" in answer.stderr
    assert not {"ModelTiepointTag", "GeoKeyDirectoryTag"} & set(tags_of(tmp_path / "out.tif"))


def test_metadata_of_gdal_and_its_letters_are_kept_and_other_formats_say_what_they_lose(tmp_path: Path) -> None:
    extra = [(42112, 2, 0, GDAL.encode(), True), (42113, 2, 0, "-9999", True)]
    data = tiff(VALUES, extratags=extra, description="Länge in µm".encode(), metadata=None)
    assert applied(tmp_path, data, "sharpen").code == 0
    output = (tmp_path / "out.tif").read_bytes()
    assert GDAL.encode() + b"\0" in output
    assert "Länge in µm".encode() + b"\0" in output
    assert tags_of(tmp_path / "out.tif")["GDAL_NODATA"] == "-9999"
    answer = applied(tmp_path, data, "sharpen", name="out.png")
    assert "the tags of maps and microscopes are left out" in answer.stderr
    assert applied(tmp_path, data, "sharpen", "--metadata", "strip", "-f").code == 0
    assert b"GDALMetadata" not in (tmp_path / "out.tif").read_bytes()


def test_imagej_keeps_its_unit_and_the_size_of_pixels_follows_the_stride(tmp_path: Path) -> None:
    data = io.BytesIO()
    tifffile.imwrite(
        data, noise(2, 3, HEIGHT, WIDTH), imagej=True, resolution=(4.0, 4.0), metadata={"unit": "um", "axes": "ZYX"}
    )
    assert applied(tmp_path, data.getvalue(), "box:3", "--stride", "2").code == 0
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        assert file.imagej_metadata is not None
        assert file.imagej_metadata["unit"] == "um"
        assert file.imagej_metadata["images"] == len(file.pages) == 3
        across, per = file.pages.first.tags["XResolution"].value
        assert across / per == 2.0
        assert file.pages.first.tags["ResolutionUnit"].value == 1
        assert file.asarray().shape == (3, HEIGHT // 2, WIDTH // 2)
    assert applied(tmp_path, data.getvalue(), "identity", "--frame", "1", "-f").code == 0
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        assert "images=" not in file.pages.first.description
        assert file.asarray().shape == (HEIGHT, WIDTH)


def test_ome_has_the_sizes_of_the_output(tmp_path: Path) -> None:
    data = io.BytesIO()
    about = {"axes": "YX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.25, "PhysicalSizeXUnit": "µm"}
    tifffile.imwrite(data, noise(3, HEIGHT, WIDTH, dtype=np.uint16), ome=True, metadata=about)
    assert applied(tmp_path, data.getvalue(), "box:3", "--stride", "3").code == 0
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        text = file.pages.first.tags["ImageDescription"].value
        assert file.is_ome
        assert file.series[0].shape == (HEIGHT // 3, WIDTH // 3)
    (element,) = re.findall("<Pixels[^>]*>", text)
    for part in (f'SizeX="{WIDTH // 3}"', f'SizeY="{HEIGHT // 3}"', 'PhysicalSizeX="1.5"', 'PhysicalSizeY="0.75"'):
        assert part in element
    assert 'Type="uint16"' in element
    assert applied(tmp_path, data.getvalue(), "identity", "--depth", "float", "-f").code == 0
    assert 'Type="float"' in tags_of(tmp_path / "out.tif")["ImageDescription"]
    answer = applied(tmp_path, data.getvalue(), "mirror:horizontal", "-f")
    assert "its description is one of other pages or pixels" in answer.stderr


def test_the_shape_that_tifffile_writes_is_kept_only_where_it_is_true(tmp_path: Path) -> None:
    data = tiff(VALUES, photometric="minisblack")
    assert applied(tmp_path, data, "identity").code == 0
    assert tifffile.imread(tmp_path / "out.tif").shape == VALUES.shape
    answer = applied(tmp_path, data, "box:3", "--stride", "2", "-f")
    assert "warning" not in answer.stderr
    with Image.open(tmp_path / "out.tif") as image:
        assert 270 not in image.tag_v2  # type: ignore[attr-defined]
