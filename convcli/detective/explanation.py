"""Explanation: the steps that may lie between two aligned pictures, and how well they do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convcli.array_types import Array
from convcli.detective.lossy.kernel import LossyKernel
from convcli.detective.regions import Region
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.tone.curves import name_of
from convcli.detective.tone.fit import Curve
from convcli.engine import Settings, apply_pipeline, from_light, to_light
from convcli.filters import Conv, Kernel, Pipeline
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
    model, light, curve
        The kernel's model; whether it works in linear light; the tone curve after it.
    nonlinear
        The name of a filter that only has a name.
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
    light: bool = False
    curve: Curve | None = None
    nonlinear: str = ""
    region: Region | None = None
    quality: int | None = None
    is_sure: bool = False
    lossy: LossyKernel | None = None

    @property
    def is_kernel(self) -> bool:
        """A kernel of levels is all that there is."""
        return not (self.before or self.light or self.curve or self.nonlinear or self.region)

    @property
    def name(self) -> str:
        """The hypothesis in a few words, for those who wait for it."""
        if self.nonlinear or self.before:
            return self.nonlinear or self.before
        kernel = "a kernel" if self.model == "shared" else f"a {self.model} kernel"
        light = " in linear light" if self.light else ""
        return f"{kernel}{light}{' and a tone curve' if self.curve else ''}"

    @property
    def side(self) -> int:
        """Rows of the kernel that was fitted."""
        return max(self.kernel.size) if self.kernel else 1

    @property
    def curve_points(self) -> tuple[tuple[float, float], ...]:
        """The curve through points in shares of full scale."""
        assert self.curve is not None
        return tuple(
            (round(float(x), 4), round(float(y), 4)) for x, y in zip(self.curve.at, self.curve.values, strict=True)
        )

    @property
    def curve_name(self) -> str | None:
        """The name of the curve: a power, a line, or none."""
        assert self.curve is not None
        return name_of(self.curve)

    def predicted(self, scene: Scene) -> Array:
        """Return what the steps make of the source of a scene, before it is rounded and clipped."""
        values = apply_text(self.before, scene.source) if self.before else scene.source
        if self.light:
            values = np.asarray(to_light(values), np.float32)
        if self.kernel is not None:
            pipeline, engine = Pipeline((Conv(self.kernel, padding="same"),)), Settings("numpy")
            values = apply_pipeline(pipeline, values, full_scale=1.0, dtype=np.float32, settings=engine).values
        if self.curve is not None:
            return self.curve(values)
        return np.asarray(from_light(values)) if self.light else values
