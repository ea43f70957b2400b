"""Libraries that few need, and that an extra of this package installs."""

from __future__ import annotations

from convcli.errors import FileError
from convcli.image.formats import Format


def missing_library(form: Format) -> FileError:
    """Return the error for a format whose library is not installed, with the way to get it."""
    message = f"{form.title} needs a library that is not installed"
    return FileError(message, f"pip install 'convcli[{form.extra}]'")
