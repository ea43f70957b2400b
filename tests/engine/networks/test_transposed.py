"""The transposed convolution, compared with PyTorch, and its texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from convcli.catalog import load_filter
from convcli.catalog.yaml.writer import to_yaml
from convcli.engine import apply_layer, apply_pipeline
from convcli.errors import FilterError, ShapeError, UsageError
from convcli.filters import ConvTranspose, Pipeline

PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def layers(draw: st.DrawFn) -> ConvTranspose:
    groups, given_, own = (draw(st.integers(1, 3)) for _ in range(3))
    size, stride, dilation = draw(PAIRS), draw(PAIRS), draw(PAIRS)
    generator = np.random.default_rng(draw(st.integers(0, 99)))
    weights = generator.normal(size=(groups * given_, own, *size))
    bias = tuple(generator.normal(size=groups * own).tolist()) if draw(st.booleans()) else (0.0,)
    extent = [step * (side - 1) + 1 for side, step in zip(size, dilation, strict=True)]
    padding = tuple(draw(st.integers(0, side - 1)) for side in extent)
    more = tuple(draw(st.integers(0, max(step, apart) - 1)) for step, apart in zip(stride, dilation, strict=True))
    return ConvTranspose(weights, bias, stride, (padding[0], padding[1]), (more[0], more[1]), dilation, groups)


@settings(max_examples=60, deadline=None)
@given(layer=layers(), height=st.integers(2, 6), width=st.integers(2, 6))
def test_a_transposed_convolution_is_that_of_pytorch(layer: ConvTranspose, height: int, width: int) -> None:
    torch = pytest.importorskip("torch")
    sides = zip((height, width), layer.stride, layer.padding, layer.extent, strict=True)
    assume(all((side - 1) * step - 2 * less + extent > 0 for side, step, less, extent in sides))
    array = np.random.default_rng(1).normal(size=(height, width, len(layer.weights)))
    tensor = torch.from_numpy(np.ascontiguousarray(array.transpose(2, 0, 1)))[np.newaxis]
    wanted = torch.nn.functional.conv_transpose2d(
        tensor,
        torch.from_numpy(layer.weights),
        torch.tensor(layer.bias, dtype=torch.float64) if layer.has_bias else None,
        layer.stride,
        layer.padding,
        layer.output_padding,
        layer.groups,
        layer.dilation,
    )
    made = apply_layer(layer, array, 1.0)
    np.testing.assert_allclose(made, wanted[0].numpy().transpose(1, 2, 0), rtol=1e-10, atol=1e-10)
    assert layer.output_shape((len(layer.weights), height, width)) == tuple(wanted.shape[1:])
    assert layer.parameters((1, 1, 1)) == layer.weights.size + (len(layer.bias) if layer.has_bias else 0)  # type: ignore[arg-type]


@settings(max_examples=30, deadline=None)
@given(layer=layers())
def test_a_transposed_convolution_reads_back_as_it_is_written(layer: ConvTranspose, tmp_path_factory: Any) -> None:
    file = tmp_path_factory.mktemp("transposed") / "net.yaml"
    file.write_text(to_yaml(Pipeline((layer,))), encoding="utf-8")
    (read,) = load_filter(str(file)).layers
    assert isinstance(read, ConvTranspose)
    np.testing.assert_array_equal(read.weights, layer.weights)
    settings_ = ("bias", "stride", "padding", "output_padding", "dilation", "groups")
    assert [getattr(read, each) for each in settings_] == [getattr(layer, each) for each in settings_]


def test_random_weights_are_those_of_the_seed_and_of_no_other_layer(tmp_path: Path) -> None:
    text = "conv-transpose:2,2,3 | conv-transpose:2,2,3 | conv-transpose:2,2,3,seed=1"
    first, second, third = (each for each in load_filter(text).layers if isinstance(each, ConvTranspose))
    assert not np.array_equal(first.weights, second.weights)
    assert not np.array_equal(second.weights, third.weights)
    assert np.abs(first.weights).max() <= 1 / np.sqrt(18)
    (tmp_path / "net.yaml").write_text(to_yaml(load_filter(text)))
    again = load_filter(str(tmp_path / "net.yaml")).layers
    for one, other in zip((first, second, third), again, strict=True):
        assert isinstance(other, ConvTranspose)
        np.testing.assert_array_equal(one.weights, other.weights)
        assert one.bias == other.bias
    assert "weights" not in (tmp_path / "net.yaml").read_text()


def test_the_bias_is_a_share_of_full_scale() -> None:
    layer = ConvTranspose(np.ones((1, 1, 1, 1)), 0.5)
    made = apply_pipeline(Pipeline((layer,)), np.zeros((2, 2, 1), np.uint8), full_scale=255.0, dtype=np.uint8)
    assert made.values.ravel().tolist() == [128] * 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("conv-transpose", "conv-transpose has no weights"),
        ("conv-transpose:1,2", "conv-transpose has no kernel_size"),
        ("conv-transpose:1,2,3,output_padding=1", "output_padding of 1 is not below the stride 1"),
        ("conv-transpose:3,2,3,groups=2", "2 groups do not divide 3 input and 2 output channels"),
    ],
)
def test_a_text_that_makes_no_layer_is_refused(text: str, message: str) -> None:
    with pytest.raises(FilterError, match=message):
        load_filter(text)


def test_arrays_that_make_no_layer_are_refused() -> None:
    for wrong in (np.ones((2, 2)), np.full((1, 1, 2, 2), np.nan), "text"):
        with pytest.raises(UsageError):
            ConvTranspose(wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="3 biases for 2"):
        ConvTranspose(np.ones((1, 2, 2, 2)), (1.0, 2.0, 3.0))
    with pytest.raises(ShapeError, match="takes 1 channels"):
        ConvTranspose(np.ones((1, 2, 2, 2))).output_shape((3, 4, 4))
    with pytest.raises(ShapeError, match="leaves nothing"):
        ConvTranspose(np.ones((1, 2, 1, 1)), padding=(1, 1)).output_shape((1, 2, 2))
