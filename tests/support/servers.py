"""Servers on this machine: one of S3, which fails as often as a test asks it to, and one of the web."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

BUCKET = "photos"


class Request(tuple[str, str, str]):
    """A request that came: its method, path and query."""

    __slots__ = ()

    @property
    def method(self) -> str:
        return self[0]

    @property
    def path(self) -> str:
        return self[1]

    @property
    def query(self) -> str:
        return self[2]


# Returns the code that a request is answered with in place of an answer; None to answer it.
Fault = Callable[[Request], int | None]


class S3:
    """A server of S3, by moto, with one bucket. `fault` is asked of each request, `silence` are seconds before it."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
            from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"

            def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's word
                pass

        self.fault: Fault = lambda _: None
        self.silence: Callable[[Request], float] = lambda _: 0
        self.pause = 0.0  # before each answer
        self.requests: list[Request] = []
        self._answer = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Any:
        request = Request((environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("QUERY_STRING", "")))
        self.requests.append(request)
        code = self.fault(request)
        time.sleep(self.pause)
        if seconds := self.silence(request):
            time.sleep(seconds)
            code = 500
        if code is None:
            return self._answer(environ, start)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start(f"{code} Failing", [("Content-Length", "0")])
        return []

    @property
    def bucket(self) -> Any:
        from moto.s3.models import s3_backends

        return s3_backends["123456789012"]["aws"].buckets.get(BUCKET)

    @property
    def objects(self) -> dict[str, bytes]:
        """What is in the bucket."""
        return {name: bytes(key.value) for name, key in self.bucket.keys.items()}

    @property
    def uploads(self) -> list[str]:
        """The names of uploads that were begun and not ended."""
        return [each.key_name for each in self.bucket.multiparts.values()]

    def put(self, objects: Mapping[str, bytes]) -> None:
        """Put objects into the bucket."""
        from moto.s3.models import s3_backends

        for name, data in objects.items():
            s3_backends["123456789012"]["aws"].put_object(BUCKET, name, data)

    def clear(self) -> None:
        """Make the bucket anew."""
        from moto.s3.models import s3_backends

        backend = s3_backends["123456789012"]["aws"]
        backend.reset()
        backend.create_bucket(BUCKET, "us-east-1")
        self.fault, self.silence, self.pause = lambda _: None, lambda _: 0, 0
        self.requests.clear()

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()


def needs_moto() -> None:
    """Skip a test where a server of S3, or its client, is missing."""
    for name in ("moto", "flask_cors", "obstore"):
        pytest.importorskip(name, reason=f"{name} is not installed: pip install -e '.[dev]'")


def first(count: int, code: int, method: str = "", path: str = "") -> Fault:
    """Return a fault of the first so many requests of a method to a path."""
    left = [count]

    def fault(request: Request) -> int | None:
        if method in ("", request.method) and path in request.path and left[0] > 0:
            left[0] -= 1
            return code
        return None

    return fault


@contextmanager
def web(answers: Mapping[str, Callable[[BaseHTTPRequestHandler], None]]) -> Iterator[str]:
    """Serve paths by functions; yield the URL of the server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(self.path)
            self.send_error(404) if answer is None else answer(self)

        do_HEAD = do_GET  # noqa: N815 - the library's name

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's word
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
