"""Other sizes and small rotations, as steps."""

from __future__ import annotations

import math

import numpy as np

from convcli.detective.explanation import Explanation
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.rotation import find_rotation
from convcli.detective.geometry.views import seen
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.steps import ResizeStep, RotateStep
from convcli.detective.working import shares
from convcli.filters import RESAMPLING
from convcli.learning import LearningPair

_EITHER = 1.01  # the ratio of errors below which two resampling filters fit alike
_AGREE = 0.5  # of the tiles, for a rotation


def rotation_of(scene: Scene) -> RotateStep | None:
    """Return the small turn and enlargement of a scene, if most tiles move with one."""
    gray = (each.mean(axis=2, dtype=np.float64) for each in (scene.source, scene.target))
    found = find_rotation(*gray)
    if found is None or found.agreement < _AGREE:
        return None
    if abs(found.degrees) < 0.1 and abs(found.scale - 1) < 0.004:
        return None
    return RotateStep(round(found.degrees, 2), round(found.scale, 4))


def resizing_of(pair: LearningPair, frame: Frame) -> tuple[ResizeStep, Explanation]:
    """Return the resampling filter that is nearest, and the explanation that has it before the kernel."""
    height, width = pair.target.shape[:2]
    source = shares(seen(pair.source, frame.view))
    errors: dict[str, float] = {}
    target = shares(pair.target)
    for name in RESAMPLING:
        made = apply_text(f"resize:width={width},height={height},filter={name}", source)
        difference = np.clip(made, 0, 1) - target if pair.target.dtype.kind == "u" else made - target
        if pair.mask is not None:
            difference = difference[np.broadcast_to(pair.mask, difference.shape)]
        errors[name] = float(np.sqrt(np.mean(np.square(difference))))
    best, second = sorted(errors, key=lambda name: errors[name])[:2]
    is_clear = errors[second] > _EITHER * errors[best]
    axis, degrees = frame.view
    before = [f"mirror:{axis}"] * bool(axis) + [f"turn:{degrees}"] * bool(degrees)
    before.append(f"resize:width={width},height={height},filter={best}")
    scale = round(math.sqrt(height * width / (source.shape[0] * source.shape[1])), 4)
    return ResizeStep(scale, best if is_clear else None), Explanation(errors[best], " | ".join(before))
