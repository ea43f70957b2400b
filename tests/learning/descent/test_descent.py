"""The loss, its gradient, the coordinates and the optimizers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcli import learn
from convcli.array_types import Floats
from convcli.errors import UsageError
from convcli.learning.descent.coordinates import cosine_coordinates, cosine_transform, plain_coordinates
from convcli.learning.descent.descent import descend
from convcli.learning.descent.quadratic import squared_error
from convcli.learning.moments.moments import Moments, collect
from convcli.learning.moments.region import Region
from convcli.learning.settings import LearnSettings


def moments_of(seed: int, model: Any = "shared", size: tuple[int, int] = (2, 3)) -> tuple[Moments, Region]:
    generator = np.random.default_rng(seed)
    source = generator.standard_normal((13, 15, 2)).cumsum(axis=0).cumsum(axis=1) / 9
    target = generator.standard_normal((14 - size[0], 16 - size[1], 2))
    region = Region(source, target, size)
    return collect(region, model), region


def explicit_loss(region: Region, model: str, parameters: Floats, *, bias: bool) -> float:
    """The sum of squared errors, pixel by pixel."""
    height, width = region.size
    total = 0.0
    for row in range(region.height):
        for column in range(region.width):
            window = region.source[row : row + height, column : column + width].transpose(2, 0, 1)
            for output in range(region.outputs):
                its = parameters[0 if model == "shared" else output]
                seen = window.ravel() if model == "full" else window[output].ravel()
                error = its[: len(seen)] @ seen + (its[-1] if bias else 0.0) - region.target[row, column, output]
                total += error**2
    return total


@pytest.mark.parametrize("model", ["shared", "depthwise", "full"])
@pytest.mark.parametrize("bias", [True, False])
def test_the_loss_is_the_sum_of_squared_errors(model: Any, bias: bool) -> None:
    moments, region = moments_of(2, model)
    quadratic = squared_error(moments, bias=bias, total=True)
    parameters = np.random.default_rng(5).standard_normal(quadratic.slope.shape)
    expected = explicit_loss(region, model, parameters, bias=bias)
    assert quadratic.loss(parameters) == pytest.approx(expected, rel=1e-9)
    mean = squared_error(moments, bias=bias, total=False).loss(parameters)
    assert mean == pytest.approx(expected / region.target.size, rel=1e-9)


@given(
    seed=st.integers(0, 10_000),
    model=st.sampled_from(["shared", "depthwise", "full"]),
    bias=st.booleans(),
    total=st.booleans(),
    kind=st.sampled_from([plain_coordinates, cosine_coordinates]),
)
def test_the_gradient_equals_finite_differences(seed: int, model: Any, bias: bool, total: bool, kind: Any) -> None:
    coordinates = kind(moments_of(seed, model)[0], bias=bias, total=total)
    quadratic = coordinates.quadratic
    generator = np.random.default_rng(seed)
    point = generator.standard_normal(quadratic.slope.shape)
    direction = generator.standard_normal(point.shape)
    step = 1e-3
    slope = (quadratic.loss(point + step * direction) - quadratic.loss(point - step * direction)) / (2 * step)
    scale = abs(quadratic.gradient(point)).max() + quadratic.loss(point)
    assert (quadratic.gradient(point) * direction).sum() == pytest.approx(slope, rel=1e-6, abs=1e-7 * scale)


@pytest.mark.parametrize("model", ["shared", "depthwise", "full"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("total", [True, False])
def test_both_coordinates_tell_the_same_loss(model: Any, bias: bool, total: bool) -> None:
    moments = moments_of(3, model)[0]
    plain = plain_coordinates(moments, bias=bias, total=total)
    cosine = cosine_coordinates(moments, bias=bias, total=total)
    parameters = np.random.default_rng(8).standard_normal(plain.quadratic.slope.shape)
    point = cosine.point(parameters)
    np.testing.assert_allclose(cosine.parameters(point), parameters, rtol=1e-9, atol=1e-9)
    assert cosine.quadratic.loss(point) == pytest.approx(plain.quadratic.loss(parameters), rel=1e-9)


def test_cosines_make_the_valley_round() -> None:
    generator = np.random.default_rng(0)
    smooth = generator.standard_normal((200, 200, 1)).cumsum(axis=0).cumsum(axis=1)
    region = Region(smooth, smooth[2:-2, 2:-2], (5, 5))
    moments = collect(region, "shared")
    conditions = []
    for kind in (plain_coordinates, cosine_coordinates):
        curvatures = kind(moments, bias=True, total=False).quadratic.curvatures()
        conditions.append(curvatures.max() / curvatures.min())
    assert conditions[1] < 100
    assert conditions[0] > 1000 * conditions[1]


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_the_cosine_transform_is_scipys(length: int) -> None:
    fft = pytest.importorskip("scipy.fft")
    np.testing.assert_allclose(cosine_transform(length), fft.dct(np.eye(length), norm="ortho", axis=0), atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        ("gd", "SGD", {}),
        ("momentum", "SGD", {"momentum": 0.9}),
        ("nesterov", "SGD", {"momentum": 0.9, "nesterov": True}),
        ("adam", "Adam", {}),
    ],
)
@pytest.mark.parametrize("loss", ["mean", "sum"])
def test_the_optimizers_are_those_of_torch(ours: Any, theirs: str, options: dict[str, Any], loss: Any) -> None:
    torch = pytest.importorskip("torch")
    moments, region = moments_of(11, "full")
    rate = 1e-4 if loss == "sum" else 5e-2
    settings = LearnSettings(optimizer=ours, learning_rate=rate, steps=25, loss=loss, model="full")
    start = np.random.default_rng(1).standard_normal((2, moments.taps + 1))
    descended = descend(moments, settings, start)

    layer = torch.nn.Conv2d(2, 2, (2, 3), dtype=torch.float64)
    with torch.no_grad():
        layer.weight[:] = torch.from_numpy(start[:, :-1].reshape(2, 2, 2, 3))
        layer.bias[:] = torch.from_numpy(start[:, -1])
    optimizer = getattr(torch.optim, theirs)(layer.parameters(), lr=rate, **options)
    x, y = (torch.from_numpy(each.transpose(2, 0, 1)[np.newaxis].copy()) for each in (region.source, region.target))
    losses = []
    for _ in range(25):
        optimizer.zero_grad()
        error = getattr((layer(x) - y) ** 2, loss)()
        losses.append(error.item())
        error.backward()
        optimizer.step()
    np.testing.assert_allclose(descended.history, losses, rtol=1e-8)
    expected = np.concatenate([layer.weight.detach().numpy().reshape(2, -1), layer.bias.detach().numpy()[:, None]], 1)
    np.testing.assert_allclose(descended.parameters, expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("optimizer", "model"),
    [("dct", "shared"), ("dct", "depthwise"), ("dct", "full"), ("momentum", "shared"), ("nesterov", "shared")],
)
@pytest.mark.parametrize("bias", [True, False])
def test_the_descent_ends_at_the_least_squares(model: Any, bias: bool, optimizer: Any) -> None:
    moments = moments_of(21, model)[0]
    settings = LearnSettings(model=model, bias=bias, optimizer=optimizer, tolerance=1e-12)
    quadratic = squared_error(moments, bias=bias, total=False)
    expected = np.linalg.solve(quadratic.curvature, quadratic.slope[:, :, np.newaxis])[:, :, 0]
    descended = descend(moments, settings, np.zeros(expected.shape))
    assert descended.converged
    np.testing.assert_allclose(descended.parameters, expected, rtol=1e-6, atol=1e-8)


def test_steps_are_told_with_the_loss_they_start_from() -> None:
    moments = moments_of(0)[0]
    seen: list[tuple[int, float]] = []
    settings = LearnSettings(optimizer="gd", steps=7)
    descended = descend(moments, settings, np.zeros((1, 7)), lambda step, loss: seen.append((step, loss)))
    assert seen == list(enumerate(descended.history.tolist(), start=1))
    assert seen[0][1] == pytest.approx(moments.sums[0, -1, -1] / moments.values)
    assert (np.diff(descended.history) < 0).all()


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "nesterov"])
def test_a_learning_rate_that_diverges_is_told_with_the_bound(optimizer: Any) -> None:
    moments = moments_of(0)[0]
    settings = LearnSettings(optimizer=optimizer, learning_rate=1e3)
    with pytest.raises(UsageError, match="grows without end at learning rate 1000") as caught:
        descend(moments, settings, np.zeros((1, 7)))
    bound = float(caught.value.hint.split("less than ")[1].split(",")[0])
    fine = LearnSettings(optimizer=optimizer, learning_rate=bound * 0.95, steps=3000)
    descended = descend(moments, fine, np.zeros((1, 7)))
    assert descended.history[-1] < descended.history[0]
    with pytest.raises(UsageError):
        descend(moments, LearnSettings(optimizer=optimizer, learning_rate=bound * 1.1, steps=3000), np.zeros((1, 7)))


def test_a_rate_that_is_too_large_is_refused_after_the_only_step_too() -> None:
    picture = np.random.default_rng(41).random((40, 50))
    with pytest.raises(UsageError, match="learning rate"):
        learn(picture, picture, size=(3, 3), optimizer="gd", learning_rate=1e4, steps=1)
