from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import convcli
from convcli.errors import ConvcliError, FilterError, KernelError, ShapeError, UsageError
from tests.support.oracle import correlate, margins, rounded

WEIGHTS = np.array([[1, 2, 0], [-3, 9, 1], [0, -2, -1]])
SAME = margins("same", (3, 3))
untyped: Any = convcli
DTYPES = (np.uint8, np.uint16, np.float32, np.float64)


def picture(dtype: Any, *shape: int) -> NDArray[Any]:
    random = np.random.default_rng(7)
    if np.dtype(dtype).kind == "u":
        return random.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)
    return random.standard_normal(shape).astype(dtype)


def wanted(array: NDArray[Any], weights: Any = WEIGHTS, **settings: Any) -> NDArray[Any]:
    planes = array if array.ndim == 3 else array[:, :, np.newaxis]
    values = correlate(planes, weights, **{"margins": SAME, **settings})
    return rounded(values, array.dtype.type) if array.dtype.kind == "u" else values


def close(array: NDArray[Any], other: NDArray[Any]) -> bool:
    tolerance = {"u": 0.0, "f": 1e-5 if array.dtype == np.float32 else 1e-12}[array.dtype.kind]
    return bool(np.allclose(array, other.reshape(array.shape), rtol=0, atol=tolerance * 30))


def test_the_public_names() -> None:
    functions = {
        "apply",
        "compare",
        "correlate",
        "learn",
        "load_filter",
        "read_picture",
        "save_filter",
        "write_picture",
    }
    assert set(convcli.__all__) == {"Kernel", "Pipeline", "__version__", "errors"} | functions
    assert dir(convcli) == convcli.__all__
    for name in convcli.__all__:
        assert getattr(convcli, name)
    with pytest.raises(AttributeError, match="no attribute 'Kernal'"):
        _ = untyped.Kernal


def test_every_public_name_says_what_it_is() -> None:
    for name in set(convcli.__all__) - {"__version__"}:
        assert getattr(convcli, name).__doc__


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(12, 17), (12, 17, 1), (12, 17, 3), (12, 17, 4), (12, 17, 7)])
def test_what_goes_in_comes_out(dtype: Any, shape: tuple[int, ...]) -> None:
    array = picture(dtype, *shape)
    before = array.copy()
    for result in (convcli.correlate(array, WEIGHTS), convcli.apply("1 2 0; -3 9 1; 0 -2 -1", array)):
        assert result.dtype == dtype
        assert result.shape == shape
        assert close(result, wanted(array))
        assert not np.shares_memory(result, array)
    assert np.array_equal(array, before)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize(
    "settings",
    [
        {"border": "wrap"},
        {"border": "constant:0.5"},
        {"padding": "valid"},
        {"padding": "full", "border": "constant"},
        {"padding": (2, 1)},
        {"stride": 2, "dilation": (1, 2)},
        {"divisor": 7, "bias": -0.1},
        {"flip": True},
        {"normalize": "l1"},
    ],
)
def test_the_settings(engine: str, settings: dict[str, Any]) -> None:
    array = picture(np.uint8, 14, 19, 3)
    theirs = dict(settings)
    border, _, fill = str(theirs.pop("border", "reflect")).partition(":")
    dilation = theirs.get("dilation", 1)
    dilation = dilation if isinstance(dilation, tuple) else (dilation, dilation)
    around = margins(theirs.pop("padding", "same"), (3, 3), dilation)
    weights = WEIGHTS[::-1, ::-1] if theirs.pop("flip", False) else WEIGHTS
    divisor = 19.0 if theirs.pop("normalize", None) else theirs.get("divisor", 1)
    stride = theirs.get("stride", 1)
    reference = wanted(
        array,
        weights,
        margins=around,
        border=border,
        fill=128.0 if fill else 0.0,  # half of full scale, a pixel like any other
        dilation=dilation,
        stride=(stride, stride),
        divisor=divisor,
        offset=theirs.get("bias", 0) * 255,
    )
    computing: dict[str, Any] = {"engine": engine, "threads": 2}
    assert np.array_equal(convcli.correlate(array, WEIGHTS, **settings, **computing), reference)
    assert np.array_equal(convcli.apply("1 2 0; -3 9 1; 0 -2 -1", array, **settings, **computing), reference)


