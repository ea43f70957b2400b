"""L10: the settings of a layer mean what PyTorch's Conv2d means by them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from typer.testing import CliRunner

from convcli.cli.application.app import app
from tests.lessons.lesson import shell

torch = pytest.importorskip("torch", reason="PyTorch is what the layer is compared with")
PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 3))


@dataclass(frozen=True)
class Layer:
    """A layer and its input, drawn at random."""

    seed: int
    batch: int
    groups: int
    inputs: int  # of a group
    outputs: int  # of a group
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: str | tuple[int, int]
    dilation: tuple[int, int]
    bias: bool
    beside: bool  # the weights in a file of their own

    def arrays(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32] | None]:
        """Input, weights and bias; the input is as large as the kernel needs and a little more."""
        random = np.random.default_rng(self.seed)
        height, width = (
            step * (side - 1) + 1 + int(random.integers(0, 9))
            for step, side in zip(self.dilation, self.kernel, strict=True)
        )
        x = random.uniform(-1, 1, (self.batch, self.groups * self.inputs, height, width)).astype(np.float32)
        shape = (self.groups * self.outputs, self.inputs, *self.kernel)
        w = random.uniform(-1, 1, shape).astype(np.float32)
        return x, w, random.uniform(-1, 1, len(w)).astype(np.float32) if self.bias else None

    def write(self, folder: Path) -> NDArray[np.float32]:
        """Write x.npy and layer.yaml, and return what PyTorch makes of them."""
        x, w, bias = self.arrays()
        np.save(folder / "x.npy", x)
        np.save(folder / "w.npy", w)
        lines = [
            f"weights: {'{file: w.npy}' if self.beside else w.tolist()}",
            "border: constant",
            f"stride: {list(self.stride)}",
            f"padding: {self.padding if isinstance(self.padding, str) else list(self.padding)}",
            f"dilation: {list(self.dilation)}",
            f"groups: {self.groups}",
        ]
        if bias is not None:
            lines.append(f"bias: {bias.tolist()}")
        (folder / "layer.yaml").write_text("\n".join(lines) + "\n")
        theirs: Any = torch.nn.functional.conv2d(
            torch.from_numpy(x),
            torch.from_numpy(w),
            None if bias is None else torch.from_numpy(bias),
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
        )
        wanted: NDArray[np.float32] = theirs.numpy()
        return wanted


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    stride = draw(PAIRS)
    padding: str | tuple[int, int] = draw(
        st.one_of(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.sampled_from(["valid", "same"]))
    )
    if padding == "same":  # which PyTorch takes with a stride of 1 alone, and centers where a kernel is odd
        stride, kernel = (1, 1), (2 * (kernel[0] // 2) + 1, 2 * (kernel[1] // 2) + 1)
    return Layer(
        seed=draw(st.integers(0, 10_000)),
        batch=draw(st.integers(1, 2)),
        groups=draw(st.integers(1, 3)),
        inputs=draw(st.integers(1, 3)),
        outputs=draw(st.integers(1, 3)),
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=draw(PAIRS),
        bias=draw(st.booleans()),
        beside=draw(st.booleans()),
    )


@settings(max_examples=50, deadline=None)
@given(layer=layers(), engine=st.sampled_from(["numpy", "numba"]))
def test_every_setting_is_that_of_pytorch(layer: Layer, engine: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = layer.write(folder)
        words = ["apply", f"{folder}/layer.yaml", f"{folder}/x.npy", "-o", f"{folder}/y.npy", "--engine", engine]
        answer = CliRunner().invoke(app, words)
        assert answer.exit_code == 0, answer.stderr
        y = np.load(folder / "y.npy")
    assert y.dtype == np.float32
    assert y.shape == wanted.shape
    assert np.abs(y - wanted).max() <= 1e-5


@pytest.mark.parametrize("beside", [False, True])
def test_from_the_shell(tmp_path: Path, beside: bool) -> None:
    layer = Layer(
        seed=1,
        batch=2,
        groups=2,
        inputs=3,
        outputs=2,
        kernel=(3, 2),
        stride=(2, 1),
        padding=(1, 2),
        dilation=(1, 2),
        bias=True,
        beside=beside,
    )
    wanted = layer.write(tmp_path)
    answer = shell("convcli apply layer.yaml x.npy -o y.npy", tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert np.abs(np.load(tmp_path / "y.npy") - wanted).max() <= 1e-5


def test_the_same_settings_as_options(tmp_path: Path) -> None:
    layer = Layer(0, 1, 1, 2, 3, (3, 3), (2, 2), (1, 1), (2, 2), bias=False, beside=True)
    wanted = layer.write(tmp_path)
    (tmp_path / "bare.yaml").write_text("weights: {file: w.npy}\n")
    options = "--border constant --stride 2 --padding 1 --dilation 2 --bias 0.25"
    answer = shell(f"convcli apply bare.yaml x.npy -o y.npy {options}", tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert np.abs(np.load(tmp_path / "y.npy") - wanted - 0.25).max() <= 1e-5
