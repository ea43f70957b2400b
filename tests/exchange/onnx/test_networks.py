"""Whole networks give the values of onnxruntime, from arrays and from pictures."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import convcli
from tests.support.console import run

pytest.importorskip("onnx", reason="the library of ONNX files")
pytest.importorskip("onnxruntime", reason="the oracle of networks")

from onnx import helper

from tests.support.networks import NETWORKS, constant, dense, expected, network, saved


def picture(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(3).random(shape, np.float32)


@pytest.mark.parametrize("name", NETWORKS)
def test_an_array_goes_through_a_network_as_through_onnxruntime(name: str, tmp_path: Path) -> None:
    model, values = NETWORKS[name](), picture(3, 12, 18)
    made = convcli.apply(str(saved(model, tmp_path)), values.transpose(1, 2, 0))
    assert np.abs(made.transpose(2, 0, 1) - expected(model, values)).max() < 1e-5


@pytest.mark.parametrize("name", NETWORKS)
def test_a_picture_goes_through_a_network_as_through_onnxruntime(name: str, tmp_path: Path) -> None:
    from PIL import Image

    model, levels = NETWORKS[name](), np.random.default_rng(4).integers(0, 256, (12, 18, 3), np.uint8)
    Image.fromarray(levels).save(tmp_path / "photo.png")
    file = saved(model, tmp_path)
    outcome = run("apply", str(file), str(tmp_path / "photo.png"), "-o", str(tmp_path / "made.png"))
    assert outcome.code == 0, outcome.stderr
    wanted = expected(model, levels.transpose(2, 0, 1) / np.float32(255)).transpose(1, 2, 0)
    with Image.open(tmp_path / "made.png") as made:
        assert np.abs(np.asarray(made, float) - np.clip(wanted, 0, 1) * 255).max() <= 0.51


def test_levels_of_a_network_are_kept_in_a_filter_file(tmp_path: Path) -> None:
    from PIL import Image

    levels = np.random.default_rng(4).integers(0, 256, (6, 7, 3), np.uint8)
    Image.fromarray(levels).save(tmp_path / "photo.png")
    stored = [constant("w", np.eye(3).reshape(3, 3, 1, 1) / 8), constant("low", 0.0), constant("high", 6.0)]
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"]),
        helper.make_node("Clip", ["a", "low", "high"], ["y"]),
    ]
    file, kept = saved(network(nodes, stored), tmp_path), tmp_path / "net.yaml"
    assert run("import", file, "-o", kept).code == 0
    assert "trained: true" in kept.read_text()
    for name in (file, kept, "conv:3,3,1 | clip:0,6,trained=true"):
        assert run("apply", name, tmp_path / "photo.png", "-o", tmp_path / "made.png", "--force").code == 0
    refused = run("apply", "conv:3,3,1 | clip:0,128", tmp_path / "photo.png", "-o", tmp_path / "made.png", "--force")
    assert refused.code == 2
    assert "clip high 128: levels are shares" in refused.stderr
    first, second = (convcli.apply(str(each), levels) for each in (file, kept))
    np.testing.assert_array_equal(first, second)
    assert convcli.load_filter(str(file)).layers[1] == convcli.load_filter(str(kept)).layers[1]


def test_the_size_that_a_file_names_is_shown(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], pads=[1] * 4),
        helper.make_node("Relu", ["a"], ["y"]),
    ]
    stored = [constant("w", np.ones((2, 3, 3, 3)) / 27)]
    assert "3×48×80" in run("show", str(saved(network(nodes, stored, (1, 3, 48, 80)), tmp_path))).stdout
    assert "3×28×28" in run("show", str(saved(network(nodes, stored), tmp_path))).stdout


def test_weights_too_many_for_yaml_are_written_beside_it(tmp_path: Path) -> None:
    large = np.random.default_rng(0).normal(size=(200, 3, 15, 15)).astype(np.float32)
    nodes = [helper.make_node("Conv", ["x", "w"], ["a"]), helper.make_node("Relu", ["a"], ["y"])]
    file = saved(network(nodes, [constant("w", large)]), tmp_path)
    refused = run("show", file, "--yaml")
    assert refused.code == 2
    assert "convcli import FILE -o FILTER.yaml" in " ".join(refused.stderr.split())
    assert "its weights → " in run("import", file, "-o", tmp_path / "own.yaml").stderr
    made, expected_one = convcli.load_filter(str(tmp_path / "own.yaml")), convcli.load_filter(str(file))
    values = picture(20, 20, 3)
    np.testing.assert_array_equal(convcli.apply(made, values), convcli.apply(expected_one, values))


def test_show_check_and_explain_take_a_network(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (12, 12), "gray").save(tmp_path / "photo.png")
    file = saved(NETWORKS["espcn"](), tmp_path, "espcn.onnx")
    shown = run("show", str(file))
    assert shown.code == 0
    assert "pixel-shuffle by 2" in shown.stdout
    checked = run("check", str(file))
    assert checked.code == 0
    assert "valid (espcn)" in checked.stderr + checked.stdout
    explained = run("explain", str(file), str(tmp_path / "photo.png"), "--at", "3,4")
    assert explained.code == 0
    assert "pixel-shuffle" in explained.stdout


def test_a_line_says_how_to_get_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = saved(NETWORKS["srcnn"](), tmp_path)
    monkeypatch.setitem(sys.modules, "onnx", None)
    answer = run("show", str(file))
    assert answer.code == 2
    assert answer.lines == [
        f"error: {file} needs the library onnx, which is not installed",
        "help: pip install 'convcli[onnx]'",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such filter file"),
        (b"", "is no ONNX file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is no ONNX file"),
        ("folder", "is a folder"),
    ],
)
def test_what_is_no_network_is_refused_in_a_line(content: bytes | str | None, message: str, tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    if content == "folder":
        file.mkdir()
    elif isinstance(content, bytes):
        file.write_bytes(content)
    answer = run("check", str(file))
    assert answer.code == 2
    assert message in answer.stdout
    assert str(file) in answer.stdout
    assert answer.stderr.startswith("help: ")


def test_a_network_each_of_whose_layers_gets_all_before_it_takes_no_longer_for_it(tmp_path: Path) -> None:
    model, values = dense(24), picture(3, 6, 5)
    file = saved(model, tmp_path)
    made = convcli.apply(str(file), values.transpose(1, 2, 0))
    assert np.abs(made.transpose(2, 0, 1) - expected(model, values)).max() < 1e-5
    assert run("show", str(file)).code == 0
    written = run("show", str(file), "--yaml")
    assert (written.code, written.lines[0]) == (2, "error: a YAML file writes the layers of each branch, here too many")


def test_a_picture_comes_to_a_network_in_its_range(tmp_path: Path) -> None:
    from PIL import Image

    levels = np.random.default_rng(5).integers(0, 256, (8, 9, 3), np.uint8)
    Image.fromarray(levels).save(tmp_path / "photo.png")
    nodes = [helper.make_node("Clip", ["x", "low", "high"], ["a"]), helper.make_node("Sub", ["white", "a"], ["y"])]
    stored = [constant("low", 50.0), constant("high", 200.0), constant("white", 255.0)]
    file, target = saved(network(nodes, stored), tmp_path), tmp_path / "made.png"
    answer = run("apply", file, tmp_path / "photo.png", "-o", target, "--input", "0..255")
    assert answer.code == 0
    with Image.open(target) as made:
        np.testing.assert_array_equal(np.asarray(made), 255 - levels.clip(50, 200))


def test_a_relu6_behind_small_weights_is_no_slip(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (9, 8), "gray").save(tmp_path / "photo.png")
    nodes = [helper.make_node("Clip", ["x", "low", "high"], ["y"])]
    file = saved(network(nodes, [constant("low", 0.0), constant("high", 6.0)]), tmp_path)
    assert run("apply", file, tmp_path / "photo.png", "-o", tmp_path / "made.png").code == 0
