"""The parts of a page: its frame, tables and pictures. All texts are escaped here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from convcli.version import __version__

_LONGEST = 80  # characters of the settings of a layer
_SMALL = 420  # pixels; a picture that is less wide is enlarged
LARGEST_PAGE = 2_000_000  # bytes
# Names of files may hold any character: those that no page may, and those that turn the direction of a text.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def page(title: str, body: Iterable[str]) -> str:
    """Return a whole page; `body` are its parts in HTML."""
    folder = files("convcli.report.pages")
    style, script, frame = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "report.js", "page.html")
    )
    whole = Template(frame).substitute(
        generator=f"convcli {__version__}",
        title=escape(title),
        style=style.strip(),
        script=script.strip(),
        body="\n".join(part for part in body if part),
    )
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], whole)


def section(title: str, *parts: str) -> str:
    """Return a section with its heading."""
    return f"<section>\n<h2>{escape(title)}</h2>\n{chr(10).join(filter(None, parts))}\n</section>"


def brief(text: str) -> str:
    """Return a text, the end of a long one left out: the points of a curve are many."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rpartition(' ')[0]} …"


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph of a text, of a class where one is given."""
    return f"<p{_class(kind)}>{escape(text)}</p>"


def items(texts: Iterable[str], *, numbered: bool = False) -> str:
    """Return a list of texts."""
    tag = "ol" if numbered else "ul"
    return f"<{tag}>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</{tag}>"


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of names and texts."""
    lines = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(text)}</td></tr>' for name, text in rows)
    return f'<div class="wide"><table class="facts">{lines}</table></div>'


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], left: Sequence[int] = ()) -> str:
    """Return a table with headings; columns are aligned to the right, those in `left` to the left."""

    def kind(index: int) -> str:
        return "" if index in left else ' class="right"'

    # A heading without a text is none to a screen reader.
    head = "".join(
        f'<th scope="col"{kind(index)}>{escape(text)}</th>' if text else "<td></td>"
        for index, text in enumerate(headings)
    )
    body = "".join(
        f"<tr>{''.join(f'<td{kind(index)}>{escape(text)}</td>' for index, text in enumerate(row))}</tr>" for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def figure(source: str, alternative: str, caption: str, kind: str = "", *, enlarged: bool = False) -> str:
    """Return a picture with its caption; `alternative` says what it shows, `enlarged` keeps its pixels apart."""
    pixelated = ' class="pixelated"' if enlarged else ""
    image = f'<img src="{source}" alt="{escape(alternative)}"{pixelated}>'
    return f"<figure{_class(kind)}>{image}<figcaption>{escape(caption)}</figcaption></figure>"


def slider(before: str, after: str, label: str, width: int) -> str:
    """Return two pictures of one size, one over the other, at most `width` pixels wide, and what moves their border."""
    is_small = width < _SMALL
    return (
        f'<div class="slider" style="max-width:{max(width, _SMALL)}px">'
        + figure(before, "before the filter", "before", enlarged=is_small)
        + figure(after, "after the filter", "after", "after", enlarged=is_small)
        + f'<input type="range" min="0" max="100" value="50" aria-label="{escape(label)}"></div>'
    )


def data(name: str, values: Any) -> str:
    """Return values for the script of the page, which finds them by their name."""
    text = json.dumps(values, allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>'


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
