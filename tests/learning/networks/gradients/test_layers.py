"""Gradients of layers without weights, and of norms."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convcli import filters as f
from convcli.learning.networks.gradients.made import Mode
from convcli.learning.networks.gradients.rules import rule_of
from convcli.learning.networks.graph import Graph
from tests.learning.networks.gradients.peer import assert_like_torch, functional, numbers_drawn, torch
from tests.support.sweeps import repeats

FEW = settings(max_examples=repeats(150))
seeds = st.integers(0, 2**31)
_POINTWISE = {
    "relu": (f.ReLU(), functional.relu),
    "leaky-relu": (f.LeakyReLU(0.2), lambda x: functional.leaky_relu(x, 0.2)),
    "abs": (f.Abs(), torch.abs),
    "clip": (f.Clip(-0.5, 0.7), lambda x: torch.clamp(x, -0.5, 0.7)),
    "invert": (f.Invert(), lambda x: 1 - x),
    "sigmoid": (f.Sigmoid(), torch.sigmoid),
    "tanh": (f.Tanh(), torch.tanh),
    "elu": (f.ELU(0.7), lambda x: functional.elu(x, 0.7)),
    # Of alpha, its inverse and 1/6 PyTorch has some in float32: powers of 2 are exact.
    "celu": (f.CELU(0.5), lambda x: functional.celu(x, 0.5)),
    "selu": (f.SELU(), functional.selu),
    "gelu": (f.GELU(), functional.gelu),
    "gelu-tanh": (f.GELU("tanh"), lambda x: functional.gelu(x, approximate="tanh")),
    "silu": (f.SiLU(), functional.silu),
    "mish": (f.Mish(), functional.mish),
    "softplus": (f.Softplus(2.0, 3.0), lambda x: functional.softplus(x, 2.0, 3.0)),
    "hard-sigmoid": (f.HardSigmoid(), lambda x: torch.clamp(x / 6 + 0.5, 0, 1)),
    "hard-swish": (f.HardSwish(), functional.hardswish),
    "softmax": (f.Softmax(), lambda x: functional.softmax(x, 1)),
    "log-softmax": (f.LogSoftmax(), lambda x: functional.log_softmax(x, 1)),
}


def _batch(seed: Any, shape: Any = (2, 3, 6, 7), scale: Any = 2.0) -> Any:
    return np.random.default_rng(seed).normal(scale=scale, size=shape)


@pytest.mark.parametrize("name", _POINTWISE)
@FEW
@given(seeds)
def test_an_activation(name: Any, seed: Any) -> None:
    layer, peer = _POINTWISE[name]
    assert_like_torch([layer], _batch(seed), {}, peer)


def test_a_curve_has_the_slope_of_its_lines() -> Any:
    curve = f.Curve(((0, 0.1), (0.5, 0.3), (1, 1.0)), "g")
    points = np.array([[-0.2, 0.25, 0.75, 1.4]]).reshape(1, 1, 1, 4).repeat(3, 1)

    def peer(x: Any) -> Any:
        inner = torch.clamp(x[:, 1:2], 0, 1)
        green = torch.where(inner < 0.5, 0.1 + inner * 0.4, 0.3 + (inner - 0.5) * 1.4)
        return torch.cat([x[:, :1], green, x[:, 2:]], 1)

    assert_like_torch([curve], points, {}, peer)


windows = st.tuples(st.integers(1, 3), st.integers(1, 3))


@FEW
@given(seeds, windows, windows, windows, st.tuples(st.integers(0, 1), st.integers(0, 1)), st.booleans())
def test_the_largest_of_windows(seed: Any, size: Any, stride: Any, dilation: Any, padding: Any, ceil: Any) -> None:
    padding = tuple(min(each, side // 2) for each, side in zip(padding, size, strict=True))
    layer = f.MaxPool(size, stride, padding, dilation, ceil)
    batch = np.round(_batch(seed, (2, 2, 8, 9)))  # with equal values in a window
    assert_like_torch([layer], batch, {}, lambda x: functional.max_pool2d(x, size, stride, padding, dilation, ceil))


@FEW
@given(
    seeds,
    windows,
    windows,
    st.tuples(st.integers(0, 1), st.integers(0, 1)),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, 3]),
)
def test_the_means_of_windows(
    seed: Any, size: Any, stride: Any, padding: Any, ceil: Any, counts: Any, divisor: Any
) -> None:
    padding = tuple(min(each, side // 2) for each, side in zip(padding, size, strict=True))
    layer = f.AvgPool(size, stride, padding, (1, 1), ceil, counts, divisor)
    assert_like_torch(
        [layer],
        _batch(seed, (2, 2, 8, 9)),
        {},
        lambda x: functional.avg_pool2d(x, size, stride, padding, ceil, counts, divisor),
    )


@FEW
@given(seeds, windows, windows, windows)
def test_the_sums_of_dilated_windows(seed: Any, size: Any, stride: Any, dilation: Any) -> Any:
    layer = f.SumPool(size, stride, (0, 0), dilation)

    def peer(x: Any) -> Any:
        ones = torch.ones((2, 1, *size), dtype=x.dtype)
        return functional.conv2d(x, ones, None, stride, 0, dilation, 2)

    assert_like_torch([layer], _batch(seed, (2, 2, 8, 9)), {}, peer)


@FEW
@given(seeds, windows, windows, st.sampled_from([1.0, 2.0, 3.5]), st.booleans())
def test_the_norms_of_windows(seed: Any, size: Any, stride: Any, p: Any, ceil: Any) -> None:
    layer = f.LpPool(size, stride, (0, 0), (1, 1), ceil, p)
    assert_like_torch(
        [layer],
        _batch(seed, (2, 2, 8, 9)),
        {},
        lambda x: functional.lp_pool2d(x.abs(), p, size, stride, ceil),
    )


@FEW
@given(seeds, st.tuples(st.integers(1, 6), st.integers(1, 6)), st.booleans())
def test_pools_of_a_given_size(seed: Any, size: Any, is_largest: Any) -> None:
    layer = (f.AdaptiveMaxPool if is_largest else f.AdaptiveAvgPool)(size)
    peer = functional.adaptive_max_pool2d if is_largest else functional.adaptive_avg_pool2d
    assert_like_torch([layer], np.round(_batch(seed, (2, 2, 7, 5))), {}, lambda x: peer(x, size))


@pytest.mark.parametrize("is_largest", [True, False])
def test_pools_of_the_whole_picture(is_largest: Any) -> None:
    layer = f.GlobalMaxPool() if is_largest else f.GlobalAvgPool()
    peer = functional.adaptive_max_pool2d if is_largest else functional.adaptive_avg_pool2d
    assert_like_torch([layer], _batch(3), {}, lambda x: peer(x, 1))


@FEW
@given(
    seeds,
    st.sampled_from(["nearest", "bilinear", "bicubic"]),
    st.sampled_from([(None, (9, 4)), (2.0, None), (1.5, None), (0.5, None), (None, (6, 7))]),
    st.booleans(),
)
def test_interpolation(seed: Any, mode: Any, target: Any, aligned: Any) -> None:
    scale, size = target
    aligned = aligned and mode != "nearest"
    layer = f.Upsample(scale, size, mode, aligned)
    options = {} if mode == "nearest" else {"align_corners": aligned}
    assert_like_torch(
        [layer],
        _batch(seed),
        {},
        lambda x: functional.interpolate(x, size=size, scale_factor=scale, mode=mode, **options),
    )


@FEW
@given(seeds, st.tuples(*[st.integers(-2, 4)] * 4), st.sampled_from(["constant:0.4", "reflect", "edge", "wrap"]))
def test_pads(seed: Any, sides: Any, border: Any) -> Any:
    mode, _, value = border.partition(":")
    if mode == "wrap":
        sides = tuple(max(each, 0) for each in sides)  # PyTorch takes a negative one before the others
    top, right, bottom, left = sides
    layer = f.Pad(top, right, bottom, left, f.Border.parse(border))

    def peer(x: Any) -> Any:
        names = {"reflect": "reflect", "edge": "replicate", "wrap": "circular"}
        options = {"mode": "constant", "value": float(value)} if value else {"mode": names[mode]}
        return functional.pad(x, (left, right, top, bottom), **options)

    assert_like_torch([layer], _batch(seed), {}, peer)


@pytest.mark.parametrize(
    ("layer", "peer"),
    [
        (f.PixelShuffle(2), lambda x: functional.pixel_shuffle(x, 2)),
        (f.PixelUnshuffle(2), lambda x: functional.pixel_unshuffle(x, 2)),
        (f.Flatten(), lambda x: x.reshape(len(x), -1, 1, 1)),
        (f.Crop(1, 2, 3, 4), lambda x: x[:, :, 2:6, 1:4]),
        (f.Mirror("vertical"), lambda x: torch.flip(x, (2,))),
        (f.Turn(90), lambda x: torch.rot90(x, 1, (2, 3))),
        (f.LocalResponseNorm(3, 0.5, 0.75, 1.5), lambda x: functional.local_response_norm(x, 3, 0.5, 0.75, 1.5)),
        (f.LocalResponseNorm(4, 0.5, 0.75, 1.5), lambda x: functional.local_response_norm(x, 4, 0.5, 0.75, 1.5)),
        (f.Dropout(0.5), lambda x: x),
        (f.Magnitude(), lambda x: torch.sqrt((x**2).sum(1, keepdim=True))),
        (f.Maximum(), lambda x: x.max(1, keepdim=True).values),
    ],
)
def test_layers_without_numbers(layer: Any, peer: Any) -> None:
    assert_like_torch([layer], _batch(5, (2, 8, 6, 8)), {}, peer)


@pytest.mark.parametrize("count", [1, 4])
def test_slopes_that_are_learned(count: Any) -> None:
    layer = f.PReLU((0.25,) * count)
    numbers = numbers_drawn(layer, (4, 3, 3), np.random.default_rng(0))
    batch = _batch(1, (2, 4, 3, 3))
    assert_like_torch([layer], batch, {id(layer): numbers}, lambda x, own: functional.prelu(x, own["weights"]))


@pytest.mark.parametrize("is_training", [True, False])
@FEW
@given(seed=seeds)
def test_norms_of_batches(is_training: Any, seed: Any) -> Any:
    layer = f.BatchNorm(eps=1e-3)
    numbers = numbers_drawn(layer, (3, 4, 5), np.random.default_rng(seed))

    def peer(x: Any, own: Any) -> Any:
        mean, variance = own["mean"].detach().clone(), own["variance"].detach().clone()
        return functional.batch_norm(x, mean, variance, own["weight"], own["bias"], is_training, 0.1, 1e-3)

    mode = Mode(is_training=is_training)
    assert_like_torch([layer], _batch(seed, (3, 3, 4, 5)), {id(layer): numbers}, peer, mode)


@FEW
@given(seeds, st.sampled_from([1, 2, 4]))
def test_norms_of_groups(seed: Any, groups: Any) -> Any:
    layer = f.GroupNorm(groups, eps=1e-4)
    numbers = numbers_drawn(layer, (4, 5, 3), np.random.default_rng(seed))

    def peer(x: Any, own: Any) -> Any:
        return functional.group_norm(x, groups, own["weight"], own["bias"], 1e-4)

    assert_like_torch([layer], _batch(seed, (2, 4, 5, 3)), {id(layer): numbers}, peer)


def test_norms_of_instances() -> Any:
    layer = f.InstanceNorm(eps=1e-4)
    numbers = numbers_drawn(layer, (3, 5, 3), np.random.default_rng(2))

    def peer(x: Any, own: Any) -> Any:
        return functional.instance_norm(x, weight=own["weight"], bias=own["bias"], eps=1e-4)

    assert_like_torch([layer], _batch(2, (2, 3, 5, 3)), {id(layer): numbers}, peer)


@FEW
@given(seeds, st.sampled_from([1, 4]))
def test_norms_of_the_channels_of_pixels(seed: Any, channels: Any) -> Any:
    layer = f.LayerNorm(eps=1e-3)
    numbers = numbers_drawn(layer, (channels, 5, 3), np.random.default_rng(seed))

    def peer(x: Any, own: Any) -> Any:
        return functional.layer_norm(x.movedim(1, -1), (channels,), own["weight"], own["bias"], 1e-3).movedim(-1, 1)

    assert_like_torch([layer], _batch(seed, (2, channels, 5, 3)), {id(layer): numbers}, peer)


_JOINS = {
    "add": (f.Add, lambda a, b: a + b),
    "subtract": (f.Subtract, lambda a, b: a - b),
    "multiply": (f.Multiply, lambda a, b: a * b),
    "concat": (f.Concat, lambda a, b: torch.cat([a, b], 1)),
    "magnitude": (f.Magnitude, lambda a, b: torch.sqrt(a**2 + b**2)),
    "maximum": (f.Maximum, torch.maximum),
}


@pytest.mark.parametrize(("name", "seed"), list(product(_JOINS, range(3))))
def test_joins_of_branches(name: Any, seed: Any) -> None:
    kind, joined = _JOINS[name]
    layer = kind(((f.Tanh(),), (f.Sigmoid(), f.Invert())))
    assert_like_torch([layer], _batch(seed), {}, lambda x: joined(torch.tanh(x), 1 - torch.sigmoid(x)))


def test_a_join_repeats_one_value_of_each_channel() -> None:
    layer = f.Multiply(((f.Tanh(),), (f.GlobalAvgPool(), f.Sigmoid())))
    assert_like_torch([layer], _batch(0), {}, lambda x: torch.tanh(x) * torch.sigmoid(x.mean((2, 3), keepdim=True)))


def test_a_layer_that_branches_share_gets_the_sum_of_their_gradients() -> None:
    shared = f.Conv(f.Kernel(np.ones((3, 3, 3, 3))), border=f.Border("constant"))
    network = [f.Add(((shared, f.Tanh()), (shared, f.ReLU())))]
    numbers = numbers_drawn(shared, (3, 6, 7), np.random.default_rng(0))
    own = {name: torch.tensor(each, requires_grad=True) for name, each in numbers.items()}
    batch = _batch(4)
    given = torch.tensor(batch)
    made = functional.conv2d(given, own["weights"], own["bias"], padding=1)
    (torch.tanh(made) + torch.relu(made)).sum().backward()
    graph = Graph({id(shared): numbers})
    output = graph.run(network, batch.transpose(0, 2, 3, 1))
    found = graph.gradients(np.ones_like(output))[id(shared)]
    assert sum(value.layer is shared for value in graph.values) == 1  # it is computed once
    np.testing.assert_allclose(found["weights"], own["weights"].grad.numpy(), atol=1e-9)
    np.testing.assert_allclose(found["bias"], own["bias"].grad.numpy(), atol=1e-9)


def test_dropout_leaves_out_a_share_and_keeps_the_mean() -> None:
    layer, x = f.Dropout(0.25), np.ones((4, 50, 50, 4))
    rule = rule_of(layer)
    assert rule is not None
    made, back = rule(layer, [x], {}, Mode(is_training=True, generator=np.random.default_rng(0)))
    assert set(np.unique(made)) == {0, 1 / 0.75}
    assert made.mean() == pytest.approx(1, abs=0.02)
    np.testing.assert_array_equal(back(x)[0][0], made)


@pytest.mark.parametrize("layer", [f.Threshold(), f.Normalize(), f.Median((3, 3)), f.Resize(2.0)])
def test_layers_without_a_gradient_have_no_rule(layer: Any) -> None:
    assert rule_of(layer) is None
