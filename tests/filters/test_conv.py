"""Conv: its shapes, channels and settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convcli.errors import KernelError, ShapeError, UsageError
from convcli.filters import Conv
from convcli.filters.border import Border
from convcli.filters.kernel import Kernel

PLANE = Kernel(np.ones((3, 3)))


pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))


@pytest.mark.parametrize(
    ("about", "shape"),
    [
        ({}, (2, 10, 12)),
        ({"padding": "valid"}, (2, 8, 10)),
        ({"padding": "full"}, (2, 12, 14)),
        ({"padding": (1, 0)}, (2, 10, 10)),
        ({"stride": (2, 5)}, (2, 5, 3)),
        ({"dilation": (2, 3)}, (2, 10, 12)),
        ({"dilation": (2, 3), "padding": "valid"}, (2, 6, 6)),
        ({"dilation": (2, 3), "padding": "full"}, (2, 14, 18)),
    ],
)
def test_shapes(about: dict[str, Any], shape: tuple[int, int, int]) -> None:
    assert Conv(PLANE, **about).output_shape((2, 10, 12)) == shape


@settings(deadline=None, max_examples=200)
@given(
    st.tuples(st.integers(1, 15), st.integers(1, 15)),
    pairs,
    pairs,
    pairs,
    st.tuples(st.integers(0, 6), st.integers(0, 6)),
)
def test_shapes_are_torchs(
    lengths: tuple[int, int],
    size: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    padding: tuple[int, int],
) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: its shapes are compared where it is")
    conv = Conv(Kernel(np.ones((6, 2, *size))), stride, padding, dilation, groups=2)
    theirs = torch.nn.Conv2d(4, 6, size, stride, padding, dilation, groups=2, device="meta")
    try:
        expected = tuple(theirs(torch.empty((1, 4, *lengths), device="meta")).shape[1:])
    except RuntimeError:
        with pytest.raises(ShapeError, match="does not fit"):
            conv.output_shape((4, *lengths))
    else:
        assert conv.output_shape((4, *lengths)) == expected


@given(st.tuples(st.integers(1, 15), st.integers(1, 15)), pairs, pairs, pairs)
def test_same_gives_as_many_pixels_over_the_stride_rounded_up(
    lengths: tuple[int, int], size: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int]
) -> None:
    shape = Conv(Kernel(np.ones(size)), stride, "same", dilation).output_shape((1, *lengths))
    assert shape == (1, -(-lengths[0] // stride[0]), -(-lengths[1] // stride[1]))


def test_margins_follow_the_anchor() -> None:
    assert Conv(Kernel(np.ones((4, 3)), anchor=(0, 2))).margins == ((0, 3), (2, 0))
    assert Conv(Kernel(np.ones((4, 3)), anchor=(1, 0)), dilation=(2, 5)).margins == ((2, 4), (0, 10))
    assert Conv(PLANE, padding=(4, 7)).margins == ((4, 4), (7, 7))


@pytest.mark.parametrize(
    ("weights", "groups", "channels", "outputs"),
    [
        (np.ones((1, 1)), 1, 5, 5),
        (np.ones((5, 1, 1)), 1, 5, 5),
        (np.ones((2, 5, 1, 1)), 1, 5, 2),
        (np.ones((4, 2, 1, 1)), 2, 4, 4),
    ],
)
def test_channels(weights: Any, groups: int, channels: int, outputs: int) -> None:
    conv = Conv(Kernel(weights), groups=groups)
    assert conv.output_shape((channels, 4, 4)) == (outputs, 4, 4)


@pytest.mark.parametrize(
    ("weights", "groups", "message"),
    [
        (np.ones((2, 1, 1)), 1, "planes for 2 channels, the input has 4"),
        (np.ones((2, 3, 1, 1)), 1, "takes 3 input channels, the input has 4"),
        (np.ones((2, 3, 1, 1)), 2, r"takes 6 input channels \(2 groups of 3\), the input has 4"),
        (np.ones((3, 2, 1, 1)), 2, "3 output channels cannot be split into 2 groups"),
    ],
)
def test_channels_that_do_not_fit(weights: Any, groups: int, message: str) -> None:
    with pytest.raises(ShapeError, match=message) as caught:
        Conv(Kernel(weights), groups=groups).output_shape((4, 5, 5))
    assert caught.value.hint


def test_kernels_that_do_not_fit() -> None:
    with pytest.raises(ShapeError, match="covers 3×3 pixels does not fit into a picture of 9×2"):
        Conv(PLANE, padding="valid").output_shape((1, 9, 2))
    with pytest.raises(ShapeError, match="covers 9×3 pixels does not fit into a padded picture of 2×2"):
        Conv(PLANE, padding=(3, 1), dilation=(4, 1)).output_shape((1, 2, 2))


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"stride": (0, 1)}, "stride 0"),
        ({"dilation": (1, -2)}, "dilation -2"),
        ({"groups": 0}, "groups 0"),
        ({"padding": (0, -1)}, "padding -1"),
        ({"groups": 2}, "groups 2 need weights of output × input"),
    ],
)
def test_settings_that_cannot_be(about: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        Conv(PLANE, **about)
    assert caught.value.hint


def test_settings_replace_the_layers_own() -> None:
    conv = Conv(Kernel([[1, 2]], divisor=3, bias=0.5), (2, 2), "valid", (2, 1), border=Border("edge"))
    same = conv.with_settings()
    assert (same.stride, same.padding, same.dilation, same.border) == ((2, 2), "valid", (2, 1), Border("edge"))
    assert (same.kernel.divisor, same.kernel.bias, same.kernel.anchor) == (3, (0.5,), (0, 1))
    none = conv.with_settings(
        divisor=None, bias=None, normalize=None, flip=None, stride=None, padding=None, dilation=None, groups=None,
        border=None, anchor=None,
    )  # fmt: skip
    assert (none.stride, none.padding, none.kernel.divisor, none.border) == ((2, 2), "valid", 3, Border("edge"))
    other = conv.with_settings(
        divisor=4, bias=0, stride=3, padding=2, dilation=(1, 2), border=Border("wrap"), flip=True
    )
    assert (other.stride, other.padding, other.dilation) == ((3, 3), (2, 2), (1, 2))
    assert (other.kernel.divisor, other.kernel.bias, other.border) == (4, (0,), Border("wrap"))
    assert other.kernel.weights.tolist() == [[2, 1]]
    assert other.kernel.anchor == (0, 1)
    assert conv.with_settings(anchor=(0, 1), flip=True).kernel.anchor == (0, 0)
    assert conv.kernel.weights.tolist() == [[1, 2]]
    assert Conv(Kernel(np.ones((4, 2, 1, 1)))).with_settings(groups=2).groups == 2
    assert conv.with_settings(padding="full").padding == "full"
    assert conv.with_settings(padding=0).padding == (0, 0)


def test_normalize_chooses_the_divisor() -> None:
    assert Conv(Kernel([[1, 2]], divisor=7)).with_settings(normalize="sum").kernel.divisor == 3
    with pytest.raises(KernelError, match="normalize 'most'"):
        Conv(PLANE).with_settings(normalize="most")  # type: ignore[arg-type]
