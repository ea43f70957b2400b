"""Pictures in buckets: found, read, filtered and written, whole or not at all, whatever the server does."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
import tifffile
from PIL import Image

import convcli
from convcli.places import buckets, filled, listing, place_of, write_whole
from tests.support.console import Answer, command, done, environment, names, refused, run
from tests.support.servers import BUCKET, S3, first

URL = f"s3://{BUCKET}"


def png(value: int, shape: tuple[int, int] = (20, 30)) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((*shape, 3), value, np.uint8)).save(stream, "png")
    return stream.getvalue()


def writing(data: bytes) -> Callable[[IO[bytes]], None]:
    def write(stream: IO[bytes]) -> None:
        stream.write(data)

    return write


def value_of(data: bytes) -> int:
    """The one value of all pixels."""
    with Image.open(io.BytesIO(data)) as picture:
        pixels = np.asarray(picture)
    assert (pixels == pixels.flat[0]).all()
    return int(pixels.flat[0])


def apply(*words: str | Path, filter_text: str = "invert") -> Answer:
    return run("apply", filter_text, *words, "--engine", "numpy", "-j", "1")


@pytest.fixture
def folder(s3: S3) -> S3:
    s3.put({f"in/{name}.png": png(value) for value, name in enumerate("abc")})
    s3.put({"in/sub/d.png": png(9), "in/notes.txt": b"no picture", "in/.hidden.png": png(1), "in/sub/": b""})
    return s3


def outputs(s3: S3, prefix: str = "out/") -> dict[str, int]:
    return {name: value_of(data) for name, data in s3.objects.items() if name.startswith(prefix)}


def test_a_folder_is_listed_read_and_written_like_one_on_a_disk(folder: S3) -> None:
    answer = apply(f"{URL}/in/", "-o", f"{URL}/out/")
    assert answer.code == 0
    assert outputs(folder) == {"out/a.png": 255, "out/b.png": 254, "out/c.png": 253}
    assert answer.lines[-1].startswith("3 done, 1 of no format that convcli reads")
    types = {folder.bucket.keys[name].metadata["Content-Type"] for name in outputs(folder)}
    assert types == {"image/png"}


def test_the_tree_below_it_keeps_its_paths_and_its_outputs_are_no_inputs(folder: S3) -> None:
    assert apply(URL, "-r", "-o", f"{URL}/out/").code == 0
    assert outputs(folder) == {"out/in/a.png": 255, "out/in/b.png": 254, "out/in/c.png": 253, "out/in/sub/d.png": 246}
    before = folder.objects
    assert apply(URL, "-r", "-o", f"{URL}/out/", "--skip-existing").lines[-1].startswith("4 skipped")
    assert folder.objects == before


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("in/*.png", "a b c"),
        ("in/[ab].png", "a b"),
        ("in/[!a].png", "b c"),
        ("**/*.png", "a b c d"),
        ("in/*/*.png", "d"),
        ("*/a.png", "a"),
        ("in/a*", "a"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_pattern_names_objects_as_a_shell_does(tmp_path: Path, pattern: str, found: str) -> None:
    assert apply(f"{URL}/{pattern}", "-o", f"{tmp_path}/out/").code == 0
    assert names(tmp_path / "out") == [f"{name}.png" for name in found.split()]


@pytest.mark.usefixtures("folder")
def test_a_pattern_that_names_nothing_is_said() -> None:
    assert refused(2, "apply", "invert", f"{URL}/in/x*", "-o", "out/")[0] == f"no picture in {URL}/in/x*"


def test_files_go_from_a_disk_to_a_bucket_and_back(s3: S3, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(5))
    assert apply(tmp_path / "a.png", "-o", f"{URL}/deep/folder/a.png").code == 0
    assert outputs(s3, "deep/") == {"deep/folder/a.png": 250}
    assert apply(f"{URL}/deep/folder/a.png", "-o", tmp_path / "back.png").code == 0
    assert value_of((tmp_path / "back.png").read_bytes()) == 5
    (tmp_path / "list.txt").write_text(f"{URL}/deep/folder/a.png\n{tmp_path / 'a.png'}\n")
    answer = apply("--files-from", tmp_path / "list.txt", "-o", f"{URL}/two/", "--name", "{n}-{parent}{suffix}")
    assert answer.code == 0
    assert outputs(s3, "two/") == {"two/1-folder.png": 5, f"two/2-{tmp_path.name}.png": 250}


def test_a_local_file_may_have_the_name_of_a_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s3:").mkdir()
    (tmp_path / "s3:" / "a.png").write_bytes(png(5))
    assert apply("./s3:/a.png", "-o", "b.png").code == 0


def test_existing_outputs_are_refused_skipped_or_replaced(folder: S3) -> None:
    folder.put({"out/a.png": b"kept"})
    answer = apply(f"{URL}/in/a.png", "-o", f"{URL}/out/a.png")
    assert (answer.code, answer.lines[0]) == (1, f"error: {URL}/out/a.png exists")
    assert apply(f"{URL}/in/a.png", "-o", f"{URL}/out/a.png", "--skip-existing").code == 0
    assert folder.objects["out/a.png"] == b"kept"
    assert apply(f"{URL}/in/a.png", "-o", f"{URL}/out/a.png", "--force").code == 0
    assert outputs(folder) == {"out/a.png": 255}
    answer = apply(f"{URL}/in/a.png", "-o", f"{URL}/in/a.png", "--force")
    assert (answer.code, answer.lines[0]) == (1, f"error: {URL}/in/a.png is the input itself")
    answer = apply(f"{URL}/in/a.png", f"{URL}/in/b.png", "-o", f"{URL}/in/", "--name", "b{suffix}", "--force")
    assert answer.code == 2


def test_an_output_that_appears_meanwhile_is_refused(s3: S3) -> None:
    for size in (100, buckets.PART + 1):
        s3.put({"new.bin": b"theirs"})
        with pytest.raises(Exception, match=r"new\.bin exists"):
            write_whole(place_of(f"{URL}/new.bin"), writing(bytes(size)), overwrite=False)
        assert s3.objects == {"new.bin": b"theirs"}
        assert s3.uploads == []


def test_a_server_without_conditions_is_asked_first(s3: S3) -> None:
    def fault(request: tuple[str, str, str]) -> int | None:
        return 501 if request[0] == "PUT" and len(s3.requests) == 1 else None

    s3.fault = fault
    write_whole(place_of(f"{URL}/a.bin"), writing(b""), overwrite=False)
    assert s3.objects["a.bin"] == b""


def test_a_large_output_is_sent_in_parts(s3: S3, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.bmp")
    assert apply(tmp_path / "noise.bmp", "-o", f"{URL}/noise.png", "--png-effort", "fast").code == 0
    data = s3.objects["noise.png"]
    assert len(data) > buckets.PART
    assert len([each for each in s3.requests if "partNumber=" in each.query]) == 2
    with Image.open(io.BytesIO(data)) as picture:
        assert (np.asarray(picture) == 255 - noise).all()
    assert s3.uploads == []


def test_a_large_file_is_fetched_onto_the_disk_and_filtered_in_strips(
    s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filled, "IN_MEMORY", 2**20)
    monkeypatch.setattr(buckets, "IN_MEMORY", 2**20)
    noise = np.random.default_rng(0).integers(0, 256, (1200, 1000, 3), np.uint8)
    for name in ("noise.tif", "noise.npy"):
        path = tmp_path / name
        if path.suffix == ".tif":
            tifffile.imwrite(path, noise.astype(np.uint16), rowsperstrip=16)
        else:
            np.save(path, noise.astype(np.float32).transpose(2, 0, 1))
        s3.put({name: path.read_bytes()})
        assert apply(path, "-o", tmp_path / f"whole{path.suffix}", filter_text="gaussian:2").code == 0
        s3.requests.clear()
        answer = apply(
            *(f"{URL}/{name}", "-o", f"{URL}/out/{name}", "--memory", "9MB", "--json"), filter_text="gaussian:2"
        )
        assert answer.code == 0, answer.stderr
        assert json.loads(answer.stdout)["strips"] > 1
        assert len([each for each in s3.requests if each.method == "GET" and each.path.endswith(name)]) <= 2
        (tmp_path / f"strips{path.suffix}").write_bytes(s3.objects[f"out/{name}"])
        both = [convcli.read_picture(tmp_path / f"{way}{path.suffix}") for way in ("whole", "strips")]
        assert (both[0] == both[1]).all()


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "avif", "tif", "bmp", "gif", "ppm", "npy"])
def test_every_format_is_written_to_a_bucket(s3: S3, tmp_path: Path, suffix: str) -> None:
    (tmp_path / "a.png").write_bytes(png(5))
    assert apply(tmp_path / "a.png", "-o", f"{URL}/a.{suffix}").code == 0
    assert apply(tmp_path / "a.png", "-o", tmp_path / f"b.{suffix}").code == 0
    assert s3.objects[f"a.{suffix}"] == (tmp_path / f"b.{suffix}").read_bytes()


def test_a_disk_that_is_full_is_said(folder: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(buckets, "IN_MEMORY", 1)
    monkeypatch.setattr(buckets, "filled", full)
    answer = apply(f"{URL}/in/a.png", "-o", f"{URL}/out/a.png")
    assert answer.lines[0] == f"error: {URL}/in/a.png: no space is left here for what is on its way"
    assert outputs(folder) == {}


def test_an_upload_that_fails_leaves_nothing(s3: S3) -> None:
    s3.fault = lambda request: 400 if "partNumber=2" in request.query else None
    with pytest.raises(Exception, match="the server answered 400"):
        write_whole(place_of(f"{URL}/big.bin"), writing(bytes(buckets.PART * 3)), overwrite=True)
    assert s3.objects == {}
    assert s3.uploads == []


def test_an_upload_that_is_interrupted_is_aborted(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(buckets.SERVER, "_refuse_existing", interrupted)  # before the last part
    with pytest.raises(KeyboardInterrupt):
        write_whole(place_of(f"{URL}/big.bin"), writing(bytes(buckets.PART * 2)), overwrite=False)
    assert s3.objects == {}
    assert s3.uploads == []
    assert any(each.method == "DELETE" for each in s3.requests)


@pytest.mark.parametrize("code", [500, 503, 429])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_what_fails_for_a_while_is_tried_again(folder: S3, code: int, method: str) -> None:
    folder.fault = first(2, code, method, "/a.png" if method == "GET" else "")
    answer = apply(f"{URL}/in/", "-o", f"{URL}/out/", "-v")
    assert answer.code == 0
    assert outputs(folder) == {"out/a.png": 255, "out/b.png": 254, "out/c.png": 253}
    said = [line for line in answer.lines if "tried again" in line]
    assert len(said) == 2
    assert re.fullmatch(rf"s3://\S+: the server answered {code}: tried again in \S+ s \(1 of 3\)", said[0])
    assert "tried again" not in apply(f"{URL}/in/", "-o", f"{URL}/more/").stderr


def test_a_listing_goes_on_where_it_failed(s3: S3) -> None:
    s3.put({f"many/{index:05}.png": b"" for index in range(1200)})
    pages: list[str] = []

    def fault(request: tuple[str, str, str]) -> int | None:
        pages.append(request[2])
        return 500 if len(pages) == 2 else None

    s3.fault = fault
    folder = place_of(f"{URL}/many/")
    assert not isinstance(folder, Path)
    found = [each.key for each in buckets.SERVER.objects(folder)]
    assert found == [f"many/{index:05}.png" for index in range(1200)]


def test_what_fails_for_good_is_one_line_and_the_others_are_done(folder: S3) -> None:
    folder.fault = lambda request: 500 if request.path.endswith("in/b.png") else None
    answer = apply(f"{URL}/in/", "-o", f"{URL}/out/")
    assert answer.code == 1
    assert outputs(folder) == {"out/a.png": 255, "out/c.png": 253}
    assert [line for line in answer.lines if line.startswith("error")] == [
        f"error: {URL}/in/b.png: the server answered 500, 4 times"
    ]


def test_a_server_that_keeps_silent_is_given_up_and_asked_again(folder: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(buckets.SECONDS, "read_timeout", 0.3)
    buckets._store.cache_clear()
    left = [1]

    def silence(request: tuple[str, str, str]) -> float:
        waits = request[0] == "GET" and request[1].endswith("a.png") and left[0] > 0
        left[0] -= waits
        return 0.8 * waits

    folder.silence = silence
    answer = apply(f"{URL}/in/a.png", f"{URL}/in/b.png", "-o", f"{URL}/out/", "-v")
    assert answer.code == 0
    assert outputs(folder) == {"out/a.png": 255, "out/b.png": 254}
    assert "in/a.png: the server does not answer in time: tried again" in answer.stderr


def test_an_output_whose_answer_was_lost_is_ours(s3: S3) -> None:
    s3.fault = first(1, 500, "PUT")
    data = b"ours"
    s3.put({"a.bin": data})  # the first try arrived
    place = place_of(f"{URL}/a.bin")
    states: list[Any] = []
    write_whole(place, writing(data), overwrite=False, before_naming=states.append)
    assert [each.etag.strip('"') for each in states] == ["", hashlib.md5(data, usedforsecurity=False).hexdigest()]


ERRORS = {
    "bucket": (("s3://none/a.png", "-o", "a.png"), "s3://none/a.png: there is no bucket none"),
    "output bucket": ((f"{URL}/in/a.png", "-o", "s3://none/a.png"), "s3://none/a.png: there is no bucket none"),
    "object": ((f"{URL}/in/x.png", "-o", "a.png"), f"{URL}/in/x.png does not exist"),
    "folder": ((f"{URL}/x/", "-o", "a/"), f"no picture in {URL}/x/"),
    "damaged": ((f"{URL}/bad.png", "-o", "a.png"), f"{URL}/bad.png is not a picture in a format that convcli reads"),
    "empty part": ((f"{URL}/in//a.png", "-o", "a.png"), f"{URL}/in//a.png: its name has an empty part"),
    "scheme": (("ftp://host/a.png", "-o", "a.png"), "ftp:// is no scheme that convcli reads"),
    "no bucket": (("s3:///a.png", "-o", "a.png"), "s3:// without a bucket"),
    "login with a slash": (
        ("s3://AKID:hidden/key@b/a.png", "-o", "a.png"),
        "a s3:// URL with a name or password in it",
    ),
    "login": (("s3://AKID:hidden-key@b/a.png", "-o", "a.png"), "a s3:// URL with a name or password in it"),
    "query": (("s3://b/a.png?X-Amz-Signature=hidden-key", "-o", "a.png"), "a s3:// URL with a question mark"),
    "web": ((f"{URL}/in/a.png", "-o", "https://u:hidden-key@h/a.png?hidden-key"), "https://h/a.png is for reading"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_an_error_is_one_line_without_secrets(
    folder: S3, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder.put({"bad.png": b"\0" * 100})
    words, expected = ERRORS[case]
    for more in ((), ("--debug",), ("--json", "-v")):
        answer = run("apply", "invert", *words, *more)
        assert answer.code in (1, 2)
        (line,) = (line for line in answer.lines if line.startswith("error: "))
        assert line.removeprefix("error: ").startswith(expected)
        assert "hidden-key" not in answer.stderr + answer.stdout
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (403, "access denied"),
        (401, "access denied"),
        (301, "its bucket is in another region"),
        (400, "the server answered 400"),
    ],
)
def test_a_refusal_is_not_tried_again(folder: S3, code: int, expected: str) -> None:
    folder.fault = lambda _: code
    for words in ((f"{URL}/in/a.png", "-o", "a.png"), (f"{URL}/in/", "-o", "a/")):
        folder.requests.clear()
        answer = apply(*words)
        assert answer.code == 1
        assert answer.lines[0] == f"error: {words[0].rstrip('/')}: {expected}"
        assert len(folder.requests) == 1


@pytest.mark.usefixtures("s3")
def test_no_network_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    answer = apply(f"{URL}/in/a.png", "-o", "a.png")
    assert answer.lines[0] == f"error: {URL}/in/a.png: its server cannot be reached, 4 times"


@pytest.mark.usefixtures("s3")
def test_no_credentials_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1/169.254.169.254")
    answer = apply(f"{URL}/in/a.png", "-o", "a.png")
    assert answer.lines[0] == f"error: {URL}/in/a.png: there are no credentials for its bucket"
    assert "AWS_PROFILE" in answer.lines[1]


@pytest.mark.usefixtures("s3")
def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore", None)
    answer = apply(f"{URL}/in/a.png", "-o", "a.png")
    assert answer.lines == [
        "error: buckets need a library that is not installed",
        "help: pip install 'convcli[cloud]'",
    ]


def test_a_run_is_resumed_by_etags(folder: S3) -> None:
    words = (f"{URL}/in/", "-o", f"{URL}/out/")
    assert apply(*words).code == 0
    folder.put({"in/b.png": png(100)})
    del folder.bucket.keys["out/c.png"]
    folder.put({"in/e.png": png(50)})
    folder.requests.clear()
    answer = apply(*words, "--resume", "--json")
    assert answer.code == 0
    assert outputs(folder) == {"out/a.png": 255, "out/b.png": 155, "out/c.png": 253, "out/e.png": 205}
    lines = {line["output"]: line["status"] for line in map(json.loads, answer.stdout.splitlines())}
    assert lines == {
        f"{URL}/out/a.png": "skipped",
        **{f"{URL}/out/{name}.png": "done" for name in "bce"},
    }
    assert {each.path for each in folder.requests if each.method == "GET" and each.path.endswith("png")} == {
        f"/{BUCKET}/in/{name}.png" for name in "bce"
    }
    folder.put({"out/a.png": b"somebody else's"})
    assert apply(*words, "--resume").code == 1
    assert folder.objects["out/a.png"] == b"somebody else's"


def test_an_output_that_arrived_as_the_run_was_killed_is_done_again(
    folder: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (f"{URL}/in/", "-o", f"{URL}/out/")
    write = buckets.SERVER.write

    def killed(place: Any, stream: IO[bytes], size: int, *, overwrite: bool) -> object:
        status = write(place, stream, size, overwrite=overwrite)
        if "b.png" in str(place):
            raise KeyboardInterrupt
        return status

    with monkeypatch.context() as patch:
        patch.setattr(buckets.SERVER, "write", killed)
        run("apply", "invert", *words, "--engine", "numpy", "-j", "1")
    assert set(outputs(folder)) == {"out/a.png", "out/b.png"}
    answer = apply(*words, "--resume")
    assert answer.lines[-1].startswith("2 done, 1 skipped")
    assert outputs(folder) == {"out/a.png": 255, "out/b.png": 254, "out/c.png": 253}


def test_outputs_are_looked_up_by_one_listing(s3: S3) -> None:
    s3.put({f"in/{index}.png": png(index) for index in range(6)} | {"out/3.png": b"kept"})
    answer = apply(f"{URL}/in/", "-o", f"{URL}/out/", "--skip-existing")
    assert answer.lines[-1].startswith("5 done, 1 skipped")
    assert s3.objects["out/3.png"] == b"kept"
    assert not [each for each in s3.requests if each.method == "HEAD"]
    s3.requests.clear()
    assert apply(f"{URL}/in/", "-o", f"{URL}/out/", "--resume").lines[-1].startswith("5 skipped, 1 failed")
    assert not [each for each in s3.requests if each.method == "HEAD"]


def test_a_folder_of_very_many_others_is_not_listed_to_its_end(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_AT_LEAST", 0)
    monkeypatch.setattr(listing, "_PER_PLACE", 1)
    s3.put({f"in/{index}.png": png(index) for index in range(4)} | {f"out/{index}.txt": b"" for index in range(9)})
    assert apply(f"{URL}/in/", "-o", f"{URL}/out/").lines[-1].startswith("4 done")
    assert len([each for each in s3.requests if each.method == "HEAD"]) == 4


def test_a_dry_run_writes_nothing(folder: S3) -> None:
    answer = apply(f"{URL}/in/", "-r", "-o", f"{URL}/out/", "-n")
    assert answer.lines[:-1] == [
        f"would write {URL}/in/{name}.png → {URL}/out/{name}.png" for name in ("a", "b", "c", "sub/d")
    ]
    assert outputs(folder) == {}
    assert not [each for each in folder.requests if each.method not in ("GET", "HEAD")]


@pytest.mark.slow
def test_workers_open_clients_of_their_own_and_lose_nothing(s3: S3) -> None:
    s3.put({f"in/{index:02}.png": png(index) for index in range(10)})
    s3.fault = lambda request: 500 if s3.requests.count(request) == 1 and "7.png" in request.path else None
    answer = run("apply", "invert", f"{URL}/in/", "-o", f"{URL}/out/", "--engine", "numpy", "-j", "2")
    assert answer.code == 0, answer.stderr
    assert outputs(s3) == {f"out/{index:02}.png": 255 - index for index in range(10)}


@pytest.mark.slow
def test_a_killed_run_is_gone_on_with_and_nothing_is_half(s3: S3) -> None:
    s3.put({f"in/{index:02}.png": png(index) for index in range(12)})
    s3.pause = 0.05
    words = ("apply", "invert", f"{URL}/in/", "-o", f"{URL}/out/", "--engine", "numpy", "-j", "1", "--resume")
    with subprocess.Popen(command(*words), env=environment(), stderr=subprocess.DEVNULL) as process:
        while not outputs(s3):
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    s3.pause = 0
    assert 0 < len(outputs(s3)) < 12
    done(*words)
    assert outputs(s3) == {f"out/{index:02}.png": 255 - index for index in range(12)}
