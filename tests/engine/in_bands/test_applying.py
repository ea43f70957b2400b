"""Layers by bands of rows and in place: the same to the last bit as on the whole picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import convcli
from convcli.engine import pipelines
from convcli.engine.in_bands import applying
from convcli.engine.in_bands.applying import applied_in_bands, goes_in_bands
from convcli.engine.in_bands.in_place import layers_in_place
from convcli.engine.layers import apply_layer

OF_PIXELS = (
    "relu", "leaky-relu:0.2", "leaky-relu:1.5", "leaky-relu:0", "leaky-relu:-2", "abs", "clip:0.1,0.7", "invert",
    "curve:0:0 0.5:0.7 1:1", "threshold:0.4", "sigmoid", "tanh", "elu:0.7", "selu", "celu:1.3", "gelu", "silu", "mish",
    "softplus", "hard-sigmoid", "hard-swish", "softmax", "log-softmax", "local-response-norm:3", "layer-norm",
)  # fmt: skip
WINDOWED = (
    "maxpool:2", "maxpool:3,stride=2,padding=1", "avgpool:3,stride=1,padding=1", "lppool:2,2", "pixel-shuffle:2",
    "pixel-unshuffle:2", "upsample:2", "upsample:1.7,mode=bilinear", "upsample:2,mode=bicubic",
    "pad:1,2,3,4,border=wrap", "pad:-1,0,2,0,border=reflect",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _small_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "_LARGE", 1)
    monkeypatch.setattr(applying, "_OF_A_BAND", 200)


def numbers(channels: int = 4, dtype: str = "float32") -> Any:
    made = np.random.default_rng(0).normal(0.3, 1, (24, 18, channels)).astype(dtype)
    made[3, :5, 0] = np.nan, np.inf, -np.inf, 0.0, -0.0
    return made


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("full_scale", [1.0, 255.0])
@pytest.mark.parametrize("text", [*OF_PIXELS, *WINDOWED])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_layer_by_bands(text: str, full_scale: float, dtype: str) -> None:
    (layer,), values = convcli.load_filter(text).layers, numbers(dtype=dtype)
    assert goes_in_bands(layer)
    expected = apply_layer(layer, values, full_scale)
    for threads in (1, 3):
        np.testing.assert_array_equal(applied_in_bands(layer, values, full_scale, threads), expected)
    if text in OF_PIXELS:
        own = values.copy()
        assert applied_in_bands(layer, own, full_scale, 2, in_place=True) is own
        np.testing.assert_array_equal(own, expected)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("relu | conv:4,4,3,padding=1 | relu", 1),
        ("conv:4,4,3,padding=1 | relu | tanh | abs", 3),
        ("conv:4,4,3,padding=1,as=a | relu | add:a", 0),
        ("conv:4,4,3,padding=1 | as:a | relu | conv:4,4,1 | add:a | relu", 1),
        ("conv:4,4,3,padding=1 | relu | as:a | maxpool:2 | upsample:2 | concat:a | abs", 2),
        ("conv:4,4,3,padding=1 | relu | as:a | tanh | subtract:a | invert", 2),
        ("dropout | relu", 0),
        ("crop:0,0,8,8 | relu", 0),
    ],
)
def test_what_others_need_stays(text: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline, values = convcli.load_filter(text), numbers()
    values[3, :5, 0] = 0.5
    before = values.copy()
    assert len(layers_in_place(pipeline.layers)) == count
    made = convcli.apply(pipeline, values)
    np.testing.assert_array_equal(values, before)
    monkeypatch.setattr(pipelines, "_LARGE", 1 << 40)
    np.testing.assert_array_equal(made, convcli.apply(pipeline, values))


@pytest.mark.parametrize("text", ["sobel", "kirsch", "unsharp:2,1,0.1", "sobel-x | magnitude"])
def test_joins_by_bands(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    levels = np.random.default_rng(1).integers(0, 256, (40, 30, 3), np.uint8)
    made = convcli.apply(text, levels)
    monkeypatch.setattr(pipelines, "_LARGE", 1 << 40)
    np.testing.assert_array_equal(made, convcli.apply(text, levels))


def test_a_join_with_one_value_for_all_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    values = numbers()
    values[3, :5, 0] = 0.5
    made = convcli.apply("as:a | global-avgpool | sigmoid | multiply:a", values)
    monkeypatch.setattr(pipelines, "_LARGE", 1 << 40)
    np.testing.assert_array_equal(made, convcli.apply("as:a | global-avgpool | sigmoid | multiply:a", values))
