"""L2: the layer is its weights and a bias, one per output channel."""

from __future__ import annotations

from pathlib import Path

from tests.lessons.lesson import planes, printed, shell


def test_the_bias_is_added_to_every_sum() -> None:
    plain = planes(printed('convcli apply "0 1; 2 3" counting.csv -o - --padding valid'))
    biased = planes(printed('convcli apply "0 1; 2 3" counting.csv -o - --padding valid --bias -1.5'))
    assert (biased == plain - 1.5).all()


def test_one_bias_per_output_channel_is_learned(tmp_path: Path) -> None:
    (tmp_path / "layer.yaml").write_text(
        "layers:\n  - conv: {in_channels: 2, out_channels: 3, kernel_size: 2, seed: 5}\n"
    )
    told = shell("convcli show layer.yaml --input-size 2x3x3", tmp_path)
    assert told.returncode == 0, told.stderr
    assert f" {3 * 2 * 2 * 2 + 3} " in told.stdout


def test_biases_in_a_layer_are_added_channel_by_channel(tmp_path: Path) -> None:
    (tmp_path / "layer.yaml").write_text("layers:\n  - conv: {weights: [[[[1]]], [[[1]]]], bias: [10, 20]}\n")
    (tmp_path / "x.csv").write_text("1,2\n")
    assert printed("convcli apply layer.yaml x.csv -o -", tmp_path) == "11,12\n\n21,22\n"
