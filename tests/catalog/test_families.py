import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from convcli.catalog import load_filter
from convcli.catalog.families import FAMILIES, Family
from convcli.catalog.formulas.blur import binomial, box, gaussian
from convcli.catalog.formulas.edges import gabor
from convcli.catalog.yaml.schema import schema
from convcli.errors import FilterError
from convcli.filters import KERNEL_SETTINGS, Choice
from convcli.filters.border import Border
from convcli.filters.limits import MAX_KERNEL_SIDE
from tests.support.filters import error_of, kernel_of, load, refusal, scaled

pytestmark = pytest.mark.no_cover


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9])
def test_box_is_the_mean_of_scipy(size: int) -> None:
    picture = np.random.default_rng(0).random((20, 20))
    ours = ndimage.correlate(picture, scaled(f"box:{size}"))
    np.testing.assert_allclose(ours, ndimage.uniform_filter(picture, size), atol=1e-12)


def test_box_stays_in_integers() -> None:
    assert kernel_of("box:7").is_integer
    assert kernel_of("box:7").divisor == 49


@pytest.mark.parametrize("sigma", [0.01, 0.3, 0.5, 1, 1.4, 2, 5.123])
def test_gaussian_is_that_of_scipy(sigma: float) -> None:
    ours = scaled(f"gaussian:{sigma}")
    radius = int(4 * sigma + 0.5)
    assert ours.shape == (2 * radius + 1, 2 * radius + 1)
    impulse = np.zeros_like(ours)
    impulse[radius, radius] = 1
    np.testing.assert_allclose(ours, ndimage.gaussian_filter(impulse, sigma, mode="constant"), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("size", "sigma"), [(3, 1), (5, 2.5), (31, 4), (11, None), (31, None)])
def test_gaussian_of_a_size_is_that_of_opencv(size: int, sigma: float | None) -> None:
    cv2 = pytest.importorskip("cv2")
    # Odd sizes, and without a sigma from 11 on: OpenCV has rounded tables for the smaller ones.
    line = cv2.getGaussianKernel(size, 0 if sigma is None else sigma, cv2.CV_64F)
    text = f"gaussian:size={size}" if sigma is None else f"gaussian:{sigma},{size}"
    np.testing.assert_allclose(scaled(text), line @ line.T, rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [2, 4, 7, 12])
def test_gaussian_is_its_formula_on_even_sizes_too(size: int) -> None:
    places = np.arange(size) - (size - 1) / 2
    bell = np.exp(-(places**2) / (2 * 0.7**2))
    oracle = np.outer(bell, bell)
    np.testing.assert_allclose(scaled(f"gaussian:0.7,{size}"), oracle / oracle.sum(), rtol=0, atol=1e-15)


@pytest.mark.parametrize("size", [2, 4, 6, 8, 10, 11, 31])
def test_sigma_of_a_size_alone(size: int) -> None:
    assert gaussian(size=size) == gaussian(sigma=0.3 * ((size - 1) / 2 - 1) + 0.8, size=size)


@settings(deadline=None, max_examples=50)
@given(sigma=st.floats(0.01, 12), size=st.none() | st.integers(1, 40))
def test_gaussian_sums_to_one_and_falls_off(sigma: float, size: int | None) -> None:
    weights = np.array(gaussian(sigma, size).weights)
    assert math.isclose(math.fsum(weights.ravel()), 1, abs_tol=1e-12)
    assert np.array_equal(weights, weights[::-1]) or np.allclose(weights, weights[::-1], atol=1e-15)
    middle = weights[weights.shape[0] // 2, weights.shape[1] // 2 :]
    assert (np.diff(middle) <= 0).all()


def test_binomial_is_pascals_triangle() -> None:
    assert binomial(3).weights == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    assert binomial(3).divisor == 16
    assert binomial(1) == box(1)


@pytest.mark.parametrize("size", range(1, 30))
def test_binomial_is_exact(size: int) -> None:
    weights, divisor = binomial(size)
    line = [math.comb(size - 1, place) for place in range(size)]
    assert weights == [[down * right for right in line] for down in line]
    assert kernel_of(f"binomial:{size}").gain == 1
    assert divisor == sum(map(sum, weights))


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_every_family_works_without_arguments_and_at_the_ends_of_its_ranges(family: Family) -> None:
    load_filter(family.name)
    for parameter in family.parameters:
        ends = parameter.choices if isinstance(parameter, Choice) else (parameter.low, parameter.high)  # type: ignore[attr-defined]  # a Number
        group = next((group for group in family.alternatives if parameter.name in group), (parameter.name,))
        for end in ends:
            assert load_filter(f"{family.name}:{','.join(f'{name}={end}' for name in group)}").layers


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("box:size=3,height=5,width=7", "box: height cannot be combined with size", "give size, or height and width"),
        ("box:3,5", "box: height cannot be combined with size", "write box:height=3,width=5"),
        ("box:height=3", "box: height needs width", "give size, or height and width"),
        ("blur:width=3", "box: width needs height", "give size, or height and width"),
        (
            "gaussian:sigma_x=1,sigma=2",
            "gaussian: sigma_x cannot be combined with sigma",
            "give sigma, or sigma_x and sigma_y",
        ),
        ("gaussian:sigma_y=1,size=5", "gaussian: sigma_y needs sigma_x", "give sigma, or sigma_x and sigma_y"),
        ("sobel:4", "sobel: size 4 is not an odd number from 3 to 31", "write sobel:5"),
        ("gabor:size=8", "gabor: size 8 is not an odd number from 1 to 1023", ""),
    ],
)
def test_parameters_that_exclude_or_need_each_other(text: str, message: str, hint: str) -> None:
    error = refusal(text)
    assert error.message == message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("parameters", "accepted"),
    [
        ({"height": 3, "width": 5}, True),
        ({"size": 3, "border": "wrap"}, True),
        ({"size": 3, "height": 5, "width": 5}, False),
        ({"size": 3, "width": 5}, False),
        ({"height": 3}, False),
    ],
)
def test_a_file_and_an_editor_know_what_excludes_each_other(
    parameters: dict[str, object], accepted: bool, tmp_path: Path
) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="schemas are checked where jsonschema is installed")
    editor = jsonschema.Draft202012Validator({**schema()["$defs"]["Layer"], "$defs": schema()["$defs"]})
    assert editor.is_valid({"box": parameters}) is accepted
    content = json.dumps({"layers": [{"box": parameters}]})
    if accepted:
        load(tmp_path, content)
    else:
        assert error_of(tmp_path, content).hint == "give size, or height and width"


