"""Names of filters, and their form in a file name."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_NAME = 64

# A name in a YAML file becomes part of file names on every system, and is written on command lines. The pattern is in
# the dialect of JSON schemas; Python's re knows no \p, and its \w is a letter, a digit or _.
NAME_PATTERN = r"^[\p{L}\p{N}](?:[\p{L}\p{N}_.+() -]*[\p{L}\p{N}_+)])?$"
_NAME = re.compile(r"[^\W_](?:[\w.+() -]*[\w+)])?")
_UNSAFE = re.compile(r"[^\w.+() -]+")


def is_name(text: str) -> bool:
    """Return whether a text matches `NAME_PATTERN`."""
    return _NAME.fullmatch(text) is not None


def safe_name(text: str) -> str:
    """Return `text` as a name that any file may carry; ``kernel`` where nothing of it can be kept."""
    name = _UNSAFE.sub("-", text).lstrip("_.+() -")[:LONGEST_NAME]
    return name.rstrip(".( -") or "kernel"


def joined_name(names: Sequence[str]) -> str:
    """Return a name for several filters in a row: ``gaussian-sigma1.4+sobel``, and how many more do not fit."""
    whole = "+".join(names)
    if len(whole) <= LONGEST_NAME:
        return safe_name(whole)
    for count in range(len(names) - 1, 0, -1):
        name = "+".join([*names[:count], f"{len(names) - count}-more"])
        if len(name) <= LONGEST_NAME:
            return safe_name(name)
    return safe_name(f"{len(names)}-filters")
