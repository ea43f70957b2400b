"""docs/formats.md says what comes of the corpus now."""

from __future__ import annotations

import pytest
from PIL import features

from tests.formats.page import PAGE, formats_page

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow was built without AVIF")
def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == formats_page()