@pytest.mark.parametrize(
    "text",
    ["gabor:34,gamma=0.2", "gabor:34,0.8,gamma=0.2", "gabor:34,tau/4,gamma=0.2".replace("tau/4", "1.5707963"),
     "motion:1023,1", "motion:1023,89.9", "dog:79", "shift:511,-511", "log:127", "disk:511"],
)  # fmt: skip
def test_no_parameters_make_a_kernel_too_large(text: str) -> None:
    assert 500 < max(kernel_of(text).size) <= MAX_KERNEL_SIDE


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_every_family_says_what_it_is(family: Family) -> None:
    assert family.description[0].isupper()
    assert not family.description.endswith(".")
    assert family.tags
    assert family.source
    settings = {each.name for each in KERNEL_SETTINGS}
    assert not settings & {each.name for each in family.parameters}


def test_a_preset_is_one_kernel_of_its_family() -> None:
    np.testing.assert_array_equal(kernel_of("gaussian5").weights, kernel_of("binomial:5").weights)
    assert load_filter("gaussian3").name == "binomial-size3"
    with pytest.raises(FilterError, match="gaussian5 takes no parameters"):
        load_filter("gaussian5:7")
    with pytest.raises(FilterError, match="gaussian5 has no parameter 'size'"):
        load_filter("gaussian5:size=7")


def test_a_parameter_whose_name_is_pythons() -> None:
    assert kernel_of("gabor:lambda=7").weights.tolist() == gabor(lambda_=7).weights
    assert load_filter("gabor:1,lambda=7").name == "gabor-sigma1-lambda7"


def test_a_filter_takes_settings_beside_its_parameters() -> None:
    conv = load_filter("gaussian:2,size=3,stride=2x1,padding=valid,border=constant:0.5,bias=50%,flip=true").conv
    assert conv is not None
    assert (conv.stride, conv.padding, conv.border, conv.kernel.bias) == (
        (2, 1),
        "valid",
        Border("constant", 0.5),
        (0.5,),
    )
    assert kernel_of("box:3,normalize=l1").divisor == 9
    assert kernel_of("box:3,divisor=1/2").divisor == 0.5


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("gaussian:0", "gaussian: sigma '0' is not a number from 0.01 to 127", "sigma is a number from 0.01 to 127"),
        ("gaussian:1e300", "gaussian: sigma '1e300' is not a number from 0.01 to 127", ""),
        ("gaussian:size=2.5", "gaussian: size '2.5' is not a whole number from 1 to 1023", ""),
        ("gaussian:wide", "gaussian: sigma 'wide' is not a number", "sigma is a number from 0.01 to 127"),
        ("gaussian:nan", "gaussian: sigma 'nan' is not a finite number", ""),
        (
            "gaussian:sgima=2",
            "gaussian has no parameter 'sgima'",
            "did you mean sigma? sigma is a number from 0.01 to 127 (default 1); size is a whole number from 1 to 1023",
        ),
        ("gaussian:1,2,3,4,5", "gaussian takes 4 parameters, got 5", "sigma is a number"),
        ("gaussian:1,sigma=2", "gaussian is given sigma twice", "give it once"),
        ("binomial:3,3", "binomial takes 1 parameter, got 2", "size is a whole number from 1 to 29 (default 3)"),
        ("kirsch:nn", "kirsch: direction 'nn' is not one of n, ne, e, se, s, sw, w, nw", "direction is one of"),
        ("kirsch:1", "kirsch: direction '1' is not one of n, ne, e, se, s, sw, w, nw", "direction is one of"),
        ("box:flip=maybe", "box: flip 'maybe' is not true or false", "flip is true or false"),
        (
            "box:stride=0x1",
            "box: stride '0x1' is not a whole number from 1 to 65535, or two as 2x3 or [down, right]",
            "stride is a whole number",
        ),
        ("box:border=reflct", "unknown border 'reflct'", "did you mean reflect?"),
        ("box:divisor=0", "box: divisor '0' is not a number other than 0", "divisor is a number other than 0"),
        ("box:divizor=2", "box has no parameter 'divizor'", "did you mean divisor? size is a whole number from 1"),
        ("kirsch:divisor=2", "divisor needs a filter of one kernel, and kirsch is a pipeline", "write divisor in the"),
    ],
)
def test_wrong_arguments(text: str, message: str, hint: str) -> None:
    with pytest.raises(FilterError) as caught:
        load_filter(text)
    assert caught.value.message == message
    assert caught.value.hint.startswith(hint)
