"""Joins by names: residual and U-shaped networks, compared with PyTorch and with arithmetic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.catalog import load_filter
from convcli.catalog.yaml.writer import to_yaml
from convcli.engine import Settings, Source, Strips, apply_pipeline, explain
from convcli.errors import FilterError, ShapeError, UsageError
from convcli.filters import Add, Conv, ConvTranspose, Pipeline, ReLU

RANDOM = np.random.default_rng(12)

UNET = """
layers:
  - conv: {in_channels: 3, out_channels: 4, kernel_size: 3, padding: 1, as: wide}
  - silu
  - maxpool: 2
  - conv: {in_channels: 4, out_channels: 8, kernel_size: 3, padding: 1}
    as: narrow
  - maxpool: 2
  - conv: {in_channels: 8, out_channels: 8, kernel_size: 3, padding: 1}
  - leaky-relu: 0.2
  - conv-transpose: {in_channels: 8, out_channels: 8, kernel_size: 2, stride: 2}
  - concat: narrow
  - conv: {in_channels: 16, out_channels: 4, kernel_size: 3, padding: 1}
  - upsample: {scale: 2, mode: bilinear}
  - concat: [wide, current]
  - conv: {in_channels: 8, out_channels: 3, kernel_size: 1}
  - add: input
"""
RESIDUAL = """
layers:
  - conv: {in_channels: 3, out_channels: 6, kernel_size: 3, padding: 1, as: first}
  - batch-norm: {mean: 0.1, variance: 2}
  - relu
  - conv: {in_channels: 6, out_channels: 6, kernel_size: 3, padding: 1}
  - add: first
  - relu: {as: second}
  - conv: {in_channels: 6, out_channels: 6, kernel_size: 3, padding: 1, groups: 2}
  - subtract: second
  - sigmoid
