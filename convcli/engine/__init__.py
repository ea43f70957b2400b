"""The engine: arrays in, arrays out. It knows no file and no text."""

from convcli.engine.alpha import Alpha
from convcli.engine.arrays import as_picture, correlate, filter_array
from convcli.engine.bands import available_threads
from convcli.engine.brightness import luma, with_luma
from convcli.engine.compiled.cache import Kept, numba_version
from convcli.engine.compiled.cache import state as kept_code
from convcli.engine.correlation import Computed, Settings, full_scale_of
from convcli.engine.light import Light
from convcli.engine.pipelines import between_layers, run, run_with_alpha
from convcli.engine.values import RANGES, Range, into_range, to_depth, to_integers
from convcli.engine.warming import Sample, warm_up
from convcli.engine.warming import samples as loop_samples

__all__ = [
    "RANGES",
    "Alpha",
    "Computed",
    "Kept",
    "Light",
    "Range",
    "Sample",
    "Settings",
    "as_picture",
    "available_threads",
    "between_layers",
    "correlate",
    "filter_array",
    "full_scale_of",
    "into_range",
    "kept_code",
    "loop_samples",
    "luma",
    "numba_version",
    "run",
    "run_with_alpha",
    "to_depth",
    "to_integers",
    "warm_up",
    "with_luma",
]
