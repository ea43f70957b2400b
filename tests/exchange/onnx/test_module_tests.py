"""PyTorch's own tests of modules: every one that is an operator gives its values, or is refused for a reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import convcli
from convcli.errors import FilterError

pytest.importorskip("onnx", reason="the modules are read as files of ONNX")
pytest.importorskip("onnxruntime", reason="tests/support/networks.py imports it")
pytest.importorskip("torch", reason="PyTorch has these tests")
pytest.importorskip("expecttest", reason="PyTorch's tests import it")

from tests.exchange.onnx.test_node_tests import reasons
from tests.support.module_tests import as_layer, as_node, cases, modules
from tests.support.networks import constant, network, saved
from tests.support.node_tests import made_by


def test_a_module_gives_the_values_of_pytorch_or_is_refused_for_a_reason_that_is_told(tmp_path: Path) -> None:
    known, passed, refused = reasons(), set(), {}
    for name in modules():
        for number, (module, batch, wanted) in enumerate(cases(name)):
            if (made := as_node(module)) is None:
                continue
            node, stored = made
            (tmp_path / f"{name}{number}").mkdir()
            model = network(
                [node], [constant(key, each, each.dtype.str[1:]) for key, each in stored.items()], batch.shape, 22
            )
            file = saved(model, tmp_path / f"{name}{number}")
            try:
                found = made_by(convcli.load_filter(str(file)), batch.numpy())
            except FilterError as error:
                refused[f"{name}{number}"] = error.message
                continue
            np.testing.assert_allclose(found.reshape(wanted.shape), wanted, 1e-4, 1e-5, err_msg=f"{name} {module}")
            passed.add(name)
    assert [each for each in refused.values() if not any(reason in each for reason in known)] == []
    assert len(passed) >= 24, (passed, refused)


@pytest.mark.parametrize("name", ["AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "LPPool2d", "MaxPool2d", "GroupNorm"])
def test_a_layer_gives_the_values_of_its_module(name: str) -> None:
    count = 0
    for module, batch, wanted in cases(name):
        layer = as_layer(module, tuple(batch.shape[-2:]))
        if layer is None or batch.ndim != 4:
            continue
        for picture, expected in zip(batch.numpy(), wanted, strict=True):
            made = convcli.apply(layer, np.ascontiguousarray(picture.transpose(1, 2, 0)))
            height, width = expected.shape[-2:]
            np.testing.assert_allclose(made.reshape(height, width, -1).transpose(2, 0, 1), expected, 1e-4, 1e-5)
            count += 1
    assert count >= 2
