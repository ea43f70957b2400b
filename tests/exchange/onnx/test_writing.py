"""Filters written as ONNX: onnxruntime gives our pixels, and so does the file read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convcli
from convcli.array_types import Array
from convcli.errors import ConvcliError, UsageError
from convcli.exchange import target_named
from convcli.filters import Flatten, Kernel, Linear, Pipeline
from tests.exchange.drawn import kernels, pipeline_of
from tests.support.console import run

onnx = pytest.importorskip("onnx", reason="the library of ONNX files")
onnxruntime = pytest.importorskip("onnxruntime", reason="it runs what is written")

from tests.support.networks import NETWORKS, dense, saved  # noqa: E402 - it needs both

SAID = (
    *("sharpen", "gaussian:1.4", "box:4", "laplacian", "emboss-gray", "motion:5,30", "shift:2,1", "unsharp:1,0.5"),
    *("sobel", "kirsch", "luma:bt601", "sepia", "swap-rb", "roberts", "pillow:contour", "identity"),
    "conv:3,4,3,stride=2,padding=1,dilation=2 | relu",
    "conv:3,4,5,padding=same-upper,stride=2 | leaky-relu:0.2",
    "conv:3,6,3,groups=3 | abs | softmax | log-softmax",
    "conv-transpose:3,2,3,stride=2,padding=1,output_padding=1",
    "maxpool:3,2,1 | avgpool:2 | sumpool:2",
    "avgpool:3,stride=2,padding=1,count_include_pad=false",
    "avgpool:3,stride=1,padding=1,divisor=4 | lppool:2,2",
    "maxpool:3,2,ceil_mode=true | avgpool:3,2,ceil_mode=true",
    "global-avgpool | sigmoid",
    "global-maxpool | tanh",
    "pad:1,2,3,4,border=constant:0.5 | pad:2,border=edge | pad:1,border=wrap | pad:1,border=symmetric",
    "crop:2,3,7,5 | elu:0.5 | celu:2 | selu | gelu | gelu:tanh | silu | mish | softplus | softplus:2",
    "hard-sigmoid | hard-swish | clip:0.1,0.4 | invert | prelu:0.1",
    "batch-norm:mean=0.1 0.2 0.3,variance=0.5,weight=2,bias=0.1",
    "instance-norm:weight=1 2 3 | local-response-norm:3",
    "conv:3,4,1 | group-norm:2",
    "layer-norm:weight=1 2 3,bias=0.5 0 -1,eps=0.01 | conv:3,4,1 | layer-norm",
    "conv:3,8,3,padding=1 | pixel-shuffle:2 | crop:0,0,10,8 | pixel-unshuffle:2 | pixel-unshuffle:1,dcr",
    "conv:3,8,3,padding=1 | pixel-shuffle:2,dcr | crop:0,0,10,8 | pixel-unshuffle:2,dcr",
    "upsample:2 | upsample:2,mode=bilinear | upsample:size=9x7,mode=bicubic",
    "upsample:3,mode=bilinear,align_corners=true | upsample:0.5",
    "magnitude",
    "maximum",
    "dropout",
    "conv:3,4,3,padding=1,as=a | relu | conv:4,4,3,padding=1 | add:a | subtract:a | multiply:a | concat:a",
)
REFUSED = ("median", "threshold", "normalize", "adaptive-avgpool:2", "turn:90", "curve:0:0 1:1", "sharpen --symmetric")


def written(pipeline: Pipeline) -> bytes:
    return target_named("onnx").export(pipeline, ".onnx").data


def run_by_others(data: bytes, values: Array) -> Array:
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    found: Array = session.run(None, {"x": values.transpose(2, 0, 1)[np.newaxis]})[0][0]
    return found.transpose(1, 2, 0)


def check(pipeline: Pipeline, values: Array, folder: Path) -> None:
    data = written(pipeline)
    ours = convcli.apply(pipeline, values)
    ours = ours.reshape(*ours.shape[:2], -1)
    np.testing.assert_allclose(run_by_others(data, values), ours, rtol=1e-5, atol=1e-5)
    file = folder / "made.onnx"
    file.write_bytes(data)
    back = convcli.apply(str(file), values)
    np.testing.assert_allclose(back.reshape(ours.shape), ours, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("text", SAID)
def test_what_is_written_is_run_by_onnxruntime_and_reads_back(text: str, tmp_path: Path) -> None:
    check(convcli.load_filter(text), np.random.default_rng(1).random((12, 17, 3), np.float32), tmp_path)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_are_written_as_they_were_read(name: str, tmp_path: Path) -> None:
    pipeline = convcli.load_filter(str(saved(NETWORKS[name](), tmp_path)))
    check(pipeline, np.random.default_rng(2).random((12, 18, 3), np.float32), tmp_path)


def test_a_network_with_a_linear_layer_is_written_for_the_size_that_fits(tmp_path: Path) -> None:
    pipeline = convcli.load_filter("conv:1,2,5 | relu | maxpool:2 | linear:10 | softmax")
    check(pipeline, np.random.default_rng(2).random((28, 28, 1), np.float32), tmp_path)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("pixel-unshuffle:2 | conv:12,3,1", (28, 28, 3)),
        ("conv:3,12,1 | pixel-shuffle:2 | conv:3,2,3", (16, 17, 3)),
        ("pixel-shuffle:2 | conv:5,2,3", (5, 6, 20)),
        ("flatten | linear:10,weights", (28, 28, 1)),
        ("batch-norm:mean=1 2 3 4 5", (8, 9, 5)),
    ],
)
def test_layers_before_a_kernel_may_change_the_channels(text: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    if "weights" in text:
        numbers = np.random.default_rng(1).normal(size=(10, 784)) / 28
        pipeline = Pipeline((Flatten(), Linear(10, numbers)))
    else:
        pipeline = convcli.load_filter(text)
    check(pipeline, np.random.default_rng(2).random(shape, np.float32), tmp_path)


def test_a_filter_of_one_number_of_channels_is_not_said_to_take_any() -> None:
    for text, is_any in (("pixel-unshuffle:2 | conv:12,3,1", False), ("sharpen", True)):
        notes = target_named("onnx").export(convcli.load_filter(text), ".onnx").notes
        assert any("pictures of 3 channels" in note for note in notes) == is_any


def test_layers_that_nothing_fits_are_refused_by_name() -> None:
    with pytest.raises(ConvcliError, match=r"layer 2 \(conv\)"):
        written(convcli.load_filter("conv:3,5,1 | conv:7,2,1"))


def test_layers_in_many_branches_become_nodes_once(tmp_path: Path) -> None:
    pipeline = convcli.load_filter(str(saved(dense(20), tmp_path)))
    model = onnx.ModelProto.FromString(written(pipeline))
    assert sum(node.op_type == "Conv" for node in model.graph.node) == 20
    check(pipeline, np.random.default_rng(2).random((5, 6, 3), np.float32), tmp_path)


@given(
    kernel=kernels(largest=6),
    border=st.sampled_from(("constant", "constant:0.5", "edge", "reflect", "wrap")),
    stride=st.sampled_from(((1, 1), (2, 1))),
    dilation=st.sampled_from(((1, 1), (1, 2))),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_drawn_kernels_are_read_back(
    kernel: Kernel, border: str, stride: tuple[int, int], dilation: tuple[int, int], tmp_path: Path
) -> None:
    pipeline = pipeline_of(kernel, border, stride=stride, dilation=dilation)
    check(pipeline, np.random.default_rng(2).random((14, 15, 3), np.float32) / 50, tmp_path)  # of sums below 1


@pytest.mark.parametrize("text", REFUSED)
def test_what_onnx_cannot_say_is_refused_by_name(text: str) -> None:
    name, _, has_border = text.partition(" --")
    pipeline = convcli.load_filter(name)
    pipeline = pipeline.with_settings(border="symmetric", padding=2) if has_border else pipeline
    with pytest.raises(UsageError, match=r"^ONNX has no ") as caught:
        written(pipeline)
    assert caught.value.hint


def test_export_writes_a_file_that_is_a_filter(tmp_path: Path) -> None:
    file = tmp_path / "sharpen.onnx"
    answer = run("export", "sharpen", file)
    assert answer.code == 0
    assert "takes pictures of 3 channels" in answer.stderr
    assert run("export", "sharpen", file).code == 1
    assert run("export", "sharpen", "--to", "onnx", "-o", file, "--force").code == 0
    shown = run("show", file)
    assert "Stronger edges, same brightness" in shown.stdout
    assert run("check", file).code == 0
