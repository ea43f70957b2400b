"""The engine: arrays in, arrays out. It knows no file and no text."""

from convcli.engine.alpha import Alpha
from convcli.engine.arrays import as_picture, correlate, filter_array
from convcli.engine.bands import available_threads
from convcli.engine.brightness import brightness, with_brightness
from convcli.engine.compiled.cache import CompiledCode, numba_version
from convcli.engine.compiled.cache import state as compiled_code
from convcli.engine.correlation import Computed, Settings, full_scale_of
from convcli.engine.light import Light
from convcli.engine.pipelines import apply_pipeline, between_layers, run_with_alpha
from convcli.engine.values import RANGES, Range, into_range, to_depth, to_integers
from convcli.engine.warming import Sample, warm_up
from convcli.engine.warming import samples as loop_samples

__all__ = [
    "RANGES",
    "Alpha",
    "CompiledCode",
    "Computed",
    "Light",
    "Range",
    "Sample",
    "Settings",
    "apply_pipeline",
    "as_picture",
    "available_threads",
    "between_layers",
    "brightness",
    "compiled_code",
    "correlate",
    "filter_array",
    "full_scale_of",
    "into_range",
    "loop_samples",
    "numba_version",
    "run_with_alpha",
    "to_depth",
    "to_integers",
    "warm_up",
    "with_brightness",
]
