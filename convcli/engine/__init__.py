"""The engine: arrays in, arrays out, no files and no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.engine.arrays import (
        ArraySettings as ArraySettings,
        as_picture as as_picture,
        correlate as correlate,
        filter_array as filter_array,
    )
    from convcli.engine.bands import available_threads as available_threads
    from convcli.engine.color.alpha import Alpha as Alpha
    from convcli.engine.color.light import Light as Light
    from convcli.engine.color.luma import brightness as brightness, with_brightness as with_brightness
    from convcli.engine.compiled.cache import (
        CacheState as CacheState,
        cache_state as cache_state,
        numba_version as numba_version,
    )
    from convcli.engine.correlation import Computed as Computed, full_scale_of as full_scale_of
    from convcli.engine.engine_choice import Settings as Settings
    from convcli.engine.explaining import explain as explain
    from convcli.engine.explanation import Block as Block, Explanation as Explanation, Stage as Stage, Sum as Sum
    from convcli.engine.layers import apply_layer as apply_layer
    from convcli.engine.pipelines import (
        apply_pipeline as apply_pipeline,
        values_held as values_held,
    )
    from convcli.engine.planning.arithmetic import between_layers as between_layers
    from convcli.engine.values import (
        Range as Range,
        into_range as into_range,
        to_depth as to_depth,
        to_integers as to_integers,
    )
    from convcli.engine.warming import LoopSample as LoopSample, loop_samples as loop_samples, warm_up as warm_up
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "color.alpha": ("Alpha",),
            "arrays": ("ArraySettings", "as_picture", "correlate", "filter_array"),
            "bands": ("available_threads",),
            "compiled.cache": ("CacheState", "cache_state", "numba_version"),
            "correlation": ("Computed", "full_scale_of"),
            "engine_choice": ("Settings",),
            "explaining": ("explain",),
            "explanation": ("Block", "Explanation", "Stage", "Sum"),
            "layers": ("apply_layer",),
            "color.light": ("Light",),
            "color.luma": ("brightness", "with_brightness"),
            "pipelines": ("apply_pipeline", "values_held"),
            "planning.arithmetic": ("between_layers",),
            "values": ("Range", "into_range", "to_depth", "to_integers"),
            "warming": ("LoopSample", "loop_samples", "warm_up"),
        },
    )
