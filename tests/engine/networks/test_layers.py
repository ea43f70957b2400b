"""Pads, pools, other sizes, shuffles and norms, compared with PyTorch and NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from convcli.catalog import load_filter
from convcli.engine import apply_layer, apply_pipeline, explain, layer_of_all_rows
from convcli.errors import ShapeError, UsageError
from convcli.filters import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    BatchNorm,
    Border,
    Conv,
    GroupNorm,
    InstanceNorm,
    Kernel,
    Layer,
    LayerNorm,
    LocalResponseNorm,
    LpPool,
    Pad,
    Pipeline,
    PixelShuffle,
    PixelUnshuffle,
    PReLU,
    Upsample,
)

FEW = settings(max_examples=40, deadline=None)
SIDES = st.integers(1, 9)
MODES = {"constant": "constant", "edge": "edge", "reflect": "reflect", "symmetric": "symmetric", "wrap": "wrap"}


def drawn(seed: int, *shape: int) -> NDArray[Any]:
    return np.random.default_rng(seed).normal(size=shape)


def torchs(function: Any, array: NDArray[Any]) -> NDArray[Any]:
    """Return what a function of PyTorch's batches makes of an array (height, width, channels)."""
    torch = pytest.importorskip("torch")
    tensor = torch.from_numpy(np.ascontiguousarray(array.transpose(2, 0, 1)))[np.newaxis]
    return function(torch.nn.functional, tensor)[0].numpy().transpose(1, 2, 0)  # type: ignore[no-any-return]


def assert_close(made: NDArray[Any], wanted: NDArray[Any]) -> None:
    np.testing.assert_allclose(made, wanted, rtol=1e-10, atol=1e-12)


@FEW
@given(sides=st.tuples(*[st.integers(0, 5)] * 4), name=st.sampled_from(sorted(MODES)), height=SIDES, width=SIDES)
def test_a_pad_is_that_of_numpy(sides: tuple[int, int, int, int], name: str, height: int, width: int) -> None:
    array, (top, right, bottom, left) = drawn(1, height, width, 2), sides
    value = {"constant_values": -np.inf} if name == "constant" else {}
    layer = Pad(top, right, bottom, left, Border(name, -np.inf if value else 0.0))
    wanted = np.pad(array, ((top, bottom), (left, right), (0, 0)), mode=name, **value)  # type: ignore[call-overload]
    np.testing.assert_array_equal(apply_layer(layer, array, 1.0), wanted)


def test_a_pad_takes_its_other_sides_from_the_first_and_can_leave_out_pixels() -> None:
    array = drawn(2, 5, 6, 1)
    assert load_filter("pad:2").output_shape((1, 5, 6)) == (1, 9, 10)
    assert load_filter("pad:1,2").output_shape((1, 5, 6)) == (1, 7, 10)
    np.testing.assert_array_equal(apply_layer(Pad(-1, 0, -2, -3), array, 1.0), array[1:3, 3:])
    with pytest.raises(ShapeError, match="leaves nothing"):
        Pad(-3, 0, -2, 0).output_shape((1, 5, 6))


def test_the_border_of_a_pad_is_a_level_and_its_alpha_follows() -> None:
    array = np.full((2, 2, 2), 255, np.uint8)
    pipeline = load_filter("pad:1,border=constant:0.2")
    kept = apply_pipeline(pipeline, array, full_scale=255.0, dtype=np.uint8, alpha="keep").values
    assert (kept[0, 0].tolist(), kept[1, 1].tolist()) == ([51, 255], [255, 255])
    filtered = apply_pipeline(pipeline, array, full_scale=255.0, dtype=np.uint8, alpha="filter").values
    assert (filtered[0, 0, 1], filtered[1, 1, 1]) == (0, 255)


