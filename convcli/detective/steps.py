"""Steps: the parts of the answer to the question of what was done to a picture, in their order."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar, Literal

from convcli.detective.tone.tone import Points
from convcli.lazy import dataclass
from convcli.learning import Model


@dataclass(frozen=True)
class Step:
    """One step. Its fields are those of the report as JSON."""

    name: ClassVar[str]

    @property
    def values(self) -> dict[str, Any]:
        """The step for JSON."""
        return {"step": self.name, **asdict(self)}


@dataclass(frozen=True)
class IdentityStep(Step):
    """Nothing was done."""

    name = "identity"


@dataclass(frozen=True)
class UnrelatedStep(Step):
    """TARGET is not made of INPUT."""

    name = "unrelated"


@dataclass(frozen=True)
class CropStep(Step):
    """A part of INPUT, by its first pixel and its size."""

    name = "crop"
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class MirrorStep(Step):
    """A mirror image: ``horizontal`` exchanges left and right."""

    name = "mirror"
    axis: Literal["horizontal", "vertical"]


@dataclass(frozen=True)
class TurnStep(Step):
    """A turn by 90, 180 or 270 degrees, counter-clockwise."""

    name = "turn"
    degrees: int


@dataclass(frozen=True)
class RotateStep(Step):
    """A small turn counter-clockwise, with a scale about the center; `text` names the interpolation, if it is clear."""

    name = "rotate"
    degrees: float
    scale: float
    text: str | None = None


@dataclass(frozen=True)
class ShiftStep(Step):
    """A shift by whole pixels, to the right and down."""

    name = "shift"
    dx: int
    dy: int


@dataclass(frozen=True)
class ResizeStep(Step):
    """Another size in pixels: `scale` times that before, by the resampling filter `text`, None where it is unclear."""

    name = "resize"
    scale: float
    text: str | None
    width: int = 0
    height: int = 0

    @property
    def values(self) -> dict[str, Any]:
        """The step for JSON."""
        return {"step": self.name, "scale": self.scale, "text": self.text}


@dataclass(frozen=True)
class FilterStep(Step):
    """A kernel, and the FILTER that is near it, if any, up to a scale; `weights_within` is the share they differ by.

    `words` say what it does where no FILTER does.
    """

    name = "filter"
    text: str | None
    model: Model
    linear: bool = False
    scale: float | None = None
    weights_within: float | None = None
    words: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The step for JSON."""
        return {key: value for key, value in super().values.items() if key != "words"}


@dataclass(frozen=True)
class CurveStep(Step):
    """A tone curve through `points`, in shares of full scale; its `name`, where it has one: ``gamma 0.7``.

    Where channels have curves of their own, `points` are those of each, by its letter: ``r``, ``g``, ``b``.
    """

    name = "curve"
    points: Points | dict[str, Points]
    known: str | None

    @property
    def curves(self) -> dict[str, Points]:
        """The points by the letter of the channel, which is empty for all."""
        return self.points if isinstance(self.points, dict) else {"": self.points}

    @property
    def values(self) -> dict[str, Any]:
        """The step for JSON."""
        return {"step": "curve", "points": self.points, "name": self.known}


@dataclass(frozen=True)
class RegionStep(Step):
    """A rectangle that differs from the rest, and the `share` of the picture that does."""

    name = "region"
    x: int
    y: int
    width: int
    height: int
    share: float


@dataclass(frozen=True)
class NoiseStep(Step):
    """White noise, of root mean square `levels`, of 255 where the picture has 8 bits."""

    name = "noise"
    levels: float


@dataclass(frozen=True)
class JpegStep(Step):
    """Compression as a JPEG of a quality, 1 to 100, as libjpeg counts."""

    name = "jpeg"
    quality: int


@dataclass(frozen=True)
class PixelateStep(Step):
    """Means of `size` × `size` blocks."""

    name = "pixelate"
    size: int


@dataclass(frozen=True)
class NonlinearStep(Step):
    """A filter that no kernel makes; `text` names the kind where one explains clearly more than the best kernel."""

    name = "nonlinear"
    text: str | None
