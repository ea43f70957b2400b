"""Pictures of the web: read with the query that signs them, which nobody else gets to see."""

from __future__ import annotations

import base64
import io
import re
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import convcli
from convcli.places import retrying, web
from tests.support.console import STATE, Answer, done, run
from tests.support.pictures import pixels
from tests.support.servers import web as serving

_STREAM = io.BytesIO()
Image.fromarray(np.full((4, 6, 3), 7, np.uint8)).save(_STREAM, "png")
PNG = _STREAM.getvalue()


class Site:
    """What a server answers, and the logins that came."""

    def __init__(self) -> None:
        self.logins: list[str | None] = []
        self.failures = 0
        self.silences = 0

    def picture(self, request: BaseHTTPRequestHandler) -> None:
        self.logins.append(request.headers["Authorization"])
        if self.silences:
            self.silences -= 1
            time.sleep(0.4)
        if self.failures:
            self.failures -= 1
            request.send_error(503)
            return
        request.send_response(200)
        request.send_header("Content-Length", str(len(PNG)))
        request.send_header("ETag", '"one"')
        request.end_headers()
        if request.command == "GET":
            request.wfile.write(PNG)

    def cut_off(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(PNG[:50])

    def closed(self, request: BaseHTTPRequestHandler) -> None:
        request.send_error(401 if request.headers["Authorization"] is None else 403)

    def moved(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", "/a.png?sig=hidden%2Fkey")
        request.end_headers()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Site, str]]:
    monkeypatch.setattr(retrying, "PAUSES", (0.01, 0.02))
    monkeypatch.setattr(web, "SECONDS", 0.2)
    monkeypatch.setenv("no_proxy", "*")
    site = Site()
    answers = {
        "/a.png": site.picture,
        "/a.png?sig=hidden%2Fkey": site.picture,
        "/an%20%C3%BC.png": site.picture,
        "/photos/200": site.picture,
        "/cut.png": site.cut_off,
        "/closed.png": site.closed,
        "/moved.png": site.moved,
    }
    with serving(answers) as url:
        yield site, url


def apply(*words: str | Path) -> Answer:
    return run("apply", "invert", *words, "--engine", "numpy")


def test_a_picture_is_read_by_its_url_and_no_message_has_its_secrets(site: tuple[Site, str], tmp_path: Path) -> None:
    answers, url = site
    login = url.replace("://", "://me:hidden%20word@")
    for words in ((), ("-v",), ("--json",), ("--resume",)):
        answer = apply(f"{login}/a.png?sig=hidden%2Fkey", "-o", tmp_path / "out.png", "--force", *words)
        assert answer.code == 0
        assert "hidden" not in answer.stdout + answer.stderr
        assert f"{url}/a.png" in answer.stdout + answer.stderr
    records = [each.read_bytes() for each in Path(STATE).rglob("*.jsonl")]
    assert any(f"{url}/a.png".encode() in each for each in records)
    assert not any(b"hidden" in each for each in records)
    assert (pixels(tmp_path / "out.png") == 248).all()
    assert set(answers.logins) == {f"Basic {base64.b64encode(b'me:hidden word').decode()}"}


def test_its_name_is_that_of_the_output(site: tuple[Site, str], tmp_path: Path) -> None:
    _, url = site
    assert apply(f"{url}/an ü.png", f"{url}/a.png?sig=hidden%2Fkey", "-o", f"{tmp_path}/out/").code == 0
    assert {each.name for each in (tmp_path / "out").iterdir()} == {"an ü.png", "a.png"}
    assert apply(f"{url}/photos/200", "-o", tmp_path / "out.png").code == 0
    assert apply(f"{url}/moved.png", "-o", tmp_path / "moved.png").code == 0


def test_a_run_is_resumed_by_its_etag(site: tuple[Site, str], tmp_path: Path) -> None:
    answers, url = site
    words = ("apply", "invert", f"{url}/a.png", "-o", f"{tmp_path}/out/", "--engine", "numpy", "--resume")
    assert done(*words).lines[-1].startswith(f"{url}/a.png → ")
    answers.logins.clear()
    assert done(*words).lines[-1].startswith("skipped")
    assert len(answers.logins) == 1, "it is asked for its state, and not read"


def test_what_fails_for_a_while_is_tried_again(site: tuple[Site, str], tmp_path: Path) -> None:
    answers, url = site
    answers.failures, answers.silences = 1, 1
    answer = apply(f"{url}/a.png", "-o", tmp_path / "out.png", "-v")
    assert answer.code == 0
    assert "the server answered 503 Service Unavailable: tried again" in answer.stderr


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("x.png?hidden", "/x.png does not exist"),
        ("cut.png?hidden", "/cut.png does not exist"),
        ("cut.png", "/cut.png: the answer broke off, 3 times"),
        ("closed.png", "/closed.png: the server asks for a name and password"),
        ("", " does not exist"),
    ],
)
def test_an_error_is_one_line(site: tuple[Site, str], path: str, expected: str, tmp_path: Path) -> None:
    _, url = site
    answer = apply(f"{url}/{path}", "-o", tmp_path / "out.png", "--debug")
    assert answer.code == 1
    assert [line for line in answer.lines if line.startswith("error: ")] == [f"error: {url}{expected}"]
    assert "hidden" not in answer.stderr
    assert not (tmp_path / "out.png").exists()


