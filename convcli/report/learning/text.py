"""The report on a learned kernel: its weights, how well it replays TARGET, and how far it is to be trusted."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from convcli.filters import Kernel
from convcli.learning import Learned, Nearest
from convcli.report.filters.layers import times
from convcli.report.filters.listing import number
from convcli.report.learning.weights import colored_weights, weight_lines
from convcli.report.tables import aligned, listed, value_text
from convcli.report.voice import Voice

Row = tuple[str, str]

_MOST_NAMED = 6  # numbers and places that are listed
_LONGEST_FORM = 90  # an exact form with more letters is not read any more
_SMALLEST_SHARE = 1e-6  # differences below it are roundings
_SAME_SCALE = 1e-3
_NO_BIAS = 1e-9  # of full scale

_MODELS = {
    "shared": "one plane for every channel",
    "depthwise": "a plane per channel",
    "full": "output × input channels",
}


@dataclass(frozen=True)
class LearnedFrom:
    """What was learned from.

    Parameters
    ----------
    names
        Of INPUT and TARGET.
    pairs
        How many.
    levels
        TARGET is a picture: its values are levels.
    """

    names: tuple[str, str]
    pairs: int = 1
    levels: bool = False


def print_learned(learned: Learned, subject: LearnedFrom, voice: Voice) -> None:
    """Print the report on stderr, for a person: in colors on a terminal."""
    if voice.quiet:
        return
    if sys.stderr.isatty():
        _print_on_terminal(learned, subject, voice)
        return
    for line in report_lines(learned, subject, verbose=voice.verbose):
        voice.say(line)


def report_lines(learned: Learned, subject: LearnedFrom, *, verbose: bool = False) -> list[str]:
    """Return the report as plain lines."""
    lines = [_title(subject), "", *weight_lines(learned, verbose=verbose)]
    return lines + aligned(list(report_rows(learned, subject, verbose=verbose)), left=(0, 1))


def report_rows(learned: Learned, subject: LearnedFrom, *, verbose: bool = False) -> Iterator[Row]:
    """Yield what there is to say, by what it is about."""
    yield "kernel", _kernel(learned)
    if learned.bias_errors:
        yield "bias", _bias(learned)
    yield "errors", _errors(learned)
    if learned.undetermined.any():
        yield "open", _open(learned)
    yield "loss", _loss(learned, subject)
    yield "descent", _descent(learned)
    yield "replay", _replay(learned)
    yield "explained", _explained(learned, subject)
    clipped = f"{_percent(learned.clipped)} of the values of TARGET, which are clipped"
    yield "left out", clipped if learned.clipped else "nothing: no value of TARGET is clipped"
    border = _border(learned, verbose=verbose)
    if border:
        yield "border", border
    yield "exact form", _exact(learned)
    yield "nearest", nearest_text(learned.nearest)
    if verbose:
        yield from _details(learned)


def described(learned: Learned, titles: tuple[str, str], pairs: int = 0, *, exact: bool = False) -> str:
    """Return one line on where a kernel comes from and how good it is, for the file that it is written to.

    Parameters
    ----------
    titles
        INPUT and TARGET, by their last names.
    pairs
        How many, where the two are folders.
    exact
        The exact form is written, and not the learned weights.
    """
    source = f"{pairs} pairs of {titles[0]} and {titles[1]}" if pairs else f"{titles[0]} and {titles[1]}"
    replay = learned.replay
    good = f"replay {replay.psnr:.1f} dB, largest difference {value_text(replay.largest, 4)}"
    if math.isinf(replay.psnr):
        good = "replays TARGET exactly"
    # The replay is that of the learned weights.
    form = "; written in its exact form" if exact else ""
    return f"Learned from {source}: {good}{form}"


def nearest_text(nearest: Nearest | None) -> str:
    """Return the nearest built-in in the words of the contract."""
    if nearest is None:
        return "no built-in is near"
    same = abs(nearest.scale - 1) <= max(nearest.difference, _SAME_SCALE)
    turned = abs(nearest.scale + 1) <= max(nearest.difference, _SAME_SCALE)
    scale = "" if same else "-1 × " if turned else f"{number(nearest.scale)} × "
    return f"{scale}{nearest.text}, weights within {_percent(max(nearest.difference, _SMALLEST_SHARE))}"


def exact_text(kernel: Kernel) -> str:
    """Return an exact form as `apply` takes it, with its divisor: ``1 2 1; 2 4 2; 1 2 1 over 16``."""
    first = kernel.planes[0]
    text = "; ".join(" ".join(map(number, row)) for row in first.tolist())
    same = bool((kernel.planes == first).all())
    if same and len(kernel.planes) > 1:
        text += " in every plane"
    if not same or len(text) > _LONGEST_FORM:
        text = f"{kernel.weights.size} {'ones' if (kernel.planes == 1).all() else 'whole numbers'}"
    over = f" over {value_text(kernel.divisor, 12)}" if kernel.divisor != 1 else ""
    bias = f", bias {_listed_numbers(kernel.bias)}" if any(kernel.bias) else ""
    return text + over + bias


def _title(subject: LearnedFrom) -> str:
    pairs = f" ({subject.pairs} pairs)" if subject.pairs > 1 else ""
    return f"{subject.names[0]} → {subject.names[1]}{pairs}"


def _kernel(learned: Learned) -> str:
    height, width = learned.kernel.size
    shape = learned.kernel.weights.shape
    planes = f", {times(shape[:-2])} planes" if len(shape) > 2 else ""
    padding = "" if learned.padding == "same" else f", padding {learned.padding}"
    anchor = learned.kernel.anchor
    moved = "" if anchor == (height // 2, width // 2) else f", anchor {list(anchor)}"
    return f"{times((height, width))}{planes}, {learned.model}: {_MODELS[learned.model]}{padding}{moved}"


def _bias(learned: Learned) -> str:
    error = max(learned.bias_errors)
    return f"{_listed_numbers(learned.kernel.bias)} ± {_error(error)}, of full scale"


def _listed_numbers(values: Sequence[float]) -> str:
    # A bias so small is what rounding leaves of none.
    texts = [number(each if abs(each) > _NO_BIAS else 0) for each in values]
    return ", ".join(texts if len(texts) <= _MOST_NAMED else [*texts[: _MOST_NAMED - 1], "…"])


def _error(error: float) -> str:
    return f"{error:.2g}" if math.isfinite(error) else "unknown"


def _errors(learned: Learned) -> str:
    known = learned.errors[np.isfinite(learned.errors)]
    if not known.size:
        return "unknown: the pair says nothing of the weights"
    smallest, largest = float(known.min()), float(known.max())
    # Where the descent ended early the distance that is left to the least loss is part of it, and most of it.
    what = "standard error" if learned.converged else "standard error, and what the descent left"
    if largest <= 1.5 * smallest or largest == 0:
        return f"each weight ±{largest:.2g} ({what})"
    return f"each weight ±{smallest:.2g} to ±{largest:.2g} ({what})"


def _open(learned: Learned) -> str:
    if learned.undetermined.all():
        return "all of them: the pair does not tell"
    places = np.argwhere(learned.undetermined).tolist()
    named = [_place(place) for place in places[:_MOST_NAMED]]
    more = len(places) - len(named)
    if more:
        named.append(f"{more} more")
    return f"{listed(named)}: the pair does not tell"


def _place(index: Sequence[int]) -> str:
    *plane, row, column = index
    of_plane = (
        "" if not plane else f"channel {plane[0]}, " if len(plane) == 1 else f"output {plane[0]}, input {plane[1]}, "
    )
    return f"({of_plane}row {row}, column {column})"


def _loss(learned: Learned, subject: LearnedFrom) -> str:
    counted = "value" if learned.values == 1 else "values"
    unit = " of full scale squared" if subject.levels else ""
    return f"{number(learned.loss)}{unit}, over {_grouped(learned.values)} {counted} of TARGET"


def _descent(learned: Learned) -> str:
    steps = "1 step" if learned.steps == 1 else f"{_grouped(learned.steps)} steps"
    end = "" if learned.converged else ", ended before the weights stood still"
    return f"{steps} of {learned.optimizer}, learning rate {number(learned.learning_rate)}{end}"


def _replay(learned: Learned) -> str:
    replay = learned.replay
    held = "held out from learning" if replay.held_out else "learned from"
    if math.isinf(replay.psnr):
        return f"exact: all {_grouped(replay.values)} values, {held}, are TARGET's"
    largest = value_text(replay.largest, 4)
    return f"{replay.psnr:.1f} dB, largest difference {largest}, on {_grouped(replay.values)} values {held}"


def _explained(learned: Learned, subject: LearnedFrom) -> str:
    # A share just below all is not to be rounded to all of it.
    whole = learned.explained >= 1 - _SMALLEST_SHARE
    share = "over 99.9999" if whole else f"{math.floor(learned.explained * 1e6) / 1e4:.6g}"
    levels = " levels" if subject.levels else ""
    return f"{share} % of the variance of TARGET; {number(learned.rms)}{levels} rms are left"


def _border(learned: Learned, *, verbose: bool) -> str:
    if learned.given_border is not None:
        return f"{learned.given_border}, as given"
    found = learned.border
    if found is None:
        return ""
    name, rms = found.next_best
    if found.misfit == "copied":
        return f"{found.border}, by default: the rim of TARGET is INPUT's, not filtered, as Pillow leaves it"
    if found.misfit == "unlike":
        return f"{found.border} is nearest, but no border gives the rim of TARGET (rms on the rim {number(found.rms)})"
    certain = "" if found.certain else f", but {name} fits as well: the rim of TARGET does not tell them apart"
    detail = f" (rms on the rim {number(found.rms)}; next {name}, {number(rms)})" if found.certain or verbose else ""
    return f"{found.border}{certain}{detail}"


def _exact(learned: Learned) -> str:
    if learned.exact is None:
        return "none is certain within the errors"
    return f"{exact_text(learned.exact.kernel)}; weights within {learned.exact.largest:.2g}"


def _details(learned: Learned) -> Iterator[Row]:
    if learned.rows_used < 1:
        yield "rows used", _percent(learned.rows_used)
    for size, error in learned.sizes:
        yield "size tried", f"{times(size)}: {number(error)} mean squared error, held out"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.4g} %"


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", "\N{NO-BREAK SPACE}") if count >= 10_000 else str(count)


def _print_on_terminal(learned: Learned, subject: LearnedFrom, voice: Voice) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    out = Console(stderr=True, highlight=False)
    out.print(Text(_title(subject), style="bold"))
    out.print()
    for part in colored_weights(learned, out.width, verbose=voice.verbose):
        out.print(part)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    for name, value in report_rows(learned, subject, verbose=voice.verbose):
        table.add_row(name, Text(value))
    out.print(table)
