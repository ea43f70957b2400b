"""Changes below the inputs of ``apply --watch``, and of the files of its filter."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from convcli.errors import ConvcliError, FileError, UsageError
from convcli.jobs import identity_of, is_folder
from convcli.words import listed

if TYPE_CHECKING:
    from convcli.jobs import Recipe
    from convcli.report import Voice

_WAIT = 250  # milliseconds until an input that has changed is looked at again
_TOGETHER = 100  # milliseconds of changes that are looked at together
_QUIET = 1.0  # seconds without a change, after which all is looked at once: the system may have lost some
_SECONDS = 0.5  # between two looks at the files of the filter


class WatchedFilter:
    """The recipe, made anew when the files of its filter change.

    Parameters
    ----------
    files
        Returns the files that the text of the filter names.
    load
        Returns the recipe; raises ConvcliError where a file is no filter.
    """

    def __init__(
        self, files: Callable[[], list[Path]], load: Callable[[], Recipe], recipe: Recipe, voice: Voice
    ) -> None:
        self._files, self._load, self._voice = files, load, voice
        self.recipe = recipe
        self._stamps = self._stamped()
        self._looked, self._told = time.monotonic(), ""

    def has_changed(self) -> bool:
        """Return whether the filter is another one by now; say once where its file is none, and keep the one before."""
        now = time.monotonic()
        if now - self._looked < _SECONDS:
            return False
        self._looked = now
        stamps = self._stamped()
        if stamps == self._stamps:
            return False
        try:
            recipe = self._load()
        except ConvcliError as error:
            # A file that is being written is no filter for a moment: its stamp is another one then.
            if self._told == str(stamps):
                self._stamps = stamps
                self._voice.error(error)
                self._voice.warn("the filter stays as it was until its file is mended")
            self._told = str(stamps)
            return False
        self._stamps = stamps
        is_another = identity_of(recipe, None) != identity_of(self.recipe, None)
        self.recipe = recipe
        return is_another

    def _stamped(self) -> list[tuple[str, int, int]]:
        """Return the sizes and times of the filter's files, and of those in their folders: weights, and filters."""
        try:
            folders = {file.absolute().parent for file in self._files()}
        except ConvcliError:
            return []
        stamps = []
        for folder in folders:
            try:
                with os.scandir(folder) as entries:
                    stats = [(each.path, each.stat()) for each in entries if each.is_file()]
            except OSError:  # it is gone, or not to be read
                continue
            stamps += [(path, stat.st_size, stat.st_mtime_ns) for path, stat in stats]
        return sorted(stamps)


def changes_below(sources: Sequence[str], output: str, voice: Voice, *, recursive: bool) -> Iterator[set[str] | None]:
    """Return the paths that have changed, again and again, none where none has; None where any may have.

    First None, when changes are watched for. Where a watched folder is gone, it is waited for.

    Raises
    ------
    UsageError
        The library is missing.
    """
    try:
        import watchfiles
    except ImportError as error:
        raise UsageError("--watch needs watchfiles, which is not installed", "pip install 'convcli[watch]'") from error
    folders = {path if is_folder(path) else path.parent for path in map(Path, sources)}
    target = os.path.realpath(output)

    def is_told(_change: object, path: str) -> bool:
        # Of the output folder nothing is an input.
        return not os.path.realpath(path).startswith(f"{target}{os.sep}")

    def watched() -> Iterator[set[str]]:
        changes = watchfiles.watch(
            *folders,
            watch_filter=None if target in map(os.path.realpath, folders) else is_told,
            debounce=_TOGETHER,
            rust_timeout=_WAIT,
            yield_on_timeout=True,
            recursive=recursive and any(is_folder(Path(each)) for each in sources),
        )
        try:
            for several in changes:
                yield {path for _, path in several}
        except OSError as error:  # the system watches a number of folders at most
            raise FileError(f"changes are not watched: {error}", "name fewer folders, or leave out -r") from error

    return _outlasting(watched, folders, voice)


def _outlasting(
    watched: Callable[[], Iterator[set[str]]], folders: set[Path], voice: Voice
) -> Iterator[set[str] | None]:
    """Watch again where a folder was gone; look at all once where nothing has changed for a moment."""
    while True:
        before = {folder: _number(folder) for folder in folders}
        last: float | None = None
        is_first = True
        for changed in watched():
            now = time.monotonic()
            if changed:
                last = now
            is_quiet = last is not None and now - last > _QUIET
            last = None if is_quiet else last
            yield None if is_first or is_quiet else changed
            is_first = False
            if any(_number(folder) != number for folder, number in before.items()):
                break
        gone = [str(folder) for folder in folders if not folder.is_dir()]
        if gone:
            voice.warn(f"{listed(gone)}: gone; watched again when it is back")
        while not all(folder.is_dir() for folder in folders):
            time.sleep(_WAIT / 1000)
        if gone:
            voice.say(f"watching {listed(gone)} again")


def _number(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
