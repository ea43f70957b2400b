"""Places by their texts: paths, and files that URLs name, with the part of `pathlib.Path` that a job makes use of.

Nothing large is imported here: the libraries that fetch and store are imported when they are first asked to.
"""

from __future__ import annotations

import re
from importlib import import_module
from math import nan
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, Protocol

from convcli.errors import UsageError
from convcli.words import without_secrets

PLACES_LOGGER = "convcli.places"

# Folders with such names are one file each to their user; one of these objects says that there is one.
TREE_SUFFIX = ".zarr"
TREE_MARKS = ("zarr.json", ".zgroup", ".zattrs", ".zarray")


class Status(NamedTuple):
    """The state of a remote file, with the names that `os.stat_result` has; an empty `etag` for one that has none."""

    st_size: int  # bytes
    etag: str = ""
    st_mtime: float = nan  # seconds since 1970, UTC; not a number where it is unknown


class Server(Protocol):
    """Everything that is done where the URLs of a scheme lead to; each raises FileError, with one line."""

    def read(self, place: Remote) -> tuple[IO[bytes], str]:
        """Return the whole file, by `filled`, and its ETag."""

    def status(self, place: Remote) -> Status | None:
        """Return the state of a file; None where there is none, or where nobody says."""

    def is_folder(self, place: Remote) -> bool:
        """Return whether there are files below a place."""

    def optional(self, place: Remote) -> bytes | None:
        """Return the content of a file; None where there is none."""

    def write(self, place: Remote, stream: IO[bytes], size: int, *, overwrite: bool) -> Status:
        """Write so many bytes whole or not at all; raise OutputRefused for a file that exists, unless `overwrite`."""


class Remote:
    """A file or a folder behind a URL.

    Its text, and whatever is made of it, has neither the query of the URL nor the name and password in it: these are
    in `request` alone, the URL as it was given, for those of the web.

    Parameters
    ----------
    scheme
        ``s3``, ``gs``, ``az``, ``http`` or ``https``.
    host
        The bucket or container; of the web the name of the server, with its port.
    key
        The name in the bucket, or the path on the server, without a slash at either end.
    request
        The whole URL for the web.
    known
        The state of a file that was listed.
    absent
        True for one that a listing did not have.
    folder
        True for a folder: what ends in a slash.
    inner
        True for what is named within a tree: an array, or a group, of several.
    """

    __slots__ = ("absent", "folder", "host", "inner", "key", "known", "request", "scheme")

    def __init__(
        self,
        scheme: str,
        host: str,
        key: str,
        *,
        request: str = "",
        known: Status | None = None,
        absent: bool = False,
        folder: bool = False,
        inner: bool = False,
    ) -> None:
        self.scheme, self.host, self.key = scheme, host, key
        self.request, self.known, self.folder = request, known, folder
        self.absent, self.inner = absent, inner

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}/{self.key}".rstrip("/")

    def __repr__(self) -> str:
        return f"Remote({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Remote) and (str(self), self.request) == (str(other), other.request)

    def __hash__(self) -> int:
        return hash((str(self), self.request))

    def __truediv__(self, name: object) -> Remote:
        return self._at(PurePosixPath(self.key, str(name).replace("\\", "/")))

    @property
    def server(self) -> Server:
        """The functions for its scheme, imported on first use."""
        server: Server = import_module(f"convcli.places.{'web' if self.is_web else 'buckets'}").SERVER
        return server

    @property
    def is_web(self) -> bool:
        """True for what can be read only."""
        return self.scheme in ("http", "https")

    @property
    def name(self) -> str:
        """The last part of its key, as a file on a disk may be called."""
        if not self.is_web:
            return PurePosixPath(self.key).name
        from urllib.parse import unquote

        return unquote(PurePosixPath(self.key).name).replace("/", "_").replace("\0", "_")

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The end of the name, from its last dot."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> Remote:
        """The folder around it."""
        key = PurePosixPath(self.key).parent
        return self._at(key if key.name else "")

    def with_stem(self, stem: str) -> Remote:
        """Return the place with another name of the same suffix."""
        return self._at(PurePosixPath(self.key).with_stem(stem))

    @property
    def is_tree(self) -> bool:
        """True for the name of a folder that is one file to its user."""
        return self.inner or self.name.lower().endswith(TREE_SUFFIX)

    def stat(self) -> Status:
        """Return the state; raise FileNotFoundError where there is no such file."""
        status = None if self.absent else self.known or self.server.status(self)
        if status is None:
            raise FileNotFoundError(str(self))
        return status

    def exists(self) -> bool:
        """Return whether there is such a file; of the web, reading it says so."""
        if self.is_web or self.known is not None:
            return True
        return not self.absent and self.server.status(self) is not None

    def is_file(self) -> bool:
        """Return that it is no pipe or device, unless it is a tree."""
        return not self.is_tree

    def is_dir(self) -> bool:
        """Return whether it is a folder: what has a suffix and no slash at its end is none, so nobody is asked."""
        if self.is_tree:
            return False
        return self.folder or (self.known is None and not self.suffix and self.server.is_folder(self))

    def is_symlink(self) -> bool:
        """Return that it is no link."""
        return False

    def mkdir(self, *, parents: bool = False, exist_ok: bool = False) -> None:
        """Do nothing: a folder is there as soon as a file is in it."""

    def open(self, mode: str = "rb") -> IO[bytes]:
        """Return the file, fetched as a whole; raise ReadError where it cannot be read."""
        assert mode == "rb"
        from convcli.places.filled import opened

        return opened(self, lambda: self.server.read(self), lambda: self.stat().etag)

    def read_bytes(self) -> bytes:
        """Return the content; raise ReadError where it cannot be read."""
        with self.open() as stream:
            return stream.read()

    def beside(self, key: str) -> Remote:
        """Return the place of another key in the same bucket."""
        return self._at(key)

    def _at(self, key: object) -> Remote:
        return Remote(self.scheme, self.host, str(key), request=self._requested(str(key)))

    def _requested(self, key: str) -> str:
        """Return the URL of another file of the web, with the login and the query of this one."""
        if not self.request:
            return ""
        from urllib.parse import urlsplit, urlunsplit

        parts = urlsplit(self.request)
        return urlunsplit((parts.scheme, parts.netloc, f"/{key}", parts.query, ""))