"""


def applied(pipeline: Pipeline, array: NDArray[Any], engine: Any = "numpy") -> NDArray[Any]:
    settings = Settings(engine=engine, threads=1)
    return apply_pipeline(pipeline, array, full_scale=1.0, dtype=array.dtype, settings=settings).values


def written(folder: Path, text: str) -> Pipeline:
    file = folder / "net.yaml"
    file.write_text(text, encoding="utf-8")
    return load_filter(str(file))


def layers_with_weights(layers: Any) -> list[Any]:
    """Return the layers with weights in the order of the file, those of joins too."""
    found: list[Any] = []
    for layer in layers:
        found += layers_with_weights(layer.inner)
        if isinstance(layer, Conv | ConvTranspose):
            found.append(layer)
    return found


def tensor(array: Any) -> Any:
    return pytest.importorskip("torch").from_numpy(np.array(array, order="C"))


def convolved(x: Any, conv: Any) -> Any:
    functional = pytest.importorskip("torch").nn.functional
    if isinstance(conv, ConvTranspose):
        return functional.conv_transpose2d(x, tensor(conv.weights), tensor(np.array(conv.bias)), conv.stride)
    weights, bias = tensor(conv.kernel.weights), tensor(np.array(conv.kernel.bias))
    return functional.conv2d(x, weights, bias, padding=conv.padding, groups=conv.groups)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_a_u_shaped_network_is_that_of_pytorch(tmp_path: Path, engine: Any) -> None:
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    pipeline = written(tmp_path, UNET)
    array = RANDOM.normal(size=(16, 24, 3))
    one, two, three, up, four, five = layers_with_weights(pipeline.layers)
    x = tensor(array.transpose(2, 0, 1))[np.newaxis]
    wide = convolved(x, one)
    narrow = convolved(functional.max_pool2d(functional.silu(wide), 2), two)
    deep = convolved(functional.leaky_relu(convolved(functional.max_pool2d(narrow, 2), three), 0.2), up)
    back = convolved(torch.cat([deep, narrow], 1), four)
    back = functional.interpolate(back, scale_factor=2, mode="bilinear")
    wanted = convolved(torch.cat([wide, back], 1), five) + x
    made = applied(pipeline, array, engine)
    np.testing.assert_allclose(made, wanted[0].numpy().transpose(1, 2, 0), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_a_residual_network_is_that_of_pytorch(tmp_path: Path, engine: Any) -> None:
    torch = pytest.importorskip("torch")
    pipeline = written(tmp_path, RESIDUAL)
    array = RANDOM.normal(size=(9, 11, 3))
    one, two, three = layers_with_weights(pipeline.layers)
    first = convolved(tensor(array.transpose(2, 0, 1))[np.newaxis], one)
    normal = torch.relu((first - 0.1) / np.sqrt(2 + 1e-5))
    second = torch.relu(convolved(normal, two) + first)
    wanted = torch.sigmoid(convolved(second, three) - second)
    made = applied(pipeline, array, engine)
    np.testing.assert_allclose(made, wanted[0].numpy().transpose(1, 2, 0), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("text", [UNET, RESIDUAL])
def test_a_network_reads_back_as_it_is_written(tmp_path: Path, text: str) -> None:
    pipeline = written(tmp_path, text)
    again = written(tmp_path, to_yaml(pipeline))
    array = RANDOM.normal(size=(8, 8, 3))
    np.testing.assert_array_equal(applied(again, array), applied(pipeline, array))
    assert [row.name for row in again.table((3, 8, 8))] == [row.name for row in pipeline.table((3, 8, 8))]
    assert to_yaml(again) == to_yaml(pipeline)


def test_the_table_of_a_network_has_every_layer_and_the_field_of_its_longest_way(tmp_path: Path) -> None:
    rows = written(tmp_path, UNET).table((3, 16, 24))
    assert [row.name for row in rows] == [
        *("conv", "silu", "maxpool", "conv", "maxpool", "conv", "leaky-relu", "conv-transpose", "concat", "conv"),
        *("upsample", "concat", "conv", "add"),
    ]
    assert sum(row.parameters for row in rows) == 112 + 296 + 584 + 264 + 580 + 27
    assert [row.output_shape for row in rows[8:]] == [
        *((16, 8, 12), (4, 8, 12), (4, 16, 24), (8, 16, 24), (3, 16, 24), (3, 16, 24))
    ]
    # 3 of the first, 2 · 1 + … of those behind each pool: no other way sees more.
    assert rows[5].receptive_field.extent == (18, 18)
    assert rows[-1].receptive_field.stride == (1, 1)


X = np.array([[[3.0, -1.0], [0.5, 2.0]]])
ABS = np.abs(X)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("abs | add:input", ABS + X),
        ("abs | subtract:input", ABS - X),
        ("abs | subtract:input current", X - ABS),
        ("abs | multiply:input", ABS * X),
        ("abs | concat:input", np.concatenate([ABS, X], 2)),
        ("abs | concat:input current", np.concatenate([X, ABS], 2)),
        ("abs:as=a | invert | add:a | invert | subtract:a", 1 - (1 - ABS + ABS) - ABS),
        # Names that cross, and a name twice.
        ("as:a | abs | as:b | invert | add:a | relu | concat:b", np.concatenate([np.maximum(1 - ABS + X, 0), ABS], 2)),
        ("abs:as=a | relu:as=b | invert | add:a b", 1 - ABS + ABS + ABS),
        ("invert:as=a | abs:as=b | concat:b a", np.concatenate([np.abs(1 - X), np.abs(1 - X), 1 - X], 2)),
        ("as:a | add:a", 2 * X),
        ("abs:as=a | invert:as=a | add:a", 2 * (1 - ABS)),
        ("global-avgpool | sigmoid | multiply:input", X / (1 + np.exp(-X.mean(axis=(0, 1))))),
    ],
)
def test_joins_are_their_arithmetic(tmp_path: Path, text: str, wanted: NDArray[Any]) -> None:
    pipeline = load_filter(text)
    np.testing.assert_allclose(applied(pipeline, X), wanted, rtol=1e-12)
    np.testing.assert_allclose(applied(written(tmp_path, to_yaml(pipeline)), X), wanted, rtol=1e-12)


@pytest.mark.parametrize("text", ["global-avgpool | sigmoid | multiply:input", "global-avgpool | add:input current"])
def test_one_value_for_all_leaves_alpha_as_it_is(text: str) -> None:
    array = np.concatenate([np.abs(X) / 9, RANDOM.random((*X.shape[:2], 1))], axis=2)
    made = apply_pipeline(load_filter(text), array, full_scale=1.0, dtype=np.float64, alpha="keep").values
    np.testing.assert_array_equal(made[..., -1], array[..., -1])


def test_products_are_of_shares_of_full_scale() -> None:
    array = np.full((2, 2, 1), 128, np.uint8)
    made = apply_pipeline(load_filter("as:x | multiply:x"), array, full_scale=255.0, dtype=np.uint8).values
    assert made.ravel().tolist() == [64] * 4  # 128 · 128 / 255 = 64.25


def test_names_that_cross_share_their_random_weights() -> None:
    pipeline = load_filter("as:a | conv:1,1,3,padding=1 | as:b | invert | add:a | abs | subtract:b")
    array = RANDOM.normal(size=(5, 6, 1))
    conv = applied(load_filter("conv:1,1,3,padding=1"), array)
    np.testing.assert_allclose(applied(pipeline, array), np.abs(1 - conv + array) - conv, rtol=1e-9, atol=1e-12)
    assert pipeline.table((1, 5, 6))[-1].name == "subtract"
    assert sum(row.parameters for row in pipeline.table((1, 5, 6))) == 10


@pytest.mark.parametrize("text", ["gaussian:1,as=a | sobel-x | relu | add:a", "as:a | median:5 | concat:a | abs"])
@pytest.mark.parametrize("alpha", [None, "keep"])
def test_joins_in_strips_are_those_of_the_whole(text: str, alpha: Any) -> None:
    array = RANDOM.integers(0, 256, (37, 12, 4), np.uint8)
    pipeline = load_filter(text)
    whole = apply_pipeline(pipeline, array, alpha=alpha, full_scale=255.0, dtype=np.uint8).values
    strips = Strips(
        pipeline,
        Source((4, 37, 12), array.dtype, lambda rows: array[rows]),
        alpha=alpha,
        full_scale=255.0,
        dtype=np.dtype(np.uint8),
        settings=Settings(),
        rows_at_once=lambda: 8,
    )
    parts = [strips.computed(first, min(first + 8, 37)).values for first in range(0, 37, 8)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_explain_follows_a_channel_through_a_concat() -> None:
    array = RANDOM.normal(size=(4, 5, 2))
    pipeline = load_filter("mirror:as=a | pad:1 | crop:0,0,5,4 | concat:a")
    for channel, row, column in ((1, 0, 0), (3, 1, 1)):
        found = explain(pipeline, array, (1, 1), channel, full_scale=1.0, dtype=np.float64)
        assert found.stages[0].values.tolist() == [found.output]
        assert array[row, 4 - column, 1] == found.output


def test_explain_follows_one_pixel_that_stands_for_all() -> None:
    array = RANDOM.normal(size=(4, 5, 2))
    pipeline = load_filter("global-maxpool | conv:2,2,1 | sigmoid | multiply:input")
    found = explain(pipeline, array, (3, 2), 1, full_scale=1.0, dtype=np.float64)
    np.testing.assert_allclose(found.output, applied(pipeline, array)[2, 3, 1], rtol=1e-12)
    assert len(found.sums) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abs | add:b", "add: no layer before it is named 'b'"),
        ("abs | add:b | relu:as=b", "no layer before it is named 'b'"),
        ("add", "add has no name"),
        ("as", "as has no name"),
        ("relu:as=1x", "is not a name"),
        ("as:current | add:current", "current is the name of the values before a join"),
    ],
)
def test_a_name_that_is_wrong_is_refused(text: str, message: str) -> None:
    with pytest.raises(FilterError, match=message):
        load_filter(text)


def test_values_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    for text in ("maxpool:2 | add:input", "maxpool:2 | concat:input", "conv:3,2,1 | add:input"):
        with pytest.raises(ShapeError, match="differ in shape"):
            load_filter(text).output_shape((3, 8, 8))
    with pytest.raises(UsageError, match="two branches"):
        Add(((ReLU(),),))
    with pytest.raises(FilterError, match=r"net.yaml:\d+:\d+.*named 'x'"):
        written(tmp_path, "layers:\n  - relu\n  - add: x\n")


def test_branches_may_be_written_out(tmp_path: Path) -> None:
    pipeline = written(tmp_path, "layers:\n  - add:\n      - [abs, invert]\n      - []\n      - [relu]\n")
    np.testing.assert_allclose(applied(pipeline, X), 1 - ABS + X + np.maximum(X, 0))
    again = written(tmp_path, to_yaml(pipeline))
    np.testing.assert_allclose(applied(again, X), applied(pipeline, X))


def test_a_file_that_stands_twice_between_names_draws_twice(tmp_path: Path) -> None:
    (tmp_path / "block.yaml").write_text("layers:\n  - as: a\n  - conv:1,1,3,padding=1\n  - add: a\n")
    pipeline = written(tmp_path, "layers: ['as:x', block.yaml, block.yaml, 'add:x']\n")
    first, second = layers_with_weights(pipeline.layers)
    assert not np.array_equal(first.kernel.weights, second.kernel.weights)
