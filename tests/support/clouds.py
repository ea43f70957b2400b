"""Servers of Google Cloud Storage and of Azure's blobs on this machine, as far as their documents say what is asked.

They keep one bucket in memory. Each request needs the credentials that the environment has, and `fault` is asked of it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import threading
import time
from abc import ABC, abstractmethod
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.support.servers import BUCKET, Fault, Request

_PAGE = 2  # objects of a page of a listing, so that there are several


class Stored(NamedTuple):
    """An object, with what tells it from others of its name."""

    data: bytes
    etag: str
    kind: str
    seconds: float


class Question(NamedTuple):
    """A request: its method, the name of an object or nothing for the bucket, its query, headers and body."""

    method: str
    key: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """An answer: its code, headers and body."""

    code: int
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed
    body: bytes = b""


class Cloud(ABC):
    """A server with one bucket."""

    prefix = ""  # of paths, before the bucket

    def __init__(self) -> None:
        self.fault: Fault = lambda _: None
        self.requests: list[Request] = []
        self.stored: dict[str, Stored] = {}
        self.parts: dict[str, dict[str, bytes]] = {}  # of uploads that were begun and not ended
        self._numbers = count(1)
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                cloud._reply(self)

            do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - the library's names

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def objects(self) -> dict[str, bytes]:
        """What is in the bucket."""
        return {name: each.data for name, each in self.stored.items()}

    def put(self, key: str, data: bytes, kind: str = "") -> Stored:
        """Put an object into the bucket."""
        self.stored[key] = Stored(data, self.etag_of(data), kind, time.time())
        return self.stored[key]

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()

    @abstractmethod
    def etag_of(self, data: bytes) -> str:
        """Return what tells an object from the next of its name."""

    @abstractmethod
    def is_allowed(self, question: Question) -> bool:
        """Return whether a request has the credentials."""

    @abstractmethod
    def answer(self, question: Question) -> Answer:
        """Return the answer to a request that is not that for an object."""

    @abstractmethod
    def error(self, code: int, name: str) -> Answer:
        """Return the answer to a request that fails."""

    @abstractmethod
    def listing(self, objects: list[tuple[str, Stored]], folders: list[str], following: str) -> str:
        """Return a page of a listing; `following` is the mark of the next one, empty at the end."""

    def _reply(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        request = Request((handler.command, unquote(url.path), url.query))
        self.requests.append(request)
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in handler.headers.items()}
        bucket, _, key = request.path.removeprefix(f"{self.prefix}/").partition("/")
        question = Question(handler.command, key, query, headers, body)
        code = self.fault(request)
        if code is not None:
            found = self.error(code, "InternalError")
        elif not self.is_allowed(question):
            found = self.error(403, "AuthenticationFailed")
        elif bucket != BUCKET:
            found = self.error(404, "NoSuchBucket" if isinstance(self, Google) else "ContainerNotFound")
        elif question.method in ("GET", "HEAD") and key:
            found = self._object(question)
        else:
            found = self.answer(question)
        handler.send_response(found.code)
        for name, value in found.headers.items():
            handler.send_header(name, value)
        if "Content-Length" not in found.headers:
            handler.send_header("Content-Length", str(len(found.body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(found.body)

    def _object(self, question: Question) -> Answer:
        there = self.stored.get(question.key)
        if there is None:
            return self.error(404, "NoSuchKey")
        headers = {
            "ETag": there.etag,
            "Last-Modified": formatdate(there.seconds, usegmt=True),
            "Content-Type": there.kind or "application/octet-stream",
        }
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", question.headers.get("range", ""))
        if question.method == "HEAD":
            return Answer(200, headers | {"Content-Length": str(len(there.data))})
        if not wanted:
            return Answer(200, headers, there.data)
        first, last = int(wanted[1]), min(int(wanted[2] or len(there.data)), len(there.data) - 1)
        span = {"Content-Range": f"bytes {first}-{last}/{len(there.data)}"}
        return Answer(206, headers | span, there.data[first : last + 1])

    def _listed(self, prefix: str, delimiter: str, after: str) -> Answer:
        """Answer with a page of the objects whose names begin with `prefix`, and come after a name."""
        found: dict[str, Stored | None] = {}
        for name, each in sorted(self.stored.items()):
            if name.startswith(prefix):
                head, mark, _ = name[len(prefix) :].partition(delimiter) if delimiter else (name, "", "")
                found[prefix + head + mark if mark else name] = None if mark else each
        left = [name for name in found if name > after]
        page, rest = left[:_PAGE], left[_PAGE:]
        objects = [(name, self.stored[name]) for name in page if found[name] is not None]
        folders = [name for name in page if found[name] is None]
        text = '<?xml version="1.0" encoding="UTF-8"?>' + self.listing(objects, folders, page[-1] if rest else "")
        return Answer(200, {"Content-Type": "application/xml"}, text.encode())


class Google(Cloud):
    """Google Cloud Storage by its XML interface."""

    token = "a-token"

    def etag_of(self, data: bytes) -> str:
        """Return the MD5 sum, as Google does."""
        return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'

    def is_allowed(self, question: Question) -> bool:
        """Ask for the token."""
        return question.headers.get("authorization") == f"Bearer {self.token}"

    def error(self, code: int, name: str) -> Answer:
        """Return an error in XML."""
        return Answer(code, {}, f"<?xml version='1.0'?><Error><Code>{name}</Code></Error>".encode())

    def listing(self, objects: list[tuple[str, Stored]], folders: list[str], following: str) -> str:
        """Return a ListBucketResult."""
        contents = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(each.data)}</Size><ETag>{escape(each.etag)}</ETag>"
            f"<LastModified>{time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(each.seconds))}</LastModified>"
            "</Contents>"
            for name, each in objects
        )
        shared = "".join(f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>" for each in folders)
        token = f"<NextContinuationToken>{escape(following)}</NextContinuationToken>" if following else ""
        cut_off = f"<IsTruncated>{str(bool(following)).lower()}</IsTruncated>"
        return f"<ListBucketResult>{cut_off}{token}{contents}{shared}</ListBucketResult>"

    def answer(self, question: Question) -> Answer:
        """List, put, put in parts, abort and delete."""
        query, key = question.query, question.key
        if question.method == "GET":
            after = max(query.get("continuation-token", ""), query.get("start-after", ""))
            return self._listed(query.get("prefix", ""), query.get("delimiter", ""), after)
        if question.method == "DELETE":
            self.parts.pop(query["uploadId"]) if "uploadId" in query else self.stored.pop(key)
            return Answer(204)
        if "uploads" in query:
            number = f"upload-{next(self._numbers)}"
            self.parts[number] = {}
            text = f"<InitiateMultipartUploadResult><UploadId>{number}</UploadId></InitiateMultipartUploadResult>"
            return Answer(200, {}, text.encode())
        if "partNumber" in query:
            self.parts[query["uploadId"]][query["partNumber"]] = question.body
            return Answer(200, {"ETag": self.etag_of(question.body)})
        kind = question.headers.get("content-type", "")
        if "uploadId" in query:
            numbers = re.findall(r"<PartNumber>(\d+)</PartNumber>", question.body.decode())
            parts = self.parts.pop(query["uploadId"])
            etag = self.put(key, b"".join(parts[number] for number in numbers), kind).etag
            text = f"<CompleteMultipartUploadResult><ETag>{escape(etag)}</ETag></CompleteMultipartUploadResult>"
            return Answer(200, {"ETag": etag, "x-goog-generation": "1"}, text.encode())
        if question.headers.get("x-goog-if-generation-match") == "0" and key in self.stored:
            return self.error(412, "PreconditionFailed")
        return Answer(200, {"ETag": self.put(key, question.body, kind).etag, "x-goog-generation": "1"})


class Azure(Cloud):
    """Blobs of Azure by their REST interface, at the paths of its emulator."""

    account, key = "devstoreaccount1", base64.b64encode(b"a-key-of-an-account").decode()
    prefix = f"/{account}"

    def etag_of(self, data: bytes) -> str:  # noqa: ARG002 - Azure's say nothing of the content
        """Return a number that grows."""
        return f'"0x8D{next(self._numbers):08X}"'

    def is_allowed(self, question: Question) -> bool:
        """Ask for a signature by the account."""
        return question.headers.get("authorization", "").startswith(f"SharedKey {self.account}:")

    def error(self, code: int, name: str) -> Answer:
        """Return an error in XML, and its name in a header."""
        text = f"<?xml version='1.0'?><Error><Code>{name}</Code></Error>"
        return Answer(code, {"x-ms-error-code": name}, text.encode())

    def listing(self, objects: list[tuple[str, Stored]], folders: list[str], following: str) -> str:
        """Return EnumerationResults."""
        blobs = "".join(
            f"<Blob><Name>{escape(name)}</Name><Properties><Content-Length>{len(each.data)}</Content-Length>"
            f"<Last-Modified>{formatdate(each.seconds, usegmt=True)}</Last-Modified><Etag>{escape(each.etag)}</Etag>"
            "<Content-Type>image/png</Content-Type><BlobType>BlockBlob</BlobType></Properties></Blob>"
            for name, each in objects
        )
        shared = "".join(f"<BlobPrefix><Name>{escape(each)}</Name></BlobPrefix>" for each in folders)
        place = f'ServiceEndpoint="{self.url}{self.prefix}/" ContainerName="{BUCKET}"'
        mark = f"<NextMarker>{escape(following)}</NextMarker>" if following else "<NextMarker />"
        return f"<EnumerationResults {place}><Blobs>{blobs}{shared}</Blobs>{mark}</EnumerationResults>"

    def answer(self, question: Question) -> Answer:
        """List, put, put in blocks and delete."""
        query, key = question.query, question.key
        if question.method == "GET":
            return self._listed(query.get("prefix", ""), query.get("delimiter", ""), query.get("marker", ""))
        if question.method == "DELETE":
            self.stored.pop(key)
            return Answer(202)
        if query.get("comp") == "block":
            self.parts.setdefault(key, {})[query["blockid"]] = question.body
            return Answer(201)
        kind = question.headers.get("x-ms-blob-content-type", "")
        if question.headers.get("if-none-match") == "*" and key in self.stored:
            return self.error(409, "BlobAlreadyExists")
        body = question.body
        if query.get("comp") == "blocklist":
            blocks = self.parts.pop(key)
            body = b"".join(blocks[each] for each in re.findall(r"<(?:Uncommitted|Latest)>([^<]*)<", body.decode()))
        there = self.put(key, body, kind or question.headers.get("content-type", ""))
        return Answer(201, {"ETag": there.etag, "Last-Modified": formatdate(there.seconds, usegmt=True)})
