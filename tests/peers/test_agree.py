"""convcli beside ImageMagick, libvips and GraphicsMagick where they are right: same files, same kernels, same results.

Each writes whole files, which other libraries read. What is exact is computed by SciPy, and all have to agree with it;
so convcli is held to it where none of the others is installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from scipy import ndimage

from tests.peers import page as peer_page
from tests.peers import programs as peer_programs
from tests.peers.results import pixels
from tests.support.noise import noise

Rows = list[list[int]]


@dataclass(frozen=True)
class Filter:
    """A kernel of whole numbers, what its sums are divided by, and the share of full scale that is added."""

    weights: Rows
    divisor: int = 1
    bias: float = 0.0


BINOMIAL = [[a * b for b in (1, 4, 6, 4, 1)] for a in (1, 4, 6, 4, 1)]
SKEW = Filter([[1, 2, 3], [0, 5, 1], [7, 0, 1]], 20)
KERNELS = {
    "sharpen": Filter([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "box": Filter([[1, 1, 1]] * 3, 9),
    "binomial": Filter(BINOMIAL, 256),
    "sobel": Filter([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], bias=0.5),
    "emboss": Filter([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
    "skew": SKEW,
    "wide": Filter([[1, 2, 3, 4, 0], [0, 5, 1, 0, 2], [7, 0, 0, 1, 1]], 27),
}
# Border, and its names in ImageMagick, libvips and SciPy.
BORDERS = {
    "constant": ("black", "black", "constant"),
    "edge": ("edge", "copy", "nearest"),
    "symmetric": ("mirror", "mirror", "reflect"),
    "wrap": ("tile", "repeat", "wrap"),
}
CHANNELS = {"gray": 1, "rgb": 3, "rgba": 4}
FILES = [f"{kind}{bits}.{suffix}" for kind in CHANNELS for bits in (8, 16) for suffix in ("png", "tif")]
CASES = [(name, "skew") for name in FILES] + [
    (name, kernel) for name in ("rgb8.tif", "rgb16.png") for kernel in KERNELS if kernel != "skew"
]

# A start of vips takes five times as long as one of the others, so it gets half of the cases.
CASES_OF_LIBVIPS = [(name, kernel) for name, kernel in CASES if name.endswith("16.png")] + [
    (f"{kind}8.tif", "skew") for kind in CHANNELS
]


def needs(peer: str, *, exactly: bool = False) -> None:
    peer_programs.needs(peer, peer_page.versions()[peer], exactly=exactly)


def save(path: Path, array: NDArray[Any]) -> Path:
    if path.suffix == ".png":
        path.write_bytes(imagecodecs.png_encode(array))
    elif array.ndim == 2:
        tifffile.imwrite(path, array, photometric="minisblack")
    else:
        alpha = ["unassalpha"] if array.shape[2] == 4 else None
        tifffile.imwrite(path, array, photometric="rgb", extrasamples=alpha)
    return path


def drawn(path: Path, *, opaque: bool = True) -> NDArray[Any]:
    """Write a picture in the kind and depth of its name, full of contrast, and return it."""
    kind = path.stem.rstrip("0123456789")
    dtype = np.uint16 if path.stem.endswith("16") else np.uint8
    array = noise(7, 13, 17, CHANNELS[kind], dtype=dtype)
    if kind == "rgba" and opaque:
        array[:, :, 3] = np.iinfo(dtype).max
    array = array[:, :, 0] if kind == "gray" else array
    save(path, array)
    return array


def correlated(array: NDArray[Any], weights: Rows, mode: str = "nearest") -> NDArray[np.float64]:
    kernel = np.array(weights, float).reshape(len(weights), -1, *[1] * (array.ndim - 2))
    values: NDArray[np.float64] = ndimage.correlate(array.astype(float), kernel, mode=mode)
    return values


def exact(array: NDArray[Any], filter_: Filter, mode: str = "nearest") -> NDArray[np.float64]:
    """Return what a filter gives before rounding; an opaque alpha is not filtered."""
    top = np.iinfo(array.dtype).max
    values = np.clip(correlated(array, filter_.weights, mode) / filter_.divisor + filter_.bias * top, 0, top)
    if array.ndim == 3 and array.shape[2] == 4:
        values[:, :, 3] = array[:, :, 3]
    return values


def ours(source: Path, filter_: Filter, *options: str) -> NDArray[Any]:
    """Filter a file by convcli, and return what it wrote."""
    kernel = "; ".join(" ".join(map(str, row)) for row in filter_.weights)
    words = ["--divisor", str(filter_.divisor), "--bias", str(filter_.bias), *options]
    output = source.with_name(f"ours{source.suffix}")
    peer_programs.convcli(f"convcli apply '{kernel}' {source.name} -o {output.name} {' '.join(words)}", source.parent)
    return pixels(output)


def checked(command: str, output: Path) -> NDArray[Any]:
    answer = peer_programs.shell(command, output.parent)
    assert answer.done, answer.said
    return pixels(output)


def imagemagick(source: Path, filter_: Filter, border: str = "edge") -> NDArray[Any]:
    rows = [",".join(repr(weight / filter_.divisor) for weight in row) for row in filter_.weights]
    kernel = f"{len(filter_.weights[0])}x{len(rows)}: {' '.join(rows)}"
    bias = f"-bias {filter_.bias:.0%}" if filter_.bias else ""
    # It leaves out an alpha that is opaque all over, unless the name of a PNG says that it is to have one.
    kind = {"rgba8.png": "PNG32:", "rgba16.png": "PNG64:"}.get(source.name, "")
    output = source.with_name(f"theirs{source.suffix}")
    return checked(
        f'convert {source.name} -virtual-pixel {border} {bias} -morphology Correlate "{kernel}" {kind}{output.name}',
        output,
    )


def matrix(folder: Path, filter_: Filter, top: int) -> Path:
    weights = filter_.weights
    head = f"{len(weights[0])} {len(weights)} {filter_.divisor} {filter_.bias * top}"
    path = folder / "kernel.mat"
    path.write_text("\n".join([head, *(" ".join(map(str, row)) for row in weights)]) + "\n")
    return path


def libvips(source: Path, filter_: Filter, top: int, before: str = "VIPS_NOVECTOR=1") -> NDArray[Any]:
    output = source.with_name(f"theirs{source.suffix}")
    kernel = matrix(source.parent, filter_, top)
    return checked(f"{before} vips conv {source.name} {output.name} {kernel.name} --precision integer", output)


def graphicsmagick(source: Path, filter_: Filter, border: str = "edge") -> NDArray[Any]:
    weights = ",".join(repr(weight / filter_.divisor) for row in filter_.weights for weight in row)
    output = source.with_name(f"theirs{source.suffix}")
    return checked(f"gm convert {source.name} -virtual-pixel {border} -convolve {weights} {output.name}", output)


def rounded(values: NDArray[np.float64], dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.floor(values + 0.5).astype(dtype)


def assert_equal_but_for_halves(theirs: NDArray[Any], values: NDArray[np.float64], dtype: np.dtype[Any]) -> None:
    """What is half-way between two levels convcli rounds up, and the others may round down; all else is equal."""
    assert theirs.dtype == dtype
    half = np.abs(values % 1 - 0.5) < 1e-6
    up = rounded(values, dtype)
    np.testing.assert_array_equal(theirs[~half], up[~half])
    assert np.isin(up[half].astype(int) - theirs[half], (0, 1)).all()


@pytest.mark.parametrize(("name", "kernel"), CASES)
def test_convcli(tmp_path: Path, name: str, kernel: str) -> None:
    array, filter_ = drawn(tmp_path / name), KERNELS[kernel]
    mine = ours(tmp_path / name, filter_, "--border", "edge")
    assert mine.dtype == array.dtype
    np.testing.assert_array_equal(mine, rounded(exact(array, filter_), array.dtype))


@pytest.mark.parametrize(("name", "kernel"), CASES)
def test_imagemagick(tmp_path: Path, name: str, kernel: str) -> None:
    needs("ImageMagick")
    array, filter_ = drawn(tmp_path / name), KERNELS[kernel]
    values, theirs = exact(array, filter_), imagemagick(tmp_path / name, filter_)
    if name in ("gray8.png", "rgb8.png"):  # a PNG of 8 bits it does not round but cut, unless it is PNG32:
        np.testing.assert_array_equal(theirs, np.floor(values))
    elif filter_.divisor == 1:
        np.testing.assert_array_equal(theirs, rounded(values, array.dtype))
    else:
        assert_equal_but_for_halves(theirs, values, array.dtype)


@pytest.mark.parametrize(("name", "kernel"), CASES_OF_LIBVIPS)
def test_libvips(tmp_path: Path, name: str, kernel: str) -> None:
    needs("libvips")
    array, filter_ = drawn(tmp_path / name), KERNELS[kernel]
    theirs = libvips(tmp_path / name, filter_, np.iinfo(array.dtype).max)
    assert theirs.dtype == array.dtype
    np.testing.assert_array_equal(theirs, rounded(exact(array, filter_), array.dtype))


@pytest.mark.parametrize(
    ("name", "kernel"), [(name, kernel) for name, kernel in CASES if kernel not in ("wide", "sobel")]
)
def test_graphicsmagick(tmp_path: Path, name: str, kernel: str) -> None:
    needs("GraphicsMagick")
    array, filter_ = drawn(tmp_path / name), KERNELS[kernel]
    values, theirs = exact(array, filter_), graphicsmagick(tmp_path / name, filter_)
    if array.dtype == np.uint8:  # 8 bits it does not round but cut
        np.testing.assert_array_equal(theirs, np.floor(values))
    else:
        assert_equal_but_for_halves(theirs, values, array.dtype)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(("name", "kernel"), [("rgb16.png", "binomial"), ("gray8.tif", "wide")])
def test_borders_of_convcli(tmp_path: Path, name: str, kernel: str, border: str) -> None:
    array, filter_ = drawn(tmp_path / name), KERNELS[kernel]
    mine = ours(tmp_path / name, filter_, "--border", border)
    np.testing.assert_array_equal(mine, rounded(exact(array, filter_, BORDERS[border][2]), array.dtype))


@pytest.mark.parametrize("border", [border for border in BORDERS if border != "edge"])
def test_borders_of_imagemagick(tmp_path: Path, border: str) -> None:
    needs("ImageMagick")
    array, filter_ = drawn(tmp_path / "rgb16.png"), KERNELS["binomial"]
    theirs, _, mode = BORDERS[border]
    values = exact(array, filter_, mode)
    assert_equal_but_for_halves(imagemagick(tmp_path / "rgb16.png", filter_, theirs), values, array.dtype)


@pytest.mark.parametrize("border", ["symmetric", "wrap"])
def test_borders_of_graphicsmagick(tmp_path: Path, border: str) -> None:
    needs("GraphicsMagick")
    array, filter_ = drawn(tmp_path / "rgb16.png"), KERNELS["binomial"]
    theirs, _, mode = BORDERS[border]
    values = exact(array, filter_, mode)
    assert_equal_but_for_halves(graphicsmagick(tmp_path / "rgb16.png", filter_, theirs), values, array.dtype)


@pytest.mark.parametrize("border", [border for border in BORDERS if border != "edge"])
def test_borders_of_libvips(tmp_path: Path, border: str) -> None:
    needs("libvips")
    array, filter_ = drawn(tmp_path / "gray8.tif"), KERNELS["wide"]
    _, name, mode = BORDERS[border]
    kernel, output = matrix(tmp_path, filter_, 255), tmp_path / "theirs.tif"
    # vips conv knows one border: others are put around the picture before, and cut off behind.
    theirs = checked(
        f"vips embed gray8.tif e.v 2 1 21 15 --extend {name}"
        f" && VIPS_NOVECTOR=1 vips conv e.v c.v {kernel.name} --precision integer"
        f" && vips extract_area c.v {output.name} 2 1 17 13",
        output,
    )
    np.testing.assert_array_equal(theirs, rounded(exact(array, filter_, mode), array.dtype))


def seen(array: NDArray[Any], filter_: Filter) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return colors weighed by their alpha, and the alpha, of a half transparent picture, before rounding."""
    alpha = array[:, :, 3:].astype(float)
    share = correlated(alpha, filter_.weights)
    colors = correlated(array[:, :, :3] * alpha, filter_.weights) / share
    top = np.iinfo(array.dtype).max
    return np.clip(colors, 0, top), np.clip(share / filter_.divisor, 0, top)


