"""Files of the web, by Python's own library: it keeps the query of a URL, which a signed one is nothing without."""

from __future__ import annotations

import base64
import hashlib
import http.client
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime
from math import nan
from typing import IO
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from convcli.errors import ReadError, WriteError
from convcli.places.filled import filled
from convcli.places.remote import TREE_MARKS, Remote, Status
from convcli.places.retrying import Trouble, patiently
from convcli.version import __version__

_CHUNK = 2**20  # bytes
SECONDS = 60.0  # for which a server may be silent

_REASONS = {
    401: (": the server asks for a name and password", "write https://NAME:PASSWORD@SERVER/…"),
    403: (": access denied", "a signed URL may have expired: make a new one"),
    404: (" does not exist", "check the URL"),
    410: (" does not exist any more", "check the URL"),
}


class _Web:
    """The web, which is read only."""

    def read(self, place: Remote) -> tuple[IO[bytes], str]:
        def request() -> tuple[IO[bytes], str]:
            with urllib.request.urlopen(_request(place, "GET"), timeout=SECONDS) as answer:
                stream = filled(iter(lambda: answer.read(_CHUNK), b""))
            if answer.length:  # bytes that did not come, of which only a read of all would say so
                stream.close()
                raise http.client.IncompleteRead(b"", answer.length)
            return stream, answer.headers["ETag"] or ""

        return patiently(request, place, _trouble_of, ReadError)

    def optional(self, place: Remote) -> bytes | None:
        def request() -> bytes | None:
            try:
                with urllib.request.urlopen(_request(place, "GET"), timeout=SECONDS) as answer:
                    data: bytes = answer.read()
                    return data
            except urllib.error.HTTPError as error:
                if error.code not in (404, 410):
                    raise
                error.close()
                return None

        return patiently(request, place, _trouble_of, ReadError)

    def status(self, place: Remote) -> Status | None:
        """Return the state as far as the server says; many do not answer this question, but send the file.

        That of a tree, whose files are not listed, is that of the files that describe it.
        """
        if place.is_tree:
            marks = b"\0".join(self.optional(place / name) or b"" for name in TREE_MARKS)
            return Status(len(marks), hashlib.sha256(marks).hexdigest())
        try:
            with urllib.request.urlopen(_request(place, "HEAD"), timeout=SECONDS) as answer:
                headers = answer.headers
            size, changed = headers["Content-Length"] or "", headers["Last-Modified"] or ""
            seconds = parsedate_to_datetime(changed).timestamp() if changed else nan
            return Status(int(size) if size.isdecimal() else 0, headers["ETag"] or changed, seconds)
        except (OSError, ValueError, http.client.HTTPException):
            return Status(0)

    def is_folder(self, place: Remote) -> bool:  # noqa: ARG002 - the same for all
        return False

    def write(self, place: Remote, stream: IO[bytes], size: int, *, overwrite: bool) -> Status:  # noqa: ARG002 - refused
        raise WriteError(f"{place} is for reading", "write to s3://, gs:// or az://, or to a file")


SERVER = _Web()


def _request(place: Remote, method: str) -> urllib.request.Request:
    parts = urlsplit(place.request)
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    url = urlunsplit((place.scheme, place.host, path or "/", query, ""))
    request = urllib.request.Request(url, headers={"User-Agent": f"convcli/{__version__}"}, method=method)
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        request.add_unredirected_header("Authorization", f"Basic {base64.b64encode(login).decode()}")
    return request


def _trouble_of(failure: Exception, place: Remote) -> Trouble:
    if isinstance(failure, urllib.error.HTTPError):
        failure.close()
        passes = failure.code >= 500 or failure.code in (408, 429)
        reason, hint = _REASONS.get(failure.code, (f": the server answered {failure.code} {failure.reason}", ""))
        return Trouble(reason, hint, passes)
    cause = getattr(failure, "reason", failure)
    if isinstance(cause, TimeoutError):
        return Trouble(f": no answer within {SECONDS:.0f} s", "try again later", passes=True)
    if type(cause).__name__ == "SSLCertVerificationError":
        return Trouble(": the certificate of its server is not trusted", "install the certificates of your system")
    if isinstance(cause, http.client.IncompleteRead):
        return Trouble(": the answer broke off", "try again later", passes=True)
    if isinstance(cause, OSError | http.client.HTTPException):
        said = cause.strerror if isinstance(cause, OSError) and cause.strerror else type(cause).__name__
        return Trouble(f": {place.host} cannot be reached: {said}", "check the name and the network", passes=True)
    return Trouble(": this URL cannot be fetched", "check how it is written")
