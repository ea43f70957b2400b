"""Reports: everything for a person to look at. Data and JSON go to stdout, all else to stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.report.comparing.text import print_comparison, print_comparisons, psnr_text
    from convcli.report.comparing.values import comparison_values, failed_comparison
    from convcli.report.explanation_json import explanation_values
    from convcli.report.explanation_text import ExplainedPoint, print_explanation
    from convcli.report.filters.article import article_lines, detail_lines, pipeline_lines
    from convcli.report.filters.facts import csv_text, filter_facts
    from convcli.report.filters.layers import Layers, layers_of, parse_shape
    from convcli.report.filters.listing import print_entries
    from convcli.report.filters.showing import print_filter
    from convcli.report.layout import Line, beside_names, paragraph, print_folded, print_lines, shown_lines, width_of
    from convcli.report.learning.network import (
        cause_of,
        print_trained,
        trained_description,
        trained_values,
        watch_training,
    )
    from convcli.report.learning.notebook import learned_page
    from convcli.report.learning.progress import watch_learning
    from convcli.report.learning.record import Record, record_comment, record_in, trained_comment
    from convcli.report.learning.text import LearnedFrom, learned_description, print_learned
    from convcli.report.learning.values import learned_values
    from convcli.report.pages.effect import Subject, sample_subject, subject_of
    from convcli.report.pages.filter_page import filter_page
    from convcli.report.pages.gallery import Tile, draw_gallery, gallery_page, reduced, tile_of
    from convcli.report.pictures.comparison import draw_comparison
    from convcli.report.pictures.drawing import draw_filter, drawing_format, write_drawing
    from convcli.report.pictures.learning import draw_learning
    from convcli.report.pictures.sheet import draw_sheet
    from convcli.report.pictures.training import draw_training
    from convcli.report.printing import json_text, print_text, takes_unicode
    from convcli.report.runs.doctor import doctor_facts, doctor_lines
    from convcli.report.runs.outcomes import Summary, named_error, outcome_json, passed_over_texts, report_outcome
    from convcli.report.runs.preview import Side, check_preview, is_preview_coarse, print_preview
    from convcli.report.runs.warming import run_warmup
    from convcli.report.voice import Voice, outlasting_readers
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "comparing.text": "print_comparison print_comparisons psnr_text",
            "comparing.values": "comparison_values failed_comparison",
            "explanation_json": "explanation_values",
            "explanation_text": "ExplainedPoint print_explanation",
            "filters.article": "article_lines detail_lines pipeline_lines",
            "filters.facts": "csv_text filter_facts",
            "filters.layers": "Layers layers_of parse_shape",
            "filters.listing": "print_entries",
            "filters.showing": "print_filter",
            "layout": "Line beside_names paragraph print_folded print_lines shown_lines width_of",
            "learning.network": "cause_of print_trained trained_description trained_values watch_training",
            "learning.notebook": "learned_page",
            "learning.progress": "watch_learning",
            "learning.record": "Record record_comment record_in trained_comment",
            "learning.text": "LearnedFrom learned_description print_learned",
            "learning.values": "learned_values",
            "pages.effect": "Subject sample_subject subject_of",
            "pages.filter_page": "filter_page",
            "pages.gallery": "Tile draw_gallery gallery_page reduced tile_of",
            "pictures.comparison": "draw_comparison",
            "pictures.drawing": "draw_filter drawing_format write_drawing",
            "pictures.learning": "draw_learning",
            "pictures.sheet": "draw_sheet",
            "pictures.training": "draw_training",
            "printing": "json_text print_text takes_unicode",
            "runs.doctor": "doctor_facts doctor_lines",
            "runs.outcomes": "Summary named_error outcome_json passed_over_texts report_outcome",
            "runs.preview": "Side check_preview is_preview_coarse print_preview",
            "runs.warming": "run_warmup",
            "voice": "Voice outlasting_readers",
        },
    )
