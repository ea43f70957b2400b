"""The report on a learned kernel as a part of a page, which notebooks show."""

from __future__ import annotations

import base64
import html
import math

from convcli.detective import Detected
from convcli.report.learning.text import learned_description
from convcli.report.pictures.drawing import png_of
from convcli.report.pictures.learning import draw_learning


def learned_page(learned: Detected, titles: tuple[str, str]) -> str:
    """Return what was found as HTML: the cause, the steps, and the picture of `draw_learning` within the page.

    `titles` are INPUT and TARGET.
    """
    drawn = draw_learning(learned, "learned", learned_description(learned, titles))
    source = base64.b64encode(png_of(drawn)).decode("ascii")
    steps = "".join(f"<li>{_listed(step.values)}</li>" for step in learned.found)
    return (
        f"<p><strong>{html.escape(learned.cause)}</strong><br>{_ratios(learned)}</p><ol>{steps}</ol>"
        f'<img src="data:image/png;base64,{source}" alt="the loss of each step, and the kernel" '
        f'style="max-width: 100%">'
    )


def _listed(values: dict[str, object]) -> str:
    """Return a step: its name, and its values as far as they are short."""
    known = {key: value for key, value in values.items() if value is not None and not isinstance(value, tuple | dict)}
    name = known.pop("step")
    texts = [f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}" for key, value in known.items()]
    return html.escape(": ".join(filter(None, (str(name), ", ".join(texts)))))


def _ratios(learned: Detected) -> str:
    """Return the peak signal-to-noise ratios: before the steps, after them, and at best."""
    named = (("before", learned.psnr_before), ("after", learned.psnr_after), ("at best", learned.psnr_limit))
    return ", ".join(
        f"{name} {'exact' if math.isinf(psnr) else f'{psnr:.1f} dB'}" for name, psnr in named if psnr is not None
    )
