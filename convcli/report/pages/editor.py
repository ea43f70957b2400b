"""The kernel that is edited in the page, and applied there to a part of the picture."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from convcli.filters import BORDER_NAMES, DEFAULT_BORDER, Combine, Conv, Layer, Pipeline
from convcli.report.pages.effect import Effect, most_changed
from convcli.report.pages.page import data, paragraph, section
from convcli.report.pictures.shown import Pixels
from convcli.report.tables import short_number

_PART = (96, 128)  # height and width of the part in pixels
_LARGEST_SIDE = 15  # of a kernel
_MOST_KERNELS = 16  # to choose from
_NARROWEST = 5  # characters of a field


def editor(pipeline: Pipeline, effect: Effect) -> str:
    """Return the section with the editor; nothing where the filter has no kernel that it can hold.

    Of a pipeline every kernel can be chosen, those in branches too.
    """
    found = list(islice(_editable(pipeline.layers, "", set()), _MOST_KERNELS))
    if not found:
        return ""
    titles = [title for title, _ in found]
    if pipeline.conv is not None:
        alone = ""
    elif len(found) == 1:
        alone = f" This is {titles[0]} alone."
    else:
        alone = " The kernel that is chosen is applied alone, without the rest of the pipeline."
    text = (
        "Change a weight: a number, a fraction such as 1/9, or a percentage. The kernel is applied to a part of the"
        f" picture, as convcli applies it to a picture of that size.{alone}"
    )
    canvases = "".join(
        f'<figure><canvas id="crop-{name}" class="pixelated" role="img" aria-label="the part {name}" width="4"'
        f' height="3"></canvas><figcaption>{name}, enlarged</figcaption></figure>'
        for name in ("before", "after")
    )
    kernels = [_kernel(conv) for _, conv in found]
    return section(
        "Try other weights",
        paragraph(text, "screen"),
        _choice(titles),
        *(_form(conv, title, is_hidden=index > 0) for index, (title, conv) in enumerate(found)),
        '<p id="editor-status" role="status" class="quiet"></p>',
        f'<div class="columns picture">{canvases}</div>',
        "<noscript><p>The editor needs JavaScript.</p></noscript>",
        data("editor-data", {"kernels": kernels, "picture": _picture(_part(effect))}),
    )


def _editable(layers: Sequence[Layer], within: str, done: set[int]) -> Iterator[tuple[str, Conv]]:
    """Yield the kernels that a form can hold, each with its place: ``layer 2, branch 1``.

    A layer with branches that stands in several others is looked through once; `done` has its identity.
    """
    for number, layer in enumerate(layers, 1):
        title = f"{within}layer {number}"
        if isinstance(layer, Combine):
            if id(layer) in done:
                continue
            done.add(id(layer))
            for count, branch in enumerate(layer.branches, 1):
                place = f"{title}, branch {count}"
                for inner, conv in _editable(branch, f"{place}, ", done):
                    yield place if len(branch) == 1 else inner, conv
        elif isinstance(layer, Conv) and _fits(layer):
            yield title, layer


def _fits(conv: Conv) -> bool:
    return (
        conv.kernel.weights.ndim == 2
        and max(conv.kernel.size) <= _LARGEST_SIDE
        and conv.stride == (1, 1)
        and conv.padding == "same"
        and math.isfinite((conv.border or DEFAULT_BORDER).value)
    )


def _choice(titles: Sequence[str]) -> str:
    """Return the list to choose a kernel from; nothing for one."""
    if len(titles) == 1:
        return ""
    options = "".join(f'<option value="{index}">{title}</option>' for index, title in enumerate(titles))
    # Browsers remember a choice over a reload, without the form that belongs to it.
    return (
        f'<p class="screen"><label>kernel <select id="editor-kernel" autocomplete="off">{options}</select></label></p>'
    )


def _part(effect: Effect) -> Pixels:
    before, after = effect.before, effect.after
    fits = after is not None and after.shape == before.shape
    part: Pixels = before[most_changed(before, after if fits and after is not None else 255 - before, _PART)]
    is_gray = bool((part[:, :, :1] == part).all())
    return part[:, :, :1] if is_gray else part


def _kernel(conv: Conv) -> dict[str, Any]:
    border = conv.border or DEFAULT_BORDER
    return {
        "weights": conv.kernel.weights.tolist(),
        "divisor": conv.kernel.divisor,
        "bias": conv.kernel.bias[0],
        "anchor": list(conv.anchor),
        "dilation": list(conv.dilation),
        "border": border.name,
        "fill": border.value,
    }


def _picture(part: Pixels) -> dict[str, Any]:
    height, width, channels = part.shape
    levels = base64.b64encode(part.tobytes()).decode("ascii")
    return {"width": width, "height": height, "channels": channels, "levels": levels}


def _form(conv: Conv, title: str, *, is_hidden: bool) -> str:
    kernel = conv.kernel
    texts = [short_number(weight) for weight in kernel.weights.ravel().tolist()]
    cells = "".join(
        f'<input type="text" inputmode="text" autocomplete="off" data-weight {_value(weight)}'
        f' aria-label="weight in row {row + 1}, column {column + 1}">'
        for row, line in enumerate(kernel.weights.tolist())
        for column, weight in enumerate(line)
    )
    chosen = (conv.border or DEFAULT_BORDER).name
    options = "".join(
        f'<option value="{name}"{" selected" if name == chosen else ""}>{name}</option>' for name in BORDER_NAMES
    )
    fields = (
        f'<label>divisor <input type="text" name="divisor" autocomplete="off" {_value(kernel.divisor)}></label>'
        '<label>bias, of full scale <input type="text" name="bias" autocomplete="off"'
        f" {_value(kernel.bias[0])}></label>"
        f'<label>border <select name="border">{options}</select></label>'
        '<button type="button" name="sum">Divide by the sum</button><button type="reset">Reset</button>'
    )
    wide = max(_NARROWEST, *map(len, texts)) + 2
    columns = f"--columns:{kernel.size[1]};--cell:{wide}ch"
    return (
        f'<form class="editor" aria-label="Kernel of {title}"{" hidden" if is_hidden else ""}>'
        f'<div class="wide"><div class="grid" style="{columns}">{cells}</div></div>'
        f'<div class="fields">{fields}</div></form>'
    )


def _value(number: float) -> str:
    """Return the attributes of a field: four digits that are shown, and all of them."""
    return f'value="{short_number(number)}" data-exact="{number!r}"'
