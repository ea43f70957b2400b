"""Compare the compiled engine with OpenCV and PyTorch, on 12 megapixels.

Each side has its arrays in memory, is warm, uses 2 threads, and allocates its own output. The border is the same on
both sides. `ratio` is convcli's time over the peer's: below 1 convcli is faster. `apart` is the largest difference
between the two results in a corner of the picture, in levels, or in shares of full scale for floats. `numpy` is the
ratio of the other engine, in plain NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from measuring import MEGAPIXELS_12, THREADS, Row, medians, options, picture, show, sides, versions
from numpy.typing import NDArray

import convcli
from convcli.filters import Conv

if TYPE_CHECKING:
    from convcli.filters import Pipeline

Array = NDArray[Any]
Calls = dict[str, Callable[[], Any]]

COLUMNS = {
    "filter": "",
    "pixels": "",
    "peer": "",
    "ours ms": ".1f",
    "peer ms": ".1f",
    "ratio": ".2f",
    "goal": "",
    "met": "",
    "apart": ".1g",
    "numpy": ".2f",
}
CORNER = 256


@dataclass(frozen=True)
class Case:
    """A filter on one type of pixels, the peer that does the same, and the goal for the ratio."""

    name: str
    pixels: str
    peer: str
    goal: float | None
    pipeline: Pipeline
    calls: Callable[[Pipeline, Array], Calls]
    channels: int = 3
    border: str = "reflect"


def filter2d(pipeline: Pipeline, array: Array) -> Calls:
    import cv2

    cv2.setNumThreads(THREADS)
    weights = kernel_of(pipeline)
    return {"cv2.filter2D": lambda: cv2.filter2D(array, -1, weights)}


def gaussian_blur(pipeline: Pipeline, array: Array) -> Calls:
    import cv2

    cv2.setNumThreads(THREADS)
    size = len(kernel_of(pipeline))
    sigma = 0.3 * ((size - 1) / 2 - 1) + 0.8
    return {"cv2.GaussianBlur": lambda: cv2.GaussianBlur(array, (size, size), sigma)}


def blur(pipeline: Pipeline, array: Array) -> Calls:
    import cv2

    cv2.setNumThreads(THREADS)
    size = len(kernel_of(pipeline))
    return {"cv2.blur": lambda: cv2.blur(array, (size, size))}


def conv2d(pipeline: Pipeline, array: Array) -> Calls:
    """Return the calls of PyTorch in both of its memory layouts, without gradients."""
    import torch

    torch.set_num_threads(THREADS)
    conv = conv_of(pipeline)
    picture = torch.from_numpy(array).permute(2, 0, 1)[None]
    weights = torch.from_numpy(conv.kernel.weights.astype(np.float32))

    def call(source: Any, kernel: Any) -> Any:
        with torch.inference_mode():
            return torch.nn.functional.conv2d(source, kernel, padding=weights.shape[-1] // 2, stride=conv.stride)

    layouts = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}
    return {
        f"conv2d, {name}": partial(call, picture.contiguous(memory_format=form), weights.contiguous(memory_format=form))
        for name, form in layouts.items()
    }


PEERS = {"cv2": "OpenCV", "torch": "PyTorch"}


def conv_of(pipeline: Pipeline) -> Conv:
    conv = pipeline.conv
    if conv is None:
        raise ValueError("a benchmark takes a pipeline of one convolution")
    return conv


def kernel_of(pipeline: Pipeline) -> NDArray[np.float32]:
    """Return the weights in the form that OpenCV takes, divided by their divisor."""
    kernel = conv_of(pipeline).kernel
    return (np.asarray(kernel.weights) / kernel.divisor).astype(np.float32)


def dense(*shape: int, stride: int = 1) -> Pipeline:
    """Return a kernel of positive random weights with the sum 1: it has full rank, and clips no value."""
    weights = np.random.default_rng(0).random(shape)
    inputs = weights.size // shape[0] if len(shape) == 4 else weights.size
    kernel = convcli.Kernel(weights / weights.sum() * (weights.size / inputs))
    return convcli.Pipeline((Conv(kernel, stride=(stride, stride)),))


def cases() -> Iterator[Case]:
    goals = {3: 0.75, 5: 0.45, 7: 0.45, 9: 0.45, 15: 0.2, 31: 0.5}
    for size, goal in goals.items():
        yield Case(f"dense {size}×{size}", "uint8", "cv2.filter2D", goal, dense(size, size), filter2d)
    for name in ("sharpen", "sobel-x", "emboss"):
        yield Case(name, "uint8", "cv2.filter2D", 0.55, convcli.load_filter(name), filter2d)
    bells: dict[int, float | None] = {3: None, 5: 1.2, 9: 1.0, 15: 1.0, 31: 0.7}
    for size, bell in bells.items():
        filter_ = convcli.load_filter(f"gaussian:size={size}")
        yield Case(f"gaussian {size}×{size}", "uint8", "cv2.GaussianBlur", bell, filter_, gaussian_blur)
    for size in (3, 9):
        yield Case(f"box {size}×{size}", "uint8", "cv2.blur", None, convcli.load_filter(f"box:size={size}"), blur)
    for size in (3, 5, 9, 15):
        yield Case(f"dense {size}×{size}", "uint16", "cv2.filter2D", 0.35, dense(size, size), filter2d)
    for size in (3, 5, 9, 15):
        goal = 1.1 if size == 3 else 0.8
        yield Case(f"dense {size}×{size}", "float32", "cv2.filter2D", goal, dense(size, size), filter2d)
    yield from channel_cases()


def channel_cases() -> Iterator[Case]:
    for outputs, inputs, size, stride, goal in (
        (3, 3, 3, 1, 0.6),
        (16, 3, 5, 1, 0.7),
        (8, 3, 5, 2, 1.5),
        (16, 16, 3, 1, None),
    ):
        name = f"{inputs}→{outputs} {size}×{size}" + (f" stride {stride}" if stride > 1 else "")
        pipeline = dense(outputs, inputs, size, size, stride=stride)
        yield Case(name, "float32", "torch conv2d", goal, pipeline, conv2d, inputs, "constant")


def pixels_for(case: Case, size: tuple[int, int]) -> Array:
    whole = np.tile(picture(*size), (1, 1, -(-case.channels // 3)))[:, :, : case.channels]
    if case.pixels == "uint16":
        return whole.astype(np.uint16) * np.uint16(257)
    return np.ascontiguousarray(whole) if case.pixels == "uint8" else whole.astype(np.float32) / np.float32(255)


def measure(case: Case, size: tuple[int, int], rounds: int) -> Row:
    """Measure one case: convcli's two engines and the peer take turns."""
    array = pixels_for(case, size)
    filtered = partial(convcli.apply, case.pipeline, array, threads=THREADS, border=case.border)
    ours: Calls = {name: partial(filtered, engine=name) for name in ("numba", "numpy")}
    module = "torch" if case.peer.startswith("torch") else "cv2"
    row: Row = {"filter": case.name, "pixels": case.pixels, "peer": case.peer, "goal": goal_text(case.goal)}
    if not find_spec(module):
        seconds = medians(ours, rounds, seldom=["numpy"])
        return row | {"ours ms": seconds["numba"] * 1e3, "ratio": f"no {PEERS[module]}"}
    theirs = case.calls(case.pipeline, array)
    apart = difference(ours["numba"](), next(iter(theirs.values()))())
    seconds = medians({"numba": ours["numba"], **theirs, "numpy": ours["numpy"]}, rounds, seldom=["numpy"])
    best = min(theirs, key=lambda name: seconds[name])
    ratio = seconds["numba"] / seconds[best]
    return row | {
        "peer": best,
        "ours ms": seconds["numba"] * 1e3,
        "peer ms": seconds[best] * 1e3,
        "ratio": ratio,
        "met": None if case.goal is None else "yes" if ratio <= case.goal else "MISSED",
        "apart": apart,
        "numpy": seconds["numpy"] / seconds[best],
    }


