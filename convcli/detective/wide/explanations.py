"""Explanations by wide kernels: alone, before a tone curve, and in linear light."""

from __future__ import annotations

from collections.abc import Iterator

from convcli.catalog import load_filter
from convcli.detective.explanation import Explanation
from convcli.detective.scene import Scene
from convcli.detective.tone.names import name_of
from convcli.detective.tone.tone import Tone
from convcli.detective.wide.search import wide_kernel
from convcli.detective.wide.toned import wide_before_curve

_SEVERAL = 2.0  # times what rounding leaves: less needs no curve


def wide(scene: Scene, best: Explanation, quality: int | None) -> Iterator[Explanation]:
    """Yield the wide kernel of a family that makes the target."""
    if found := wide_kernel(scene, best.rms, is_jpeg=quality is not None):
        yield Explanation(found.error, found.text, is_sure=True)


def wide_and_curve(scene: Scene, best: Explanation) -> Iterator[Explanation]:
    """Yield the wide kernel before a curve, or in linear light, that leaves nothing but rounding."""
    if best.rms > _SEVERAL * scene.floor and (found := wide_before_curve(scene)):
        formula = None if found.curve.is_identity else name_of(found.curve)
        after = () if found.curve.is_identity else (formula.curve if formula else found.curve,)
        tone = Tone(light=found.is_light, after=after, after_name=formula.name if formula else None)
        conv = load_filter(found.text).conv if found.is_light else None
        if conv is None:
            yield Explanation(found.error, found.text, tone=tone, is_sure=True)
        else:
            yield Explanation(found.error, kernel=conv.kernel, tone=tone, is_sure=True)
