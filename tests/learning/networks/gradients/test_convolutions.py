"""Gradients of convolutions, their transposes, and fully connected layers."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from convcli.errors import ShapeError
from convcli.filters import Border, Conv, ConvTranspose, Kernel, Linear
from tests.learning.networks.gradients.peer import assert_like_torch, functional, numbers_drawn, torch
from tests.support.sweeps import repeats

FEW = settings(max_examples=repeats(200))
sides = st.integers(1, 4)
pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
_MODES = {"reflect": "reflect", "edge": "replicate", "wrap": "circular"}


@FEW
@given(
    st.integers(0, 2**31),
    st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)),
    st.tuples(sides, sides),
    pairs,
    pairs,
    st.one_of(st.sampled_from(["same", "valid", "full", "same-upper", "same-lower"]), st.tuples(sides, sides)),
    st.sampled_from(["constant", "constant:0.3", "reflect", "edge", "wrap"]),
)
def test_a_convolution_of_any_settings(
    seed: Any, counts: Any, size: Any, stride: Any, dilation: Any, padding: Any, border: Any
) -> Any:
    groups, inputs, outputs = counts
    generator = np.random.default_rng(seed)
    height, width = generator.integers(7, 12, 2)
    kernel = Kernel(np.zeros((outputs * groups, inputs, *size)), divisor=2.5, bias=0.2)
    conv = Conv(kernel, stride, padding, dilation, groups, Border.parse(border))
    shape = (inputs * groups, int(height), int(width))
    margins = conv.margins_for((int(height), int(width)))
    if border != "constant" and any(max(each) >= side for each, side in zip(margins, shape[1:], strict=True)):
        return  # PyTorch has no such margin
    try:
        conv.output_shape(shape)
    except ShapeError:
        return
    numbers = numbers_drawn(conv, shape, generator)

    def peer(x: Any, own: Any) -> Any:
        name, _, value = border.partition(":")
        mode = {"mode": "constant", "value": float(value or 0)} if name == "constant" else {"mode": _MODES[name]}
        padded = functional.pad(x, (*margins[1], *margins[0]), **mode)
        return functional.conv2d(padded, own["weights"], own["bias"], stride, 0, dilation, groups)

    batch = generator.normal(size=(2, *shape))
    assert_like_torch([conv], batch, {id(conv): numbers}, peer)


@FEW
@given(st.integers(0, 2**31), st.booleans(), st.tuples(sides, sides), pairs, pairs)
def test_planes_are_groups_of_one_channel(seed: Any, is_shared: Any, size: Any, stride: Any, dilation: Any) -> None:
    generator = np.random.default_rng(seed)
    channels = 3
    kernel = Kernel(np.zeros(size if is_shared else (channels, *size)))
    conv = Conv(kernel, stride, "valid", dilation)
    shape = (channels, 11, 10)
    numbers = numbers_drawn(conv, shape, generator)

    def peer(x: Any, own: Any) -> Any:
        weights = own["weights"].expand(channels, *size).unsqueeze(1)
        return functional.conv2d(x, weights, own["bias"].expand(channels), stride, 0, dilation, channels)

    assert_like_torch([conv], generator.normal(size=(2, *shape)), {id(conv): numbers}, peer)


@FEW
@given(
    st.integers(0, 2**31),
    st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)),
    st.tuples(sides, sides),
    pairs,
    pairs,
    st.tuples(st.integers(0, 1), st.integers(0, 1)),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
)
def test_a_transposed_convolution_of_any_settings(
    seed: Any, counts: Any, size: Any, stride: Any, dilation: Any, padding: Any, output_padding: Any
) -> Any:
    groups, inputs, outputs = counts
    more = tuple(min(each, max(s, d) - 1) for each, s, d in zip(output_padding, stride, dilation, strict=True))
    generator = np.random.default_rng(seed)
    weights = np.zeros((inputs * groups, outputs, *size))
    layer = ConvTranspose(weights, 0.5, stride, padding, more, dilation, groups)
    shape = (inputs * groups, 5, 4)
    numbers = numbers_drawn(layer, shape, generator)

    def peer(x: Any, own: Any) -> Any:
        return functional.conv_transpose2d(x, own["weights"], own["bias"], stride, padding, more, groups, dilation)

    assert_like_torch([layer], generator.normal(size=(2, *shape)), {id(layer): numbers}, peer)


@FEW
@given(st.integers(0, 2**31), st.integers(1, 4), st.integers(1, 5), st.integers(1, 4))
def test_a_linear_layer_takes_values_in_the_order_of_channels(
    seed: Any, channels: Any, height: Any, outputs: Any
) -> Any:
    generator = np.random.default_rng(seed)
    layer = Linear(outputs)
    shape = (channels, height, 3)
    numbers = numbers_drawn(layer, shape, generator)

    def peer(x: Any, own: Any) -> Any:
        return functional.linear(torch.flatten(x, 1), own["weights"], own["bias"])[:, :, None, None]

    assert_like_torch([layer], generator.normal(size=(3, *shape)), {id(layer): numbers}, peer)
