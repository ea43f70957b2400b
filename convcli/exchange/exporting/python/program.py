"""A program of NumPy and one library that filters arrays of pictures."""

from __future__ import annotations

from convcli.exchange.exporting.handed import Handed
from convcli.exchange.exporting.kernels import title_of
from convcli.exchange.exporting.python.steps import Steps, Words
from convcli.filters import Pipeline, Size2

EXPRESSIONS = {
    "relu": "np.maximum({}, 0)",
    "leaky-relu": "np.where({0} > 0, {0}, {slope} * {0})",
    "abs": "np.abs({})",
    "clip": "np.clip({}, {low} * full, {high} * full)",
    "invert": "full - {}",
    "round": "np.clip(np.floor({0} + 0.5), 0, full) if full > 1 else {0}",
    "threshold": "np.where({} >= {level} * full, full, 0.0)",
    "curve": "np.interp({}, np.array({x}) * full, np.array({y}) * full)",
    "normalize": "({0} - {0}.min()) * (full / ({0}.max() - {0}.min() or 1))",
    "magnitude": "np.sqrt(sum(np.square(part) for part in ({})))",
    "maximum": "np.maximum.reduce([{}])",
    "magnitude-of-channels": "np.sqrt(np.square({}).sum(axis=0, keepdims=True))",
    "maximum-of-channels": "{}.max(axis=0, keepdims=True)",
    "biases": "np.array([{}])[:, None, None]",
}

_HEAD = '''"""{name} as convcli applies it, for {title}.

apply(image) takes and returns an array of height × width, or height × width × channels: uint8 or uint16,
rounded and cut off at the ends of their range, or floats with white at 1. Every channel is filtered.
"""

import numpy as np
{imports}
'''

_CORRELATE = '''

def correlate(planes, weights, pads, border, value=0.0, stride=(1, 1), groups=1):
    """Return planes (channels, height, width) under a kernel; pads are (above, below), (left, right)."""
    around = {"constant_values": value} if border == "constant" else {}
    planes = np.pad(planes, ((0, 0), *pads), mode=border, **around)
'''
_SHARED = """    results = [under(plane, weights) for plane in planes]
"""
_DEPTHWISE = """    if weights.ndim == 3:  # a plane of weights per channel
        results = [under(plane, each) for plane, each in zip(planes, weights, strict=True)]
    else:
        results = [under(plane, weights) for plane in planes]
"""
_FULL = """    if weights.ndim == 4:  # output channels × input channels of a group
        inputs, outputs = weights.shape[1], len(weights) // groups
        if len(planes) != inputs * groups:
            raise ValueError(f"the filter takes {inputs * groups} channels, the image has {len(planes)}")
        results = [
            sum(under(plane, each) for plane, each in zip(planes[index // outputs * inputs :], kernel))
            for index, kernel in enumerate(weights)
        ]
    elif weights.ndim == 3:  # a plane of weights per channel
        results = [under(plane, each) for plane, each in zip(planes, weights, strict=True)]
    else:
        results = [under(plane, weights) for plane in planes]
"""
_END = """    return np.stack(results)[:, :: stride[0], :: stride[1]]
"""

_RANKED = '''

def ranked(planes, size, rank, pads, border, value=0.0, stride=(1, 1)):
    """Return the values of a rank, counted from 0, in windows of planes; pads are (above, below), (left, right)."""
    around = {"constant_values": value} if border == "constant" else {}
    planes = np.pad(planes, ((0, 0), *pads), mode=border, **around)
    return np.stack([of_rank(plane, size, rank) for plane in planes])[:, :: stride[0], :: stride[1]]
'''

_APPLY = '''

def apply(image):
    """Return the filtered image."""
    image = np.asarray(image)
    full = float(np.iinfo(image.dtype).max) if image.dtype.kind == "u" else 1.0
    image_planes = np.moveaxis(image.reshape(*image.shape[:2], -1), 2, 0).astype(float)
{statements}
    result = planes[0] if image.ndim == 2 and len(planes) == 1 else np.moveaxis(planes, 0, 2)
    if image.dtype.kind == "u":
        result = np.clip(np.floor(result + 0.5), 0, full)
    return result.astype(image.dtype)
'''


def program(
    pipeline: Pipeline, title: str, imports: str, under: str, of_rank: str, medians: tuple[Size2, ...] = ()
) -> Handed:
    """Return the program; `under` defines ``under(plane, weights)``, which keeps positions inside the plane.

    `of_rank` defines ``of_rank(plane, size, rank)``, which keeps the same; `medians` are the sizes that it takes, where
    not all. Raises UsageError for a layer that the program has not.
    """
    steps = Steps(pipeline, Words(title, EXPRESSIONS, medians=medians))
    text = _HEAD.format(name=title_of(pipeline), title=title, imports=imports)
    text += "".join(f"\n{name} = {value}\n" for name, value in steps.constants.items())
    if steps.weights:
        kinds = _FULL if steps.deepest == 4 else _DEPTHWISE if steps.deepest == 3 else _SHARED
        text += f"\n\n{under.strip()}\n" + _CORRELATE + kinds + _END
    if steps.has_ranks:
        text += f"\n\n{of_rank.strip()}\n" + _RANKED
    text += _APPLY.format(statements="\n".join(f"    {each}" for each in steps.statements))
    return Handed(text)