def goal_text(goal: float | None) -> str | None:
    return None if goal is None else f"≤ {goal:g}"


def difference(ours: Array, theirs: Any) -> float:
    """Return the largest difference in the first rows and columns, borders included."""
    if not isinstance(theirs, np.ndarray):
        theirs = theirs[0].permute(1, 2, 0).numpy()
    corner = (slice(CORNER), slice(CORNER))
    apart = float(np.abs(ours[corner].astype(np.float64) - theirs[corner]).max())
    if ours.shape != theirs.shape or apart > (2 if ours.dtype.kind == "u" else 1e-4):
        raise AssertionError(f"the two sides do not compute the same: {apart:g} apart")
    return apart


def main(argv: Sequence[str] | None = None) -> None:
    size = ("--pixels", {"type": int, "default": 12_000_000, "help": "size of the picture (12 million)"})
    chosen = options(__doc__, argv, size)
    height, width = MEGAPIXELS_12 if chosen.pixels == 12_000_000 else sides(chosen.pixels)
    rows = [
        measure(case, (height, width), chosen.rounds)
        for case in cases()
        if chosen.only in f"{case.name} {case.pixels} {case.peer}"
    ]
    heading = f"{versions('opencv-python-headless', 'torch')}; {width}×{height}, {chosen.rounds} rounds"
    show(rows, COLUMNS, heading, chosen.json)


if __name__ == "__main__":
    main()
