"""Explanation: the steps that may lie between two aligned pictures, and how well they do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convcli.array_types import Array
from convcli.detective.lossy.kernel import LossyKernel
from convcli.detective.regions import Region
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.tone.tone import Tone
from convcli.engine import apply_pipeline
from convcli.filters import Conv, Kernel, Pipeline
from convcli.lazy import dataclass
from convcli.learning import Model


@dataclass(frozen=True)
class Explanation:
    """An explanation of an aligned pair: a kernel, and the steps around it.

    Parameters
    ----------
    rms
        The error on the rows that judge, in shares of full scale.
    before, blocks
        The filter that INPUT goes through before the kernel, as `apply` takes it, or empty; the side of the square
        blocks that it makes, 0 where it makes none.
    kernel
        As it was fitted to samples; None where there is none.
    model
        The kernel's model.
    tone
        Curves, light, and a mix of channels around the kernel; None where there are none.
    nonlinear, replay
        The name of a filter that only has a name, and what it makes of values, where that is known.
    region, quality
        A part that differs, and the quality of the JPEG that TARGET was.
    is_sure
        It surpasses kernels beyond chance, so that it need not be better by much.
    lossy
        The kernel as the JPEG's intervals have it, None where that is unknown.
    """

    rms: float
    before: str = ""
    blocks: int = 0
    kernel: Kernel | None = None
    model: Model = "shared"
    tone: Tone | None = None
    nonlinear: str = ""
    replay: Callable[[Array], Array] | None = None
    region: Region | None = None
    quality: int | None = None
    is_sure: bool = False
    lossy: LossyKernel | None = None

    @property
    def is_kernel(self) -> bool:
        """A kernel of levels is all that there is."""
        return not (self.before or self.tone or self.nonlinear or self.region)

    @property
    def is_replayed(self) -> bool:
        """It tells what becomes of a picture: no filter that only has a name."""
        return not self.nonlinear or self.replay is not None

    @property
    def name(self) -> str:
        """The hypothesis in a few words, for those who wait for it."""
        if self.nonlinear or self.before:
            return self.nonlinear or self.before
        kernel = "a kernel" if self.model == "shared" else f"a {self.model} kernel"
        light = " in linear light" if self.is_light else ""
        has_curve = self.tone is not None and bool(self.tone.before or self.tone.after)
        return f"{kernel}{light}{' and a tone curve' if has_curve else ''}"

    @property
    def side(self) -> int:
        """Rows of the kernel that was fitted."""
        return max(self.kernel.size) if self.kernel else 1

    @property
    def is_light(self) -> bool:
        """The kernel works in linear light."""
        return self.tone is not None and self.tone.light

    def predicted(self, scene: Scene) -> Array:
        """Return what the steps make of the source of a scene, before it is rounded and clipped."""
        if self.replay is not None:
            return self.replay(scene.source)
        values = apply_text(self.before, scene.source) if self.before else scene.source
        if self.tone is not None:
            values = self.tone.toned(values)
        values = self.filtered(values)
        return values if self.tone is None else self.tone.finished(values)

    def filtered(self, values: Array) -> Array:
        """Return what the kernel that was fitted to samples makes of values in shares of full scale."""
        if self.kernel is None:
            return values
        pipeline = Pipeline((Conv(self.kernel, padding="same"),))
        return apply_pipeline(pipeline, values, full_scale=1.0, dtype=np.float32).values


def beside(planes: list[Explanation]) -> Explanation:
    """Return the kernels of the channels as one explanation, with zeros around the smaller ones."""
    kernels = [each.kernel for each in planes if each.kernel is not None]
    side = max(kernel.size[0] for kernel in kernels)
    weights = [np.pad(kernel.weights, (side - kernel.size[0]) // 2) for kernel in kernels]
    kernel = Kernel(np.array(weights), bias=tuple(kernel.bias[0] for kernel in kernels))
    return Explanation(rms_of(planes), kernel=kernel, model="depthwise")


def rms_of(planes: list[Explanation]) -> float:
    """Return the error of the explanations of channels together."""
    return float(np.sqrt(np.mean([each.rms**2 for each in planes])))
