"""The page on one filter."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html import escape

from convcli.array_types import Floats
from convcli.errors import ConvcliError
from convcli.filters import Conv, Pipeline, with_inner
from convcli.lazy import dataclass
from convcli.report.filters.layers import Layers, layers_of
from convcli.report.filters.showing import kernel_figures
from convcli.report.learning.record import Record
from convcli.report.pages.editor import editor
from convcli.report.pages.effect import Effect, Maps, Subject, effect_of, feature_maps, fitted, most_changed
from convcli.report.pages.learned import learned_sections
from convcli.report.pages.maps import maps_section
from convcli.report.pages.page import LARGEST_PAGE, brief, facts, figure, items, page, paragraph, section, slider, table
from convcli.report.pages.response import response_parts
from convcli.report.pages.weights import has_table, weights_table
from convcli.report.pages.words import filter_sentences, layer_sentence
from convcli.report.pictures.kernel import draw_kernel
from convcli.report.pictures.shown import Pixels, drawing_source, jpeg_source, png_source, within
from convcli.words import grouped, times

_WHOLE, _PART = (640, 960), (320, 480)  # heights and widths in pixels
_QUALITIES = (88, 75, 55, 30)  # of JPEGs, until the page is small enough
_LOSSLESS = 60_000  # pixels of a picture that is kept without loss, at the first of them
_MOST_LAYERS = 24  # in words
_MOST_KERNELS, _MOST_DRAWN = 6, 3  # of a pipeline whose weights are shown, and of these as pictures


@dataclass(frozen=True)
class Encoder:
    """The encoding of the pictures in a page."""

    quality: int

    def source(self, pixels: Pixels) -> str:
        """Return a picture as a URL, a small one without loss."""
        is_small = pixels.shape[0] * pixels.shape[1] <= _LOSSLESS and self.quality == _QUALITIES[0]
        return png_source(pixels) if is_small else jpeg_source(pixels, self.quality)


@dataclass(frozen=True, eq=False)
class _Shown:
    """The parts of the page that do not depend on the encoding of its pictures."""

    layers: Layers
    subject: Subject
    effect: Effect
    maps: Maps | None
    record: Record | None

    @property
    def pipeline(self) -> Pipeline:
        return self.layers.pipeline


def filter_page(pipeline: Pipeline, subject: Subject, record: Record | None = None) -> str:
    """Return the page on a filter, how it was learned, and its effect on a picture, below 2 MB.

    Raises ShapeError where the filter fits no picture.
    """
    subject = fitted(subject, pipeline)
    maps = None if pipeline.conv is not None else _maps(pipeline, subject)
    shown = _Shown(_layers(pipeline, subject), subject, effect_of(pipeline, subject), maps, record)
    made = ""
    for quality in _QUALITIES:
        made = page(_title(pipeline), _parts(shown, Encoder(quality)))
        if len(made.encode()) < LARGEST_PAGE:
            break
    return made


def _title(pipeline: Pipeline) -> str:
    return pipeline.name or "a filter"


def _layers(pipeline: Pipeline, subject: Subject) -> Layers:
    """Return the layers for the shape of the picture, or where it does not fit, for one that does."""
    shape = (subject.picture.colors, *subject.picture.size)
    try:
        return layers_of(pipeline, shape)
    except ConvcliError:
        return layers_of(pipeline, None)


def _maps(pipeline: Pipeline, subject: Subject) -> Maps | None:
    try:
        return feature_maps(pipeline, subject)
    except ConvcliError:
        return None


def _parts(shown: _Shown, encoder: Encoder) -> Iterator[str]:
    pipeline = shown.pipeline
    about = [f"<h1>{escape(_title(pipeline)).replace('+', '+<wbr>')}</h1>"]  # a line may end behind each filter
    if pipeline.description:
        about.append(paragraph(pipeline.description, "lead"))
    if pipeline.source:
        about.append(paragraph(f"Source: {pipeline.source}", "quiet"))
    yield f"<header>{''.join(about)}</header>\n<main>"
    sentences = items(filter_sentences(shown.layers))
    yield section("In words", sentences, "" if pipeline.conv else _layer_words(shown.layers))
    if shown.record is not None:
        yield from learned_sections(shown.record)
    if pipeline.conv is not None:
        yield section(
            "Weights", _weights(pipeline.conv, pipeline, _errors(shown.record, 1)), facts(kernel_figures(pipeline.conv))
        )
        if pipeline.conv.kernel.weights.ndim == 2 or has_table(pipeline.conv):  # else it is drawn below the weights
            yield section("Frequency response", *response_parts(pipeline.conv, _title(pipeline)))
    yield section(f"Effect on {shown.subject.name}", *_effect(shown, encoder))
    yield editor(pipeline, shown.effect)
    if pipeline.conv is None:
        yield section("Layers", _layer_table(shown.layers))
        yield from _kernels_of(pipeline, shown.record)
        yield maps_section(shown.maps, shown.layers, shown.subject, encoder.source)
    yield "</main>"


def _layer_words(layers: Layers) -> str:
    texts = (brief(f"{layer.name} {settings}".strip()) for layer, settings, _ in layers.described)
    words = (layer_sentence(layer) for layer, _, _ in layers.described)
    lines = [": ".join(filter(None, each)) for each in zip(texts, words, strict=True)]
    return items(lines[:_MOST_LAYERS], numbered=True)


def _weights(conv: Conv, pipeline: Pipeline, errors: Floats | None) -> str:
    if has_table(conv):
        own = errors if errors is not None and errors.shape == conv.kernel.weights.shape else None
        divided = f", before the division by {conv.kernel.divisor:g}" if conv.kernel.divisor != 1 else ""
        note = f"The framed weight lies on the pixel itself{divided}." if conv.kernel.size != (1, 1) else ""
        return weights_table(conv, own) + (paragraph(note, "quiet") if note else "")
    label = f"{times(conv.kernel.weights.shape)} weights as colors, and the frequency response"
    return figure(_drawing(conv, pipeline.name, pipeline.description), label, "", "picture drawing wide")


@lru_cache(maxsize=_MOST_DRAWN)  # the page is made once more where its pictures are too large
def _drawing(conv: Conv, name: str, description: str) -> str:
    return drawing_source(draw_kernel(conv, name, description))


def _errors(record: Record | None, layer: int) -> Floats | None:
    """Return the errors of the weights of a layer, counted from 1; None where none are known."""
    return record.errors if record is not None and record.layer == layer else None


def _kernels_of(pipeline: Pipeline, record: Record | None) -> Iterator[str]:
    """Yield the weights of the first kernels of a pipeline."""
    kernels = [
        (number, layer) for number, layer in enumerate(with_inner(pipeline.layers), 1) if isinstance(layer, Conv)
    ]
    if not kernels:
        return
    drawn = [each for each in kernels if not has_table(each[1])][:_MOST_DRAWN]
    listed = [each for each in kernels if has_table(each[1])][: _MOST_KERNELS - len(drawn)]
    parts = []
    for number, conv in sorted([*drawn, *listed], key=lambda each: each[0]):
        parts += [
            f"<h3>Layer {number}</h3>",
            _weights(conv, Pipeline((conv,), name=f"layer {number}"), _errors(record, number)),
        ]
    more = len(kernels) - len(drawn) - len(listed)
    yield section("Weights", *parts, paragraph(f"And {more} more.", "quiet") if more > 0 else "")


def _layer_table(layers: Layers) -> str:
    rows = [("", "input", "", times(layers.input_shape), "", "", "")]
    for number, (_, settings, row) in enumerate(layers.described, 1):
        field = row.receptive_field
        extent, stride = (times(field.extent), times(field.stride)) if field.extent else ("all", "")
        rows.append(
            (str(number), row.name, brief(settings), times(row.output_shape), grouped(row.parameters), extent, stride)
        )
    headings = ("", "layer", "settings", "output", "parameters", "sees", "stride")
    return table(headings, rows, left=(1, 2))


def _effect(shown: _Shown, encoder: Encoder) -> Iterator[str]:
    effect, name = shown.effect, shown.subject.name
    before, after = effect.before, effect.after
    if after is None:
        yield paragraph(f"No picture can be made of it: {effect.problem}.")
        kind = "picture small" if before.shape[1] < _WHOLE[1] // 3 else "picture"
        yield figure(encoder.source(within(before, _WHOLE)), name, f"{name}, as it is", kind)
        return
    height, width = before.shape[:2]
    reduced = within(before, _WHOLE)
    made = within(after, _WHOLE)
    scale = f", reduced to {100 * reduced.shape[1] / width:.0f} %" if reduced.shape != before.shape else ""
    if after.shape == before.shape:
        label = f"Before and after, on all of {name}"
        yield slider(encoder.source(reduced), encoder.source(made), label, reduced.shape[1])
        yield paragraph(
            f"{width}×{height} pixels{scale}. Drag the line, or move it with the arrow keys.{_clipped(effect)}",
            "quiet screen",
        )
        if scale:
            yield from _part(shown, encoder)
        return
    tall, wide = after.shape[:2]
    pair = figure(encoder.source(reduced), "before the filter", f"before: {width}×{height}")
    pair += figure(encoder.source(made), "after the filter", f"after: {wide}×{tall}")
    yield f'<div class="columns picture">{pair}</div>'
    yield paragraph(_clipped(effect).strip(), "quiet")


def _part(shown: _Shown, encoder: Encoder) -> Iterator[str]:
    """Yield the part that the filter changes most, at its full size."""
    before, after = shown.effect.before, shown.effect.after
    assert after is not None
    part = most_changed(before, after, _PART)
    rows, columns = part
    size = f"{columns.stop - columns.start}×{rows.stop - rows.start}"
    yield "<h3>The part that changes most, in full size</h3>"
    label = "Before and after, on the part that changes most"
    yield slider(encoder.source(before[part]), encoder.source(after[part]), label, columns.stop - columns.start)
    yield paragraph(f"{size} pixels from column {columns.start} and row {rows.start} on.", "quiet")


def _clipped(effect: Effect) -> str:
    return f" {100 * effect.clipped:.2g} % of the values were clipped." if effect.clipped >= 0.0005 else ""
