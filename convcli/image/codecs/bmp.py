"""BMP."""

from __future__ import annotations

from typing import Any

from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.pillow.codec import PillowCodec


class BmpCodec(PillowCodec):
    """BMP, which has to name a resolution."""

    plugin = "Bmp"

    def save_options(self, along: CarriedMetadata) -> dict[str, Any]:
        return {"dpi": (0, 0), **super().save_options(along)}  # not known; Pillow would write 96


CODEC = BmpCodec
