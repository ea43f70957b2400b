"""A recipe as a number: two runs whose numbers are equal make the same outputs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import numpy as np

from convcli.image import Format
from convcli.jobs.one.recipe import Recipe
from convcli.version import __version__


def identity_of(recipe: Recipe, form: Format | None, *, version: str = __version__) -> str:
    """Return a hash of a recipe, of the format that was asked for, and of the version."""
    number = hashlib.sha256(f"{version} {form.name if form else ''}".encode())
    for part in _parts(recipe):
        number.update(part)
    return number.hexdigest()


def _parts(value: object) -> Iterator[bytes]:
    """Yield all that a recipe says, down to the last weight."""
    if is_dataclass(value):
        yield type(value).__qualname__.encode()
        for each in fields(value):
            yield f" {each.name}=".encode()
            yield from _parts(getattr(value, each.name))
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype}{value.shape}".encode()
        yield value.tobytes()
    elif isinstance(value, tuple):
        yield f"({len(value)}".encode()
        for each in value:
            yield from _parts(each)
    elif callable(value):
        yield f"{value.__module__}.{getattr(value, '__qualname__', '')}".encode()
    else:
        yield repr(value).encode()