@pytest.mark.parametrize("kernel", ["box", "binomial", "skew"])
@pytest.mark.parametrize("name", ["rgba8.tif", "rgba16.tif"])
def test_half_transparent_in_imagemagick(tmp_path: Path, name: str, kernel: str) -> None:
    needs("ImageMagick")
    array, filter_ = drawn(tmp_path / name, opaque=False), KERNELS[kernel]
    colors, alpha = seen(array, filter_)
    mine = ours(tmp_path / name, filter_, "--border", "edge", "--alpha", "filter")
    theirs = imagemagick(tmp_path / name, filter_)
    np.testing.assert_array_equal(mine[:, :, :3], rounded(colors, array.dtype))
    np.testing.assert_array_equal(mine[:, :, 3:], rounded(alpha, array.dtype))
    assert_equal_but_for_halves(theirs, np.concatenate([colors, alpha], axis=2), array.dtype)


def test_half_transparent_in_libvips(tmp_path: Path) -> None:
    needs("libvips")
    source, filter_ = tmp_path / "rgba16.png", KERNELS["box"]
    array = drawn(source, opaque=False)
    values = np.concatenate(seen(array, filter_), axis=2)
    mine = ours(source, filter_, "--border", "edge", "--alpha", "filter")
    np.testing.assert_array_equal(mine, rounded(values, array.dtype))
    kernel, output = matrix(tmp_path, filter_, 1), tmp_path / "theirs.png"
    theirs = checked(
        f"vips premultiply {source.name} p.v && vips conv p.v c.v {kernel.name} && vips unpremultiply c.v u.v"
        f" && vips round u.v r.v rint && vips cast r.v {output.name} ushort",
        output,
    )
    # It computes in floats of 32 bits, which hold a level of 16 to a hundredth.
    assert theirs.dtype == array.dtype
    assert np.abs(theirs - values).max() < 0.5 + 0.01


