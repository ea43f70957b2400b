from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.console import done, refused
from tests.support.paths import SAMPLES


def test_a_kernel_has_its_layer_where_the_input_is_given() -> None:
    facts = json.loads(done("show", "sharpen", "--json", "--input-size", "3x20x30").stdout)
    assert facts["rank"] == 2
    assert facts["input_size"] == [3, 20, 30]
    assert facts["layers"] == [
        {
            "layer": "conv",
            "settings": "3×3",
            "output_shape": [3, 20, 30],
            "parameters": 9,
            "receptive_field": [3, 3],
            "stride": [1, 1],
        }
    ]
    text = done("show", "sharpen", "--input-size", "3x20x30").stdout
    assert "receptive field" in text
    assert "3×20×30" in text
    assert "assumed" not in text
    assert "layers" not in json.loads(done("show", "sharpen", "--json").stdout)


def test_an_input_that_does_not_fit_is_refused() -> None:
    assert "takes 2 input channels" in refused(2, "show", SAMPLES / "kernel-2to3.yaml", "--input-size", "3x9x9")[0]
    assert "does not fit" in refused(2, "show", SAMPLES / "kernel-2to3.yaml", "--input-size", "2x1x9")[0]
    what, helps = refused(2, "show", "sharpen", "--input-size", "20x30")
    assert "'20x30'" in what
    assert "3x480x640" in helps


def test_many_planes_are_abbreviated(tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", np.random.default_rng(0).normal(size=(32, 16, 5, 5)))
    (tmp_path / "layer.yaml").write_text("weights: {file: w.npy}\nbias: " + str(list(range(32))) + "\n")
    text = done("show", tmp_path / "layer.yaml").stdout
    assert len(text.splitlines()) < 100
    assert "… and 503 more planes: --json prints them all." in text
    assert "32 output × 16 input channels: 12800 weights" in text
    assert "0, 1, 2, 3, 4, … (32 numbers)" in text
    assert "what flat areas are multiplied by" in text


def test_a_matrix_of_channels_is_shown_as_one() -> None:
    lines = [line.split() for line in done("show", "sepia").stdout.splitlines()]
    assert ["393", "769", "189"] in lines
    assert not any("separable" in line for line in lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sharpen", "full: the same when mirrored, turned or transposed"),
        ("sobel-x", "vertical: the same when mirrored top to bottom"),
        ("-1 -2; 2 1", "odd: its own negative when turned by 180°"),
        ("1 2; 3 4", "none"),
    ],
)
def test_symmetry_in_words(text: str, words: str) -> None:
    line = next(line for line in done("show", text).stdout.splitlines() if line.startswith("symmetry"))
    assert line.removeprefix("symmetry").strip() == words