def test_groups_and_channels() -> None:
    array = picture(np.float32, 9, 9, 4)
    weights = np.random.default_rng(0).standard_normal((6, 2, 3, 3))
    result = convcli.correlate(array, weights, groups=2, bias=[0, 1, 2, 3, 4, 5])
    assert result.shape == (9, 9, 6)
    assert close(result, wanted(array, weights, groups=2) + np.arange(6))
    per_channel = convcli.correlate(array, weights[:4, 0])
    assert close(per_channel, wanted(array, weights[:4, 0]))


def test_one_channel_out_of_a_plane_is_a_plane_and_several_are_not() -> None:
    plane = picture(np.float64, 8, 8)
    assert convcli.correlate(plane, np.ones((1, 1, 3, 3))).shape == (8, 8)
    assert convcli.correlate(plane, np.ones((5, 1, 3, 3))).shape == (8, 8, 5)
    assert convcli.correlate(plane[:, :, np.newaxis], np.ones((1, 1, 3, 3))).shape == (8, 8, 1)
    assert convcli.correlate(picture(np.float64, 8, 8, 3), np.ones((1, 3, 1, 1))).shape == (8, 8, 1)


def test_another_dtype_can_be_asked_for() -> None:
    array = picture(np.uint8, 10, 10)
    values = convcli.correlate(array, WEIGHTS, dtype=np.float64)
    assert values.dtype == np.float64
    assert np.array_equal(values, correlate(array[:, :, np.newaxis], WEIGHTS, margins=SAME)[:, :, 0])
    assert values.min() < 0
    assert convcli.apply("box", array, dtype="float32").dtype == np.float32


def test_views_and_other_orders_of_memory_are_fine() -> None:
    array = picture(np.uint8, 20, 30, 3)
    for view in (array[::2, ::-3], np.asfortranarray(array), array.transpose(1, 0, 2), array[..., ::-1], array[..., 1]):
        assert np.array_equal(convcli.correlate(view, WEIGHTS), wanted(view).reshape(view.shape))


def test_a_filter_is_loaded_once_and_applied_often(tmp_path: Path) -> None:
    (tmp_path / "k.yaml").write_text(f"name: mine\nweights: {WEIGHTS.tolist()}\nborder: wrap\n")
    loaded = convcli.load_filter(str(tmp_path / "k.yaml"))
    assert isinstance(loaded, convcli.Pipeline)
    assert loaded.name == "mine"
    for shape in ((5, 6), (7, 8, 3)):
        array = picture(np.uint8, *shape)
        assert np.array_equal(convcli.apply(loaded, array), wanted(array, border="wrap").reshape(shape))
        assert np.array_equal(convcli.apply(loaded, array, border="edge"), wanted(array, border="edge").reshape(shape))


def test_a_kernel_is_taken_with_what_is_its_own() -> None:
    array = picture(np.uint8, 11, 12)
    kernel = convcli.Kernel(WEIGHTS, divisor=7, bias=0.5, anchor=(0, 2))
    moved = wanted(array, divisor=7, offset=127.5, margins=((0, 2), (2, 0)))
    assert np.array_equal(convcli.correlate(array, kernel), moved[:, :, 0])
    other = wanted(array, divisor=2, margins=((0, 2), (2, 0)))
    assert np.array_equal(convcli.correlate(array, kernel, divisor=2, bias=0), other[:, :, 0])
    assert (kernel.sum, kernel.gain, kernel.is_integer) == (7, 1, True)


def test_a_bias_is_a_fraction_of_full_scale_of_the_dtype() -> None:
    for dtype, half in ((np.uint8, 128), (np.uint16, 32768), (np.float32, 0.5), (np.float64, 0.5)):
        assert (convcli.correlate(np.zeros((3, 3), dtype), [[1]], bias=0.5) == half).all()


