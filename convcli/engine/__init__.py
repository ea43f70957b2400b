"""The engine: arrays in, arrays out, no files and no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.engine.applying import apply_pipeline
    from convcli.engine.arrays import ArraySettings, as_picture, correlate, filter_array
    from convcli.engine.background import compile_in_background
    from convcli.engine.bands import available_threads
    from convcli.engine.color.alpha import Alpha
    from convcli.engine.color.background import laid_on
    from convcli.engine.color.light import Light, from_light, to_light
    from convcli.engine.color.luma import brightness, with_brightness
    from convcli.engine.compiled.cache import COMPILING_LOGGER, CacheState, cache_state, numba_version
    from convcli.engine.compiled.processes import warm_up
    from convcli.engine.correlation import DTYPES, Computed
    from convcli.engine.engine_choice import Settings, missing_loops
    from convcli.engine.explaining import explain
    from convcli.engine.explanation import Block, Explanation, Stage, Sum
    from convcli.engine.layers import Shared, apply_layer, walk_through
    from convcli.engine.networks.resizing import upsampling_taps
    from convcli.engine.part import OUTSIDE, Rows, runs, span
    from convcli.engine.pipelines import values_held
    from convcli.engine.planning.arithmetic import between_layers, full_scale_of
    from convcli.engine.planning.borders import border_sources
    from convcli.engine.spatial.resampling import resized_part
    from convcli.engine.strips.facts import Fact, Known, joined_parts
    from convcli.engine.strips.rows import layer_of_all_rows
    from convcli.engine.strips.run import Source, Strips
    from convcli.engine.values import (
        BOUNDED,
        RANGES,
        Extremes,
        Levels,
        Range,
        extremes,
        into_range,
        joined_extremes,
        to_depth,
        to_integers,
    )
    from convcli.engine.warming import LoopSample, loop_samples
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "color.alpha": "Alpha",
            "applying": "apply_pipeline",
            "arrays": "ArraySettings as_picture correlate filter_array",
            "bands": "available_threads",
            "compiled.cache": "COMPILING_LOGGER CacheState cache_state numba_version",
            "background": "compile_in_background",
            "compiled.processes": "warm_up",
            "correlation": "Computed DTYPES",
            "engine_choice": "Settings missing_loops",
            "explaining": "explain",
            "explanation": "Block Explanation Stage Sum",
            "layers": "Shared apply_layer walk_through",
            "networks.resizing": "upsampling_taps",
            "color.background": "laid_on",
            "color.light": "Light from_light to_light",
            "color.luma": "brightness with_brightness",
            "part": "OUTSIDE Rows runs span",
            "pipelines": "values_held",
            "planning.arithmetic": "between_layers full_scale_of",
            "planning.borders": "border_sources",
            "spatial.resampling": "resized_part",
            "strips.facts": "Fact Known joined_parts",
            "strips.rows": "layer_of_all_rows",
            "strips.run": "Source Strips",
            "values": "BOUNDED RANGES Extremes Levels Range extremes into_range joined_extremes to_depth to_integers",
            "warming": "LoopSample loop_samples",
        },
    )
