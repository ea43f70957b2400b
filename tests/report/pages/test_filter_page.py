"""The page on a filter: what stands in it, and that it needs nothing else."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import convcli
from convcli.image import Picture, read_picture
from convcli.report import filter_page, sample_subject, subject_of
from tests.support.paths import SAMPLES
from tests.support.pictures import deep, harbour

VOID = {"meta", "link", "img", "input", "br", "wbr", "line", "polyline"}


class Parsed(HTMLParser):
    """The elements and texts of a page; raises where one is not closed, or closed twice."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("script", "style"):
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def headings(self) -> list[str]:
        return [text for text in self.texts if text.strip()]


def page_of(text: str, picture: Picture | None = None) -> str:
    pipeline = convcli.load_filter(text)
    return filter_page(pipeline, sample_subject() if picture is None else subject_of(picture, "folder/photo.png"))


def checked(made: str) -> Parsed:
    """Return a page that is whole, small, and without a network."""
    assert len(made.encode()) < 2_000_000
    found = Parsed(made)
    assert not re.search(r'(src|href)="(?!data:)', made)
    assert "url(" not in made
    ids = Counter(attributes["id"] for _, attributes in found.elements if "id" in attributes)
    assert not [each for each, count in ids.items() if count > 1]
    assert all(each.get("alt") for each in found.all("img"))
    for each in found.all("input"):
        assert each.get("aria-label") or each.get("name") in ("divisor", "bias")  # those are inside of a label
    assert len(found.all("h1")) == 1
    return found


def test_a_kernel() -> None:
    found = checked(page_of("sharpen"))
    text = "\n".join(found.texts)
    for each in ("In words", "Weights", "Frequency response", "Effect on the test picture", "Try other weights"):
        assert each in found.texts
    assert "A flat area stays as it is." in text
    assert "It makes detail up to 5 times stronger beside flat areas." in text
    assert [each["value"] for each in found.all("input") if "data-weight" in each] == [
        "0",
        "-1",
        "0",
        "-1",
        "5",
        "-1",
        "0",
        "-1",
        "0",
    ]


def test_a_pipeline() -> None:
    found = checked(page_of("gaussian:1.4 | sobel | normalize", Picture((harbour(60, 90),))))
    assert "Effect on photo.png" in found.texts
    for each in ("Layers", "Weights", "Feature maps", "1 · conv 13×13", "3 · normalize", "Layer 1"):
        assert each in found.texts
    assert len([each for each in found.all("img") if str(each["alt"]).startswith("layer ")]) == 9


NETWORK = """\
name: small
layers:
  - conv: {in_channels: 1, out_channels: 2, kernel_size: 3, padding: 1, init: random, seed: 0}
  - relu
  - maxpool: 4
  - linear: {out_features: 10, init: random, seed: 1}
"""


def test_the_name_of_a_pipeline_breaks_between_filters() -> None:
    assert "<h1>gaussian-sigma1.4+<wbr>sobel+<wbr>normalize</h1>" in page_of("gaussian:1.4 | sobel | normalize")


def test_a_network_on_the_test_picture_in_its_size(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(NETWORK)
    found = checked(page_of(str(path)))
    assert "4 · linear 98→10" in found.texts
    assert any("10 single values: " in text for text in found.texts)
    assert "No picture can be made of it: PNG holds gray or RGB, this result has 10 channels." in found.texts


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("median", "logo.png"),
        ("1 -1", "edges.csv"),
        (str(SAMPLES / "kernel-2to3.yaml"), "two-channels.npy"),
        ("resize:0.5", "gradient16.png"),
        ("sepia", "lighthouse-gray.png"),
        ("sobel-x", "beacon.gif"),
    ],
)
def test_pictures_of_every_kind(text: str, file: str) -> None:
    found = checked(page_of(text, read_picture(SAMPLES / file)))
    assert "Effect on photo.png" in found.texts


def test_a_filter_that_fits_no_such_picture() -> None:
    found = checked(page_of(str(SAMPLES / "kernel-2to3.yaml"), Picture((harbour(),))))
    assert any(text.startswith("No picture can be made of it: ") for text in found.texts)
    found = checked(page_of(f"{SAMPLES / 'kernel-2to3.yaml'} | relu", Picture((harbour(),))))
    assert "The layers do not fit photo.png; give a picture that does." in found.texts


def test_large_noise_stays_below_2_megabytes() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (700, 1000, 3), np.uint8)
    found = checked(page_of("sharpen | relu", Picture((noise,))))
    assert "The part that changes most, in full size" in found.texts


def test_names_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text("name: a\ndescription: <script>alert(1)</script> & 'more'\nweights: [[1]]\n")
    subject = subject_of(Picture((deep()[:, :, np.newaxis],)), '<img src="x">.png')
    made = filter_page(convcli.load_filter(str(path)), subject)
    checked(made)
    assert "<script>alert" not in made
    assert '<img src="x">' not in made


def test_of_many_large_kernels_three_are_drawn() -> None:
    small = Picture((harbour(40, 40),))
    found = checked(page_of("gaussian:3 | gaussian:3.5 | sharpen | gaussian:4 | gaussian:4.5", small))
    drawn = [each for each in found.all("img") if "weights as colors" in str(each["alt"])]
    assert len(drawn) == 3
    assert [text for text in found.texts if text.startswith("Layer ")] == ["Layer 1", "Layer 2", "Layer 3", "Layer 4"]
    assert "And 1 more." in found.texts
