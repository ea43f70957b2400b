"""Parts: where in a large picture to look again, after a verdict that leaves more than rounding in one place."""

from __future__ import annotations

import math

import numpy as np

from convcli.detective.detected import Detected
from convcli.detective.regions import Region
from convcli.detective.scene import LARGEST, Scene
from convcli.detective.steps import NonlinearStep, Step
from convcli.filters import Size2
from convcli.lazy import dataclass
from convcli.learning import LearningPair

_EXACT = 0.45  # levels
_SMALL = 0.25  # of a picture, that either may have
_HALF, _MOST = 0.5, 0.85  # of the squared differences, that a place to look at has at least, and a region
_OF_GEOMETRY = ("crop", "mirror", "turn", "shift")


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a picture to look at: around a row and column, or outside of a region; the middle of all by itself."""

    at: Size2 | None = None
    region: Region | None = None

    def scene_of(self, pair: LearningPair) -> Scene:
        """Return the scene of an aligned pair in this part."""
        scene = Scene.of(pair, self.at)
        return scene.only(self.region.outside(scene)) if self.region else scene


def part_left(verdict: Detected, pair: LearningPair) -> Part | None:
    """Return where to look again: outside of the place that has all that is left, or where most is; None for nowhere.

    The place is a region where the rest is explained. Small pictures were looked at as a whole.
    """
    left, last = verdict.residual, verdict.found[-1]
    is_larger = pair.target.dtype == np.uint8 and max(pair.target.shape[:2]) > LARGEST and pair.mask is None
    if not is_larger or left is None or left.box is None or not _may_be_elsewhere(last):
        return None
    if left.rms <= _EXACT or left.rim > 1 - _MOST:
        return None
    box, pixels = left.box, math.prod(left.size)
    share = box.width * box.height / pixels
    if share >= _SMALL or box.share < _HALF:
        return None
    if box.share > _MOST and left.rms_outside <= _EXACT:
        return Part(region=Region(box.x, box.y, box.width, box.height, share))
    return Part(at=(box.y + box.height // 2, box.x + box.width // 2))


def _may_be_elsewhere(last: Step) -> bool:
    """Return whether another part may tell more than a last step."""
    is_open = isinstance(last, NonlinearStep) and last.text is None
    return is_open or last.name in ("filter", "curve", *_OF_GEOMETRY)


def has_place(verdict: Detected) -> bool:
    """Return whether a verdict begins with the place of TARGET in INPUT."""
    return verdict.found[0].name in _OF_GEOMETRY
