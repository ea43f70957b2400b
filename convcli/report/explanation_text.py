"""How one output value came about, in tables and sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convcli.engine import Block, Explanation, Sum
from convcli.errors import printable
from convcli.filters import DEFAULT_BORDER, Combine, Conv, Layer, Linear, Pipeline, Shape
from convcli.report.filters.layers import settings_of
from convcli.report.filters.listing import console
from convcli.report.tables import aligned, beside, bracketed, listed, number_texts, table_lines, value_text

_WIDEST_SHOWN = 11  # a wider patch is not read but searched: its largest products are listed
_MOST_PRODUCTS = 10
_MOST_BLOCKS = 4
_MOST_VALUES = 4
_PLAIN_WIDTH = 120  # of a line where there is no terminal


@dataclass(frozen=True)
class ExplainedPoint:
    """What is explained.

    Parameters
    ----------
    pipeline
        The filter.
    input_shape
        (channels, height, width), alpha not counted.
    source
        What messages call the picture.
    at
        Column and row of the output.
    channel
        Of the output.
    full_scale
        The largest value of a picture; None for an array, whose values are neither rounded nor clipped.
    """

    pipeline: Pipeline
    input_shape: Shape
    source: str
    at: tuple[int, int]
    channel: int
    full_scale: float | None

    @property
    def settings(self) -> Iterator[str]:
        """The settings of every stage in words: nothing for the input, then a text per layer."""
        yield ""
        shape = self.input_shape
        for layer in self.pipeline.layers:
            yield settings_of(layer, shape)
            shape = layer.output_shape(shape)

    def rounded(self, exact: float) -> float:
        """Return what a value becomes in the output: that of a picture is rounded half up and clipped."""
        if self.full_scale is None or not math.isfinite(exact):
            return exact
        return min(max(math.floor(exact + 0.5), 0), self.full_scale)

    def clips(self, exact: float) -> bool:
        """Whether a value lies beyond what the output holds."""
        return self.full_scale is not None and not -0.5 <= exact < self.full_scale + 0.5


def print_explanation(explanation: Explanation, subject: ExplainedPoint) -> None:
    """Print an explanation on stdout, for a person."""
    out = console()
    width = out.width if out.is_terminal else _PLAIN_WIDTH
    for line in explanation_lines(explanation, subject, width):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def explanation_lines(explanation: Explanation, subject: ExplainedPoint, width: int) -> Iterator[str]:
    """Yield an explanation line by line, tables no wider than `width` where that can be."""
    column, row = subject.at
    name = subject.pipeline.name or "The filter"
    yield f"{name} on {printable(subject.source)}: column {column}, row {row}, channel {subject.channel} of the output"
    if subject.pipeline.conv is None:
        yield ""
        yield from _stage_lines(explanation, subject)
    for each in explanation.sums:
        yield ""
        yield from _sum_lines(each, explanation, subject, width)
    made = _made_of_branches(explanation)
    if made:
        yield ""
        yield made
    if subject.pipeline.conv is None:
        yield ""
    yield _last_sentence(explanation, subject)


def _stage_lines(explanation: Explanation, subject: ExplainedPoint) -> Iterator[str]:
    rows = []
    for number, (stage, settings) in enumerate(zip(explanation.stages, subject.settings, strict=True)):
        name = f"{stage.layer.name} {settings}".strip() if stage.layer else "input"
        axes = (stage.place.channel, stage.place.row, stage.place.column)
        places = ["all" if each is None else str(each) for each in axes]
        rows.append([str(number) if number else "", name, *places, _some(stage.values)])
    yield from aligned([["", "layer", "channel", "row", "column", "value"], *rows], left=(1, 5))


def _some(values: NDArray[np.float64]) -> str:
    texts = [value_text(each) for each in values[:_MOST_VALUES].tolist()]
    return ", ".join(texts) + (f", … ({len(values)} values)" if len(values) > _MOST_VALUES else "")


def _sum_lines(each: Sum, explanation: Explanation, subject: ExplainedPoint, width: int) -> Iterator[str]:
    layer = explanation.stages[explanation.explained].layer
    yield _where(each, explanation, alone=subject.pipeline.conv is not None)
    yield ""
    if isinstance(layer, Linear) or max(each.outside.shape) > _WIDEST_SHOWN:
        yield from _largest_products(each)
        yield from _unseen_sentences(each.blocks)
        yield f"Together that is {value_text(each.sum)}."
    else:
        yield from _block_lines(each, width)
    yield from _scale_sentences(each, None if isinstance(layer, Linear) else subject.full_scale)


def _where(each: Sum, explanation: Explanation, *, alone: bool) -> str:
    """Say which values the weights lie on, and whose they are beyond the picture."""
    layer = explanation.stages[explanation.explained].layer
    assert layer is not None
    branch = f", branch {each.branch}" if each.branch else ""
    channel = (
        f", channel {each.place.channel}" if explanation.stages[explanation.explained].place.channel is None else ""
    )
    prefix = "" if alone else f"Layer {explanation.explained} ({layer.name}{branch}{channel}): "
    if isinstance(layer, Linear):
        return f"{prefix}every value of the input has a weight of its own."
    places = f"{_span('row', each.rows)} and {_span('column', each.columns)}"
    covers = f"{prefix}{'The' if alone else 'the'} kernel lies on {places}"
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
    """Yield the tables of the channels that weigh most, and what all channels add up to."""
    shown = sorted(each.blocks, key=lambda block: -abs(block.sum))[:_MOST_BLOCKS]
    shown.sort(key=lambda block: block.channel)
    for block in shown:
        if len(each.blocks) > 1:
            yield f"input channel {block.channel}"
        yield from _tables(each, block, width)
        yield ""
    yield from _unseen_sentences(shown)
    yield from _sum_sentences(each, shown)


def _unseen_sentences(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if block.unseen:
            channel = f" of channel {block.channel}" if len(blocks) > 1 else ""
            mean, added = value_text(block.mean_seen), value_text(block.mean_seen * block.unseen)
            yield (
                f"Weights{channel} of {value_text(block.unseen)} in all lie on what is transparent. It is taken to look"
                f" like what is seen, {mean} on average, and adds {added}."
            )


def _tables(each: Sum, block: Block, width: int) -> list[str]:
    tables = [table_lines("values", bracketed(number_texts(block.values), each.outside))]
    if block.opacity is not None:
        tables.append(table_lines("opacity", number_texts(block.opacity, 3)))
    tables.append(table_lines("weights", number_texts(block.weights)))
    tables.append(table_lines("products", number_texts(block.products)))
    return beside(tables, width)


def _largest_products(each: Sum) -> list[str]:
    """Return the products that weigh most, of all channels, and the sum of the others if there are any."""
    values, weights, products = (
        np.stack([getattr(block, name) for block in each.blocks]) for name in ("values", "weights", "products")
    )
    order = np.argsort(-np.abs(products), axis=None, kind="stable")[:_MOST_PRODUCTS]
    at = np.unravel_index(order, products.shape)
    channels = np.array([block.channel for block in each.blocks])[at[0]]
    places = [
        ["-" if index < 0 else str(index) for index in axis]
        for axis in (channels, each.rows[at[1]], each.columns[at[2]])
    ]
    marked = bracketed(number_texts(values[at][:, np.newaxis]), each.outside[at[1], at[2]][:, np.newaxis])
    numbers = [marked, *(number_texts(table[at][:, np.newaxis]) for table in (weights, products))]
    columns = [*places, *([text for (text,) in column] for column in numbers)]
    names = ["channel", "row", "column", "value", "weight", "product"]
    skipped = 1 if len(each.blocks) == 1 else 0
    table_lines = aligned([names[skipped:], *map(list, zip(*columns[skipped:], strict=True))])
    others = products.size - len(order)
    if not others:
        return ["The products, the largest first:", *table_lines]
    rest = value_text(float(products.sum() - products[at].sum()))
    sentence = f"The other {others} add up to {rest}." if others > 1 else f"The other is {rest}."
    return [f"The {len(order)} largest of {products.size} products:", *table_lines, sentence]


def _sum_sentences(each: Sum, shown: Sequence[Block]) -> Iterator[str]:
    total = value_text(each.sum)
    if len(each.blocks) == 1:
        yield f"Together with the products that is {total}." if shown[0].unseen else f"The products add up to {total}."
        return
    sums = listed([value_text(block.sum) for block in shown])
    others = len(each.blocks) - len(shown)
    if not others:
        yield f"The channels add up to {sums}, together {total}."
        return
    rest = each.sum - sum(block.sum for block in shown)
    yield (
        f"These {len(shown)} of {len(each.blocks)} channels weigh most and add up to {sums};"
        f" the other {others} add up to {value_text(rest)}. Together that is {total}."
    )


def _scale_sentences(each: Sum, full_scale: float | None) -> Iterator[str]:
    if each.divisor != 1:
        yield f"Divided by {value_text(each.divisor)} that is {value_text(each.sum / each.divisor)}."
    if each.bias:
        share = f" of {value_text(each.bias / full_scale)} of full scale" if full_scale else ""
        yield f"The bias{share} adds {value_text(each.bias)}: {value_text(each.value)}."


def _made_of_branches(explanation: Explanation) -> str:
    stage = explanation.stages[explanation.explained]
    if not isinstance(stage.layer, Combine) or not explanation.sums or len(stage.values) > 1:
        return ""
    values = listed([value_text(each.value) for each in explanation.sums])
    return f"The {stage.layer.name} of {values} is {value_text(float(stage.values[0]))}."


def _last_sentence(explanation: Explanation, subject: ExplainedPoint) -> str:
    exact, output = explanation.exact, value_text(explanation.output, 9)
    if subject.full_scale is None:
        return f"The output is {output}."
    if subject.clips(exact):
        return f"{value_text(exact)} is beyond 0 to {value_text(subject.full_scale)}: clipped, the output is {output}."
    if subject.rounded(exact) != explanation.output:
        return f"{value_text(exact, 9)} lies so near a half that {output} comes out in the engine's arithmetic."
    return f"The output is {output}." if exact == explanation.output else f"Rounded, the output is {output}."
