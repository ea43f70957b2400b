"""The part of a page on how a filter was learned: its cause, the loss, the tone curve and the residual."""

from __future__ import annotations

from collections.abc import Iterator

from convcli.report.learning.record import Record
from convcli.report.pages.charts import chart, loss_chart
from convcli.report.pages.page import facts, figure, paragraph, section
from convcli.report.pictures.colors import sequential
from convcli.report.pictures.shown import png_source
from convcli.report.tables import short_number

_UNEXPLAINED = "No filter makes TARGET of INPUT: these weights are the nearest, and say nothing about what was done."
_NAMES = {"": "all channels", "r": "red", "g": "green", "b": "blue"}


def learned_sections(record: Record) -> Iterator[str]:
    """Yield the sections on what was learned."""
    warning = "" if record.is_explained else paragraph(_UNEXPLAINED)
    yield section("How it was learned", paragraph(f"{record.cause}.", "lead"), warning, facts(record.rows))
    if record.curves:
        yield section("Tone curve", *_curve(record))
    if record.residual is not None:
        yield section("Residual", *_residual(record))
    curves = {"learned from": record.loss, "held out": record.held_out} if record.held_out else {"loss": record.loss}
    drawn = loss_chart(curves, record.steps)
    if drawn:
        yield section("Loss", f"<figure>{drawn}</figure>")


def _curve(record: Record) -> Iterator[str]:
    curves = {_NAMES.get(letter, letter): points for letter, points in record.curves.items()}
    label = "The tone curve: shares of full scale before and after it"
    drawn = chart(curves, label, across=(0, 1, "before"), up=(0, 1), diagonal=True)
    caption = "Shares of full scale; the dashed line leaves tones as they are."
    yield f"<figure>{drawn}<figcaption>{caption}</figcaption></figure>"


def _residual(record: Record) -> Iterator[str]:
    cells = record.residual
    assert cells is not None
    largest = float(cells.max()) or 1.0
    height, width = record.size
    caption = (
        f"What is left in each part of TARGET, {width}×{height} pixels: root mean square from 0, pale, to"
        f" {short_number(largest)}, dark, in values of TARGET."
    )
    label = "A map of the difference between TARGET and the answer"
    yield figure(png_source(sequential(cells / largest)), label, caption, "picture small", enlarged=True)
