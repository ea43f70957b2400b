"""Compare layers of networks with PyTorch's, each side in a process of its own.

In one process a side pays for the pages that the other has given back: a layer of 16 channels on 12 megapixels returns
768 MB, and a system that has taken so much back may need twice the time of the layer to give it anew. Here a side gets
its own pages again. Both sides are warm and allocate their outputs; `ratio` is the one of time, `cpu` that of processor
time, of the fewest seconds of all rounds. Of PyTorch's two memory layouts the faster one counts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from cases import CONV2D, Case, cases_of_channels, is_installed
from measuring import MEGAPIXELS_12, THREADS, Row, Timing, fastest, judged, options, run, show, versions

import convcli

COLUMNS = {
    "layer": "",
    "size": "",
    "ours ms": ".1f",
    "peer": "",
    "peer ms": ".1f",
    "ratio": ".2f",
    "cpu": ".2f",
    "goal": "",
    "met": "",
}
SIZES = ((512, 512), MEGAPIXELS_12)
OURS, LAYOUTS = "ours", ("conv2d, contiguous", "conv2d, channels last")


def side(case: Case, size: tuple[int, int], name: str, rounds: int) -> Timing:
    """Return the fastest of some rounds of one side, in this process."""
    array = np.random.default_rng(0).random((*size, case.channels), np.float32)
    ours = partial(convcli.apply, case.pipeline, array, threads=THREADS, border=case.border, engine="numba")
    call: Callable[[], Any] = ours if name == OURS else CONV2D.calls(case.pipeline, array)[name]
    return fastest({name: call}, rounds)[name]


def elsewhere(case: Case, size: tuple[int, int], name: str, rounds: int) -> Timing:
    """Return the same of a process of its own."""
    request = json.dumps([case.name, size, name, rounds])
    return Timing(*json.loads(run([sys.executable, __file__, "--side", request])))


def compare(case: Case, size: tuple[int, int], rounds: int) -> Row:
    """Return the row of a layer on pictures of a size."""
    names = [OURS, *(LAYOUTS if is_installed(CONV2D) else ())]
    found = {name: elsewhere(case, size, name, rounds) for name in names}
    ours = found.pop(OURS)
    row: Row = {"layer": case.name, "size": f"{size[1]}×{size[0]}", "ours ms": ours.seconds * 1e3}
    if not found:
        return row | {"ratio": "no PyTorch"}
    best = min(found, key=lambda name: found[name].seconds)
    row |= {"peer": best, "peer ms": found[best].seconds * 1e3, **ours.over(found[best])}
    return judged(row, case.goal)


def main(argv: Sequence[str] | None = None) -> None:
    chosen = options(__doc__, argv, ("--side", {"metavar": "JSON", "help": "measure one side, for the other process"}))
    if chosen.side:
        layer, size, name, rounds = json.loads(chosen.side)
        case = next(each for each in cases_of_channels() if each.name == layer)
        timing = side(case, tuple(size), name, rounds)
        print(json.dumps([timing.seconds, timing.processor]))
        return
    rows = [
        compare(case, size, chosen.rounds)
        for size in SIZES
        for case in cases_of_channels()
        if chosen.only in f"{case.name} {size[1]}×{size[0]}"
    ]
    show(rows, COLUMNS, f"{versions('torch')}; {chosen.rounds} rounds", chosen.json)


if __name__ == "__main__":
    main()
