from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from convcli.catalog import check_file, filter_names, list_filters, load_filter
from convcli.catalog.families import FAMILIES
from convcli.catalog.folders import builtin_files, builtin_folder
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.filters import normal_name
from tests.support.filters import kernel_of

FILES = builtin_files()


def impulse_response(filter_: object) -> np.ndarray:
    """Weights of a correlation, read off what it makes of a single 1 (turned by 180°)."""
    impulse = np.zeros((5, 5))
    impulse[2, 2] = 1
    assert callable(filter_)
    return np.asarray(filter_(impulse))[3:0:-1, 3:0:-1]


@pytest.mark.parametrize(("name", "path"), FILES.items(), ids=list(FILES))
def test_every_file_is_valid_as_a_users_would_have_to_be(name: str, path: Path) -> None:
    pipeline = check_file(path)
    assert name == normal_name(name)
    assert pipeline.name == name.replace(":", "-")
    assert pipeline.description
    assert pipeline.description[0].isupper()
    assert not pipeline.description.endswith(".")
    assert pipeline.tags
    assert pipeline.source


def test_no_two_filters_share_a_name() -> None:
    # Among them those of the layers: a filter of that name could not be reached.
    names = [name for entry in list_filters() for name in (entry.name, *entry.aliases)]
    assert [name for name, count in Counter(map(normal_name, names)).items() if count > 1] == []
    assert all(name == normal_name(name) for name in names)


def test_every_alias_leads_to_its_filter() -> None:
    for entry in list_filters():
        for alias in entry.aliases:
            preset = FAMILIES[entry.name].presets.get(alias, {}) if entry.name in FAMILIES else {}
            assert load_filter(alias).name == "-".join(
                [entry.name.replace(":", "-"), *(f"{parameter}{value}" for parameter, value in preset.items())]
            )


def test_no_matrix_stands_in_python_and_yaml_both() -> None:
    assert not set(FILES) & set(FAMILIES)


def test_names() -> None:
    assert filter_names() == sorted([*FILES, *FAMILIES, *LAYERS])
    assert {"sharpen", "gaussian", "sobel-x"} <= set(filter_names())


def test_the_folder_in_the_package_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "convcli"
    monkeypatch.setattr("convcli.catalog.folders._PACKAGE", package)
    assert builtin_folder() == tmp_path / "kernels"
    (package / "_kernels").mkdir(parents=True)
    assert builtin_folder() == package / "_kernels"


@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("sobel-x", lambda picture: ndimage.sobel(picture, axis=1)),
        ("sobel-y", lambda picture: ndimage.sobel(picture, axis=0)),
        ("prewitt-x", lambda picture: ndimage.prewitt(picture, axis=1)),
        ("prewitt-y", lambda picture: ndimage.prewitt(picture, axis=0)),
        ("laplacian", ndimage.laplace),
        ("identity", lambda picture: picture),
        ("sharpen", lambda picture: picture - ndimage.laplace(picture)),
    ],
)
def test_weights_are_those_of_scipy(name: str, oracle: object) -> None:
    np.testing.assert_array_equal(kernel_of(name).weights, impulse_response(oracle))


@pytest.mark.parametrize(("name", "axis"), [("scharr-x", 1), ("scharr-y", 0), ("freichen-x", 1), ("freichen-y", 0)])
def test_gradients_are_a_difference_times_a_smoothing(name: str, axis: int) -> None:
    smooth = np.array([3, 10, 3] if "scharr" in name else [1, np.sqrt(2), 1])
    oracle = np.outer(smooth, [-1, 0, 1])
    np.testing.assert_allclose(kernel_of(name).weights, oracle if axis == 1 else oracle.T, rtol=1e-15)


@pytest.mark.parametrize(("edge", "identity_plus"), [("laplacian", "sharpen"), ("laplacian8", "sharpen8")])
def test_sharpening_takes_the_laplacian_away(edge: str, identity_plus: str) -> None:
    difference = kernel_of("identity").weights - kernel_of(edge).weights
    np.testing.assert_array_equal(kernel_of(identity_plus).weights, difference)


def test_outline_is_minus_laplacian8() -> None:
    np.testing.assert_array_equal(kernel_of("outline").weights, -kernel_of("laplacian8").weights)


@pytest.mark.parametrize("entry", list_filters("zero-sum"), ids=lambda entry: entry.name)
def test_zero_sum_kernels_sum_to_zero(entry: object) -> None:
    assert kernel_of(getattr(entry, "name", "")).sum == 0


@pytest.mark.parametrize("name", ["identity", "sharpen", "sharpen8", "emboss", "luma-bt601", "luma-bt709", "swap-rb"])
def test_these_keep_the_brightness(name: str) -> None:
    assert kernel_of(name).gain == 1


def test_luma_is_that_of_the_standards() -> None:
    for name, shares in (("luma-bt601", [0.299, 0.587, 0.114]), ("luma-bt709", [0.2126, 0.7152, 0.0722])):
        kernel = kernel_of(name)
        assert kernel.weights.shape == (1, 3, 1, 1)
        np.testing.assert_allclose(kernel.weights.ravel() / kernel.divisor, shares, rtol=1e-15)


def test_swap_rb_exchanges_the_outer_channels() -> None:
    np.testing.assert_array_equal(kernel_of("swap-rb").weights[:, :, 0, 0] @ [1, 2, 3], [3, 2, 1])


def test_emboss_gray_is_mid_gray_where_nothing_happens() -> None:
    kernel = kernel_of("emboss-gray")
    assert (kernel.sum, kernel.bias) == (0, (0.5,))
