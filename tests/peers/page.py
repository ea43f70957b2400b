"""docs/peers.md as data: its cases, the commands in their tables, and what the page says comes out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from tests.support.paths import DOCS

PAGE = DOCS / "peers.md"
SAME = "same?"


@dataclass(frozen=True)
class Row:
    """A command in the table of a case, and what comes out: by the heads of the columns."""

    case: str
    peer: str
    command: str
    results: dict[str, str]
    same: bool


def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def versions() -> dict[str, str]:
    """Return the versions that the page speaks of."""
    return dict(re.findall(r"^\| (\w+) \| (\d[\w.-]+) \|", text(), re.MULTILINE))


@cache
def cases() -> dict[str, list[Row]]:
    """Return the rows of every case, by its heading."""
    found = {}
    for part in re.split(r"^### ", text(), flags=re.MULTILINE)[1:]:
        heading, _, rest = part.partition("\n")
        found[heading] = _rows(heading, rest.partition("\n## ")[0])
    return found


def ours(case: str) -> list[Row]:
    return [row for row in cases()[case] if row.peer == "convcli"]


def _rows(case: str, body: str) -> list[Row]:
    lines = [line for line in body.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert head[-1] == SAME, f"{case}: the last column is {SAME}"
    found = []
    for peer, command, *cells, same in rows:
        assert same in ("yes", "no", "")
        results = dict(zip(head[2:-1], cells, strict=True))
        found.append(Row(case, peer, command.strip("`"), results, same != "no"))
    return found
