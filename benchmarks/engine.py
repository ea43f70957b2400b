"""Compare the compiled engine with OpenCV, PyTorch, libvips and zignal, on 12 megapixels and on small pictures.

Each side has its arrays in memory, is warm, uses 2 threads, and allocates its own output. The border is the same on
both sides, but for libvips (edge) and zignal. `ratio` is convcli's time over the peer's, of the fastest rounds: below 1
convcli is faster; `cpu` the same of processor time. `copies` is convcli's time over that of a copy of the picture, the
least that any filter takes. `apart` is the largest difference between the two results in a corner of the picture, in
levels, or in shares of full scale for floats; `numpy` the ratio of the other engine, in plain NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from cases import Array, Calls, Case, cases, has_byte_dot_products, is_installed
from measuring import MEGAPIXELS_12, THREADS, Row, fastest, judged, options, picture, show, sides, versions

import convcli

COLUMNS = {
    "filter": "",
    "pixels": "",
    "peer": "",
    "ours ms": ".2f",
    "peer ms": ".2f",
    "ratio": ".2f",
    "cpu": ".2f",
    "goal": "",
    "met": "",
    "copies": ".1f",
    "apart": ".1g",
    "numpy": ".1f",
}
CORNER = 256
# A call on a small picture takes microseconds: so many are timed together.
SMALL_PIXELS, SMALL_CALLS = 10_000, 100


def pixels_for(case: Case, size: tuple[int, int]) -> Array:
    whole = np.tile(picture(*size), (1, 1, -(-case.channels // 3)))[:, :, : case.channels]
    if case.pixels == "uint16":
        return whole.astype(np.uint16) * np.uint16(257)
    return np.ascontiguousarray(whole) if case.pixels == "uint8" else whole.astype(np.float32) / np.float32(255)


def measure(case: Case, size: tuple[int, int], rounds: int, *, with_numpy: bool) -> Row:
    """Measure one case: convcli's two engines, the peer and a copy take turns."""
    array = pixels_for(case, size)
    threads = THREADS if case.size == MEGAPIXELS_12 else None  # a small picture has as many as pay
    filtered = partial(convcli.apply, case.pipeline, array, threads=threads, border=case.border)
    calls: Calls = {name: partial(filtered, engine=name) for name in ("numba", "numpy")[: 1 + with_numpy]}
    calls["copy"] = array.copy
    row: Row = {"filter": case.name, "pixels": case.pixels, "peer": case.peer.name}
    theirs = case.peer.calls(case.pipeline, array) if is_installed(case.peer) else {}
    times = SMALL_CALLS if array.shape[0] * array.shape[1] < SMALL_PIXELS else 1
    if theirs:
        row["apart"] = difference(case, calls["numba"](), next(iter(theirs.values()))())
    found = fastest({name: repeated(call, times) for name, call in (calls | theirs).items()}, rounds, seldom=["numpy"])
    ours = found["numba"]
    row |= {"ours ms": ours.seconds / times * 1e3, "copies": ours.seconds / found["copy"].seconds}
    if not theirs:
        return row | {"ratio": f"no {case.peer.name}"}
    best = min(theirs, key=lambda name: found[name].seconds)
    row |= {"peer": best, "peer ms": found[best].seconds / times * 1e3, **ours.over(found[best])}
    if with_numpy:
        row["numpy"] = found["numpy"].seconds / found[best].seconds
    return judged(row, case.goal)


def repeated(call: Any, times: int) -> Any:
    """Return a function that calls `times` times; the result is the last one's."""
    if times == 1:
        return call

    def calls() -> Any:
        return [call() for _ in range(times)][-1]

    return calls


def difference(case: Case, ours: Array, theirs: Any) -> float:
    """Return the largest difference in the first rows and columns; without borders where the peer has another one.

    Raises AssertionError where the two do not compute the same, to two levels, as the peer has it, or to 1e-4.
    """
    if not isinstance(theirs, np.ndarray):
        theirs = theirs[0].permute(1, 2, 0).numpy()
    margin = 0 if case.peer.has_our_border else min(ours.shape[:2]) // 4
    inner = tuple(slice(margin, min(margin + CORNER, side - margin)) for side in ours.shape[:2])
    apart = float(np.abs(ours[inner].astype(np.float64) - theirs[inner]).max())
    if ours.shape != theirs.shape or apart > (case.peer.levels_apart if ours.dtype.kind == "u" else 1e-4):
        raise AssertionError(f"{case.name}: the two sides do not compute the same: {apart:g} apart")
    return apart


def main(argv: Sequence[str] | None = None) -> None:
    chosen = options(
        __doc__,
        argv,
        ("--pixels", {"type": int, "default": 12_000_000, "help": "size of the large pictures (12 million)"}),
        ("--with-numpy", {"action": "store_true", "help": "measure the engine in plain NumPy as well"}),
    )
    large = MEGAPIXELS_12 if chosen.pixels == 12_000_000 else sides(chosen.pixels)
    rows = [
        measure(case, large if case.size == MEGAPIXELS_12 else case.size, chosen.rounds, with_numpy=chosen.with_numpy)
        for case in cases()
        if chosen.only in f"{case.name} {case.pixels} {case.peer.name}"
    ]
    level = "byte dot products" if has_byte_dot_products() else "no byte dot products"
    libraries = versions("opencv-python-headless", "torch", "pyvips-binary", "zignal-processing")
    heading = f"{libraries}; {level}; {large[1]}×{large[0]}, {chosen.rounds} rounds"
    columns = COLUMNS if chosen.with_numpy else {name: form for name, form in COLUMNS.items() if name != "numpy"}
    show(rows, columns, heading, chosen.json)
    missed = [row["filter"] for row in rows if row.get("met") == "MISSED"]
    print(f"\n{sum(row.get('met') == 'yes' for row in rows)} goals met, {len(missed)} missed")


if __name__ == "__main__":
    main()
