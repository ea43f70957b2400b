"""The report on a learned kernel as JSON."""

from __future__ import annotations

import json
import math

import numpy as np

from convcli.filters.border import Border
from convcli.filters.kernel import Kernel
from convcli.learning import ExactForm, Replay
from convcli.report.learning.text import (
    LearnedFrom,
)
from convcli.report.learning.values import learned_values
from convcli.report.printing import json_text
from tests.support.learned import made

SUBJECT = LearnedFrom(("photo.png", "sharp.png"), levels=True)


SHARPEN: list[list[float]] = [[0, -1.0002, 3e-6], [-1, 4.9998, -1], [0, -1, 0]]


GAUSS = Kernel([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16)


def test_everything_as_json() -> None:
    is_open = np.zeros((3, 3), np.bool_)
    is_open[1, 2] = True
    learned = made(
        SHARPEN,
        replay=Replay(math.inf, 0.0, 10, held_out=False),
        undetermined=is_open,
        errors=np.where(is_open, np.inf, 0.5),
        exact=ExactForm(GAUSS, 0.001),
        sizes=(((3, 3), 0.125),),
        warnings=("mind",),
    )
    values = json.loads(json_text(learned_values(learned, SUBJECT, {"-o": "k.yaml"})))
    assert values["input"] == "photo.png"
    assert values["outputs"] == {"kernel": "k.yaml"}
    assert values["weights"] == SHARPEN
    assert values["replay"] == {"psnr": None, "largest": 0.0, "values": 10, "held_out": False}
    assert values["undetermined"] == [[1, 2]]
    assert values["errors"][1] == [0.5, 0.5, None]
    assert values["border"] == "wrap"
    assert values["border_found"]["next_best"] == {"border": "reflect", "rms": 12.1}
    assert values["exact"]["weights"] == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    assert values["exact"]["divisor"] == 16
    assert values["nearest"] == {"filter": "gaussian:sigma=1.5", "scale": 1.0, "difference": 0.002}
    assert values["sizes"] == [{"size": [3, 3], "error": 0.125}]
    assert values["steps"] == 3
    assert values["warnings"] == ["mind"]


def test_what_there_is_not_is_null() -> None:
    values = learned_values(made(SHARPEN, border=None, given_border=Border("edge"), nearest=None), SUBJECT, {})
    assert [values[key] for key in ("border", "border_found", "exact", "nearest")] == ["edge", None, None, None]
