"""Training of a kernel of two weights on the edges, as lessons write it: what `convcli learn` is compared with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.lessons.lesson import shell
from tests.support.paths import SAMPLES

PAIR = "edges.csv edge-map.csv"
X = np.loadtxt(SAMPLES / "edges.csv", delimiter=",")
Y = np.loadtxt(SAMPLES / "edge-map.csv", delimiter=",")


@dataclass(frozen=True)
class Trained:
    """What a training loop ends with, and the loss that each of its steps was taken from."""

    weights: NDArray[np.float64]
    bias: float
    losses: list[float]

    def lines(self, every: int) -> list[str]:
        """The log of the loop."""
        return [f"step {step}  loss {self.losses[step - 1]:.4g}" for step in range(every, len(self.losses) + 1, every)]


def trained(weights: list[float], bias: float | None, rate: float, steps: int) -> Trained:
    """Plain gradient descent on the sum of squared errors; a bias of None is not learned."""
    w, b, losses = np.array(weights), bias or 0.0, []
    for _ in range(steps):
        error = w[0] * X[:, :-1] + w[1] * X[:, 1:] + b - Y
        losses.append(float((error**2).sum()))
        w = w - rate * 2 * np.array([(error * X[:, :-1]).sum(), (error * X[:, 1:]).sum()])
        if bias is not None:
            b = b - rate * 2 * float(error.sum())
    return Trained(w, b, losses)


def trained_by_torch(weights: list[float], bias: float | None, rate: float, steps: int) -> Trained:
    """The same loop, with the layer and the gradients of PyTorch."""
    torch: Any = pytest.importorskip("torch", reason="PyTorch is what the descent is compared with")
    layer = torch.nn.Conv2d(1, 1, (1, 2), bias=bias is not None, dtype=torch.float64)
    with torch.no_grad():
        layer.weight[:] = torch.tensor(weights, dtype=torch.float64)
        if bias is not None:
            layer.bias[:] = bias
    x, y = (torch.from_numpy(each)[None, None] for each in (X, Y))
    optimizer, losses = torch.optim.SGD(layer.parameters(), lr=rate), []
    for _ in range(steps):
        loss = ((layer(x) - y) ** 2).sum()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found = layer.weight.detach().numpy().ravel()
    return Trained(found, 0.0 if bias is None else layer.bias.item(), losses)


@dataclass(frozen=True)
class Learned:
    """What `convcli learn` says: its JSON, and the log on stderr."""

    values: dict[str, Any]
    log: list[str]

    @property
    def weights(self) -> NDArray[np.float64]:
        """The two weights."""
        return np.array(self.values["weights"]).ravel()

    @property
    def bias(self) -> float:
        """The bias; 0 where none was learned."""
        return float(self.values["bias"][0])

    @property
    def losses(self) -> list[float]:
        """The losses of the log."""
        return [float(line.split()[-1]) for line in self.log]

    def is_that_of(self, loop: Trained) -> bool:
        """Whether a loop ends with the same numbers, but for the last digits."""
        ours = [*self.weights, self.bias, self.values["loss"]]
        theirs = [*loop.weights, loop.bias, loop.losses[-1]]
        return bool(np.allclose(ours, theirs, rtol=1e-9, atol=1e-12))


def learned(options: str) -> Learned:
    """Learn the kernel of the lessons in a shell."""
    answer = shell(f"convcli learn {PAIR} --size 1x2 --optimizer gd --loss sum {options} --json")
    assert answer.returncode == 0, answer.stderr
    return Learned(json.loads(answer.stdout), [line for line in answer.stderr.splitlines() if line.startswith("step")])
