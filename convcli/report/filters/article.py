"""A filter in words: what it does, its parameters, its formula, and commands."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from convcli.report.layout import Line, beside_names, paragraph, width_of
from convcli.words import as_word, listed

if TYPE_CHECKING:
    from convcli.catalog import Article
    from convcli.filters import Pipeline

_HEADING = "bold"


def article_lines(article: Article) -> list[Line]:
    """Return what is known of a filter, as lines that fit stdout."""
    width = width_of(sys.stdout)
    return [*_title(article.name, article.description, width), *detail_lines(article, weights=True)]


def detail_lines(article: Article, *, weights: bool = False) -> Iterator[Line]:
    """Yield the lines below the name and the description; with `weights` the matrix too."""
    width = width_of(sys.stdout)
    if weights and article.weights:
        texts = [[f"{each:g}" if isinstance(each, float) else str(each) for each in row] for row in article.weights]
        wide = max(len(text) for row in texts for text in row)
        if len(texts[0]) * (wide + 2) <= width:
            yield Line()
            rows = ["  " + "  ".join(text.rjust(wide) for text in row) for row in texts]
            rows[len(rows) // 2] += f"   {article.scaling}"
            yield from map(Line, rows)
    if article.parameters:
        yield Line()
        yield Line("Parameters, in this order or by name", _HEADING)
        yield from beside_names(
            ((each.name, _in_words(each.meaning, each.range, each.default)) for each in article.parameters), width
        )
    facts = [
        ("formula", article.formula),
        ("settings", f"{listed(article.settings)}, by name" if article.settings else ""),
        ("aliases", ", ".join(article.aliases)),
        ("group", f"{article.group}: convcli list {article.group}"),
        ("source", article.source if weights else ""),
    ]
    yield Line()
    yield from beside_names(((name, text) for name, text in facts if text), width, indent=0)
    yield Line()
    for use in article.uses:
        text, _, options = use.partition(" --")
        command = f"convcli apply {as_word(text)} photo.jpg -o out.jpg"
        yield Line(f"  {command}" + (f" --{options}" if options else ""), "green")
    shown = article.uses[0].partition(" --")[0]
    if weights and shown.startswith(article.name):
        yield Line(f"  convcli show {as_word(shown)}", "green")


def pipeline_lines(pipeline: Pipeline, text: str) -> list[Line]:
    """Return what is known of a filter that has no article."""
    width = width_of(sys.stdout)
    return [
        *_title(pipeline.name or "the filter", pipeline.description, width),
        *(beside_names([("source", pipeline.source)], width, indent=0) if pipeline.source else ()),
        Line(),
        Line(f"  convcli show {as_word(text)}", "green"),
        Line(f"  convcli apply {as_word(text)} photo.jpg -o out.jpg", "green"),
    ]


def _title(name: str, description: str, width: int) -> Iterator[Line]:
    first, *more = paragraph(f"{name}  {description}", width)
    yield Line(first, _HEADING, len(name))
    yield from map(Line, more)


def _in_words(meaning: str, values: str, default: str) -> str:
    shown = f" (default: {default})" if default else ""
    return "; ".join(filter(None, (meaning, values))) + shown
