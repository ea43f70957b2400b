"""An explained output value as tables and sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.engine import Block, Explanation, Sum
from convcli.errors import printable
from convcli.filters import DEFAULT_BORDER, Combine, Conv, Layer, Linear, Pipeline, Shape
from convcli.lazy import dataclass
from convcli.report.filters.layers import Layers
from convcli.report.layout import paragraph
from convcli.report.printing import console
from convcli.report.tables import aligned, beside, bracketed, number_text, number_texts
from convcli.words import listed

_LARGEST_PATCH = 11  # of a wider one only the largest products are listed
_MOST_PRODUCTS = 10
_MOST_BLOCKS = 4
_MOST_VALUES = 4
_PLAIN_WIDTH = 120  # of a line off a terminal


@dataclass(frozen=True)
class ExplainedPoint:
    """The output value to explain, and the filter and picture that it comes from.

    `full_scale` is None for an array, whose values are neither rounded nor clipped.
    """

    pipeline: Pipeline
    input_shape: Shape  # (channels, height, width), without alpha
    source: str  # the picture's name in messages
    at: tuple[int, int]  # column and row of the output
    channel: int  # of the output
    full_scale: float | None  # largest value of a picture

    @property
    def settings(self) -> Iterator[str]:
        """The settings of every stage as text: empty for the input, then one per layer."""
        yield ""
        for _, settings in Layers(self.pipeline, self.input_shape).settings:
            yield settings

    def rounded(self, exact: float) -> float:
        """Return the value as the output holds it: a picture's is rounded half up and clipped."""
        if self.full_scale is None or not math.isfinite(exact):
            return exact
        return min(max(math.floor(exact + 0.5), 0), self.full_scale)

    def clips(self, exact: float) -> bool:
        """Return whether the output has to clip a value."""
        return self.full_scale is not None and (exact < -0.5 or exact >= self.full_scale + 0.5)


def print_explanation(explanation: Explanation, subject: ExplainedPoint) -> None:
    """Print an explanation on stdout."""
    out = console()
    width = out.width if out.is_terminal else _PLAIN_WIDTH
    for line in explanation_lines(explanation, subject, width):
        folded = paragraph(line, width) if out.is_terminal and len(line) > width else [line]
        for each in folded:
            out.print(each, markup=False, highlight=False, soft_wrap=True)


def explanation_lines(explanation: Explanation, subject: ExplainedPoint, width: int) -> Iterator[str]:
    """Yield the lines of an explanation, tables no wider than `width` where possible."""
    column, row = subject.at
    name, alone = subject.pipeline.name or "The filter", subject.pipeline.conv is not None
    yield f"{name} on {printable(subject.source)}: column {column}, row {row}, channel {subject.channel} of the output"
    if not alone:
        yield ""
        yield from _stage_lines(explanation, subject)
    for each in explanation.sums:
        yield ""
        yield from _sum_lines(each, explanation, subject, width)
    yield from _combined_branches(explanation)
    if not alone:
        yield ""
    yield _last_sentence(explanation, subject)


def _stage_lines(explanation: Explanation, subject: ExplainedPoint) -> Iterator[str]:
    rows = []
    for number, (stage, settings) in enumerate(zip(explanation.stages, subject.settings, strict=True)):
        name = f"{stage.layer.name} {settings}".strip() if stage.layer else "input"
        axes = (stage.position.channel, stage.position.row, stage.position.column)
        indices = ["all" if each is None else str(each) for each in axes]
        rows.append([str(number or ""), name, *indices, _first_values(stage.values)])
    yield from aligned([["", "layer", "channel", "row", "column", "value"], *rows], left=(1, 5))


def _first_values(values: Floats) -> str:
    more = f", … ({len(values)} values)" if len(values) > _MOST_VALUES else ""
    return ", ".join(map(number_text, values[:_MOST_VALUES].tolist())) + more


def _sum_lines(each: Sum, explanation: Explanation, subject: ExplainedPoint, width: int) -> Iterator[str]:
    layer = explanation.stages[explanation.explained].layer
    yield _covered_values(each, explanation, alone=subject.pipeline.conv is not None)
    yield ""
    if isinstance(layer, Linear) or max(each.outside.shape) > _LARGEST_PATCH:
        yield from _largest_products(each)
        yield from _unseen_sentences(each.blocks)
        yield f"Together that is {number_text(each.sum)}."
    else:
        yield from _block_lines(each, width)
    yield from _scale_sentences(each, None if isinstance(layer, Linear) else subject.full_scale)


def _covered_values(each: Sum, explanation: Explanation, *, alone: bool) -> str:
    """Return a sentence on the values that the weights lie on, and on those beyond the picture."""
    stage = explanation.stages[explanation.explained]
    layer = stage.layer
    assert layer is not None
    branch = f", branch {each.branch}" if each.branch else ""
    channel = f", channel {each.position.channel}" if stage.position.channel is None else ""
    prefix = "" if alone else f"Layer {explanation.explained} ({layer.name}{branch}{channel}): "
    if isinstance(layer, Linear):
        return f"{prefix}every value of the input has a weight of its own."
    spans = f"{_span('row', each.rows)} and {_span('column', each.columns)}"
    covers = f"{prefix}{'The' if alone else 'the'} kernel lies on {spans}"
    if not each.outside.any():
        return f"{covers}."
    return f"{covers}. In brackets: beyond the picture, from the border ({_border_of(layer, each.branch)})."


