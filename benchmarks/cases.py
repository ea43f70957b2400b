"""The filters of the engine's benchmark: on which pixels, beside which peer, and the goals for the ratio of time.

A goal depends on the processor: the first of a pair is for those with byte dot products (AVX-512 VNNI), the second for
all others, as under ``NUMBA_CPU_NAME=haswell``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from measuring import MEGAPIXELS_12, THREADS
from numpy.typing import NDArray

import convcli
from convcli.filters import Conv

if TYPE_CHECKING:
    from convcli.filters import Pipeline

Array = NDArray[Any]
Calls = dict[str, Callable[[], Any]]
Goals = tuple[float, float] | None

SMALL = (750, 1000)
TINY = (64, 64)
LARGEST_BELL = 31


@dataclass(frozen=True)
class Peer:
    """A library that does the same work; `calls` has it in every layout worth trying, of which the fastest counts."""

    name: str
    module: str
    calls: Callable[[Pipeline, Array], Calls]
    has_our_border: bool = True
    levels_apart: int = 2  # at most


@dataclass(frozen=True)
class Case:
    """A filter on one type of pixels, the peer that does the same, and the goals for the ratio."""

    name: str
    pixels: str
    peer: Peer
    goals: Goals
    pipeline: Pipeline
    channels: int = 3
    border: str = "reflect"
    size: tuple[int, int] = MEGAPIXELS_12

    @property
    def goal(self) -> float | None:
        """The goal on this processor."""
        return self.goals[not has_byte_dot_products()] if self.goals else None


def has_byte_dot_products() -> bool:
    """Return whether the compiled loops may take AVX-512 VNNI here."""
    import llvmlite.binding as llvm

    return "NUMBA_CPU_NAME" not in os.environ and bool(llvm.get_host_cpu_features().get("avx512vnni"))


def filter2d(pipeline: Pipeline, array: Array) -> Calls:
    import cv2

    cv2.setNumThreads(THREADS)
    weights = kernel_of(pipeline)
    return {"cv2.filter2D": lambda: cv2.filter2D(array, -1, weights)}


def gaussian_blur(pipeline: Pipeline, array: Array) -> Calls:
    import cv2

    cv2.setNumThreads(THREADS)
    size = len(kernel_of(pipeline))
    # Of a size alone both sides make the same bell: from a table up to 9.
    sigma = 0 if size <= LARGEST_BELL else sigma_of(pipeline)
    return {"cv2.GaussianBlur": lambda: cv2.GaussianBlur(array, (size, size), sigma)}


def blur(pipeline: Pipeline, array: Array) -> Calls:
    import cv2

    cv2.setNumThreads(THREADS)
    size = len(kernel_of(pipeline))
    return {"cv2.blur": lambda: cv2.blur(array, (size, size))}


def vips_conv(pipeline: Pipeline, array: Array) -> Calls:
    """Return libvips' convolution of integers where the kernel has them, else of floats; from memory into memory."""
    import pyvips

    kernel = conv_of(pipeline).kernel
    mask = pyvips.Image.new_from_array(np.asarray(kernel.weights).tolist(), scale=kernel.divisor)
    precision = "integer" if kernel.is_integer else "float"
    return {
        "vips conv": lambda: pyvips.Image.new_from_array(array).conv(mask, precision=precision).cast("uchar").numpy()
    }


def zignal_blur(pipeline: Pipeline, array: Array) -> Calls:
    import zignal

    image, sigma = zignal.Image.from_numpy(array), sigma_of(pipeline)
    return {"zignal gaussian_blur": lambda: image.gaussian_blur(sigma).to_numpy()}


def conv2d(pipeline: Pipeline, array: Array) -> Calls:
    """Return the calls of PyTorch in both of its memory layouts, without gradients."""
    import torch

    torch.set_num_threads(THREADS)
    conv = conv_of(pipeline)
    picture = torch.from_numpy(array).permute(2, 0, 1)[None]
    weights = torch.from_numpy(conv.kernel.weights.astype(np.float32))
    groups = array.shape[2] // weights.shape[1]

    def call(source: Any, kernel: Any) -> Any:
        with torch.inference_mode():
            padding = weights.shape[-1] // 2
            return torch.nn.functional.conv2d(source, kernel, padding=padding, stride=conv.stride, groups=groups)

    layouts = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}
    return {
        # Not `contiguous`, which leaves the strides of weights of one input, by which PyTorch tells the layout: it
        # would take four times as long for a depthwise layer.
        f"conv2d, {name}": partial(call, picture.contiguous(memory_format=form), weights.to(memory_format=form))
        for name, form in layouts.items()
    }


FILTER2D = Peer("OpenCV", "cv2", filter2d)
GAUSSIAN_BLUR = Peer("OpenCV", "cv2", gaussian_blur)
BLUR = Peer("OpenCV", "cv2", blur)
CONV2D = Peer("PyTorch", "torch", conv2d)
VIPS = Peer("libvips", "pyvips", vips_conv, has_our_border=False)
ZIGNAL = Peer("zignal", "zignal", zignal_blur, has_our_border=False, levels_apart=5)


def is_installed(peer: Peer) -> bool:
    return find_spec(peer.module) is not None


def conv_of(pipeline: Pipeline) -> Conv:
    conv = pipeline.conv
    if conv is None:
        raise ValueError("a benchmark takes a pipeline of one convolution")
    return conv