Place = Path | Remote

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")  # of one letter it would be a disk of Windows
_BUCKETS = ("s3", "gs", "az")
_WEB = ("http", "https")


def is_url(text: str) -> bool:
    """Return whether a text is a URL; a file of such a name is ``./s3:…``."""
    return _URL.match(text) is not None


def place_name(text: str) -> str:
    """Return a place as messages and pages name it: a path as it is given, of a URL neither the query nor a login."""
    if not is_url(text):
        return text
    try:
        return str(place_of(text))
    except UsageError:
        return without_secrets(text.replace(" ", "%20"))


def place_of(text: str) -> Place:
    """Return the place that a text names: a path, or what a URL leads to.

    Raises UsageError for an empty text, which pathlib takes for the current folder, and for a URL of another scheme,
    without a bucket, or with secrets that have no place there. Of a URL messages repeat the scheme alone.
    """
    if not text:
        raise UsageError(
            "an empty text names no file",
            "name one, or . for the folder you are in; a variable of the shell may be unset",
        )
    match = _URL.match(text)
    if match is None:
        return Path(text)
    scheme = match[1].lower()
    if scheme in _WEB:
        return _of_web(scheme, text)
    if scheme not in _BUCKETS:
        known = ", ".join(f"{each}://" for each in (*_BUCKETS, "https"))
        raise UsageError(f"{match[1]}:// is no scheme that convcli reads", f"it reads {known}")
    bucket, _, key = text[match.end() :].partition("/")
    if "@" in bucket or ":" in bucket:  # a password may have a slash in it
        raise UsageError(
            f"a {scheme}:// URL with a name or password in it",
            "leave them out: credentials come from the environment or the profile",
        )
    if "?" in bucket + key:
        raise UsageError(
            f"a {scheme}:// URL with a question mark", "leave out the query; * stands for any letters of a name"
        )
    if not bucket:
        raise UsageError(f"{scheme}:// without a bucket", f"write {scheme}://BUCKET/NAME")
    return Remote(scheme, bucket, key.strip("/"), folder=key.endswith("/"), inner=_is_inner(key))


def _is_inner(key: str) -> bool:
    """Return whether a key leads to a part of a tree, as ``cells.zarr/0`` does, and not to one of its files."""
    *around, last = PurePosixPath(key).parts or ("",)
    return not PurePosixPath(last).suffix and any(each.lower().endswith(TREE_SUFFIX) for each in around)


def _of_web(scheme: str, text: str) -> Remote:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        host, port = "", ""
    if not host:
        raise UsageError(f"a {scheme}:// URL without a server", f"write {scheme}://SERVER/NAME")
    server = f"[{host}]{port}" if ":" in host else f"{host}{port}"
    return Remote(scheme, server, parts.path.strip("/"), request=text, inner=_is_inner(parts.path))
