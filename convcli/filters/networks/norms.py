"""Norms as in inference, prelu and dropout: layers with numbers for each channel, and those beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from convcli.errors import ShapeError, UsageError
from convcli.filters.layer import Layer, ReceptiveField, Shape
from convcli.filters.networks.whole import Position, Whole
from convcli.filters.settings.layers import NETWORK_SETTINGS
from convcli.filters.settings.parameter import Parameter
from convcli.lazy import dataclass
from convcli.words import counted

Numbers = float | Sequence[float]  # one for all channels, or one each


class PerChannel(Layer):
    """A layer with numbers for each channel, the fields that are tuples."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if wrong := [each.name for each in self.declared if isinstance(getattr(self, each.name), dict)]:
            raise UsageError(f"{self.name}: {wrong[0]} is no number", "give a number, or one for each channel")

    @property
    def numbers(self) -> dict[str, tuple[float, ...]]:
        """The numbers by the name of their field."""
        given = ((each.name, getattr(self, each.name)) for each in self.declared)
        return {name: value for name, value in given if isinstance(value, tuple)}

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape; raise ShapeError where the numbers are not as many as the channels."""
        for name, numbers in self.numbers.items():
            if len(numbers) not in (1, shape[0]):
                raise ShapeError(
                    f"{self.name}: {name} has {counted(len(numbers), 'number')}, the input has"
                    f" {counted(shape[0], 'channel')}",
                    "give one number, or one for each channel",
                )
        return shape

    def parameters(self, shape: Shape) -> int:  # noqa: ARG002 - they are the given ones
        """Return how many numbers are learned: means and variances are measured, and others may have their defaults."""
        learned = {"weights": None, "weight": (1.0,), "bias": (0.0,)}
        return sum(len(each) for name, each in self.numbers.items() if name in learned and each != learned[name])

    @property
    def words(self) -> str:
        """The number of channels, where the numbers have one each."""
        longest = max(map(len, self.numbers.values()), default=0)
        return f"{longest} channels" if longest > 1 else ""


@dataclass(frozen=True)
class PReLU(PerChannel):
    """x where x is positive, a learned slope · x elsewhere."""

    name: ClassVar[str] = "prelu"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["prelu"]

    weights: Numbers = (0.25,)

    def largest_after(self, largest: float) -> float:
        """Return the input, times the largest slope beyond 1."""
        return largest * max(1.0, *map(abs, self.numbers["weights"]))


@dataclass(frozen=True)
class BatchNorm(PerChannel):
    """(x − mean) / √(variance + eps) · weight + bias, with the mean and the variance of the training."""

    name: ClassVar[str] = "batch-norm"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["batch-norm"]

    mean: Numbers = (0.0,)
    variance: Numbers = (1.0,)
    weight: Numbers = (1.0,)
    bias: Numbers = (0.0,)
    eps: float = 1e-5

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.numbers["variance"]) + self.eps <= 0 or min(self.numbers["variance"]) < 0:
            raise UsageError(
                "batch-norm: variance and eps are no positive number", "give variances of at least 0, and eps above 0"
            )


@dataclass(frozen=True)
class LocalResponseNorm(Layer):
    """x / (k + alpha · the mean of squares over `size` channels around)^beta, as in PyTorch."""

    name: ClassVar[str] = "local-response-norm"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["local-response-norm"]

    size: int = 5
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0

    @property
    def words(self) -> str:
        """The settings."""
        return f"{self.size} channels, alpha {self.alpha:g}, beta {self.beta:g}, k {self.k:g}"


@dataclass(frozen=True)
class LayerNorm(PerChannel):
    """The channels of each pixel with the mean 0 and the variance 1; times weight, plus bias."""

    name: ClassVar[str] = "layer-norm"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["layer-norm"]

    weight: Numbers = (1.0,)
    bias: Numbers = (0.0,)
    eps: float = 1e-5


@dataclass(frozen=True)
class GroupNorm(PerChannel, Whole):
    """Groups of channels, each with the mean 0 and the variance 1 over all of the picture; times weight, plus bias."""

    name: ClassVar[str] = "group-norm"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["group-norm"]

    groups: int = 1
    weight: Numbers = (1.0,)
    bias: Numbers = (0.0,)
    eps: float = 1e-5

    def groups_of(self, channels: int) -> int:  # noqa: ARG002 - instances have as many as channels
        """Return the number of groups among so many channels."""
        return self.groups

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape; raise ShapeError where the groups do not divide the channels."""
        if shape[0] % self.groups_of(shape[0]):
            raise ShapeError(
                f"{self.groups} groups do not divide {counted(shape[0], 'channel')}", "give a number that divides them"
            )
        return super().output_shape(shape)

    @property
    def receptive_field(self) -> ReceptiveField:
        """All of the input."""
        return ReceptiveField(None)

    def for_untouched(self) -> None:
        """Return None: pixels stay where they are."""

    def came_from(self, position: Position, shape: Shape) -> Position:  # noqa: ARG002 - any
        """Return the same position."""
        return position

    @property
    def words(self) -> str:
        """The groups."""
        return counted(self.groups, "group")


@dataclass(frozen=True)
class InstanceNorm(GroupNorm):
    """Each channel with the mean 0 and the variance 1 over all of the picture; times weight, plus bias."""

    name: ClassVar[str] = "instance-norm"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["instance-norm"]

    def groups_of(self, channels: int) -> int:
        """Return one for each channel."""
        return channels

    @property
    def words(self) -> str:
        """Nothing."""
        return ""


@dataclass(frozen=True)
class Dropout(Layer):
    """Nothing: in training it leaves out values at random, and a trained network keeps them all."""

    name: ClassVar[str] = "dropout"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["dropout"]

    p: float = 0.5

    def largest_after(self, largest: float) -> float:
        """Return the input."""
        return largest

    @property
    def words(self) -> str:
        """The share that training leaves out."""
        return f"{self.p:g}, of no effect after training"
