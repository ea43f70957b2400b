"""Code for PyTorch: a module, with the weights as its parameters."""

from __future__ import annotations

from convcli.exchange.exporting.handed import Handed
from convcli.exchange.exporting.kernels import title_of
from convcli.exchange.exporting.python.steps import Steps, Words
from convcli.exchange.exporting.python.windows import pool_of_torch
from convcli.filters import Pipeline

_EXPRESSIONS = {
    "relu": "F.relu({})",
    "leaky-relu": "F.leaky_relu({}, {slope})",
    "abs": "{}.abs()",
    "clip": "{}.clamp({low} * full, {high} * full)",
    "invert": "full - {}",
    "round": "({0} + 0.5).floor().clamp(0, full) if full > 1 else {0}",
    "threshold": "torch.where({0} >= {level} * full, full, torch.zeros_like({0}))",
    "normalize": "stretched({}, full)",
    "magnitude": "torch.stack([{}]).square().sum(dim=0).sqrt()",
    "maximum": "torch.stack([{}]).amax(dim=0)",
    "magnitude-of-channels": "{}.square().sum(dim=1, keepdim=True).sqrt()",
    "maximum-of-channels": "{}.amax(dim=1, keepdim=True)",
    "biases": "np.array([{}])[:, None, None]",
}

_HEAD = '''"""{name} as convcli applies it, for PyTorch.

Filter() is a module that takes and returns (pictures, channels, height, width), with white at full; its
weights are float64, and Filter().float() takes float32.
apply(image) takes and returns an array of height × width, or height × width × channels: uint8 or uint16,
rounded and cut off at the ends of their range, or floats with white at 1. Every channel is filtered.
"""

import numpy as np
import torch
import torch.nn.functional as F
'''

_CORRELATE = '''

def correlate(planes, weights, pads, border, value=0.0, stride=(1, 1), groups=1):
    """Return planes (pictures, channels, height, width) under a kernel; pads are (above, below), (left, right)."""
    planes = padded(planes, pads, border, value)
    count, channels = planes.shape[:2]
    if weights.ndim == 4:  # output channels × input channels of a group
        return F.conv2d(planes, weights, stride=stride, groups=groups)
    if weights.ndim == 3:  # a plane of weights per channel
        return F.conv2d(planes, weights[:, None], stride=stride, groups=channels)
    alone = planes.reshape(count * channels, 1, *planes.shape[2:])
    results = F.conv2d(alone, weights[None, None], stride=stride)
    return results.reshape(count, channels, *results.shape[2:])
'''

_RANKED = '''

def ranked(planes, size, rank, pads, border, value=0.0):
    """Return the values of a rank, counted from 0, in windows of (pictures, channels, height, width)."""
    planes = padded(planes, pads, border, value)
    if rank in (0, size[0] * size[1] - 1):
        sign = 1 if rank else -1
        return sign * F.max_pool2d(sign * planes, size, 1)
    return planes.unfold(2, size[0], 1).unfold(3, size[1], 1).flatten(-2).kthvalue(rank + 1).values
'''

_PADDED = '''

def padded(planes, pads, border, value):
    """Return planes with a border, of which PyTorch itself has no symmetric one."""
    if border == "constant":
        return F.pad(planes, (*pads[1], *pads[0]), value=float(value))
    for axis, pad in zip((-2, -1), pads):
        sources = np.pad(np.arange(planes.shape[axis]), pad, mode=border)
        planes = planes.index_select(axis, torch.from_numpy(sources).to(planes.device))
    return planes
'''

_STRETCHED = '''

def stretched(planes, full):
    """Return every picture with its smallest value at 0 and its largest at full."""
    low, high = planes.amin(dim=(1, 2, 3), keepdim=True), planes.amax(dim=(1, 2, 3), keepdim=True)
    return (planes - low) * torch.where(high > low, full / (high - low), torch.zeros_like(high))
'''

_APPLY = '''

class Filter(torch.nn.Module):
    """The filter, whose weights can be trained further."""

    def __init__(self):
        super().__init__()
{parameters}

    def forward(self, image_planes, full=1.0):
        full = torch.as_tensor(full, dtype=image_planes.dtype, device=image_planes.device)
{statements}
        return planes


@torch.no_grad()
def apply(image):
    """Return the filtered image."""
    image = np.asarray(image)
    full = float(np.iinfo(image.dtype).max) if image.dtype.kind == "u" else 1.0
    planes = np.moveaxis(image.reshape(*image.shape[:2], -1), 2, 0).astype(float)
    planes = Filter().double()(torch.from_numpy(planes)[None], full)[0].numpy()
    result = planes[0] if image.ndim == 2 and len(planes) == 1 else np.moveaxis(planes, 0, 2)
    if image.dtype.kind == "u":
        result = np.clip(np.floor(result + 0.5), 0, full)
    return result.astype(image.dtype)
'''


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - one form for every file
    """Return a program with a `torch.nn.Module`, a parameter per kernel; UsageError as `Steps`."""
    steps = Steps(pipeline, Words("PyTorch", _EXPRESSIONS, pool_of_torch))
    text = _HEAD.format(name=title_of(pipeline))
    text += "".join(f"\n{name} = {value}\n" for name, value in steps.constants.items())
    text += _CORRELATE if steps.weights else ""
    text += _RANKED if steps.has_ranks else ""
    text += _PADDED if steps.weights or steps.has_ranks else ""
    text += _STRETCHED if any("stretched(" in each for each in steps.statements) else ""
    # The names of parameters are those of the constants in lower case.
    parameters = [
        f"        self.{name.lower()} = torch.nn.Parameter(torch.from_numpy({name}))" for name in steps.constants
    ]
    statements = steps.statements
    for name in steps.constants:
        statements = [each.replace(f"{name}, pads", f"self.{name.lower()}, pads") for each in statements]
        statements = [each.replace(f"{name} * full", f"self.{name.lower()} * full") for each in statements]
    statements = [each.replace("np.floor(", "torch.floor(") for each in statements]
    return Handed(
        text
        + _APPLY.replace("{parameters}", "\n".join(parameters) or "        pass").replace(
            "{statements}", "\n".join(f"        {each}" for each in statements)
        )
    )
