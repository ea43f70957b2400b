"""Steps in one sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from convcli.detective import steps as kinds
from convcli.detective.steps import Step
from convcli.words import counted

_SAME_SCALE = 0.01


def sentence_of(steps: Sequence[Step], psnr: float, limit: float | None, rim: int = 0) -> str:
    """Return the steps, in words, and how well they match: ``sharpen, then a tone curve; 41.2 dB``.

    `psnr` is the peak signal-to-noise ratio of INPUT after the steps, in dB, `limit` that which noise or JPEG allows,
    if known. Both are without a `rim` of so many pixels.
    """
    words = ", then ".join(map(_words, steps))
    if isinstance(steps[0], kinds.UnrelatedStep | kinds.IdentityStep):
        return words
    cause = "JPEG" if steps[-1].name == "jpeg" else "noise"
    match = (
        "exact" if math.isinf(psnr) else f"{psnr:.1f} dB" + (f" of {limit:.1f} that {cause} allows" if limit else "")
    )
    return f"{words}; {match}" + (f", a rim of {counted(rim, 'pixel')} apart" if rim else "")


# By the name of the step, with its fields.
_WORDS = {
    "identity": "nothing: both hold the same pixels",
    "unrelated": "not the same picture",
    "crop": "crop to {width}×{height} from {x},{y}",
    "mirror": "{axis} mirror image",
    "turn": "turn by {degrees}°",
    "shift": "shift by {dx},{dy}",
    "region": "a change at {x},{y} ({width}×{height})",
    "noise": "noise of {levels:.2g} levels",
    "jpeg": "JPEG of about quality {quality}",
    "pixelate": "pixelate:{size}",
}


def _words(step: Step) -> str:
    match step:
        case kinds.FilterStep():
            return _filter(step)
        case kinds.RotateStep(degrees=degrees, scale=scale, text=text):
            return _rotation(degrees, scale) + _in_brackets(text)
        case kinds.ResizeStep():
            size = f"{step.width}×{step.height}, " if step.width else ""
            return f"resize to {size}{step.scale:.4g} of the size" + _in_brackets(step.text)
        case kinds.CurveStep(known=known):
            return known or "a tone curve"
        case kinds.NonlinearStep(text=text):
            return text or "something that is no kernel"
    return _WORDS[step.name].format(**vars(step))


def _in_brackets(text: str | None) -> str:
    return f" ({text})" if text else ""


def _rotation(degrees: float, scale: float) -> str:
    turn = f"rotation by {degrees:.2f}°" if abs(degrees) >= 0.05 else ""
    enlargement = f"enlargement by {scale:.4g}" if abs(scale - 1) >= 0.002 else ""
    return " and ".join(filter(None, (turn, enlargement)))


def _filter(step: kinds.FilterStep) -> str:
    named = step.text or step.words or f"a {step.model} kernel"
    if step.scale is not None and abs(step.scale - 1) > _SAME_SCALE:
        named = f"{step.scale:.4g} × {named}"
    return f"{named} in linear light" if step.linear else named
