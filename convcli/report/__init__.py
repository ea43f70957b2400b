"""Report: everything a person looks at. Data and JSON go to stdout, all else to stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.report.explaining import ExplainedPoint as ExplainedPoint, print_explanation as print_explanation
    from convcli.report.explanation_json import explanation_values as explanation_values
    from convcli.report.filters.layers import Layers as Layers, layers_of as layers_of, parse_shape as parse_shape
    from convcli.report.filters.listing import entries_as_json as entries_as_json, print_entries as print_entries
    from convcli.report.filters.showing import facts as facts, print_filter as print_filter
    from convcli.report.learning.json import learned_values as learned_values
    from convcli.report.learning.progress import watching as watching
    from convcli.report.learning.text import (
        LearnedFrom as LearnedFrom,
        described as described,
        print_learned as print_learned,
    )
    from convcli.report.pictures.drawing import (
        draw_filter as draw_filter,
        drawing_format as drawing_format,
        write_drawing as write_drawing,
    )
    from convcli.report.pictures.learning import draw_learning as draw_learning
    from convcli.report.pictures.sheet import draw_sheet as draw_sheet
    from convcli.report.runs.doctor import findings as findings, lines as lines
    from convcli.report.runs.outcomes import Summary as Summary, as_json as as_json, tell as tell, watched as watched
    from convcli.report.runs.warming import warmed as warmed
    from convcli.report.voice import Voice as Voice
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "explaining": (
                "ExplainedPoint",
                "print_explanation",
            ),
            "explanation_json": ("explanation_values",),
            "filters.layers": (
                "Layers",
                "layers_of",
                "parse_shape",
            ),
            "filters.listing": (
                "entries_as_json",
                "print_entries",
            ),
            "filters.showing": (
                "facts",
                "print_filter",
            ),
            "learning.json": ("learned_values",),
            "learning.progress": ("watching",),
            "learning.text": (
                "LearnedFrom",
                "described",
                "print_learned",
            ),
            "pictures.drawing": (
                "draw_filter",
                "drawing_format",
                "write_drawing",
            ),
            "pictures.learning": ("draw_learning",),
            "pictures.sheet": ("draw_sheet",),
            "runs.doctor": (
                "findings",
                "lines",
            ),
            "runs.outcomes": (
                "Summary",
                "as_json",
                "tell",
                "watched",
            ),
            "runs.warming": ("warmed",),
            "voice": ("Voice",),
        },
    )
