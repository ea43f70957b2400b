"""The aliases that a filter file gives itself, the rest of it unchecked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from convcli.catalog.yaml.source import builtin_values, read_text
from convcli.errors import FilterError
from convcli.filters import normal_name

_LONGEST = 200  # letters: the expression for a name of a hundred thousand took four seconds


def has_alias(path: Path, name: str) -> bool:
    """Return whether a file has an alias, in the spelling of `normal_name`; one that cannot be read has none."""
    if len(name) > _LONGEST:
        return False
    # An alias stands in its file as a word: only a file that holds it is worth parsing.
    spelled = r"(?:[\s_]+|-)".join(map(re.escape, name.split("-")))
    word = re.compile(rf"(?<![\w-]){spelled}(?![\w-])", re.IGNORECASE)
    return name in aliases_of(path, word)


def aliases_of(path: Path, word: re.Pattern[str] | None = None) -> list[str]:
    """Return the aliases of a file, none where it cannot be read or, with `word`, its text holds no match."""
    try:
        text = read_text(str(path))
        aliases = [] if word and not word.search(text) else _values(text, str(path)).get("aliases")
    except FilterError:
        return []
    return [normal_name(each) for each in aliases if isinstance(each, str)] if isinstance(aliases, list) else []


def _values(text: str, file: str) -> Any:
    values = builtin_values(text)
    if values is None:
        from convcli.catalog.yaml.text import parse  # here, with a YAML parser

        return parse(text, file).plain()
    return values
