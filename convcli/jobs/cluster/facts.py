"""The version of convcli on another machine, asked by a function that is sent there whole."""

from __future__ import annotations


def version_there() -> str | None:
    """Return the version of convcli, None where it is not installed."""
    try:
        from convcli.version import __version__
    except ImportError:
        return None
    return __version__
