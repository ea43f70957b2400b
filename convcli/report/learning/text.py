"""The report on a learned kernel: its weights, how well it replays TARGET, and how certain they are."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from convcli.detective import Detected, FilterStep
from convcli.errors import printable
from convcli.filters import Kernel
from convcli.lazy import dataclass
from convcli.learning import Learned, Nearest
from convcli.report.learning.match import match_rows
from convcli.report.learning.weights import colored_weights, weight_lines
from convcli.report.printing import named_rows
from convcli.report.tables import number_text, percent, short_number
from convcli.report.voice import Voice
from convcli.words import grouped, listed, times

Row = tuple[str, str]

_NAMES = 10  # letters of the longest name of a row
_MOST_NAMED = 6  # numbers and positions in a list
_LONGEST_FORM = 90  # letters of an exact form
_SMALLEST_SHARE = 1e-6  # smaller differences are rounding errors
_SAME_SCALE = 1e-3
_NO_BIAS = 1e-9  # of full scale; a smaller bias is a rounding error

_MODELS = {
    "shared": "one plane for every channel",
    "depthwise": "a plane per channel",
    "full": "output × input channels",
}


@dataclass(frozen=True)
class LearnedFrom:
    """INPUT and TARGET, the number of their pairs, and whether TARGET is a picture, whose values are levels."""

    names: tuple[str, str]
    pairs: int = 1
    levels: bool = False

    @property
    def title(self) -> str:
        """The title of the report."""
        return " → ".join(self.names) + (f" ({self.pairs} pairs)" if self.pairs > 1 else "")


def print_learned(learned: Detected, subject: LearnedFrom, voice: Voice) -> None:
    """Print the report on stderr, in colors on a terminal; nothing if quiet."""
    if voice.quiet:
        return
    if not sys.stderr.isatty():
        for line in report_lines(learned, subject, verbose=voice.verbose):
            voice.say(line)
        return
    from rich.console import Console
    from rich.text import Text

    out = Console(stderr=True, highlight=False)
    out.print(Text(printable(subject.title), style="bold"))
    out.print(Text(learned.cause))
    out.print()
    out.print(named_rows(match_rows(learned, levels=subject.levels), _NAMES))
    if not shows_kernel(learned, verbose=voice.verbose):
        return
    out.print()
    for part in colored_weights(learned, out.width, verbose=voice.verbose and learned.is_explained):
        out.print(part)
    out.print(named_rows(kernel_rows(learned, subject, verbose=voice.verbose), _NAMES))


def report_lines(learned: Detected, subject: LearnedFrom, *, verbose: bool = False) -> list[str]:
    """Return the report as plain lines: the cause, the match, and the kernel where it is part of the answer."""
    lines = [subject.title, learned.cause, "", *_row_lines(match_rows(learned, levels=subject.levels))]
    if not shows_kernel(learned, verbose=verbose):
        return lines
    rows = kernel_rows(learned, subject, verbose=verbose)
    return [*lines, "", *weight_lines(learned, verbose=verbose and learned.is_explained), *_row_lines(rows)]


def _row_lines(rows: Iterable[Row]) -> list[str]:
    return [f"{name.ljust(_NAMES)}  {text}" for name, text in rows]


def shows_kernel(learned: Detected, *, verbose: bool = False) -> bool:
    """Return whether the kernel is worth a look: it is part of the answer, or everything is asked for."""
    near = learned.nearest
    does_nothing = near is not None and near.text == "identity" and abs(near.scale - 1) < _SAME_SCALE
    return verbose or (not does_nothing and any(isinstance(step, FilterStep) for step in learned.found))


def kernel_rows(learned: Detected, subject: LearnedFrom, *, verbose: bool = False) -> Iterator[Row]:
    """Yield the names and texts of the rows on the kernel."""
    yield "kernel", _kernel(learned)
    if learned.bias_errors:
        error = max(learned.bias_errors)
        known = f" ± {f'{error:.2g}' if math.isfinite(error) else 'unknown'}" if learned.is_explained else ""
        yield "bias", f"{_listed_numbers(learned.kernel.bias)}{known}, of full scale"
    if learned.is_explained:  # errors are those of a kernel that made TARGET
        yield "errors", _errors(learned)
    if learned.undetermined.any():
        yield "open", f"{_undetermined(learned)}: the pair does not tell"
    yield "loss", _loss(learned, subject)
    yield "descent", _descent(learned)
    yield "replay", _replay(learned)
    yield "explained", _explained(learned, subject)
    if learned.clipped:
        yield "left out", f"{percent(learned.clipped)} of the values of TARGET, which are clipped"
    elif not any(step.name in ("curve", "region") for step in learned.found):
        yield "left out", "nothing: no value of TARGET is clipped"
    if border := _border(learned, verbose=verbose):
        yield "border", border
    exact = learned.exact
    form = f"{exact_text(exact.kernel)}; weights within {exact.largest:.2g}" if exact else ""
    yield "exact form", form or "none is certain within the errors"
    yield "nearest", nearest_text(learned.nearest)
    if verbose and learned.rows_used < 1:
        yield "rows used", percent(learned.rows_used)
    for size, mean_squared in learned.sizes if verbose else ():
        yield "size tried", f"{times(size)}: {short_number(mean_squared)} mean squared error, held out"


def learned_description(
    learned: Detected, titles: tuple[str, str], pairs: int = 0, *, exact: bool = False, named: bool = False
) -> str:
    """Return the origin of a filter in one line, and what it does, for the file that it is written to.

    `titles` are INPUT and TARGET without folders, `pairs` their number if they are folders, else 0. With `exact` the
    exact form is written, with `named` the name; how well it matches is still that of the learned weights.
    """
    source = f"{pairs} pairs of {titles[0]} and {titles[1]}" if pairs else f"{titles[0]} and {titles[1]}"
    written = "; written in its exact form" if exact else "; written by its name" if named else ""
    return f"Learned from {source}: {learned.cause}{written}"


def nearest_text(nearest: Nearest | None) -> str:
    """Return the nearest built-in: ``gaussian:sigma=1.5, weights within 0.2 %``."""
    if nearest is None:
        return "no built-in is near"
    same = abs(nearest.scale - 1) <= max(nearest.difference, _SAME_SCALE)
    negated = abs(nearest.scale + 1) <= max(nearest.difference, _SAME_SCALE)
    scale = "" if same else "-1 × " if negated else f"{short_number(nearest.scale)} × "
    return f"{scale}{nearest.text}, weights within {percent(max(nearest.difference, _SMALLEST_SHARE))}"


def exact_text(kernel: Kernel) -> str:
    """Return an exact form as `apply` reads it, and its divisor: ``1 2 1; 2 4 2; 1 2 1 over 16``."""
    first = kernel.planes[0]
    text = "; ".join(" ".join(map(short_number, row)) for row in first.tolist())
    same = bool((kernel.planes == first).all())
    if same and len(kernel.planes) > 1:
        text += " in every plane"
    if not same or len(text) > _LONGEST_FORM:
        text = f"{kernel.weights.size} {'ones' if (kernel.planes == 1).all() else 'whole numbers'}"
    over = f" over {number_text(kernel.divisor, 12)}" if kernel.divisor != 1 else ""
    bias = f", bias {_listed_numbers(kernel.bias)}" if any(kernel.bias) else ""
    return text + over + bias


def _kernel(learned: Learned) -> str:
    kernel = learned.kernel
    height, width = kernel.size
    shape = kernel.weights.shape
    planes = f", {times(shape[:-2])} planes" if len(shape) > 2 else ""
    padding = "" if learned.padding == "same" else f", padding {learned.padding}"
    anchor = "" if kernel.anchor == (height // 2, width // 2) else f", anchor {list(kernel.anchor)}"
    return f"{times(kernel.size)}{planes}, {learned.model}: {_MODELS[learned.model]}{padding}{anchor}"


def _listed_numbers(values: Sequence[float]) -> str:
    texts = [short_number(each if abs(each) > _NO_BIAS else 0) for each in values]
    return ", ".join(texts if len(texts) <= _MOST_NAMED else [*texts[: _MOST_NAMED - 1], "…"])


def _errors(learned: Learned) -> str:
    known = learned.errors[np.isfinite(learned.errors)]
    if not known.size:
        return "unknown: the pair says nothing of the weights"
    smallest, largest = float(known.min()), float(known.max())
    low = "" if largest <= 1.5 * smallest or largest == 0 else f"±{smallest:.2g} to "
    # Where the descent ended early, most of the error is the distance left to the least loss.
    left = "" if learned.converged else ", and what the descent left"
    return f"each weight {low}±{largest:.2g} (standard error{left})"


def _undetermined(learned: Learned) -> str:
    if learned.undetermined.all():
        return "all of them"
    positions = np.argwhere(learned.undetermined).tolist()
    named = [_position(each) for each in positions[:_MOST_NAMED]]
    if len(positions) > len(named):
        named.append(f"{len(positions) - len(named)} more")
    return listed(named)


def _position(index: Sequence[int]) -> str:
    names = (*((), ("channel",), ("output", "input"))[len(index) - 2], "row", "column")
    return f"({', '.join(f'{name} {each}' for name, each in zip(names, index, strict=True))})"


def _loss(learned: Learned, subject: LearnedFrom) -> str:
    values = f"{grouped(learned.values, in_text=True)} {'value' if learned.values == 1 else 'values'}"
    unit = " of full scale squared" if subject.levels else ""
    return f"{short_number(learned.loss)}{unit}, over {values} of TARGET"


def _descent(learned: Learned) -> str:
    steps = "1 step" if learned.steps == 1 else f"{grouped(learned.steps, in_text=True)} steps"
    end = "" if learned.converged else ", ended before the weights stood still"
    return f"{steps} of {learned.optimizer}, learning rate {short_number(learned.learning_rate)}{end}"


def _replay(learned: Learned) -> str:
    replay = learned.replay
    values = f"{grouped(replay.values, in_text=True)} values"
    origin = "held out" if replay.held_out else "learned from"
    if math.isinf(replay.psnr):
        return f"exact: all {values} {origin} are TARGET's"
    return f"{replay.psnr:.1f} dB on {values} {origin}, largest difference {number_text(replay.largest, 4)}"


def _explained(learned: Learned, subject: LearnedFrom) -> str:
    # A share just below all must not be rounded to all.
    whole = learned.explained >= 1 - _SMALLEST_SHARE
    share = "over 99.9999" if whole else f"{math.floor(learned.explained * 1e6) / 1e4:.6g}"
    levels = " levels" if subject.levels else ""
    return f"{share} % of TARGET's variance; {short_number(learned.rms)}{levels} rms are left"


def _border(learned: Learned, *, verbose: bool) -> str:
    if learned.given_border is not None:
        return f"{learned.given_border}, as given"
    found = learned.border
    if found is None:
        return ""
    name, rms = found.next_best
    on_rim = f"rms on the rim {short_number(found.rms)}"
    if found.misfit == "copied":
        return f"{found.border}, by default: TARGET's rim is INPUT's, unfiltered, as Pillow's is"
    if found.misfit == "unlike":
        return f"{found.border} is nearest; none gives TARGET's rim ({on_rim})"
    certain = "" if found.certain else f", but {name} fits as well: the rim does not tell"
    detail = f" ({on_rim}; next {name}, {short_number(rms)})" if found.certain or verbose else ""
    return f"{found.border}{certain}{detail}"
