"""Arrays of Dask's and xarray's become what their values become, when they are computed."""

from __future__ import annotations

import doctest
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

import convcli
from convcli.api import chunked
from convcli.errors import ShapeError, UsageError
from tests.support.paths import CHECKOUT

da = pytest.importorskip("dask.array", reason="Dask is not installed: its arrays are filtered where it is")

FILTERS = (
    "sharpen", "gaussian:2", "gaussian:2 | sobel", "sobel | magnitude", "box:9", "median:3", "maxpool:2",
    "resize:0.5", "mirror:vertical", "crop:3,5,20,17", "gaussian:1 | maxpool:2 | sharpen", "pixelate:7", "invert",
    "curve:0:0 0.5:0.7 1:1", "1 -2 1; 0.5 0.25 0.1", "motion:7,30",
)  # fmt: skip


def drawn(height: int, width: int, channels: int, dtype: str) -> Any:
    values = np.random.default_rng(height * width).random((height, width, channels))
    return (values * (np.iinfo(dtype).max if dtype.startswith("u") else 1)).astype(dtype)


@given(
    filter_text=st.sampled_from(FILTERS),
    border=st.sampled_from(["constant:0.3", "edge", "reflect", "symmetric", "wrap"]),
    dtype=st.sampled_from(["uint8", "uint16", "float32", "float64"]),
    shape=st.tuples(st.integers(24, 70), st.integers(24, 40), st.integers(1, 4)),
    rows=st.integers(1, 40),
    columns=st.integers(5, 40),
    engine=st.sampled_from(["numpy", "numba"]),
)
@settings(max_examples=40)
def test_the_result_is_that_of_the_whole_array(
    filter_text: str,
    border: str,
    dtype: str,
    shape: tuple[int, int, int],
    rows: int,
    columns: int,
    engine: Any,
) -> None:
    engine = engine if dtype == "uint8" else "numpy"  # loops of other types are compiled first
    array = drawn(*shape, dtype)
    lazy = convcli.apply(filter_text, da.from_array(array, chunks=(rows, columns, 1)), border=border, engine=engine)
    whole = convcli.apply(filter_text, array, border=border, engine=engine)
    assert isinstance(lazy, da.Array)
    assert (lazy.shape, lazy.dtype) == (whole.shape, whole.dtype)
    assert np.array_equal(lazy.compute(scheduler="sync"), whole)


@pytest.mark.parametrize("dtype", ["int16", "float16", "bool", "uint8"])
@pytest.mark.parametrize("shape", [(30, 20), (30, 20, 1)])
def test_forms_are_those_of_arrays(dtype: str, shape: tuple[int, ...]) -> None:
    array = (np.arange(600).reshape(shape) % 7).astype(dtype)
    whole = convcli.correlate(array, [[1, 2], [3, 4]], divisor=10, engine="numpy")
    lazy = convcli.correlate(da.from_array(array, chunks=9), [[1, 2], [3, 4]], divisor=10, engine="numpy")
    assert (lazy.shape, lazy.dtype) == (whole.shape, whole.dtype)
    assert np.array_equal(lazy.compute(scheduler="sync"), whole)


def test_a_block_takes_the_rows_that_it_needs() -> None:
    taken: list[int] = []

    def noted(block: Any) -> Any:
        taken.append(len(block))
        return block

    array = da.zeros((400, 30), chunks=(10, 30), dtype=np.uint8).map_blocks(noted, meta=np.empty((0, 0), np.uint8))
    soft = convcli.apply("gaussian:2", array, engine="numpy")
    assert taken == []  # nothing is computed yet
    soft[200:205].compute(scheduler="sync")
    assert 1 <= sum(taken) // 10 <= 8  # chunks of 10 rows under a block, and 8 rows above and below it


def test_large_chunks_make_several_blocks() -> None:
    array = da.zeros((9000, 8000, 3), chunks=-1, dtype=np.uint8)
    blocks = convcli.apply("sharpen", array).chunks
    assert len(blocks[0]) == 2
    assert all(rows * 8000 * 3 <= chunked._LARGEST_BLOCK for rows in blocks[0])


@given(
    filter_text=st.sampled_from(
        [*FILTERS, "normalize", "gaussian:1 | normalize | sharpen | normalize", "sobel | normalize"]
    ),
    border=st.sampled_from(["constant:0.3", "edge", "reflect", "symmetric", "wrap"]),
    dtype=st.sampled_from(["uint8", "uint16", "float32"]),
    shape=st.tuples(st.integers(24, 60), st.integers(24, 36), st.sampled_from([2, 4])),
    alpha=st.sampled_from(["keep", "filter", "drop"]),
    into=st.sampled_from(["clip", "abs", "stretch", "center"]),
    channels=st.sampled_from(["all", "all", "luma", "r", "g,a"]),
    linear=st.booleans(),
    rows=st.integers(3, 30),
    opaque=st.sampled_from([0.0, 0.5, 1.0]),
)
@settings(max_examples=20)
def test_what_depends_on_all_values_is_that_of_the_whole_array(
    filter_text: str,
    border: str,
    dtype: str,
    shape: tuple[int, int, int],
    alpha: Any,
    into: Any,
    channels: str,
    linear: bool,
    rows: int,
    opaque: float,
) -> None:
    array = drawn(*shape, dtype)
    array[: int(opaque * shape[0]), :, -1] = np.iinfo(dtype).max if dtype.startswith("u") else 1
    array[-1:, :5, -1] *= opaque == 1  # hidden pixels
    options: dict[str, Any] = {"border": border, "range": into, "alpha": alpha, "channels": channels, "linear": linear}
    if "a" in channels.split(","):
        del options["alpha"]
    try:
        whole = convcli.apply(filter_text, array, engine="numpy", **options)
    except UsageError:  # a filter that mixes channels, and some of them
        reject()
    lazy = convcli.apply(filter_text, da.from_array(array, chunks=(rows, 17, 1)), engine="numpy", **options)
    assert (lazy.shape, lazy.dtype) == (whole.shape, whole.dtype)
    assert np.array_equal(lazy.compute(scheduler="sync"), whole, equal_nan=dtype == "float32")


