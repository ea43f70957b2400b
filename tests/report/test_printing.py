"""JSON."""

from __future__ import annotations

import json

import numpy as np

from convcli.report.printing import json_text


def test_json_has_lists_for_arrays_and_null_for_what_it_lacks() -> None:
    values = {"a": np.array([[1.5, np.nan], [np.inf, -0.0]]), "b": (np.float32(0.5), np.bool_(True)), "c": -np.inf}
    assert json.loads(json_text(values)) == {"a": [[1.5, None], [None, 0]], "b": [0.5, True], "c": None}
    assert json_text("é") == '"\\u00e9"'
    assert json_text([1], indent=2) == "[\n  1\n]"
