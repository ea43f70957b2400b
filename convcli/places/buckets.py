"""Objects in buckets: S3 and what is compatible with it, Google Cloud Storage, Azure, by obstore.

Each process opens a client for a bucket once.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import mimetypes
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache, partial
from typing import IO, TYPE_CHECKING, Any, TypeVar

from convcli.errors import FileError, OutputRefused, ReadError, WriteError
from convcli.places.filled import IN_MEMORY, filled
from convcli.places.remote import TREE_MARKS, Remote, Status
from convcli.places.retrying import Trouble, patiently, quoted

if TYPE_CHECKING:
    from obstore.store import ObjectStore

# Seconds: for a connection, and for which a server may be silent.
SECONDS = {"connect_timeout": 5.0, "read_timeout": 60.0}
# Bytes of a part; what has no more is sent in one piece, which needs no more memory and one request in place of three.
PART = 8 * 2**20

_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT", "GOOGLE_BASE_URL")
_METADATA = re.compile(r"169\.254\.169\.254|169\.254\.170\.2|metadata\.google\.internal|/metadata/identity")
_SERVER_OF = {"s3": "AWS_ENDPOINT_URL", "gs": "GOOGLE_BASE_URL", "az": "AZURE_STORAGE_ENDPOINT"}
_CREDENTIALS = {
    "s3": "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; AWS_SKIP_SIGNATURE=true if it is public",
    "gs": "run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS",
    "az": "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or AZURE_USE_AZURE_CLI=true",
}
_INVALID = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "AuthenticationFailed")
_MD5 = re.compile("[0-9a-f]{32}")
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist")

T = TypeVar("T")


class _Buckets:
    """The buckets of all schemes."""

    def read(self, place: Remote) -> tuple[IO[bytes], str]:
        def request() -> tuple[IO[bytes], str]:
            found = _library().get(_store(place.scheme, place.host), place.key)
            if found.meta["size"] <= IN_MEMORY:
                return io.BytesIO(bytes(found.bytes())), ""
            # Of a large file the library fetches the rest again where the connection breaks.
            whole = _library().get(_store(place.scheme, place.host, retries=8), place.key)
            return filled(whole.stream(min_chunk_size=PART)), whole.meta["e_tag"] or ""

        return _ask(request, place, ReadError)

    def optional(self, place: Remote) -> bytes | None:
        def request() -> bytes | None:
            try:
                return bytes(_library().get(_store(place.scheme, place.host), place.key).bytes())
            except FileNotFoundError:
                return None

        return _ask(request, place, ReadError)

    def remove(self, places: Sequence[Remote]) -> None:
        """Remove objects that this process has sent, as far as the server lets it."""
        for place in places:
            with contextlib.suppress(FileError):
                _ask(partial(_library().delete, _store(place.scheme, place.host), place.key), place, WriteError)

    def status(self, place: Remote) -> Status | None:
        if place.is_tree:
            return self._status_of_tree(place)
        store = _store(place.scheme, place.host)

        def request() -> Status | None:
            try:
                return _status(_library().head(store, place.key))
            except (FileNotFoundError, _errors().PermissionDeniedError):
                return None  # who may not list is refused, in place of being told that it is missing

        return _ask(request, place, FileError) if place.key else None

    def _status_of_tree(self, tree: Remote) -> Status | None:
        """Return the size of all objects of a tree, and a number of their names and states; None where it is none."""
        found, total, is_there = hashlib.sha256(), 0, False
        for each in self.objects(tree):
            state = each.stat()
            is_there |= each.key.removeprefix(f"{tree.key}/") in TREE_MARKS
            total += state.st_size
            found.update(f"{each.key} {state.st_size} {state.etag}\n".encode())
        return Status(total, found.hexdigest()) if is_there else None

    def is_folder(self, place: Remote) -> bool:
        return not place.key or any(True for _ in self.objects(place))

    def objects(self, folder: Remote, *, recursive: bool = True) -> Iterator[Remote]:
        """Yield the objects below a folder, or in it alone, by their names; after a failure from the last on."""
        store, prefix = _store(folder.scheme, folder.host), folder.key or None
        if not recursive:
            found = _ask(lambda: _library().list_with_delimiter(store, prefix), folder, ReadError)
            inside = [_found(folder, each) for each in found["objects"] if each["path"] != folder.key]
            inside += [each for path in found["common_prefixes"] if (each := folder.beside(path)).is_tree]
            yield from sorted(inside, key=lambda each: each.key)
            return
        pages: list[Any] = []  # the stream, while it has not failed
        last: str | None = None

        def page() -> Any:
            try:
                if not pages:
                    pages.append(_library().list(store, prefix, offset=last, chunk_size=1000))
                return next(pages[0], ())
            except BaseException:
                pages.clear()
                raise

        while listed := _ask(page, folder, ReadError):
            # The marks that some tools leave for folders have no bytes and no suffix.
            yield from (_found(folder, each) for each in listed if each["size"] or "." in each["path"])
            last = listed[-1]["path"]

    def write(self, place: Remote, stream: IO[bytes], size: int, *, overwrite: bool) -> Status:
        kind = mimetypes.guess_type(place.name)[0] or "application/octet-stream"
        settings: dict[str, Any] = {"attributes": {"Content-Type": kind}}
        if size > PART:
            return _ask(lambda: self._send_parts(place, stream, size, settings, overwrite=overwrite), place, WriteError)
        stream.seek(0)
        data = stream.read()
        return _ask(lambda: self._send(place, data, settings, overwrite=overwrite), place, WriteError)

    def _send(self, place: Remote, data: bytes, settings: dict[str, Any], *, overwrite: bool) -> Status:
        store = _store(place.scheme, place.host)
        mode = "overwrite" if overwrite else "create"
        try:
            result = _library().put(store, place.key, data, use_multipart=False, mode=mode, **settings)
        except _errors().AlreadyExistsError:
            # An earlier try may have arrived, though its answer did not.
            there = self.status(place)
            if there is None or not self._holds(place, there, data):
                raise _exists(place) from None
            return there
        except (_errors().NotSupportedError, _errors().GenericError) as error:
            if overwrite or not (isinstance(error, _errors().NotSupportedError) or _code(error) == 501):
                raise
            self._refuse_existing(place)  # a server that puts no conditions
            result = _library().put(store, place.key, data, use_multipart=False, **settings)
        return Status(len(data), result["e_tag"] or "")

    def _holds(self, place: Remote, there: Status, data: bytes) -> bool:
        """Return whether an object has some content: by its ETag, or where that is no sum of it, by reading it."""
        etag = there.etag.strip('"')
        if _MD5.fullmatch(etag):
            return etag == hashlib.md5(data, usedforsecurity=False).hexdigest()
        if there.st_size != len(data):
            return False
        with self.read(place)[0] as stream:
            return stream.read() == data

    def _send_parts(
        self, place: Remote, stream: IO[bytes], size: int, settings: dict[str, Any], *, overwrite: bool
    ) -> Status:
        def parts(asking: ThreadPoolExecutor) -> Iterator[bytes]:
            stream.seek(0)
            # Between two of them a signal ends the upload, which the library then aborts.
            while part := stream.read(PART):
                if not overwrite and stream.tell() == size:
                    # The library, at work in this thread, cannot be asked in it.
                    asking.submit(self._refuse_existing, place).result()
                yield part

        store = _store(place.scheme, place.host, retries=8)
        with ThreadPoolExecutor(1) as asking:
            result = _library().put(store, place.key, parts(asking), chunk_size=PART, max_concurrency=3, **settings)
        return Status(size, result["e_tag"] or "")

    def _refuse_existing(self, place: Remote) -> None:
        if self.status(place) is not None:
            raise _exists(place)


SERVER = _Buckets()


def _library() -> Any:
    try:
        import obstore
    except ImportError:
        raise FileError("buckets need a library that is not installed", "pip install 'convcli[cloud]'") from None
    return obstore


def _errors() -> Any:
    import obstore.exceptions

    return obstore.exceptions


def _exists(place: Remote) -> OutputRefused:
    return OutputRefused(f"{place} exists", "--force overwrites it, --skip-existing leaves it alone")


def _status(listed: Any) -> Status:
    return Status(listed["size"], listed["e_tag"] or "", listed["last_modified"].timestamp())


def _found(folder: Remote, listed: Any) -> Remote:
    return Remote(folder.scheme, folder.host, listed["path"], known=_status(listed))


@cache
def _store(scheme: str, bucket: str, *, retries: int = 0) -> ObjectStore:
    """Return the client of a bucket; requests that are tried again by the library are those for parts of a file."""
    _library()
    from obstore.store import AzureStore, GCSStore, S3Store

    settings: dict[str, Any] = {}
    try:
        if scheme == "s3":
            from convcli.places.profiles import settings_of_profile

            settings = settings_of_profile()
        endpoints = (settings.get("endpoint"), *map(os.environ.get, _ENDPOINTS))
        options = {name: timedelta(seconds=seconds) for name, seconds in SECONDS.items()}
        kinds: dict[str, Any] = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}
        store: ObjectStore = kinds[scheme](
            bucket,
            # A file may take as long as it takes, if only something comes.
            client_options=options
            | {"timeout": timedelta(days=1), "allow_http": any((each or "").startswith("http:") for each in endpoints)},
            retry_config={"max_retries": retries, "retry_timeout": timedelta(minutes=2)},
            **settings,
        )
        return store  # noqa: TRY300 - the errors are those of its making
    except (_errors().BaseError, ValueError) as error:
        hint = _CREDENTIALS[scheme]
        raise FileError(f"{scheme}://{bucket} cannot be opened with these settings", hint) from quoted(error)


def _ask(request: Callable[[], T], place: Remote, error: type[FileError]) -> T:
    return patiently(request, place, _trouble_of, error)


def _code(failure: Exception) -> int:
    """Return the code that the server answered with; 0 where it did not answer."""
    match = re.search(r"status code: (\d{3})", str(failure))
    return int(match[1]) if match else 0


def _trouble_of(failure: Exception, place: Remote) -> Trouble:
    """Return the reason of a failure by its type and the server's code: the library's own text is for developers."""
    text, code, errors = str(failure), _code(failure), _errors()
    if _METADATA.search(text):
        return Trouble(": there are no credentials for its bucket", _CREDENTIALS[place.scheme])
    if any(each in text for each in _NO_BUCKET):
        return Trouble(
            f": there is no bucket {place.host}", f"check its name, and {_SERVER_OF[place.scheme]} if you set it"
        )
    if isinstance(failure, FileNotFoundError) or code == 404:
        return Trouble(" does not exist", "check the name; that of a folder ends in a slash")
    if invalid := next((each for each in _INVALID if each in text), None):
        return Trouble(f": the credentials are refused ({invalid})", _CREDENTIALS[place.scheme])
    if isinstance(failure, errors.PermissionDeniedError | errors.UnauthenticatedError) or code in (401, 403):
        return Trouble(": access denied", "ask the owner of the bucket, or use other credentials")
    if "redirect" in text or code == 301:
        return Trouble(": its bucket is in another region", "set AWS_REGION to that of the bucket")
    if isinstance(failure, errors.InvalidPathError | ValueError):
        part = "a name in it" if isinstance(failure, errors.InvalidPathError) else "its name"
        return Trouble(f": {part} has an empty part, or one of dots, which cannot be read", "rename the object")
    if code:
        return Trouble(
            f": the server answered {code}", "try again later", passes=code >= 500 or code in (408, 409, 429)
        )
    if "kind: Timeout" in text or "TimedOut" in text:
        return Trouble(": the server does not answer in time", "try again later", passes=True)
    return Trouble(
        ": its server cannot be reached",
        f"check the network, and {_SERVER_OF[place.scheme]} if you set it",
        passes=True,
    )
