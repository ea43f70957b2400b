"""Activations: functions of single values, and those of the channels at a position.

They act on shares of full scale, as networks are trained: the sigmoid of black is 0.5, mid-gray, at 8 and at 16 bits
alike. For arrays full scale is 1, so that the formulas are those of PyTorch.
"""

from __future__ import annotations

from typing import ClassVar

from convcli.filters.layer import Layer
from convcli.filters.settings.layers import NETWORK_SETTINGS
from convcli.filters.settings.parameter import Parameter, as_text
from convcli.lazy import dataclass

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # of Klambauer et al. (2017), as in PyTorch


@dataclass(frozen=True)
class Activation(Layer):
    """A function of single values."""

    most: ClassVar[float | None] = None  # the largest magnitude of its values; None where that grows with the input

    def largest_after(self, largest: float) -> float:
        """Return the largest magnitude of the output for input up to `largest`, shares of full scale."""
        return largest if self.most is None else self.most

    @property
    def words(self) -> str:
        """The settings."""
        return ", ".join(f"{each.name} {as_text(getattr(self, each.name))}" for each in self.declared)


class Sigmoid(Activation):
    """1 / (1 + e⁻ˣ)."""

    name: ClassVar[str] = "sigmoid"
    most: ClassVar[float | None] = 1.0


class Tanh(Activation):
    """The hyperbolic tangent."""

    name: ClassVar[str] = "tanh"
    most: ClassVar[float | None] = 1.0


@dataclass(frozen=True)
class ELU(Activation):
    """x where x is positive, alpha · (eˣ − 1) elsewhere."""

    name: ClassVar[str] = "elu"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["elu"]

    alpha: float = 1.0

    def largest_after(self, largest: float) -> float:
        """Return the larger of the input and alpha."""
        return max(largest, abs(self.alpha))


@dataclass(frozen=True)
class CELU(Activation):
    """x where x is positive, alpha · (exp(x / alpha) − 1) elsewhere."""

    name: ClassVar[str] = "celu"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["celu"]

    alpha: float = 1.0


class SELU(Activation):
    """The elu that normalizes itself: scale · x where x is positive, scale · alpha · (eˣ − 1) elsewhere."""

    name: ClassVar[str] = "selu"

    def largest_after(self, largest: float) -> float:
        """Return the larger of the scaled input and the lower bound."""
        return SELU_SCALE * max(largest, SELU_ALPHA)


@dataclass(frozen=True)
class GELU(Activation):
    """x · Φ(x), Φ being the normal distribution; or its approximation by a hyperbolic tangent."""

    name: ClassVar[str] = "gelu"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["gelu"]

    approximate: str = "none"

    @property
    def words(self) -> str:
        """The approximation, if it is one."""
        return "" if self.approximate == "none" else f"approximated by {self.approximate}"


class SiLU(Activation):
    """x · sigmoid(x), also known as swish."""

    name: ClassVar[str] = "silu"


class Mish(Activation):
    """x · tanh(softplus(x))."""

    name: ClassVar[str] = "mish"


@dataclass(frozen=True)
class Softplus(Activation):
    """log(1 + exp(beta · x)) / beta, and x where beta · x is beyond the threshold."""

    name: ClassVar[str] = "softplus"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["softplus"]

    beta: float = 1.0
    threshold: float = 20.0

    def largest_after(self, largest: float) -> float:
        """Return the input, and log(2) / beta more."""
        return largest + 0.6931471805599453 / self.beta


@dataclass(frozen=True)
class HardSigmoid(Activation):
    """min(max(alpha · x + beta, 0), 1); with PyTorch's alpha unless it is given, not that of ONNX."""

    name: ClassVar[str] = "hard-sigmoid"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["hard-sigmoid"]
    most: ClassVar[float | None] = 1.0

    alpha: float = 1 / 6
    beta: float = 0.5


class HardSwish(Activation):
    """x · hard-sigmoid(x)."""

    name: ClassVar[str] = "hard-swish"


@dataclass(frozen=True)
class OverChannels(Layer):
    """A function of all channels at a position, which keeps their number."""


class Softmax(OverChannels):
    """eˣ over the sum of it over the channels: shares that add up to full scale."""

    name: ClassVar[str] = "softmax"

    def largest_after(self, largest: float) -> float:  # noqa: ARG002 - they are shares
        """Return 1."""
        return 1.0


class LogSoftmax(OverChannels):
    """The logarithm of the softmax."""

    name: ClassVar[str] = "log-softmax"