@pytest.mark.parametrize(
    ("call", "kind", "what"),
    [
        (lambda a: convcli.apply("sharpn", a), FilterError, "unknown filter"),
        (lambda a: convcli.apply("none.yaml", a), FilterError, "no such filter file"),
        (lambda _: convcli.load_filter("1 2; 3"), FilterError, "row 2 has 1 number"),
        (lambda a: convcli.correlate(a, [[1, 2], [3]]), KernelError, "not a full table"),
        (lambda a: convcli.correlate(a, [1, 2]), KernelError, "make no kernel"),
        (lambda a: convcli.correlate(a, [[float("nan")]]), KernelError, "not finite"),
        (lambda a: convcli.correlate(a, []), KernelError, "make no kernel"),
        (lambda a: convcli.correlate(a, [[1]], divisor=0), KernelError, "divisor 0"),
        (lambda a: convcli.correlate(a, [[1]], border="mirror"), UsageError, "mirror"),
        (lambda a: convcli.correlate(a, [[1]], stride=0), UsageError, "stride 0"),
        (lambda a: convcli.correlate(a, [[1]], padding=-1), UsageError, "padding -1"),
        (lambda a: convcli.correlate(a, [[1]], groups=2), UsageError, "groups 2"),
        (lambda a: untyped.correlate(a, [[1]], normalize="max"), KernelError, "'max'"),
        (lambda a: untyped.correlate(a, [[1]], engine="cuda"), UsageError, "'cuda'"),
        (lambda a: convcli.correlate(a, [[1]], threads=0), UsageError, "threads 0 is not"),
        (lambda a: convcli.correlate(a, [[1]], dtype="int32"), UsageError, "int32"),
        (lambda a: convcli.apply("box", a, dtype="int32"), UsageError, "int32"),
        (lambda a: convcli.correlate(a.astype(complex), [[1]]), UsageError, "complex128"),
        (lambda a: convcli.apply("box", a.astype(str)), UsageError, "str"),
        (lambda a: convcli.correlate(a[0, 0], [[1]]), UsageError, "no picture"),
        (lambda a: convcli.correlate(a[np.newaxis], [[1]]), UsageError, "no picture"),
        (lambda a: convcli.correlate(a[:0], [[1]]), UsageError, "no picture"),
        (lambda a: convcli.correlate(a, np.ones((1, 2, 3, 3))), ShapeError, "takes 2 input channels"),
        (lambda a: convcli.correlate(a, np.ones((2, 3, 3))), ShapeError, "planes for 2 channels"),
        (lambda a: convcli.correlate(a, np.ones((20, 1)), padding="valid"), ShapeError, "does not fit"),
        (lambda a: convcli.correlate(a, [[1]], bias=[1, 2]), KernelError, "2 biases"),
    ],
)
def test_what_cannot_be_meant_is_an_error_of_one_tree(call: Any, kind: type[ConvcliError], what: str) -> None:
    with pytest.raises(kind, match=what) as caught:
        call(picture(np.uint8, 8, 9, 3))
    assert isinstance(caught.value, UsageError)
    assert caught.value.hint
    assert "\n" not in caught.value.message
    assert str(caught.value).startswith(caught.value.message)
    assert str(caught.value).endswith(f"\nhelp: {caught.value.hint}")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "call",
    [
        lambda array, **settings: convcli.correlate(array, [[1]], **settings),
        lambda array, **settings: convcli.apply("1", array, **settings),
    ],
)
def test_an_unknown_setting_is_no_setting(call: Any) -> None:
    with pytest.raises((TypeError, UsageError), match="bordr"):
        call(picture(np.uint8, 4, 4), bordr="wrap")


def test_the_integers_of_numpy_are_integers() -> None:
    array = picture(np.uint8, 6, 7)
    settings: dict[str, Any] = {"stride": np.int64(2), "padding": np.int8(1)}
    ours = convcli.correlate(array, [[1, 2]], **settings)
    np.testing.assert_array_equal(ours, convcli.correlate(array, [[1, 2]], stride=2, padding=1))
