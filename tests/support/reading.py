"""Read a file that may be refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from convcli.errors import ReadError
from convcli.image import Picture, read_picture


def read_all(data: bytes, **settings: Any) -> Picture:
    """Return all frames of a file."""
    return read_picture(io.BytesIO(data), **({"frames": "all"} | settings))


def failure(source: bytes | io.IOBase | Path, **settings: Any) -> ReadError:
    """Return the error that a file is refused with: one line that names it, and one that helps."""
    with pytest.raises(ReadError) as caught:
        read_picture(_opened(source), **settings)
    assert "\n" not in caught.value.message + caught.value.hint
    assert (str(source) if isinstance(source, Path) else "stdin") in caught.value.message
    return caught.value


def attempt(source: bytes | io.IOBase | Path, **settings: Any) -> Picture | ReadError:
    """Return a picture, or the error that its file is refused with."""
    try:
        return read_picture(_opened(source), **settings)
    except ReadError as error:
        return error


def _opened(source: Any) -> Any:
    return io.BytesIO(source) if isinstance(source, bytes) else source
