"""Folders of the checkout that tests read."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TESTS = CHECKOUT / "tests"
SAMPLES = CHECKOUT / "sample_images"
KERNELS = CHECKOUT / "kernels"
DOCS = CHECKOUT / "docs"
