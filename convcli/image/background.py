"""The text of --background: a color."""

from __future__ import annotations

import re

from convcli.errors import UsageError

# Red, green and blue, each 0 to 255.
Color = tuple[int, int, int]

WHITE: Color = (255, 255, 255)

_LEVELS = re.compile(r"\d{1,3}(\s*,\s*\d{1,3}){2}", re.ASCII)


def parse_color(text: str) -> Color:
    """Return the color that a text names: a CSS name, ``#rgb``, ``#rrggbb``, ``r,g,b``, ``rgb(…)`` or ``hsl(…)``.

    Raises UsageError for another text, and for a color that is not opaque.
    """
    from PIL import ImageColor  # here, for named colors alone

    word = text.strip()
    try:
        color = ImageColor.getrgb(f"rgb({word})" if _LEVELS.fullmatch(word) else word)
    except ValueError:
        raise _no_color(text) from None
    if len(color) == 4:
        raise UsageError(f"--background {text!r} is not opaque", "leave out its alpha: #rgb, #rrggbb or r,g,b")
    if max(color) > 255:
        raise _no_color(text)
    return color


def _no_color(text: str) -> UsageError:
    return UsageError(
        f"--background {text!r} is no color",
        "write a name, such as white or steelblue, or #rgb, #rrggbb, or r,g,b of 0 to 255",
    )
