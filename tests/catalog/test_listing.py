import subprocess
import sys

import pytest

from convcli.catalog import list_filters


def test_a_family_shows_its_parameters() -> None:
    (gaussian,) = (entry for entry in list_filters() if entry.name == "gaussian")
    assert gaussian.parameters == "sigma=1, size, sigma_x, sigma_y"
    assert gaussian.origin == "built-in"
    assert "gauss" in gaussian.aliases


@pytest.mark.parametrize(
    ("text", "first"),
    [("SOBEL-", "sobel-x"), ("find-edges", "outline"), ("relief lit", "emboss"), ("Lowpass", "binomial")],
)
def test_the_text_is_looked_for_everywhere(text: str, first: str) -> None:
    assert list_filters(text)[0].name == first


def test_names_come_before_descriptions() -> None:
    names = [entry.name for entry in list_filters("laplac")]
    assert names[:2] == ["laplacian", "laplacian8"]


def test_sorted_by_name() -> None:
    names = [entry.name for entry in list_filters()]
    assert names == sorted(names)


def test_nothing_found() -> None:
    assert list_filters("no such thing") == []


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import convcli.catalog as c; assert 'sharpen' in c.filter_names()", {"numpy", "ruamel", "pydantic"}),
        ("import convcli.catalog as c; c.load_filter('sharpen')", {"pydantic", "numba", "PIL"}),
        ("import convcli.catalog as c; c.load_filter('gaussian:2')", {"ruamel", "pydantic", "numba", "PIL"}),
    ],
)
def test_only_what_is_needed_is_imported(code: str, absent: set[str]) -> None:
    script = f"import sys; {code}; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert not absent & set(result.stdout.split())


def test_an_unknown_door_is_an_attribute_error() -> None:
    import convcli.catalog

    with pytest.raises(AttributeError, match="no attribute 'windows'"):
        getattr(convcli.catalog, "windows")  # noqa: B009 - a type checker knows better