def test_a_server_that_is_not_there_is_named(site: tuple[Site, str], tmp_path: Path) -> None:
    del site
    answer = apply("http://me:hidden@127.0.0.1:1/a.png?hidden", "-o", tmp_path / "out.png", "--debug")
    assert "error: http://127.0.0.1:1/a.png: 127.0.0.1:1 cannot be reached: Connection refused, 3 times" in answer.lines
    assert "hidden" not in answer.stderr
    answer = apply("http://[::1/a.png?hidden", "-o", tmp_path / "out.png")
    assert answer.lines[0] == "error: a http:// URL without a server"


def test_other_commands_read_it_too(site: tuple[Site, str], tmp_path: Path) -> None:
    _, url = site
    assert done("explain", "invert", f"{url}/a.png", "--at", "1,1").stdout.rstrip().endswith("The output is 248.")
    assert run("learn", f"{url}/a.png", f"{url}/a.png", "-o", tmp_path / "k.yaml").code in (0, 1, 2)
    (tmp_path / "list.txt").write_text(f"{url}/a.png")
    assert apply("--files-from", tmp_path / "list.txt", "-o", f"{tmp_path}/out/").code == 0


def test_no_report_page_or_file_has_its_secrets(site: tuple[Site, str], tmp_path: Path) -> None:
    _, url = site
    secret = f"{url.replace('://', '://me:hidden%20word@')}/a.png?sig=hidden%2Fkey"
    for words in (
        ("report", "sharpen", secret, "-o", tmp_path / "page.html"),
        ("gallery", secret, "box", "sharpen", "-o", tmp_path / "gallery.html"),
        ("compare", secret, secret, "-v"),
        ("explain", "sharpen", secret, "--at", "1,1"),
        ("explain", "sharpen", secret, "--at", "1,1", "--json"),
        ("learn", secret, secret, "-o", tmp_path / "k.yaml"),
        ("learn", secret, secret, "--json"),
    ):
        answer = run(*words)
        assert answer.code == 0, answer.stderr
        assert "hidden" not in answer.stdout + answer.stderr, words
        assert words[0] in ("report", "gallery") or f"{url}/a.png" in answer.stdout + answer.stderr
    written = {each.name: each.read_text(encoding="utf-8") for each in tmp_path.iterdir()}
    assert len(written) == 3
    for name, text in written.items():
        assert "a.png" in text, name
        assert not re.search("hidden(%|/key| word)", text), name


@pytest.mark.parametrize(
    "words",
    [
        ("list", "{}"),
        ("help", "{}"),
        ("report", "sharpen", "-o", "{}"),
        ("gallery", "a.png", "-o", "{}"),
        ("compare", "a.png", "{}", "{}"),
        ("apply", "{}", "-o", "b.png"),
        ("{}",),
    ],
)
def test_no_error_has_its_secrets(words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run(*(word.format("https://me:hidden@h.org/a.png?sig=hidden") for word in words), "--debug")
    assert answer.lines
    assert "hidden" not in answer.stdout + answer.stderr


def test_python_reads_it_too(site: tuple[Site, str]) -> None:
    _, url = site
    assert (convcli.read_picture(f"{url}/a.png?sig=hidden%2Fkey") == 7).all()
    assert (convcli.apply("invert", f"{url}/a.png") == 248).all()
    with pytest.raises(convcli.errors.UsageError, match=f"{url}/k.yaml is no file of this machine"):
        convcli.Kernel([[1]]).save(f"{url}/k.yaml")


@pytest.mark.parametrize(
    "words",
    [
        ("show", "sharpen", "-o", "s3://me:hidden@b/k.png"),
        ("learn", "{file}", "{file}", "-o", "s3://me:hidden@b/k.yaml"),
        ("learn", "{file}", "{file}", "--predict", "s3://me:hidden@b/k.png"),
    ],
)
def test_other_commands_write_to_no_url(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    answer = run(*(word.format(file=tmp_path / "a.png") for word in words))
    assert answer.code == 1
    assert answer.lines[-2:] == [
        "error: a s3:// URL cannot be written to by this option",
        "help: write to a file",
    ]


def test_check_reads_no_url() -> None:
    answer = run("check", "https://me:hidden@h.org/k.yaml")
    assert answer.code == 2
    assert answer.stdout == "a filter is not read from a URL\n"


@pytest.mark.parametrize("text", ["https://me:hidden@h.org/k.yaml?hidden", "s3://b/k.yaml", "https://h.org/k | relu"])
def test_a_filter_is_not_read_from_a_url(text: str) -> None:
    answer = run("show", text)
    assert answer.code == 2
    assert answer.lines == [
        "error: a filter is not read from a URL",
        "help: fetch the file, and give its name",
    ]
