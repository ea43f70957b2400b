"""ONNX's own tests of operators: every one passes, or is refused for a reason that docs/networks.md says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import convcli
from convcli.errors import FilterError
from tests.support.paths import DOCS

pytest.importorskip("onnx", reason="the library of ONNX files, which ships these tests")
pytest.importorskip("onnxruntime", reason="tests/support/networks.py imports it")

from tests.support.networks import saved
from tests.support.node_tests import MODULES, made_by, node_tests, with_one_input

LEAST_PASSED = {"averagepool": 8, "conv": 6, "convtranspose": 9, "maxpool": 7, "pad": 4, "resize": 15, "gemm": 8}


def reasons() -> list[str]:
    """Return the reasons of the table, each a part of a message."""
    page = (DOCS / "networks.md").read_text(encoding="utf-8")
    table = page.partition("| A message with |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


@pytest.mark.parametrize("module", MODULES)
def test_an_operator_gives_the_values_of_its_test_or_is_refused_for_a_reason_that_is_told(
    module: str, tmp_path: Path
) -> None:
    passed, refused = 0, {}
    cases = node_tests(module)
    assert cases
    for case in cases:
        model, x = with_one_input(case)
        wanted = np.asarray(case.data_sets[0][1][0])
        file = saved(model, tmp_path)
        try:
            made = made_by(convcli.load_filter(str(file)), x)
        except FilterError as error:
            refused[case.name] = error
            continue
        np.testing.assert_allclose(made.reshape(wanted.shape), wanted, rtol=case.rtol, atol=1e-5, err_msg=case.name)
        passed += 1
    known = reasons()
    assert all(any(each in error.message for each in known) and error.hint for error in refused.values()), refused
    assert passed >= LEAST_PASSED.get(module, 0)
