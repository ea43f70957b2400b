from __future__ import annotations

import base64
import io
import math
from html.parser import HTMLParser

import numpy as np
from PIL import Image

from convcli import learn
from convcli.detective.steps import CropStep, CurveStep, FilterStep
from convcli.report import draw_learning, learned_description, learned_page
from tests.support.learned import made


class _Page(HTMLParser):
    """Texts by the element that they are in, and the picture."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.source = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.source = dict(attrs)["src"] or ""
        elif tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.open[-1], []).append(data)


def test_the_page_has_the_cause_the_steps_and_the_picture() -> None:
    steps = (CropStep(3, 4, 50, 60), FilterStep(None, "shared"), CurveStep(((0, 0), (1, 0.5)), "gamma 0.7"))
    learned = made(np.eye(3), found=steps, cause="a < b & c", psnr_after=math.inf, psnr_limit=51.24)
    page = _Page(learned_page(learned, ("a", "b")))
    assert page.texts == {
        "strong": ["a < b & c"],
        "p": ["before 30.2 dB, after exact, at best 51.2 dB"],
        "li": [
            "crop: x 3, y 4, width 50, height 60",
            "filter: model shared, linear False",
            "curve: name gamma 0.7",
        ],
    }
    kind, _, data = page.source.partition(",")
    assert kind == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        drawn = np.asarray(image)
    assert np.array_equal(drawn, draw_learning(learned, "learned", learned_description(learned, ("a", "b"))))


def test_a_notebook_shows_what_learn_returns() -> None:
    before = np.random.default_rng(0).random((20, 30))
    learned = learn(before, before[:, 1:] - before[:, :-1], size=(1, 2), bias=False)
    assert learned.cause in _Page(learned._repr_html_()).texts["strong"]
