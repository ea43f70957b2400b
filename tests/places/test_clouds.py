"""Google's buckets and Azure's: what holds of those of S3 holds of them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convcli.places import buckets, retrying
from tests.places.test_buckets import apply, png, value_of
from tests.support.clouds import Azure, Cloud, Google
from tests.support.console import names, refused
from tests.support.servers import BUCKET, Request, first

pytest.importorskip("obstore", reason="obstore is not installed: it brings the clients of buckets")


@pytest.fixture(params=[Google, Azure])
def cloud(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cloud]:
    server: Cloud = request.param()
    if isinstance(server, Google):
        monkeypatch.setenv("GOOGLE_BASE_URL", server.url)
        monkeypatch.setenv("GOOGLE_BEARER_TOKEN", server.token)
    else:
        assert isinstance(server, Azure)
        monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", f"{server.url}{server.prefix}")
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", server.account)
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", server.key)
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "AZURE_STORAGE_CONNECTION_STRING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))  # which may have the user's own credentials
    monkeypatch.setattr(retrying, "PAUSES", (0.01, 0.02, 0.03))
    buckets._store.cache_clear()
    for value, name in enumerate("abc"):
        server.put(f"in/{name}.png", png(value))
    server.put("in/sub/d e+ü.png", png(9))
    server.put("in/notes.txt", b"no picture")
    yield server
    server.close()
    buckets._store.cache_clear()


@pytest.fixture
def url(cloud: Cloud) -> str:
    return f"{'gs' if isinstance(cloud, Google) else 'az'}://{BUCKET}"


def outputs(cloud: Cloud) -> dict[str, int]:
    return {name: value_of(data) for name, data in cloud.objects.items() if name.startswith("out/")}


def test_a_tree_is_listed_read_and_written(cloud: Cloud, url: str) -> None:
    answer = apply(f"{url}/in/", "-r", "-o", f"{url}/out/")
    assert answer.code == 0, answer.lines
    assert outputs(cloud) == {"out/a.png": 255, "out/b.png": 254, "out/c.png": 253, "out/sub/d e+ü.png": 246}
    assert answer.lines[-1].startswith("4 done, 1 of no format that convcli reads")
    assert {cloud.stored[name].kind for name in outputs(cloud)} == {"image/png"}


def test_a_folder_alone_and_a_pattern(cloud: Cloud, url: str, tmp_path: Path) -> None:
    assert apply(f"{url}/in/", "-o", f"{url}/out/").code == 0
    assert sorted(outputs(cloud)) == ["out/a.png", "out/b.png", "out/c.png"]
    assert apply(f"{url}/in/**/[!ab]*.png", "-o", f"{tmp_path}/out/").code == 0
    assert names(tmp_path / "out") == ["c.png", "d e+ü.png"]


def test_existing_outputs_are_refused_skipped_or_replaced(cloud: Cloud, url: str) -> None:
    cloud.put("out/a.png", png(77))
    message, _ = refused(1, "apply", "invert", f"{url}/in/a.png", "-o", f"{url}/out/a.png", "--engine", "numpy")
    assert message == f"{url}/out/a.png exists"
    assert apply(f"{url}/in/a.png", "-o", f"{url}/out/a.png", "--skip-existing").code == 0
    assert outputs(cloud) == {"out/a.png": 77}
    assert apply(f"{url}/in/a.png", "-o", f"{url}/out/a.png", "-f").code == 0
    assert outputs(cloud) == {"out/a.png": 255}


def test_an_output_that_appears_meanwhile_is_refused(cloud: Cloud, url: str) -> None:
    def meanwhile(request: Request) -> int | None:
        if request.method == "PUT":
            cloud.put("out/a.png", b"another's")
        return None

    cloud.fault = meanwhile
    answer = apply(f"{url}/in/a.png", "-o", f"{url}/out/a.png")
    assert answer.code == 1
    assert answer.lines[0] == f"error: {url}/out/a.png exists"
    assert cloud.objects["out/a.png"] == b"another's"


def test_a_large_output_is_sent_in_parts_and_read_again(cloud: Cloud, url: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.bmp")
    assert apply(tmp_path / "noise.bmp", "-o", f"{url}/noise.png", "--png-effort", "fast").code == 0
    data = cloud.objects["noise.png"]
    assert len(data) > buckets.PART
    assert cloud.parts == {}, "no upload is left"
    with Image.open(io.BytesIO(data)) as picture:
        assert (np.asarray(picture) == 255 - noise).all()
    assert apply(f"{url}/noise.png", "-o", tmp_path / "back.bmp").code == 0
    with Image.open(tmp_path / "back.bmp") as picture:
        assert (np.asarray(picture) == noise).all()


@pytest.mark.parametrize("code", [500, 503])
@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
def test_what_fails_for_a_while_is_tried_again(cloud: Cloud, url: str, code: int, method: str) -> None:
    cloud.fault = first(2, code, method)
    assert apply(f"{url}/in/", "-o", f"{url}/out/").code == 0
    assert outputs(cloud) == {"out/a.png": 255, "out/b.png": 254, "out/c.png": 253}


@pytest.mark.parametrize("is_ours", [True, False])
def test_an_output_whose_answer_was_lost_is_ours(cloud: Cloud, url: str, is_ours: bool) -> None:
    words = (f"{url}/in/a.png", "-o", f"{url}/out/a.png")
    assert apply(*words).code == 0
    made = cloud.stored.pop("out/a.png").data

    def lost(request: Request) -> int | None:
        if request.method != "PUT" or "out/a.png" in cloud.stored:
            return None
        cloud.put("out/a.png", made if is_ours else made[:-1] + b"!")
        return 500

    cloud.fault = lost
    answer = apply(*words)
    assert answer.code == (0 if is_ours else 1), answer.lines
    assert cloud.objects["out/a.png"].endswith(b"!") != is_ours


def test_what_fails_for_good_is_one_line(cloud: Cloud, url: str) -> None:
    cloud.fault = first(99, 500, "GET", "b.png")
    answer = apply(f"{url}/in/", "-o", f"{url}/out/")
    assert answer.code == 1
    assert outputs(cloud) == {"out/a.png": 255, "out/c.png": 253}
    assert [line for line in answer.lines if line.startswith("error")] == [
        f"error: {url}/in/b.png: the server answered 500, 4 times"
    ]


def test_a_run_is_resumed_by_etags(cloud: Cloud, url: str) -> None:
    words = (f"{url}/in/", "-o", f"{url}/out/")
    assert apply(*words).code == 0
    cloud.put("in/b.png", png(100))
    del cloud.stored["out/c.png"]
    answer = apply(*words, "--resume", "--json")
    assert answer.code == 0
    assert outputs(cloud) == {"out/a.png": 255, "out/b.png": 155, "out/c.png": 253}
    lines = [(line["output"][-5:], line["status"]) for line in map(json.loads, answer.stdout.splitlines())]
    assert sorted(lines) == [("a.png", "skipped"), ("b.png", "done"), ("c.png", "done")]


@pytest.mark.usefixtures("cloud")
def test_errors_are_one_line_without_secrets(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = url.replace(BUCKET, "nothing")
    for source, expected in (
        (f"{other}/a.png", f"{other}/a.png: there is no bucket nothing"),
        (f"{url}/in/missing.png", f"{url}/in/missing.png does not exist"),
    ):
        message, _ = refused(1, "apply", "invert", source, "-o", "x.png", "--engine", "numpy")
        assert message == expected
    hidden = "b3RoZXIta2V5LWhpZGRlbg=="
    monkeypatch.setenv("GOOGLE_BEARER_TOKEN", hidden)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "somebody")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", hidden)
    buckets._store.cache_clear()
    answer = apply(f"{url}/in/a.png", "-o", f"{url}/out/a.png", "--debug")
    assert answer.code == 1
    assert hidden not in "\n".join([*answer.lines, answer.stdout])
    assert "credentials are refused" in answer.lines[-2], answer.lines
