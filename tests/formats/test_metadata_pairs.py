"""Metadata goes from every format that holds it to every other that does; what has no place is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.formats.corpus import SUFFIXES
from tests.formats.described import DATA, EXIF, FACETS, HELD, ORIENTATION, TURNED, Described, described, expected, read
from tests.support.console import done

FILES = described()
TARGETS = [*SUFFIXES, "PGM, PPM"]
WORDS = {EXIF: "EXIF", DATA: "XMP"}


def suffix_of(target: str) -> str:
    return SUFFIXES.get(target, ".ppm")


@pytest.mark.parametrize("source", FILES, ids=lambda source: source.name)
def test_what_the_files_hold_is_there(source: Described, tmp_path: Path) -> None:
    path = tmp_path / f"a{source.suffix}"
    path.write_bytes(source.data)
    there = read(path)
    assert there.pop(TURNED, None) == (ORIENTATION if TURNED in source.facets else None)
    resolution = "resolution"
    turned = expected(source.facets)
    if TURNED in source.facets:
        turned[resolution] = turned[resolution][::-1]
    assert there == turned


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", FILES, ids=lambda source: source.name)
def test_what_both_hold_goes_along_and_the_rest_is_said(source: Described, target: str, tmp_path: Path) -> None:
    path, output = tmp_path / f"a{source.suffix}", tmp_path / f"b{suffix_of(target)}"
    path.write_bytes(source.data)
    answer = done("apply", "identity", path, "-o", output, "--depth", "8")
    there = read(output)
    assert TURNED not in there
    wanted = expected(source.facets)
    assert there == {facet: value for facet, value in wanted.items() if facet in HELD[target]}
    for facet in set(wanted) - HELD[target]:
        assert "left out" in answer.stderr, facet
    assert ("left out" in answer.stderr) == bool(set(wanted) - HELD[target]), answer.stderr


@pytest.mark.parametrize("source", FILES, ids=lambda source: source.name)
def test_stripped_is_stripped(source: Described, tmp_path: Path) -> None:
    path, output = tmp_path / f"a{source.suffix}", tmp_path / f"b{source.suffix}"
    path.write_bytes(source.data)
    done("apply", "identity", path, "-o", output, "--metadata", "strip")
    assert read(output) == {}


def test_every_facet_has_a_file() -> None:
    assert set().union(*(each.facets for each in FILES)) == set(FACETS)
