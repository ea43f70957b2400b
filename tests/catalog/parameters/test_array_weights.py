import contextlib
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from convcli.catalog import check_file
from convcli.catalog.parameters.weights import from_array_file
from convcli.catalog.words.problem import Problem
from convcli.errors import FilterError
from tests.support.encoding import npy


def filter_with(folder: Path, name: str) -> Path:
    file = folder / "f.yaml"
    file.write_text(f"weights: {{file: {name}}}\n")
    return file


def error_of(file: Path) -> FilterError:
    with pytest.raises(FilterError) as caught:
        check_file(file)
    assert str(caught.value.place).endswith("f.yaml:1:17")
    return caught.value


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.float16, np.float32, np.float64])
def test_weights_beside_the_file(tmp_path: Path, dtype: type) -> None:
    array: NDArray[np.generic] = np.arange(24).reshape(2, 3, 2, 2).astype(dtype)
    (tmp_path / "below").mkdir()
    np.save(tmp_path / "below" / "w.npy", np.asfortranarray(array))
    conv = check_file(filter_with(tmp_path, "below/../below/w.npy")).conv
    assert conv is not None
    assert conv.kernel.weights.dtype == np.float64
    np.testing.assert_array_equal(conv.kernel.weights, array)


@pytest.mark.parametrize(
    "name", ["../secret.npy", "/etc/passwd", "down/../../secret.npy", "link.npy", "../folder-of-another/w.npy", "round"]
)
def test_nothing_outside_the_folder_is_read(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "folder-of-another").mkdir()
    for secret in (tmp_path / "secret.npy", tmp_path / "folder-of-another" / "w.npy"):
        np.save(secret, np.ones((3, 3)))
    (folder / "link.npy").symlink_to(tmp_path / "secret.npy")
    (folder / "round").symlink_to(folder / "round")
    message = error_of(filter_with(folder, name)).message
    assert "outside the folder" in message or name == "round"


def test_a_folder_reached_by_a_link_is_still_the_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    np.save(tmp_path / "real" / "w.npy", np.ones((3, 3)))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    check_file(filter_with(tmp_path / "link", "w.npy"))


def npz() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, np.ones((3, 3)))
    return stream.getvalue()


def header(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "'w.npy' is no array file"),
        (b"weights", "'w.npy' is no array file"),
        (npz(), "'w.npy' is no array file"),
        (npy(np.array([["1", "2"]])), "'w.npy' holds <U1, expected numbers"),
        (npy(np.ones((2, 2), complex)), "'w.npy' holds complex128, expected numbers"),
        (npy(np.ones((2, 2), bool)), "'w.npy' holds bool, expected numbers"),
        (npy(np.ones(3)), "weights of shape (3,) make no kernel"),
        (npy(np.array([[1, np.nan]])), "weight nan at (0, 1) is not finite"),
        (npy(np.ones((1, 1024))), "a kernel of 1×1024 weights"),
        (npy(np.ones((0, 3))), "a kernel without weights"),
        (npy(np.ones((2, 2)))[:-1], "'w.npy' is no array file"),
        (header("(10**9, 10**9)"), "'w.npy' is no array file"),
        (header("(999999999999, 999999999999)"), "'w.npy' is no array file"),
        (header("(-1, 3)"), "'w.npy' is no array file"),
        (header("(2, 2)", "'|O'") + b"cos\nsystem\n", "'w.npy' is no array file"),
        (header("(" * 9000), "'w.npy' is no array file"),
        (npy(np.ones((2**12, 2**12), np.int8)), "'w.npy' holds more than 8388608 weights"),
        (npy(np.ones((2**12, 2**12), np.int64)), "'w.npy' holds more than 8388608 weights"),
    ],
)
def test_files_that_hold_no_weights(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "w.npy").write_bytes(data)
    file = filter_with(tmp_path, "w.npy")
    with pytest.raises(FilterError) as caught:
        check_file(file)
    assert caught.value.message == message
    assert caught.value.place is not None


def test_a_missing_file(tmp_path: Path) -> None:
    assert error_of(filter_with(tmp_path, "w.npy")).message == "cannot read 'w.npy': No such file or directory"
    assert "cannot read" in error_of(filter_with(tmp_path, ".")).message
    assert error_of(filter_with(tmp_path, '"w\\0"')).message == "cannot read 'w\\x00': no such file name"


VALID = npy(np.arange(6.0).reshape(2, 3))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arrays")


@settings(deadline=None)
@given(position=st.integers(0, len(VALID)), removed=st.integers(0, 20), inserted=st.binary(max_size=20))
def test_a_damaged_array_file_is_read_or_refused(folder: Path, position: int, removed: int, inserted: bytes) -> None:
    (folder / "w.npy").write_bytes(VALID[:position] + inserted + VALID[position + removed :])
    with contextlib.suppress(Problem):
        assert from_array_file("w.npy", folder).dtype == np.float64
