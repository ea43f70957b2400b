"""Code that came from elsewhere is tried in a process of its own, and trusted only where it is right."""

from __future__ import annotations

import platform
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from convcli.engine.compiled import cache, shipped, trial
from convcli.engine.planning.levels import level
from convcli.engine.warming import sample_of

LOOP = "direct-uint16-uint16-float32-float32"
SAMPLE = sample_of(LOOP)
# Instructions of x86-64: return at once; undefined; a trap; an endless loop; a read of address 0.
WRONG = (b"\xc3", b"\x0f\x0b", b"\xcc", b"\xeb\xfe", b"\x48\x8b\x04\x25\0\0\0\0\xc3")


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give an empty cache, and a package with a file of loops for this processor."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    shipped._index.cache_clear()
    yield tmp_path
    shipped._index.cache_clear()


def ship(folder: Path, image: bytes) -> Path:
    file = shipped._file()
    assert file.parent == folder
    file.write_bytes(shipped.packed({"other": b"code", LOOP: image}))
    return file


@pytest.fixture(scope="module")
def image() -> bytes:
    """Return the code of LOOP."""
    from convcli.engine.compiled.compiler import compile_loop
    from convcli.engine.compiled.convention import loop_named

    found = level()
    assert found
    (code,) = compile_loop(loop_named(LOOP), (found, found.triple))
    return code


@pytest.mark.slow
def test_loops_of_the_package_are_tried_once(empty: Path, image: bytes) -> None:
    ship(empty, image)
    assert shipped.is_shipped(LOOP)
    assert not cache.is_cached(LOOP)
    assert trial.kept(LOOP) == image
    assert cache.read(LOOP) == image
    assert shipped.read("other") == b"code"
    assert trial.kept("other") is None, "nobody knows what it should compute"
    assert trial.kept("missing") is None


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="instructions of x86-64")
@pytest.mark.parametrize("code", WRONG)
def test_wrong_code_is_not_trusted(empty: Path, monkeypatch: pytest.MonkeyPatch, code: bytes) -> None:
    monkeypatch.setattr(trial, "_SECONDS", 2.0)
    ship(empty, code * 100)
    assert trial.kept(LOOP) is None
    assert not cache.is_cached(LOOP)


@pytest.mark.slow
def test_changed_code_does_no_harm(image: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    # With a checksum made right again, as no accident makes it: whatever the code does, it does elsewhere.
    monkeypatch.setattr(trial, "_SECONDS", 2.0)
    assert SAMPLE
    chance = random.Random(0)
    for _ in range(20):
        changed = bytearray(image)
        changed[chance.randrange(len(image))] ^= 1 << chance.randrange(8)
        trial.is_right(SAMPLE, bytes(changed))


def test_damaged_or_other_files_of_the_package_are_not_read(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ship(empty, b"abc")
    whole = file.read_bytes()
    assert shipped.read(LOOP) == b"abc"
    file.write_bytes(whole[:-1] + b"d")
    assert shipped.read(LOOP) is None
    for damaged in (b"", b"\n", whole[:10], b"\xff" * 50, whole.replace(b"other 0", b"other x")):
        file.write_bytes(damaged)
        shipped._index.cache_clear()
        assert not shipped.is_shipped(LOOP)
    file.write_bytes(whole)
    shipped._index.cache_clear()
    monkeypatch.setattr(cache, "stamp", lambda: "00000000")
    assert not shipped.is_shipped(LOOP), "compiled from other sources"