def _span(name: str, indices: NDArray[np.intp]) -> str:
    inside = indices[indices >= 0]
    if not len(inside):
        return f"no {name}"
    first, last = int(inside.min()), int(inside.max())
    return f"{name} {first}" if first == last else f"{name}s {first} to {last}"


def _border_of(layer: Layer, branch: int) -> str:
    layers: Sequence[Layer] = layer.branches[branch - 1] if isinstance(layer, Combine) else (layer,)
    convs = [each for each in layers if isinstance(each, Conv)]
    return str((convs[-1].border if convs else None) or DEFAULT_BORDER)


def _block_lines(each: Sum, width: int) -> Iterator[str]:
    """Yield the tables of the channels with the largest sums, and the sum over all channels."""
    shown = sorted(each.blocks, key=lambda block: -abs(block.sum))[:_MOST_BLOCKS]
    shown.sort(key=lambda block: block.channel)
    for block in shown:
        if len(each.blocks) > 1:
            yield f"input channel {block.channel}"
        tables = {"values": bracketed(number_texts(block.values), each.outside)}
        if block.opacity is not None:
            tables["opacity"] = number_texts(block.opacity, 3)
        tables |= {"weights": number_texts(block.weights), "products": number_texts(block.products)}
        yield from beside([[title, *aligned(texts)] for title, texts in tables.items()], width)
        yield ""
    yield from _unseen_sentences(shown)
    yield _total_sentence(each, shown)


def _unseen_sentences(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if block.unseen:
            channel = f" of channel {block.channel}" if len(blocks) > 1 else ""
            weights, mean = number_text(block.unseen), number_text(block.mean_seen)
            yield (
                f"Weights{channel} of {weights} in all lie on what is transparent. It is taken to look like what is"
                f" seen, {mean} on average, and adds {number_text(block.mean_seen * block.unseen)}."
            )


def _largest_products(each: Sum) -> list[str]:
    """Return a table of the largest products of all channels, and the sum of the others."""
    values, weights, products = (
        np.stack([getattr(block, name) for block in each.blocks]) for name in ("values", "weights", "products")
    )
    order = np.argsort(-np.abs(products), axis=None, kind="stable")[:_MOST_PRODUCTS]
    at = np.unravel_index(order, products.shape)
    channels = np.array([block.channel for block in each.blocks])[at[0]]
    axes = (channels, each.rows[at[1]], each.columns[at[2]])
    indices = [["-" if index < 0 else str(index) for index in axis] for axis in axes]
    marked = bracketed(number_texts(values[at][:, np.newaxis]), each.outside[at[1], at[2]][:, np.newaxis])
    numbers = [marked, *(number_texts(table[at][:, np.newaxis]) for table in (weights, products))]
    columns = [*indices, *([text for (text,) in column] for column in numbers)]
    names = ["channel", "row", "column", "value", "weight", "product"]
    skipped = 1 if len(each.blocks) == 1 else 0
    table = aligned([names[skipped:], *map(list, zip(*columns[skipped:], strict=True))])
    others = products.size - len(order)
    if not others:
        return ["The products, the largest first:", *table]
    rest = number_text(float(products.sum() - products[at].sum()))
    sentence = f"The other {others} add up to {rest}." if others > 1 else f"The other is {rest}."
    return [f"The {len(order)} largest of {products.size} products:", *table, sentence]


def _total_sentence(each: Sum, shown: Sequence[Block]) -> str:
    total = number_text(each.sum)
    if len(each.blocks) == 1:
        return f"Together with the products that is {total}." if shown[0].unseen else f"The products add up to {total}."
    sums = listed([number_text(block.sum) for block in shown])
    others = len(each.blocks) - len(shown)
    if not others:
        return f"The channels add up to {sums}, together {total}."
    rest = each.sum - sum(block.sum for block in shown)
    return (
        f"These {len(shown)} of {len(each.blocks)} channels weigh most and add up to {sums};"
        f" the other {others} add up to {number_text(rest)}. Together that is {total}."
    )


def _scale_sentences(each: Sum, full_scale: float | None) -> Iterator[str]:
    if each.divisor != 1:
        yield f"Divided by {number_text(each.divisor)} that is {number_text(each.sum / each.divisor)}."
    if each.bias:
        share = f" of {number_text(each.bias / full_scale)} of full scale" if full_scale else ""
        yield f"The bias{share} adds {number_text(each.bias)}: {number_text(each.value)}."


def _combined_branches(explanation: Explanation) -> Iterator[str]:
    stage = explanation.stages[explanation.explained]
    if isinstance(stage.layer, Combine) and explanation.sums and len(stage.values) == 1:
        values = listed([number_text(each.value) for each in explanation.sums])
        yield ""
        yield f"The {stage.layer.name} of {values} is {number_text(float(stage.values[0]))}."


def _last_sentence(explanation: Explanation, subject: ExplainedPoint) -> str:
    exact, output = explanation.exact, number_text(explanation.output, 9)
    if subject.full_scale is None:
        return f"The output is {output}."
    if subject.clips(exact):
        scale = f"0 to {number_text(subject.full_scale)}"
        return f"{number_text(exact)} is beyond {scale}: clipped, the output is {output}."
    if math.isnan(exact):
        return f"That is not a number, and becomes {output}."
    if subject.rounded(exact) != explanation.output:
        return f"{number_text(exact, 9)} lies so near a half that {output} comes out in the engine's arithmetic."
    return f"The output is {output}." if exact == explanation.output else f"Rounded, the output is {output}."
