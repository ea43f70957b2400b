"""Filters as other programs write them, both ways: networks, kernels as text, code and tables."""

from __future__ import annotations

from convcli.lazy import lazy_names

__getattr__, __all__ = lazy_names(__name__, {})