def test_half_transparent_sharpening_in_imagemagick_divides_by_the_alpha_it_sees(tmp_path: Path) -> None:
    needs("ImageMagick", exactly=True)
    source, filter_ = tmp_path / "rgba16.tif", KERNELS["sharpen"]
    array = drawn(source, opaque=False)
    colors, alpha = seen(array, filter_)
    visible = alpha[:, :, 0] > 1000
    mine = ours(source, filter_, "--border", "edge", "--alpha", "filter")
    theirs = imagemagick(source, filter_)
    assert np.abs(theirs[:, :, :3] - colors)[visible].max() < 1
    assert (theirs != mine).any(), "which the page says"


@pytest.mark.parametrize(
    ("filter_", "before"),
    [
        (SKEW, ""),
        (Filter([[0, 1, 0], [1, -4, 1], [0, 1, 0]], 4, 128 / 255), "VIPS_NOVECTOR=1"),
    ],
    ids=["vectors", "negative sums"],
)
def test_integers_of_libvips_are_up_to_two_levels_off(tmp_path: Path, filter_: Filter, before: str) -> None:
    needs("libvips", exactly=True)
    source = tmp_path / "rgb8.tif"
    array = drawn(source)
    mine = ours(source, filter_, "--border", "edge")
    np.testing.assert_array_equal(mine, rounded(exact(array, filter_), array.dtype))
    apart = np.abs(libvips(source, filter_, 255, before).astype(int) - mine)
    assert 0 < apart.max() <= 2
