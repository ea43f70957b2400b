"""Files that were compared, as values for JSON."""

from __future__ import annotations

from typing import Any

from convcli.errors import ConvcliError
from convcli.jobs import Comparison, Figures


def comparison_values(comparison: Comparison, minimum: float | None = None) -> dict[str, Any]:
    """Return all of a comparison as values for `json_text`, which writes null for infinity.

    A ``psnr`` of null is infinite where ``identical``. ``below_minimum`` compares it with `minimum`, in dB.
    """
    channels = comparison.channels
    height, width = comparison.size
    frames = comparison.by_frame
    whole = comparison.whole
    return {
        "a": comparison.names[0],
        "b": comparison.names[1],
        **({"name": comparison.title} if comparison.title else {}),
        "width": width,
        "height": height,
        "values": comparison.values,
        "peak": comparison.peak,
        **_figures(whole, channels),
        "below_minimum": minimum is not None and whole.psnr < minimum,
        "channels": [
            {"channel": name, **_figures(each, channels)}
            for name, each in zip(channels, comparison.by_channel, strict=True)
        ],
        "frames": [{"frame": number, **_figures(each, channels)} for number, each in enumerate(frames)],
        "error": None,
        "notes": [{"code": note.code, "text": note} for note in comparison.notes],
    }


def failed_comparison(names: tuple[str | None, str | None], title: str, error: ConvcliError) -> dict[str, Any]:
    """Return a pair that was not compared, as values for `json_text`."""
    return {"a": names[0], "b": names[1], **({"name": title} if title else {}), "error": error.headline}


def _figures(figures: Figures, channels: tuple[str, ...]) -> dict[str, Any]:
    at = figures.at
    return {
        "identical": figures.is_identical,
        "mse": figures.mse,
        "psnr": figures.psnr,
        "ssim": 1.0 if figures.is_identical else figures.ssim,
        "largest": {
            "difference": figures.largest,
            "x": at.x if at else None,
            "y": at.y if at else None,
            "channel": channels[at.channel] if at else None,
            "frame": at.frame if at else None,
            "a": at.values[0] if at else None,
            "b": at.values[1] if at else None,
        },
    }
