"""The rules of the layers that have a gradient."""

from __future__ import annotations

from convcli.errors import UsageError
from convcli.filters import AdaptivePool, Combine, Conv, Crop, GroupNorm, Join, Layer, Mirror, Pool, Turn
from convcli.learning.networks.gradients import activations, dense, joins, norms, pooling
from convcli.learning.networks.gradients.correlation import conv
from convcli.learning.networks.gradients.made import Rule
from convcli.learning.networks.gradients.margins import pad

_BY_NAME: dict[str, Rule] = {
    **dict.fromkeys(activations.SLOPES, activations.pointwise),
    "softmax": activations.softmax,
    "log-softmax": activations.log_softmax,
    "prelu": activations.prelu,
    "dropout": activations.dropout,
    "pad": pad,
    "linear": dense.linear,
    "conv-transpose": dense.conv_transpose,
    **dict.fromkeys(("pixel-shuffle", "pixel-unshuffle", "flatten"), dense.moved),
    "upsample": pooling.upsample,
    "batch-norm": norms.batch_norm,
    "layer-norm": norms.layer_norm,
    "local-response-norm": norms.response_norm,
    "concat": joins.concat,
    **dict.fromkeys(("magnitude", "maximum"), joins.combine),
}
_BY_CLASS: tuple[tuple[type[Layer], Rule], ...] = (
    (Conv, conv),
    (Pool, pooling.pool),
    (AdaptivePool, pooling.adaptive),
    (GroupNorm, norms.group_norm),
    (Crop, dense.moved),
    (Mirror, dense.moved),
    (Turn, dense.moved),
    (Join, joins.join),
)


def rule_of(layer: Layer) -> Rule | None:
    """Return the rule of a layer; None where it has no gradient."""
    if layer.name in _BY_NAME:
        return _BY_NAME[layer.name]
    return next((rule for kind, rule in _BY_CLASS if isinstance(layer, kind)), None)


def no_gradient(layer: Layer) -> UsageError:
    """Return the error for a layer without a gradient behind one that learns."""
    what = "combines branches in a way that" if isinstance(layer, Combine) else "is a layer that"
    return UsageError(
        f"{layer.name} {what} has no gradient, so layers before it cannot learn",
        "put it before the first layer that learns, or leave it out; relu, sigmoid and clip have gradients",
    )
