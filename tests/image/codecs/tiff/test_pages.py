"""Documents of several pages."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from convcli.errors import WriteError
from tests.support.encoding import by_convcli
from tests.support.frames import document, pages
from tests.support.reading import read_all


def test_pages_of_all_kinds_come_back_in_order() -> None:
    expected = pages()
    picture = read_all(document())
    assert picture.count == 4
    data = by_convcli(picture, "tiff")
    with Image.open(io.BytesIO(data)) as again:
        assert again.n_frames == 4  # type: ignore[attr-defined]
        for index, page in enumerate(expected):
            again.seek(index)
            assert again.mode == page.mode
            assert np.array_equal(np.asarray(again), np.asarray(page))
            assert again.info["dpi"] == (300, 300)
    assert read_all(data, frames=2).size == (15, 4)


def test_pages_are_refused_where_only_one_has_room() -> None:
    for name in ("gif", "png", "jpeg", "npy"):
        with pytest.raises(WriteError, match="holds no pages, this picture has 4"):
            by_convcli(read_all(document()), name)
