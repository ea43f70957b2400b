"""Files that were compared, as tables of text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from convcli.errors import printable
from convcli.jobs import Comparison, Figures
from convcli.report.layout import Line, print_folded, print_lines
from convcli.report.tables import aligned, number_text
from convcli.words import counted, grouped

_HEADINGS = ("MSE", "PSNR", "SSIM", "largest difference")
_MOST_FRAMES = 20  # of an animation; of more the worst are printed
_NOTHING = "-"
_LARGE, _LARGEST = 1e4, 1e12  # mean squared errors as whole numbers, below and above in four digits


def print_comparison(comparison: Comparison) -> None:
    """Print on stdout how two files differ: in all, in each channel, and in each frame."""
    first, *others = comparison_lines(comparison)
    print_folded(first)
    print_lines([*map(Line, others)])


def print_comparisons(comparisons: Sequence[Comparison], failed: int, missing: int) -> None:
    """Print on stdout how the files of two folders differ, one a line, and a sentence on all of them."""
    rows = [(*_cells(each.whole, each.channels), printable(each.title)) for each in comparisons]
    lines = _table([(*_HEADINGS, "file"), *rows], left=(3, 4))
    print_lines([*map(Line, lines)])
    print_folded(_summary(comparisons, failed, missing))


def comparison_lines(comparison: Comparison) -> list[str]:
    """Return the lines of `print_comparison`."""
    whole = comparison.whole
    first, second = map(printable, comparison.names)
    height, width = comparison.size
    frames = len(comparison.frames)
    facts = f"{width}×{height}, {_content(comparison)}" + (f", {counted(frames, 'frame')}" if frames > 1 else "")
    if whole.is_identical:
        return [f"{first} and {second} are identical: {facts}, every value the same (PSNR infinite)"]
    lines = [f"{first} and {second}: {facts}", ""]
    rows = [("", *_HEADINGS), ("all", *_cells(whole, comparison.channels))]
    if len(comparison.channels) > 1:
        pairs = zip(comparison.channels, comparison.by_channel, strict=True)
        rows += [(name, *_cells(each, ())) for name, each in pairs]
    lines += _table(rows, left=(0, 4))
    return [*lines, *_frame_lines(comparison)] if frames > 1 else lines


def comparison_facts(comparison: Comparison) -> list[str]:
    """Return size, content and figures of a comparison, each a few words."""
    height, width = comparison.size
    whole = comparison.whole
    facts = [f"{width}×{height}, {_content(comparison)}"]
    if whole.at is None:
        return [*facts, "identical"]
    facts.append(f"PSNR {psnr_text(whole.psnr)}")
    if whole.ssim is not None:
        facts.append(f"SSIM {_ssim_text(whole)}")
    frame = f" of frame {whole.at.frame}" if len(comparison.frames) > 1 else ""
    return [*facts, f"largest difference {_place(whole, comparison.channels)}{frame}"]


def psnr_text(psnr: float) -> str:
    """Return a peak signal-to-noise ratio: ``28.71 dB``, or ``infinite``."""
    return "infinite" if psnr == math.inf else f"{psnr:.2f} dB"


def _content(comparison: Comparison) -> str:
    channels, values = comparison.channels, comparison.values
    if values == "numbers":
        count = f"{counted(len(channels), 'channel')} of numbers" if len(channels) > 1 else "numbers"
        return f"{count}, peak {number_text(comparison.peak)} (the range of the first)"
    names = {1: "gray", 2: "gray and alpha", 3: "RGB", 4: "RGB and alpha"}
    return f"{names.get(len(channels), counted(len(channels), 'channel'))}, {values}" + (
        " a channel" if values.endswith("bits") else ""
    )


def _frame_lines(comparison: Comparison) -> list[str]:
    """Return a table of the frames; of many those that differ most, in their order."""
    numbered = list(enumerate(comparison.by_frame))
    lines = [""]
    if len(numbered) > _MOST_FRAMES:
        worst = sorted(numbered, key=lambda each: -each[1].mse)[:_MOST_FRAMES]
        numbered = sorted(worst, key=lambda each: each[0])
        lines.append(f"The {_MOST_FRAMES} frames that differ most; --json has them all:")
    rows = [(str(number), *_cells(each, comparison.channels)) for number, each in numbered]
    return lines + _table([("frame", *_HEADINGS), *rows], left=(4,))


def _table(rows: Sequence[Sequence[str]], left: Sequence[int]) -> list[str]:
    return aligned(rows, left)


def _cells(figures: Figures, channels: Sequence[str]) -> tuple[str, str, str, str]:
    """Return MSE, PSNR, SSIM and the largest difference; with the name of its channel, where there are several."""
    if figures.is_identical:
        return "0", "infinite", "1", _NOTHING
    mse = f"{figures.mse:.0f}" if _LARGE <= figures.mse < _LARGEST else number_text(figures.mse, 4)
    return mse, psnr_text(figures.psnr), _ssim_text(figures), _place(figures, channels)


def _ssim_text(figures: Figures) -> str:
    """Return a similarity in four decimals, never rounded up to 1."""
    return _NOTHING if figures.ssim is None else f"{math.floor(figures.ssim * 10_000) / 10_000:.4f}"


def _place(figures: Figures, channels: Sequence[str]) -> str:
    if figures.at is None:
        return _NOTHING
    first, second = (number_text(each, 5) for each in figures.at.values)
    channel = f" in {channels[figures.at.channel]}" if len(channels) > 1 else ""
    return f"{number_text(figures.largest, 5)} at {figures.at.x},{figures.at.y}{channel} ({first}, {second})"


def _summary(comparisons: Sequence[Comparison], failed: int, missing: int) -> str:
    identical = sum(each.whole.is_identical for each in comparisons)
    parts = [f"{grouped(len(comparisons))} compared", f"{identical} identical"]
    if failed:
        parts.append(f"{failed} failed")
    if missing:
        parts.append(f"{missing} without a counterpart")
    text = ", ".join(parts)
    others = [each for each in comparisons if not each.whole.is_identical]
    if others:
        worst = min(others, key=lambda each: each.whole.psnr)
        text += f"; the lowest PSNR is {psnr_text(worst.whole.psnr)} ({printable(worst.title)})"
    return text
