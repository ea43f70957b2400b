"""Zarrs in buckets and behind URLs: read chunk by chunk, and written so that they are there when all of them is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from convcli.image import read_picture
from convcli.image.codecs.zarr import remote
from convcli.places import place_of
from tests.places.test_buckets import apply, png
from tests.support.console import refused
from tests.support.noise import noise
from tests.support.servers import BUCKET, S3, Request, first
from tests.support.zarrs import array_in, multiscale_in

URL = f"s3://{BUCKET}"
CELLS = noise(1, 2, 70, 50)


def objects_of(folder: Path) -> dict[str, bytes]:
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def put(s3: S3, folder: Path, name: str) -> None:
    s3.put({f"{name}/{inner}": data for inner, data in objects_of(folder).items()})


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    """An OME-Zarr of two levels."""
    return multiscale_in(tmp_path / "cells.zarr", [CELLS, CELLS[:, ::2, ::2]], "cyx", chunks=(1, 16, 20))


def brought_back(s3: S3, name: str, folder: Path) -> np.ndarray[Any, Any]:
    for inner, data in s3.objects.items():
        if inner.startswith(f"{name}/"):
            file = folder / inner
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    return np.stack(read_picture(folder / name, frames="all").frames)


@pytest.mark.parametrize("memory", [(), ("--memory", "1MB")])
def test_an_ome_zarr_goes_from_bucket_to_bucket(s3: S3, cells: Path, tmp_path: Path, memory: tuple[str, ...]) -> None:
    put(s3, cells, "in/cells.zarr")
    assert apply(cells, "-o", tmp_path / "here.zarr").code == 0
    s3.requests.clear()
    answer = apply(f"{URL}/in/cells.zarr", "-o", f"{URL}/out/cells.zarr", *memory)
    assert answer.code == 0, answer.lines
    there = brought_back(s3, "out/cells.zarr", tmp_path / "back")
    np.testing.assert_array_equal(there, np.stack(read_picture(tmp_path / "here.zarr", frames="all").frames))
    np.testing.assert_array_equal(there[0], 255 - CELLS.transpose(1, 2, 0))
    assert objects_of(tmp_path / "back/out/cells.zarr") == objects_of(tmp_path / "here.zarr")
    sent = [each.path for each in s3.requests if each.method == "PUT"]
    assert sent[-1].endswith("out/cells.zarr/zarr.json"), "it is none before all of it is there"
    assert not any("in/cells.zarr/s1/c" in each.path for each in s3.requests), (
        "chunks of smaller versions are not asked for"
    )


@pytest.mark.parametrize("options", [{"zarr_format": 2}, {"zarr_format": 3, "shards": (32, 40)}, {"zarr_format": 3}])
def test_arrays_of_both_versions_with_chunks_that_are_not_there(
    s3: S3, tmp_path: Path, options: dict[str, Any]
) -> None:
    values = noise(2, 90, 70)
    values[:40] = 0  # which are not stored
    put(s3, array_in(tmp_path / "a.zarr", values, chunks=(16, 20), **options), "a.zarr")
    picture = read_picture(place_of(f"{URL}/a.zarr"))
    np.testing.assert_array_equal(picture.frames[0][:, :, 0], values)


def test_rows_are_fetched_as_they_are_needed_and_removed(s3: S3, cells: Path) -> None:
    put(s3, cells, "cells.zarr")
    with remote.FetchedFolder(place_of(f"{URL}/cells.zarr")) as fetched:  # type: ignore[arg-type]  # it is remote
        from convcli.image.codecs.zarr.layout import layout_of

        level = layout_of(fetched.folder, "cells")[0].levels[0]
        for rows in (slice(0, 16), slice(10, 20), slice(64, 70)):
            fetched.fetch(level, (slice(None), rows, slice(None)))
            found = {int(each.parent.name) for each in fetched.folder.glob("s0/c/*/*/*") if each.is_file()}
            assert found == set(range(rows.start // 16, -(-rows.stop // 16)))
        folder = fetched.folder
    assert not folder.exists()


def test_one_array_of_a_group_is_read_by_its_path(s3: S3, cells: Path, web: str, tmp_path: Path) -> None:
    put(s3, cells, "in/cells.zarr")
    wanted = 255 - CELLS[:, ::2, ::2]
    for url in (f"{URL}/in/cells.zarr/s1", f"{web}/cells.zarr/s1", f"{URL}/in/cells.zarr/s1/"):
        answer = apply(url, "-o", tmp_path / "out.npy", "-f")
        assert answer.code == 0, answer.lines
        np.testing.assert_array_equal(np.load(tmp_path / "out.npy").reshape(wanted.shape), wanted)
    message, _ = refused(1, "apply", "invert", f"{URL}/in/cells.zarr/s7", "-o", tmp_path / "x.npy")
    assert message == f"{URL}/in/cells.zarr/s7 does not exist, or is no Zarr"


def test_a_folder_of_them_is_filtered_like_pictures(s3: S3, cells: Path) -> None:
    put(s3, cells, "in/a.zarr")
    put(s3, cells, "in/sub/b.ome.zarr")
    s3.put({"in/c.png": png(7)})
    assert apply(f"{URL}/in/", "-o", f"{URL}/flat/").code == 0
    assert {name.split("/")[1] for name in s3.objects if name.startswith("flat/")} == {"a.zarr", "c.png"}
    answer = apply(f"{URL}/in/", "-r", "-o", f"{URL}/out/")
    assert answer.code == 0
    assert answer.lines[-1].startswith("3 done")
    assert {"out/a.zarr/zarr.json", "out/sub/b.ome.zarr/zarr.json", "out/c.png"} <= set(s3.objects)


def test_what_is_there_is_refused_or_skipped(s3: S3, cells: Path) -> None:
    put(s3, cells, "in.zarr")
    assert apply(f"{URL}/in.zarr", "-o", f"{URL}/out.zarr").code == 0
    before = s3.objects
    message, _ = refused(1, "apply", "box", f"{URL}/in.zarr", "-o", f"{URL}/out.zarr")
    assert message == f"{URL}/out.zarr exists"
    message, hint = refused(1, "apply", "box", f"{URL}/in.zarr", "-o", f"{URL}/out.zarr", "-f")
    assert message == f"{URL}/out.zarr exists, and a Zarr in a bucket is not replaced"
    assert hint == "write to another name"
    assert apply(f"{URL}/in.zarr", "-o", f"{URL}/out.zarr", "--skip-existing").code == 0
    s3.put({"mine.zarr/notes.txt": b"mine"})
    message, _ = refused(1, "apply", "box", f"{URL}/in.zarr", "-o", f"{URL}/mine.zarr", "-f")
    assert message == f"{URL}/mine.zarr is no Zarr, and holds notes.txt"
    assert s3.objects == {**before, "mine.zarr/notes.txt": b"mine"}


def test_what_fails_for_a_while_is_tried_again_and_what_fails_for_good_leaves_nothing(s3: S3, cells: Path) -> None:
    put(s3, cells, "in.zarr")
    before = s3.objects
    s3.fault = first(2, 500)
    assert apply(f"{URL}/in.zarr", "-o", f"{URL}/out.zarr").code == 0
    count = len(s3.objects)

    def fault(request: Request) -> int | None:
        return 403 if request.method == "PUT" and "other.zarr/s0/c/1" in request.path else None

    s3.fault = fault
    message, _ = refused(1, "apply", "invert", f"{URL}/in.zarr", "-o", f"{URL}/other.zarr")
    assert "access denied" in message
    assert len(s3.objects) == count
    assert before.items() <= s3.objects.items()
    s3.fault = first(99, 500, "GET", "in.zarr/s0/c/1/2")
    message, _ = refused(1, "apply", "invert", f"{URL}/in.zarr", "-o", f"{URL}/other.zarr")
    assert message.startswith(f"{URL}/in.zarr/s0/c/1/2")
    assert len(s3.objects) == count


def test_a_batch_of_them_is_resumed(s3: S3, cells: Path) -> None:
    for name in "ab":
        put(s3, cells, f"in/{name}.zarr")
    words = (f"{URL}/in/", "-o", f"{URL}/out/")
    assert apply(*words).code == 0
    for name in [name for name in s3.objects if name.startswith("out/b.zarr")]:
        del s3.bucket.keys[name]
    answer = apply(*words, "--resume", "--json")
    assert answer.code == 0, answer.lines
    assert [json.loads(line)["status"] for line in answer.stdout.splitlines()] == ["skipped", "done"]
    assert "out/b.zarr/zarr.json" in s3.objects


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """The URL of a server of the web with the files of the test's folder."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path)))
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_zarr_of_the_web_is_read(web: str, cells: Path, tmp_path: Path) -> None:
    array_in(tmp_path / "old.zarr", CELLS[0], chunks=(16, 20), zarr_format=2)
    for name, wanted in ((cells.name, CELLS.transpose(1, 2, 0)), ("old.zarr", CELLS[0][:, :, np.newaxis])):
        answer = apply(f"{web}/{name}", "-o", tmp_path / "out.npy", "-f")
        assert answer.code == 0, answer.lines
        made = np.load(tmp_path / "out.npy")
        np.testing.assert_array_equal(made.reshape(wanted.transpose(2, 0, 1).shape), 255 - wanted.transpose(2, 0, 1))
    message, _ = refused(1, "apply", "invert", f"{web}/none.zarr", "-o", tmp_path / "x.png")
    assert message == f"{web}/none.zarr does not exist, or is no Zarr"


@pytest.mark.parametrize("between", ["/../", "", "\\"])
def test_names_of_chunks_lead_nowhere_else(s3: S3, tmp_path: Path, between: str) -> None:
    folder = array_in(tmp_path / "a.zarr", CELLS[0], chunks=(16, 20), zarr_format=2)
    metadata = json.loads((folder / ".zarray").read_text())
    (folder / ".zarray").write_text(json.dumps(metadata | {"dimension_separator": between or "x"}))
    put(s3, folder, "a.zarr")
    assert apply(f"{URL}/a.zarr", "-o", tmp_path / "x.png").code == 1