def kernel_of(pipeline: Pipeline) -> NDArray[np.float32]:
    """Return the weights in the form that OpenCV takes, divided by their divisor."""
    kernel = conv_of(pipeline).kernel
    return (np.asarray(kernel.weights) / kernel.divisor).astype(np.float32)


def sigma_of(pipeline: Pipeline) -> float:
    """Return the standard deviation of a Gaussian, in pixels."""
    profile = np.asarray(conv_of(pipeline).kernel.weights).sum(axis=0)
    middle = len(profile) // 2
    # By the ratio of two weights: a bell that is cut off is narrower than its parameter.
    return float(np.sqrt(0.5 / np.log(profile[middle] / profile[middle + 1])))


def of_weights(weights: Array, stride: int = 1) -> Pipeline:
    return convcli.Pipeline((Conv(convcli.Kernel(weights), stride=(stride, stride)),))


def dense(*shape: int, stride: int = 1) -> Pipeline:
    """Return a kernel of positive random weights with the sum 1: it has full rank, and clips no value."""
    weights = np.random.default_rng(0).random(shape)
    inputs = weights.size // shape[0] if len(shape) == 4 else weights.size
    return of_weights(weights / weights.sum() * (weights.size / inputs), stride)


def bell(size: int) -> Pipeline:
    return convcli.load_filter(f"gaussian:size={size}")


def single(pipeline: Pipeline) -> Pipeline:
    """Return the pipeline with its weights as float32 has them, as in an array or a file of others."""
    return of_weights(kernel_of(pipeline).astype(np.float64))


def cases() -> Iterator[Case]:
    yield from cases_of_bytes()
    for size, goal in ((3, 0.25), (5, 0.25), (9, 0.25), (15, 0.25), (31, 0.6)):
        yield Case(f"dense {size}×{size}", "uint16", FILTER2D, (goal, goal), dense(size, size))
    for size, goals in ((3, (1.0, 1.0)), (5, None), (9, (0.6, 0.6)), (15, None)):
        yield Case(f"dense {size}×{size}", "float32", FILTER2D, goals, dense(size, size))
    yield from cases_of_channels()
    yield from cases_of_small_pictures()
    for name, pipeline in (("sharpen", convcli.load_filter("sharpen")), ("dense 9×9", dense(9, 9))):
        yield Case(name, "uint8", VIPS, None, pipeline)
    yield Case("gaussian 9×9", "uint8", ZIGNAL, None, bell(9))


def cases_of_bytes() -> Iterator[Case]:
    goals = {3: (0.55, 0.8), 5: (0.4, 0.5), 7: None, 9: (0.25, 0.42), 15: (0.15, 0.32), 31: (0.25, 0.3)}
    for size, goal in goals.items():
        yield Case(f"dense {size}×{size}", "uint8", FILTER2D, goal, dense(size, size))
    for name in ("sharpen", "sobel-x", "emboss"):
        yield Case(name, "uint8", FILTER2D, (0.65, 0.8), convcli.load_filter(name))
    for size in (3, 5, 9, 15, LARGEST_BELL):
        yield Case(
            f"gaussian {size}×{size}", "uint8", GAUSSIAN_BLUR, (0.45, 0.75) if size == 31 else (0.65, 0.9), bell(size)
        )
    for size in (9, 31):
        name = f"gaussian {size}×{size} of float32"
        yield Case(name, "uint8", GAUSSIAN_BLUR, (0.45, 0.75) if size == 31 else (0.65, 0.9), single(bell(size)))
    yield Case("gaussian σ = 20", "uint8", GAUSSIAN_BLUR, (0.25, 0.25), convcli.load_filter("gaussian:20"))
    for size in (3, 5, 7, 9, 15, 31, 101):
        goals_ = (1.05, 1.2) if size < 7 else (0.9, 0.9)
        yield Case(f"box {size}×{size}", "uint8", BLUR, goals_, convcli.load_filter(f"box:size={size}"))


def cases_of_channels() -> Iterator[Case]:
    one = (1.0, 1.0)
    for shape, stride, goals in (
        ((3, 3, 3, 3), 1, None),
        ((16, 3, 5, 5), 1, one),
        ((8, 3, 5, 5), 2, one),
        ((16, 16, 3, 3), 1, one),
        ((16, 16, 1, 1), 1, one),
        ((16, 1, 3, 3), 1, one),
    ):
        outputs, inputs, size, _ = shape
        name = f"depthwise {outputs}" if inputs == 1 else f"{inputs}→{outputs}"
        text = f"{name} {size}×{size}" + (f" stride {stride}" if stride > 1 else "")
        pipeline = dense(*shape, stride=stride)
        channels = outputs if inputs == 1 else inputs
        if inputs == 1:
            weights = conv_of(pipeline).kernel.weights
            pipeline = convcli.Pipeline((Conv(convcli.Kernel(weights), groups=channels),))
        yield Case(text, "float32", CONV2D, goals, pipeline, channels, "constant")


def cases_of_small_pictures() -> Iterator[Case]:
    for size in (SMALL, TINY):
        for name, pipeline, peer in (
            ("sharpen", convcli.load_filter("sharpen"), FILTER2D),
            ("dense 3×3", dense(3, 3), FILTER2D),
            ("dense 9×9", dense(9, 9), FILTER2D),
            ("gaussian 9×9", bell(9), GAUSSIAN_BLUR),
        ):
            yield Case(f"{name}, {size[1]}×{size[0]}", "uint8", peer, None, pipeline, size=size)