@FEW
@given(
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    padding=st.sampled_from(["same-upper", "same-lower"]),
    height=SIDES,
    width=SIDES,
    engine=st.sampled_from(["numpy", "numba"]),
)
def test_same_upper_and_lower_are_those_of_onnx(
    size: Any, stride: Any, padding: Any, height: int, width: int, engine: Any
) -> None:
    from convcli.engine import Settings

    array, weights = drawn(3, height, width, 1), drawn(4, *size)
    conv = Conv(Kernel(weights), stride, padding, border=Border("constant"))
    margins = []
    for length, side, step in zip((height, width), size, stride, strict=True):
        total = max((-(-length // step) - 1) * step + side - length, 0)
        small, large = total // 2, total - total // 2
        margins.append((small, large) if padding == "same-upper" else (large, small))
    padded = np.pad(array, (*margins, (0, 0)))
    wanted = torchs(lambda f, x: f.conv2d(x, _tensor(weights[np.newaxis, np.newaxis]), stride=stride), padded)
    made = apply_pipeline(
        Pipeline((conv,)), array, full_scale=1.0, dtype=np.float64, settings=Settings(engine=engine, threads=1)
    )
    assert made.values.shape[:2] == (-(-height // stride[0]), -(-width // stride[1]))
    assert_close(made.values, wanted)


def _tensor(array: NDArray[Any]) -> Any:
    return pytest.importorskip("torch").from_numpy(array)


@FEW
@given(
    p=st.sampled_from([1, 2, 3, 1.5]),
    size=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    ceil_mode=st.booleans(),
    seed=st.integers(0, 9),
)
def test_an_lppool_is_that_of_pytorch(p: float, size: Any, stride: Any, ceil_mode: bool, seed: int) -> None:
    array = np.abs(drawn(seed, 7, 8, 2))
    layer = LpPool(size, stride, ceil_mode=ceil_mode, p=p)
    wanted = torchs(lambda f, x: f.lp_pool2d(x, p, size, stride, ceil_mode), array)
    assert_close(apply_layer(layer, array, 1.0), wanted)
    assert_close(apply_layer(layer, -array, 1.0), wanted)


@FEW
@given(size=st.tuples(SIDES, SIDES), height=SIDES, width=SIDES, largest=st.booleans())
def test_an_adaptive_pool_is_that_of_pytorch(size: tuple[int, int], height: int, width: int, largest: bool) -> None:
    array = drawn(5, height, width, 2)
    array[0, 0, 0] = np.nan
    layer = (AdaptiveMaxPool if largest else AdaptiveAvgPool)(size)
    name = "adaptive_max_pool2d" if largest else "adaptive_avg_pool2d"
    assert_close(apply_layer(layer, array, 1.0), torchs(lambda f, x: getattr(f, name)(x, size), array))


def test_the_pools_of_all_pixels() -> None:
    array = drawn(6, 5, 7, 3)
    mean, most = (apply_layer(load_filter(f"global-{each}pool").layers[0], array, 1.0) for each in ("avg", "max"))
    assert_close(mean[0, 0], array.mean(axis=(0, 1)))
    np.testing.assert_array_equal(most[0, 0], array.max(axis=(0, 1)))


def test_means_are_of_what_is_visible() -> None:
    array = np.array([[[10.0, 1.0], [90.0, 0.0]], [[20.0, 1.0], [30.0, 1.0]]])
    for text, wanted in (("global-avgpool", 20.0), ("global-maxpool", 30.0)):
        made = apply_pipeline(load_filter(text), array, full_scale=1.0, dtype=np.float64, alpha="keep").values
        np.testing.assert_allclose(made[0, 0], [wanted, 0.75])
    enlarged = load_filter("upsample:2,mode=bilinear")
    made = apply_pipeline(enlarged, array, full_scale=1.0, dtype=np.float64, alpha="keep").values
    assert made[:, :, 0][made[:, :, 1] > 0].max() <= 30  # what is hidden keeps its color
    assert made[0, 1, 0] == 10


@settings(max_examples=80, deadline=None)
@given(
    mode=st.sampled_from(["nearest", "bilinear", "bicubic"]),
    align=st.booleans(),
    scale=st.none() | st.sampled_from([0.5, 1, 1.3, 2, 2.5, 3, 1 / 3]),
    size=st.tuples(SIDES, SIDES),
    height=st.integers(3, 9),
    width=st.integers(3, 9),
)
@example(mode="bilinear", align=False, scale=1.3, size=(1, 1), height=3, width=8)
@example(mode="bicubic", align=False, scale=1.3, size=(1, 1), height=3, width=8)
@example(mode="nearest", align=False, scale=1.3, size=(1, 1), height=3, width=8)
def test_upsample_is_that_of_pytorch(mode: str, align: bool, scale: Any, size: Any, height: int, width: int) -> None:
    array = drawn(7, height, width, 2)
    align = align and mode != "nearest"
    layer = Upsample(scale, size if scale is None else None, mode, align)
    settings_: dict[str, Any] = {"mode": mode} if mode == "nearest" else {"mode": mode, "align_corners": align}
    place = {"size": size} if scale is None else {"scale_factor": scale}
    wanted = torchs(lambda f, x: f.interpolate(x, **place, **settings_), array)
    made = apply_layer(layer, array, 1.0)
    assert made.shape == wanted.shape
    np.testing.assert_allclose(made, wanted, rtol=1e-6, atol=1e-6)


@FEW
@given(factor=st.integers(1, 4), outputs=st.integers(1, 3), height=SIDES, width=SIDES)
def test_shuffles_are_those_of_pytorch(factor: int, outputs: int, height: int, width: int) -> None:
    array = drawn(8, height, width, outputs * factor**2)
    made = apply_layer(PixelShuffle(factor), array, 1.0)
    np.testing.assert_array_equal(made, torchs(lambda f, x: f.pixel_shuffle(x, factor), array))
    np.testing.assert_array_equal(apply_layer(PixelUnshuffle(factor), made, 1.0), array)
    np.testing.assert_array_equal(torchs(lambda f, x: f.pixel_unshuffle(x, factor), made), array)
    # ONNX: DepthToSpace in the mode DCR.
    blocks = array.reshape(height, width, factor, factor, outputs)
    wanted = blocks.transpose(0, 2, 1, 3, 4).reshape(height * factor, width * factor, outputs)
    other = apply_layer(PixelShuffle(factor, "dcr"), array, 1.0)
    np.testing.assert_array_equal(other, wanted)
    np.testing.assert_array_equal(apply_layer(PixelUnshuffle(factor, "dcr"), other, 1.0), array)


@FEW
@given(seed=st.integers(0, 99), eps=st.floats(1e-6, 1), channels=st.sampled_from([1, 4, 6]))
def test_norms_are_those_of_pytorch(seed: int, eps: float, channels: int) -> None:
    array = drawn(seed, 5, 7, channels)
    mean, weight, bias = drawn(seed + 1, 3, channels)
    variance = np.abs(drawn(seed + 2, channels))
    tensors = {"weight": _tensor(weight), "bias": _tensor(bias)}
    cases: list[tuple[Layer, Any]] = [
        (
            BatchNorm(mean, variance, weight, bias, eps),
            lambda f, x: f.batch_norm(x, _tensor(mean), _tensor(variance), **tensors, eps=eps),
        ),
        (InstanceNorm(weight=weight, bias=bias, eps=eps), lambda f, x: f.instance_norm(x, **tensors, eps=eps)),
        *(
            (GroupNorm(groups, weight, bias, eps), lambda f, x, n=groups: f.group_norm(x, n, **tensors, eps=eps))
            for groups in (1, channels)
        ),
        (
            LayerNorm(weight, bias, eps),
            lambda f, x: f.layer_norm(x.movedim(1, -1), (channels,), **tensors, eps=eps).movedim(-1, 1),
        ),
        (
            LocalResponseNorm(seed % 6 + 1, eps, 0.75, 2.0),
            lambda f, x: f.local_response_norm(x, seed % 6 + 1, eps, 0.75, 2.0),
        ),
        (PReLU(weight), lambda f, x: f.prelu(x, tensors["weight"])),
    ]
    for layer, function in cases:
        made = apply_layer(layer, array, 1.0)
        np.testing.assert_allclose(made, torchs(function, array), rtol=1e-8, atol=1e-8)
        # Levels are shares of full scale.
        of_levels = apply_layer(layer, array * 255, 255.0)
        np.testing.assert_allclose(of_levels, made * 255, rtol=1e-8, atol=1e-6)


def test_norms_of_transparent_pictures_go_by_what_is_visible() -> None:
    array = drawn(9, 4, 5, 2)
    alpha = np.ones((4, 5, 1))
    alpha[0] = 0
    hidden = array.copy()
    hidden[0] = np.nan
    pipeline = load_filter("instance-norm")
    made = apply_pipeline(
        pipeline, np.concatenate([hidden, alpha], axis=2), full_scale=1.0, dtype=np.float64, alpha="keep"
    ).values
    assert_close(made[1:, :, :2], apply_layer(pipeline.layers[0], array[1:], 1.0))


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (PReLU((0.1, 0.2)), (3, 4, 4), "weights has 2 numbers, the input has 3 channels"),
        (BatchNorm((0.1, 0.2)), (3, 4, 4), "mean has 2 numbers"),
        (GroupNorm(2), (3, 4, 4), "2 groups do not divide 3 channels"),
        (PixelShuffle(2), (3, 4, 4), "multiple of 4 channels"),
        (PixelUnshuffle(2), (3, 4, 5), "multiples of it"),
        (Upsample(0.1), (3, 4, 5), "no pixels"),
    ],
)
def test_a_shape_that_does_not_fit_is_refused(layer: Layer, shape: tuple[int, int, int], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        layer.output_shape(shape)


def test_settings_that_contradict_each_other_are_refused() -> None:
    for wrong in (
        Upsample,
        lambda: Upsample(2, (3, 3)),
        lambda: Upsample(2, align_corners=True),
        lambda: BatchNorm(variance=(-1.0,)),
        lambda: PReLU({"file": "x.npy"}),  # type: ignore[arg-type]
    ):
        with pytest.raises(UsageError):
            wrong()


def test_numbers_of_channels_may_lie_in_a_file(tmp_path: Any) -> None:
    np.save(tmp_path / "slopes.npy", np.array([0.5, 0.25]))
    file = tmp_path / "net.yaml"
    file.write_text("layers:\n  - prelu: {weights: {file: slopes.npy}}\n  - batch-norm: {mean: [1, 2], variance: 4}\n")
    slopes, norm = load_filter(str(file)).layers
    assert (slopes, norm) == (PReLU((0.5, 0.25)), BatchNorm((1.0, 2.0), (4.0,)))


def test_flatten_has_the_order_of_pytorch_and_of_linear() -> None:
    array = drawn(10, 3, 4, 2)
    made = apply_layer(load_filter("flatten").layers[0], array, 1.0)
    np.testing.assert_array_equal(made[0, 0], array.transpose(2, 0, 1).ravel())


NOT_LOCAL = ["adaptive-avgpool:2", "global-maxpool", "instance-norm", "group-norm", "flatten"]
MOVING = ["pad:1", "upsample:2", "pixel-shuffle:2", "pixel-unshuffle:2"]


@pytest.mark.parametrize("text", NOT_LOCAL)
def test_what_is_not_local_is_done_whole(text: str) -> None:
    layer = layer_of_all_rows(load_filter(f"relu | {text}").layers)
    assert layer is not None
    assert layer.name == text.partition(":")[0]


@pytest.mark.parametrize("text", MOVING)
def test_what_moves_rows_goes_in_strips(text: str) -> None:
    assert layer_of_all_rows(load_filter(f"relu | {text}").layers) is None


@pytest.mark.parametrize(
    "text", [*NOT_LOCAL, *MOVING, "pad:2,border=wrap", "lppool:2,size=2", "prelu", "dropout", "softmax"]
)
def test_every_value_comes_from_one_of_the_input(text: str) -> None:
    array = drawn(11, 4, 6, 4)
    pipeline = load_filter(text)
    channels, height, width = pipeline.output_shape((4, 4, 6))
    for at in ((0, 0), (width - 1, height - 1)):
        found = explain(pipeline, array, at, channels - 1, full_scale=1.0, dtype=np.float64)
        if text.startswith(("pad", "upsample", "pixel", "flatten", "dropout")):
            assert found.stages[0].values.tolist() == [found.output]
        assert np.isin(found.stages[0].values, array).all()


def test_a_pixel_shuffle_makes_a_block_of_each_pixel_of_alpha() -> None:
    array = drawn(13, 2, 3, 5)
    array[:, :, 4] = np.arange(6).reshape(2, 3) / 5
    made = apply_pipeline(load_filter("pixel-shuffle:2"), array, full_scale=1.0, dtype=np.float64, alpha="keep").values
    assert_close(made[:, :, 1], array[:, :, 4].repeat(2, 0).repeat(2, 1))
    assert_close(made[:, :, :1], apply_layer(PixelShuffle(2), array[:, :, :4], 1.0))


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_response_norm_keeps_nan_and_what_is_large_to_their_windows(size: int) -> None:
    layer = LocalResponseNorm(size, alpha=1000.0, beta=1.0, k=1e-3)
    array = np.array([[[1e9, 1, 1, 1, 1, 1, 1, 1]]])
    made = apply_layer(layer, array, 1.0)
    alone = apply_layer(layer, array[:, :, size:], 1.0)
    np.testing.assert_allclose(made[:, :, 2 * size :], alone[:, :, size:], rtol=1e-12)
    array[0, 0, 0] = np.nan
    assert np.isfinite(apply_layer(layer, array, 1.0)[0, 0, size:]).all()


def test_what_is_enlarged_by_weights_of_both_signs_stays_near_its_colors() -> None:
    random = np.random.default_rng(3)
    array = np.concatenate([random.random((9, 9, 3)), random.choice([0.0, 0.02, 1.0], (9, 9, 1))], axis=2)
    made = apply_pipeline(load_filter("upsample:3,mode=bicubic"), array, full_scale=1.0, dtype=np.float64, alpha="keep")
    assert made.values[:, :, :3].min() > -1
    assert made.values[:, :, :3].max() < 2
