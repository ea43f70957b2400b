"""The network of the lessons: its table of layers, and what comes out of it."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.catalog import check_file, load_filter, to_yaml
from convcli.engine import Settings
from convcli.engine.applying import apply_pipeline
from convcli.errors import ShapeError
from convcli.filters import Conv, Linear, Pipeline
from tests.support.paths import DOCS

NETWORK = DOCS / "lessons" / "network.yaml"
SHAPE = (1, 28, 28)


def test_the_table_is_that_of_the_lessons() -> None:
    rows = check_file(NETWORK).table(SHAPE)
    assert [row.name for row in rows] == ["conv", "relu", "maxpool", "conv", "relu", "maxpool", "linear"]
    assert [row.parameters for row in rows] == [416, 0, 0, 12_832, 0, 0, 15_690]
    assert [row.output_shape for row in rows] == [
        (16, 28, 28), (16, 28, 28), (16, 14, 14), (32, 14, 14), (32, 14, 14), (32, 7, 7), (10, 1, 1)
    ]  # fmt: skip
    assert [row.receptive_field.extent for row in rows] == [*((side, side) for side in (5, 5, 6, 14, 14, 16)), None]


def test_it_can_be_written_on_the_command_line() -> None:
    text = (
        "conv:1,16,5,padding=2 | relu | maxpool:2 | conv:16,32,5,padding=2,seed=1 | relu | maxpool:2 | linear:10,seed=2"
    )
    written, read = (Pipeline(each.layers) for each in (load_filter(text), check_file(NETWORK)))
    assert to_yaml(written) == to_yaml(read)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_it_gives_what_torch_gives(engine: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is compared where it is installed")
    pipeline = check_file(NETWORK)
    first, second = (layer for layer in pipeline.layers if isinstance(layer, Conv))
    (linear,) = (layer for layer in pipeline.layers if isinstance(layer, Linear))
    picture = np.random.default_rng(0).random(SHAPE, np.float32)
    values = torch.from_numpy(picture)[None]
    for conv in (first, second):
        weights = torch.from_numpy(conv.kernel.weights.astype(np.float32))
        bias = torch.tensor(conv.kernel.bias, dtype=torch.float32)
        values = torch.nn.functional.conv2d(values, weights, bias, padding=2)
        values = torch.nn.functional.max_pool2d(torch.relu(values), 2)
    weights, biases = linear.parameters_for(32 * 7 * 7)
    theirs = torch.nn.functional.linear(
        values.flatten(), torch.from_numpy(weights.astype(np.float32)), torch.from_numpy(biases.astype(np.float32))
    )
    array = picture.transpose(1, 2, 0)
    ours = apply_pipeline(pipeline, array, full_scale=1.0, dtype=np.float32, settings=Settings(engine)).values  # type: ignore[arg-type]
    assert ours.shape == (1, 1, 10)
    np.testing.assert_allclose(ours.ravel(), theirs.numpy(), rtol=0, atol=1e-4)


def test_a_picture_too_large_for_a_linear_layer_is_told() -> None:
    with pytest.raises(ShapeError, match="linear of 48000000 values and 10 outputs makes too many weights"):
        load_filter("linear:10").output_shape((3, 4000, 4000))
