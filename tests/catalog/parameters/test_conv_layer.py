"""``conv`` in a file means what PyTorch's Conv2d means."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from convcli.catalog import check_file, load_filter, to_yaml
from convcli.catalog.parameters.arguments import Bound
from convcli.catalog.parameters.conv_layer import conv_layer
from convcli.engine import apply_pipeline, explain, filter_array, full_scale_of
from convcli.errors import FilterError
from convcli.filters import Conv, Pipeline, untouched_path
from convcli.filters.border import Border


def conv_of(folder: Path, said: str) -> Conv:
    file = folder / "f.yaml"
    file.write_text(f"layers:\n  - {said}\n")
    conv = check_file(file).conv
    assert conv is not None
    return conv


def test_the_defaults_are_pytorchs(tmp_path: Path) -> None:
    conv = conv_of(tmp_path, "conv: {weights: [[1, 2], [3, 4]]}")
    assert (conv.stride, conv.padding, conv.dilation, conv.groups) == ((1, 1), (0, 0), (1, 1), 1)
    assert conv.border == Border("constant")
    assert conv.kernel.bias == (0,)
    assert conv.parameters((1, 5, 5)) == 4


def test_a_kernel_has_the_defaults_of_a_file(tmp_path: Path) -> None:
    for said in ("kernel: {weights: [[1, 2, 3]]}", "kernel: [[1, 2, 3]]", '"1 2 3"'):
        conv = conv_of(tmp_path, said)
        assert (conv.padding, conv.border, conv.kernel.weights.tolist()) == ("same", None, [[1, 2, 3]])


def test_made_weights(tmp_path: Path) -> None:
    conv = conv_of(tmp_path, "conv: {in_channels: 4, out_channels: 6, kernel_size: [3, 5], groups: 2, seed: 7}")
    assert conv.kernel.weights.shape == (6, 2, 3, 5)
    assert len(conv.kernel.bias) == 6
    bound = 1 / np.sqrt(2 * 3 * 5)
    assert np.abs(conv.kernel.weights).max() <= bound
    assert np.abs(conv.kernel.weights).max() > 0.9 * bound
    again = conv_of(tmp_path, "conv: [4, 6, [3, 5], 1, 0, 1, 2]")
    assert not np.array_equal(conv.kernel.weights, again.kernel.weights)
    seeded = load_filter("conv:4,6,3x5,groups=2,seed=7").conv
    assert seeded is not None
    np.testing.assert_array_equal(conv.kernel.weights, seeded.kernel.weights)


def test_without_a_bias_and_of_zeros(tmp_path: Path) -> None:
    conv = conv_of(tmp_path, "conv: {in_channels: 1, out_channels: 2, kernel_size: 1, bias: false}")
    assert conv.kernel.bias == (0,)
    assert conv.parameters((1, 5, 5)) == 2
    conv = conv_of(tmp_path, "conv: {in_channels: 1, out_channels: 2, kernel_size: 1, init: zeros}")
    assert not conv.kernel.weights.any()
    assert conv.parameters((1, 5, 5)) == 4


def test_every_setting_is_read(tmp_path: Path) -> None:
    conv = conv_of(
        tmp_path,
        "conv: {weights: [[[[1, 2]]], [[[3, 4]]]], bias: [1/2, 25%], divisor: 2, stride: [2, 1], padding: [1, 2],"
        " dilation: 3, groups: 2, border: wrap, anchor: [0, 0], flip: true}",
    )
    assert conv.kernel.weights.tolist() == [[[[2, 1]]], [[[4, 3]]]]
    assert (conv.kernel.bias, conv.kernel.divisor, conv.kernel.anchor) == ((0.5, 0.25), 2, (0, 1))
    assert (conv.stride, conv.padding, conv.dilation, conv.groups) == ((2, 1), (1, 2), (3, 3), 2)
    assert conv.border == Border("wrap")


def test_numbers_beside_the_file(tmp_path: Path) -> None:
    weights = np.random.default_rng(0).random((2, 1, 3, 3))
    np.save(tmp_path / "w.npy", weights)
    np.save(tmp_path / "b.npy", np.array([0.25, 0.5]))
    conv = conv_of(tmp_path, "conv: {weights: {file: w.npy}, bias: {file: b.npy}}")
    np.testing.assert_array_equal(conv.kernel.weights, weights)
    assert conv.kernel.bias == (0.25, 0.5)


@given(
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.sampled_from(["same", "valid"]) | st.tuples(st.integers(0, 3), st.integers(0, 3)),
    dilation=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    groups=st.integers(1, 3),
    bias=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
@settings(deadline=None)
@pytest.mark.filterwarnings("ignore:Using padding='same'")  # PyTorch copies the picture, and says so
def test_it_gives_what_torch_gives(
    size: Any, stride: Any, padding: Any, dilation: Any, groups: int, bias: bool, seed: int
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is compared where it is installed")
    if padding == "same":
        assume(stride == (1, 1))  # PyTorch refuses others
    written = padding if isinstance(padding, str) else f"{padding[0]}x{padding[1]}"
    text = (
        f"conv:{groups},{2 * groups},{size[0]}x{size[1]},{stride[0]}x{stride[1]},{written},{dilation[0]}x{dilation[1]},"
        f"{groups},{str(bias).lower()},seed={seed}"
    )
    conv = load_filter(text).conv
    assert conv is not None
    picture = np.random.default_rng(1).random((11, 12, groups))
    theirs = torch.nn.functional.conv2d(
        torch.from_numpy(picture.transpose(2, 0, 1))[None],
        torch.from_numpy(conv.kernel.weights.copy()),
        torch.tensor(conv.kernel.bias, dtype=torch.float64) if bias else None,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
    )
    ours = apply_pipeline(load_filter(text), picture, full_scale=full_scale_of(np.float64), dtype=np.float64).values
    np.testing.assert_allclose(ours, theirs[0].numpy().transpose(1, 2, 0), rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("dilation", [(1, 1), (2, 3), (3, 1), (5, 2)])
@pytest.mark.parametrize("size", [(1, 2), (2, 1), (2, 2), (4, 3), (3, 3), (6, 4)])
def test_same_is_torchs_for_every_size_and_dilation(
    size: tuple[int, int], dilation: tuple[int, int], groups: int, engine: Any
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is compared where it is installed")
    random = np.random.default_rng(3)
    weights = random.normal(size=(6, 3 // groups, *size))
    picture = random.random((13, 17, 3))
    conv = conv_layer(bound_to(weights=weights.tolist(), padding="same", dilation=dilation, groups=groups), None)
    ours = filter_array(Pipeline((conv,)), picture, engine=engine)
    theirs = torch.nn.functional.conv2d(
        torch.from_numpy(picture.transpose(2, 0, 1).copy())[None],
        torch.from_numpy(weights),
        padding="same",
        dilation=dilation,
        groups=groups,
    )
    np.testing.assert_allclose(ours, theirs[0].numpy().transpose(1, 2, 0), rtol=0, atol=1e-12)
    # So it stays through a file, and every value is explained as it is computed.
    again = filter_array(Pipeline((conv_of_text(to_yaml(Pipeline((conv,)))),)), picture, engine=engine)
    np.testing.assert_array_equal(again, ours)
    row, column, channel = (int(random.integers(length)) for length in ours.shape)
    found = explain(Pipeline((conv,)), picture, (column, row), channel, full_scale=1, dtype=np.float64)
    assert found.exact == pytest.approx(ours[row, column, channel], abs=1e-12)


def test_torch_and_this_refuse_same_beside_a_stride() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is compared where it is installed")
    with pytest.raises(ValueError, match="not supported for strided"):
        torch.nn.Conv2d(1, 1, 3, stride=2, padding="same")
    for text in ("conv:1,1,3,2,same", "conv:1,1,2,1x2,same"):
        with pytest.raises(FilterError, match="padding: same needs stride 1"):
            load_filter(text)
    # An anchor gives the word its meaning of the command: one output per step.
    conv = conv_layer(bound_to(weights=[[1, 2], [3, 4]], padding="same", stride=(2, 2), anchor=(0, 0)), None)
    assert conv.output_shape((1, 5, 6)) == (1, 3, 3)
    assert conv.margins == ((0, 1), (0, 1))


def test_shape_field_and_path_of_the_other_channels_under_same() -> None:
    conv = conv_layer(bound_to(weights=[[1.0, 2.0]] * 4, padding="same", dilation=(3, 5)), None)
    assert conv.margins == ((4, 5), (2, 3))
    assert conv.output_shape((3, 7, 8)) == (3, 7, 8)
    assert conv.receptive_field.extent == (10, 6)
    assert untouched_path(Pipeline((conv,))) is None
    named = conv.with_settings(anchor=(0, 0))
    assert named.margins == ((0, 9), (0, 5))


def test_alpha_stays_in_its_place_under_same() -> None:
    picture = np.random.default_rng(0).random((9, 8, 4))
    conv = conv_layer(bound_to(weights=[[1.0, 2.0]] * 2, padding="same", dilation=(3, 3)), None)
    made = apply_pipeline(Pipeline((conv,)), picture, alpha="keep", full_scale=1, dtype=np.float64).values
    np.testing.assert_array_equal(made[:, :, 3], picture[:, :, 3])


def bound_to(**values: Any) -> Bound:
    return Bound(values, dict.fromkeys(values, ()))


def conv_of_text(text: str) -> Conv:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "f.yaml"
        file.write_text(text)
        conv = check_file(file).conv
    assert conv is not None
    return conv
