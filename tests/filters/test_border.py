"""Borders: the names mean what they mean in the library that they are tagged with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.engine import correlate
from convcli.errors import UsageError
from convcli.filters import border as border_module
from convcli.filters.border import BORDER_NAMES, COLORS, SYNONYMS, TAGGED, Border

LINE = np.arange(1.0, 5.0)
MARGIN = 3


def padded(border: Border) -> NDArray[Any]:
    """Return LINE with three values beyond each end."""
    line: NDArray[Any] = correlate(LINE[np.newaxis], [[1]], padding=(0, MARGIN), border=border, engine="numpy")[0]
    return line


def diagram(border: Border) -> str:
    return "".join("0abcd"[int(value)] for value in padded(border))


def test_the_diagrams_are_true() -> None:
    rows = [line.split() for line in (border_module.__doc__ or "").splitlines() if "|abcd|" in line]
    assert [row[0] for row in rows] == list(BORDER_NAMES)
    for name, drawn, *_ in rows:
        assert diagram(Border(name)) == drawn.strip("`").replace("|", "")


@pytest.mark.parametrize("name", BORDER_NAMES)
def test_synonyms(name: str) -> None:
    for text in (name, *SYNONYMS[name]):
        assert Border.parse(text) == Border(name)
        assert Border.parse(f" {text.upper()} ") == Border(name)


@pytest.mark.parametrize(("name", "value"), [("white", 1.0), ("gray", 0.5)])
def test_colors_are_constant_borders(name: str, value: float) -> None:
    assert Border.parse(name) == Border.parse(f" Constant:{name.upper()}") == Border("constant", value)
    assert (padded(Border.parse(name))[:MARGIN] == value).all()


@pytest.mark.parametrize("text", ["0", "1", "0.5", "20%", "-inf", "128/255"])
def test_a_number_alone_is_answered_with_the_constant_border_of_it(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        Border.parse(text)
    assert refused.value.hint == f"write constant:{text}"


def test_no_name_means_two_things() -> None:
    known = [*COLORS, *(text for name in BORDER_NAMES for text in (name, *SYNONYMS[name]))]
    assert len(known) == len(set(known))
    assert "mirror" not in known


@pytest.mark.parametrize("mode", TAGGED["numpy"])
def test_numpys_names_are_numpys(mode: Any) -> None:
    np.testing.assert_array_equal(padded(Border.parse(f"numpy:{mode}")), np.pad(LINE, MARGIN, mode=mode))


@pytest.mark.parametrize("mode", TAGGED["scipy"])
def test_scipys_names_are_scipys(mode: str) -> None:
    for offset in range(-MARGIN, MARGIN + 1):
        weights = np.zeros(2 * MARGIN + 1)
        weights[MARGIN + offset] = 1
        moved = ndimage.correlate1d(LINE, weights, mode=mode)
        ours = padded(Border.parse(f"scipy:{mode}"))[MARGIN + offset :][: len(LINE)]
        np.testing.assert_array_equal(ours, moved)


@pytest.mark.parametrize("mode", TAGGED["torch"])
def test_torchs_names_are_torchs(mode: str) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: its borders are compared where it is")
    conv = torch.nn.Conv1d(1, 1, 2 * MARGIN + 1, padding=MARGIN, padding_mode=mode, bias=False, dtype=torch.float64)
    weights = np.random.default_rng(1).normal(size=(1, 2 * MARGIN + 1))
    with torch.no_grad():
        conv.weight[:] = torch.from_numpy(weights[np.newaxis])
        expected = conv(torch.from_numpy(LINE[np.newaxis, np.newaxis])).numpy()[0]
    ours = correlate(LINE[np.newaxis], weights, border=f"torch:{mode}", engine="numpy")
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("mode", TAGGED["cv2"])
def test_cv2s_names_are_cv2s(mode: str) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed: its borders are compared where it is")
    constant = getattr(cv2, f"BORDER_{mode.upper()}")
    expected = cv2.copyMakeBorder(LINE[np.newaxis], 0, 0, MARGIN, MARGIN, constant, value=0)[0]
    np.testing.assert_array_equal(padded(Border.parse(f"cv2:{mode}")), expected)


def test_imagemagicks_names() -> None:
    # As its manual draws them: mirror repeats the last pixel.
    assert diagram(Border.parse("im:mirror")) == "cbaabcddcb"
    assert diagram(Border.parse("im:edge")) == "aaaabcdddd"
    assert diagram(Border.parse("im:tile")) == "bcdabcdabc"
    assert diagram(Border.parse("im:black")) == "000abcd000"


@pytest.mark.parametrize("text", ["constant:0.5", "constant:50%", "zeros:1/2", "Black:.5"])
def test_a_constant_border_takes_a_value(text: str) -> None:
    assert Border.parse(text) == Border("constant", 0.5)


def test_borders_are_written_as_they_are_read() -> None:
    for text in (*BORDER_NAMES, "constant:0.5", "constant:-1", "constant:0.25"):
        assert str(Border.parse(text)) == text
        assert Border.parse(str(Border.parse(text))) == Border.parse(text)


@pytest.mark.parametrize("text", ["mirror", "Mirror", " mirror", "mirrored"])
def test_bare_mirror_is_refused_with_both_choices(text: str) -> None:
    with pytest.raises(UsageError, match="different things") as caught:
        Border.parse(text)
    assert "reflect (dcb|abcd|cba, scipy:mirror)" in caught.value.hint
    assert "symmetric (cba|abcd|dcb, im:mirror)" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("refelct", "did you mean reflect?"),
        ("simmetric", "did you mean symmetric?"),
        ("replicat", "did you mean replicate?"),
        ("xyz", "write constant[:VALUE], edge, reflect, symmetric or wrap"),
        ("", "write constant"),
        ("scipy:mirrored", "known: scipy:constant"),
        ("numpy:linear_ramp", "numpy:reflect"),
        ("torch:", "torch:zeros"),
        ("scipi:mirror", "reflect"),
        ("edge:1", "write edge, or constant:1"),
        ("constant:pink", "write a number"),
        ("constant:", "write a number"),
        ("constant:nan", "finite"),
    ],
)
def test_what_is_no_border(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        Border.parse(text)
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint


def test_borders_are_values() -> None:
    assert {Border("edge"), Border.parse("clamp")} == {Border("edge")}
