"""The screen that a video of a high dynamic range was made on, and its brightest light: read from frames, and written.

Players fit light that is beyond a screen by these numbers. H.265 has them in its stream; other encoders that are used
here do not write them.
"""

from __future__ import annotations

import struct
from typing import Any

from convcli.lazy import dataclass
from convcli.note import Note

_MASTERING, _LIGHT = "MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"
# Light that changes from scene to scene, which is of unfiltered frames.
_DYNAMIC = ("DYNAMIC_HDR_PLUS", "DYNAMIC_HDR_VIVID", "DOVI_RPU_BUFFER", "DOVI_METADATA", "DOVI_RPU_BUFFER_T35")
_RATIOS = struct.Struct("=20i2i")  # x and y of red, green, blue and white, the least and the most light; what is known
_STEPS, _STEPS_OF_LIGHT = 50_000, 10_000  # in which x265 counts chromaticities, and candelas per square meter
_DYNAMIC_LEFT = Note(
    "screen-left-out", "its light scene by scene (HDR10+, Dolby Vision) is left out: it is that of unfiltered frames"
)
_LEFT = Note("screen-left-out", "the screen that it was made on is left out; H.265 of 10 bits keeps it")


@dataclass(frozen=True)
class Screen:
    """A screen, as frames describe it.

    Parameters
    ----------
    mastering
        x and y of red, green, blue and white, and the least and the most light in cd/m²; empty where unknown.
    light
        The brightest pixel and the brightest frame in cd/m²; empty where unknown.
    is_dynamic
        Whether there is more, scene by scene.
    """

    mastering: tuple[float, ...] = ()
    light: tuple[int, ...] = ()
    is_dynamic: bool = False

    @classmethod
    def of(cls, frame: Any) -> Screen:
        """Return the one that a decoded frame describes."""
        found = {each.type.name: each for each in frame.side_data}
        mastering: tuple[float, ...] = ()
        if _MASTERING in found:
            *numbers, has_primaries, has_light = _RATIOS.unpack_from(bytes(found[_MASTERING]))
            pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
            if has_primaries and has_light and all(below > 0 for _, below in pairs):
                mastering = tuple(above / below for above, below in pairs)
        light = struct.unpack_from("=2I", bytes(found[_LIGHT])) if _LIGHT in found else ()
        return cls(mastering, light, not found.keys().isdisjoint(_DYNAMIC))

    def options(self) -> str:
        """Return it as options of x265, each behind a colon."""
        text = ""
        if self.mastering:
            *points, least, most = self.mastering
            counted = [round(each * _STEPS) for each in points]
            red, green, blue, white = (f"({x},{y})" for x, y in zip(counted[::2], counted[1::2], strict=True))
            lights = f"({round(most * _STEPS_OF_LIGHT)},{round(least * _STEPS_OF_LIGHT)})"
            text += f":master-display=G{green}B{blue}R{red}WP{white}L{lights}"
        return text + (f":max-cll={self.light[0]},{self.light[1]}" if self.light else "")

    def losses(self, *, is_kept: bool) -> tuple[Note, ...]:
        """Return notes on what is left out, where the encoder keeps the rest or not."""
        left = (self.mastering or self.light) and not is_kept
        return (_LEFT,) * bool(left) + (_DYNAMIC_LEFT,) * self.is_dynamic