def test_each_pass_reads_the_array_anew() -> None:
    read: list[int] = []

    def noted(block: Any) -> Any:
        read.append(len(block))
        return block

    array = da.arange(4000, chunks=100, dtype=np.float32).reshape(400, 10)
    array = array.map_blocks(noted, meta=np.empty((0, 0), np.float32))
    even = convcli.apply("normalize", array, engine="numpy")
    assert read == []  # nothing is computed yet
    assert np.array_equal(
        even.compute(scheduler="sync"), convcli.apply("normalize", np.arange(4000.0, dtype="f4").reshape(400, 10))
    )
    assert sum(read) == 800  # for the smallest and the largest value, and for the result


@pytest.mark.parametrize(
    "made",
    [
        lambda array: da.concatenate([array[:13], array[13:]]),
        lambda array: array.rechunk((7, 20)).map_overlap(lambda block: block, depth=1, boundary="reflect"),
        lambda array: da.roll(da.pad(array, ((2, 0), (0, 3)), mode="edge"), 5, axis=0),
        lambda array: array.persist(scheduler="sync"),
    ],
)
def test_passes_take_arrays_of_every_making(made: Any) -> None:
    array = made(da.from_array(drawn(40, 30, 1, "uint16")[:, :, 0], chunks=9))
    lazy = convcli.apply("gaussian:1 | normalize", array, engine="numpy")
    whole = convcli.apply("gaussian:1 | normalize", array.compute(scheduler="sync"), engine="numpy")
    assert np.array_equal(lazy.compute(scheduler="sync"), whole)


@pytest.mark.parametrize("options", [{}, {"alpha": "drop"}])
@pytest.mark.parametrize(
    "filter_text", ["turn:90", "turn:270 | sharpen", "gaussian:2 | linear:3", "instance-norm | box", "global-avgpool"]
)
def test_what_needs_the_whole_array_is_one_block(filter_text: str, options: Any) -> None:
    read: list[int] = []

    def noted(block: Any) -> Any:
        read.append(len(block))
        return block

    values = drawn(30, 20, 4, "uint8")
    array = da.from_array(values, chunks=(7, 9, 1)).map_blocks(noted, meta=np.empty((0, 0, 0), np.uint8))
    lazy = convcli.apply(filter_text, array, **options)
    assert read == []  # nothing is computed yet
    whole = convcli.apply(filter_text, values, **options)
    assert (lazy.shape, lazy.dtype, lazy.npartitions) == (whole.shape, whole.dtype, 1)
    assert np.array_equal(lazy.compute(scheduler="sync"), whole)


def test_what_does_not_fit_is_refused_at_once() -> None:
    with pytest.raises(ShapeError, match="the picture is 9 wide"):
        convcli.apply("turn:90 | crop:0,0,20,20", da.zeros((9, 9), dtype=np.uint8))


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4, 5), (0, 4)])
def test_what_is_no_picture_is_refused_as_an_array_is(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="is no picture"):
        convcli.apply("box", da.zeros(shape))


def test_labeled_arrays_keep_their_labels() -> None:
    xarray = pytest.importorskip("xarray", reason="xarray is not installed: its arrays are filtered where it is")
    values = drawn(20, 30, 3, "uint16")
    coords = {"y": np.arange(20) * 2.0, "x": np.arange(30) * 3.0, "band": ["r", "g", "b"], "time": 5}
    bands = xarray.DataArray(values.transpose(2, 0, 1), dims=("band", "y", "x"), coords=coords, attrs={"crs": "x"})
    for given_array in (bands, bands.chunk(y=7)):
        sharp = convcli.apply("sharpen", given_array)
        assert sharp.dims == ("band", "y", "x")
        assert sharp.attrs == {"crs": "x"}
        assert (sharp.chunks is None) == (given_array.chunks is None)
        assert all(sharp.coords[name].equals(bands.coords[name]) for name in coords)
        assert np.array_equal(sharp.values, convcli.apply("sharpen", values).transpose(2, 0, 1))
        assert set(convcli.apply("avgpool:2", given_array).coords) == {"band", "time"}
    plane = xarray.DataArray(values[:, :, 0], dims=("lat", "lon"))
    assert convcli.apply("box", plane).dims == ("lat", "lon")
    assert convcli.apply("sobel", plane).shape[:2] == (20, 30)
    with pytest.raises(UsageError) as refused:
        convcli.apply("box", xarray.DataArray(np.zeros((2, 3, 4)), dims=("t", "u", "v")))
    assert refused.value.message == "an array of dimensions t, u, v is no picture"


def test_the_examples_of_the_page_run() -> None:
    pytest.importorskip("xarray", reason="xarray is not installed: the page uses it")
    page = (CHECKOUT / "docs" / "scale.md").read_text(encoding="utf-8")
    text = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(text, {}, "scale.md", None, 0)
    assert len(test.examples) > 5
    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    assert not report, "".join(report)
