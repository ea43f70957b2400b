"""The jobs of a batch: an output for every input."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from convcli.disk import is_special, is_stored_folder
from convcli.errors import UsageError
from convcli.image import Format, default_format, format_of
from convcli.jobs.many.finding import Finder, Found, PassedOver
from convcli.jobs.one.outputs import no_format
from convcli.jobs.one.work import Job, Skipped
from convcli.jobs.paths import STREAM, exists, is_folder
from convcli.places import Place, Remote, is_url, place_of
from convcli.words import as_word

if TYPE_CHECKING:
    from convcli.jobs.many.naming import SizeOf

DEFAULT_NAME = "{stem}{suffix}"
# Outputs in a bucket that are looked up together.
_WORTH_LISTING = 4
# Inputs that are found, and whose outputs are compared, before the first is begun: in a quarter of a second.
_LOOKED_AHEAD = 10_000
# Patterns that a message proposes where names collide.
_PROPOSALS = ("{stem}-{ext}{suffix}", "{parent}-{stem}{suffix}", "{n:03}-{stem}{suffix}")


class Batch(NamedTuple):
    """A job per input file, how many files in folders are no input, and the jobs that an earlier run has done.

    Of a very large folder `jobs` are the first; `more` are found while these are at work.
    """

    jobs: Sequence[Job]
    passed_over: PassedOver = PassedOver()
    done: tuple[Skipped, ...] = ()
    more: MoreJobs | None = None


class MoreJobs:
    """Jobs that are found while they are iterated over, once; then `count` and `passed_over` are complete."""

    def __init__(self, finder: Finder, jobs: Iterable[Job]) -> None:
        self.count = 0
        self._finder, self._jobs = finder, jobs

    def __iter__(self) -> Iterator[Job]:
        for job in self._jobs:
            self.count += 1
            yield job

    @property
    def passed_over(self) -> PassedOver:
        """The numbers of files in folders that are no input, as far as they were looked at."""
        return self._finder.passed_over


def plan_batch(
    inputs: Sequence[str],
    output: str,
    *,
    recursive: bool = False,
    name: str = DEFAULT_NAME,
    filter_name: str = "filter",
    form: Format | None = None,
    size_of: SizeOf | None = None,
    streamed: bool = False,
    may_be_empty: bool = False,
) -> Batch:
    """Find the input files, and name the output of each.

    The inputs are files, folders, or ``-`` for standard input; `recursive` takes the whole tree below a folder, and
    keeps its paths. The output is a file for one input file; a folder, existing or ending in a slash, where `name` is
    the pattern of its files' names (`naming`); or ``-`` for standard output. Its format is `form`, or for None that of
    its name. `size_of` is called for the sizes in names, and may read the files.

    With `streamed`, of a folder of many thousand files whose names are kept only the first are found at once.

    Raises UsageError where the inputs and the output do not go together, two outputs would have one name, or there is
    no input, unless it `may_be_empty`.
    """
    finder = Finder(inputs, output, recursive=recursive)
    found = list(islice(finder, _LOOKED_AHEAD))
    if not found and not may_be_empty:
        raise _no_picture(inputs, recursive=recursive)
    if len(found) == _LOOKED_AHEAD:
        is_plain = name == DEFAULT_NAME and form is None and len(inputs) == 1 and is_folder(place_of(inputs[0]))
        batch = _streamed_batch(finder, found, output) if streamed and is_plain else None
        if batch is not None:
            return batch
        found += finder
    passed_over = finder.passed_over
    many = len(found) > 1 or any(is_folder(place_of(each)) for each in inputs if each != STREAM)
    if output == STREAM:
        if len(found) > 1:
            raise UsageError(f"{len(found)} pictures do not fit into one stream", "give an output folder: -o out/")
        return Batch((Job(found[0].source, None, form),), passed_over)
    if means_folder(output):

        def naming(name: str) -> tuple[Job, ...]:
            return tuple(_jobs_in_folder(found, place_of(output), name, filter_name, form, size_of))

        jobs = naming(name)
        _refuse_collisions(jobs, naming)
        return Batch(_with_known_targets(jobs, place_of(output)), passed_over)
    if many:
        _refuse_one_file(output, len(found))
    if form is None and format_of(output) is None and not is_special(place_of(output)):
        raise no_format(output)
    return Batch((Job(found[0].source, place_of(output), form),), passed_over)


def plan_in_place(inputs: Sequence[str], *, recursive: bool = False) -> Batch:
    """Find the input files, each of which is its own output.

    Raises UsageError for standard input and URLs, and where one file is named twice.
    """
    from convcli.jobs.many.overwriting import refuse_overwritten_inputs  # here, since few batches need it

    for text in inputs:
        if text == STREAM or is_url(text):
            name = "stdin" if text == STREAM else place_of(text)
            raise UsageError(f"--in-place replaces files, and {name} is none", "name an output: -o FILE")
    finder = Finder(inputs, os.devnull, recursive=recursive)
    jobs = tuple(Job(source, source) for source, _ in finder)
    if not jobs:
        raise _no_picture(inputs, recursive=recursive)
    refuse_overwritten_inputs(jobs)
    return Batch(jobs, finder.passed_over)


def _no_picture(inputs: Sequence[str], *, recursive: bool) -> UsageError:
    """Return the error for folders without pictures, which may have videos."""
    hint = "" if recursive else "-r takes the folders below too"
    for text in inputs:
        folder = place_of(text)
        if isinstance(folder, Path) and is_folder(folder):
            forms = ((each, format_of(each)) for each in sorted(folder.iterdir()))
            video = next((each for each, form in forms if form is not None and form.moving), None)
            if video is not None:
                hint = f"videos are filtered where they are named: {as_word(str(folder))}/*{video.suffix}"
                break
    return UsageError(f"no picture in {', '.join(inputs)}", hint)


def _streamed_batch(finder: Finder, found: Sequence[Found], output: str) -> Batch | None:
    """Return the jobs of a folder whose names are kept, those that are found first; None where two could have one name.

    In a folder that takes upper and lower case for one, they could.
    """
    first, more = (_jobs_in_folder(each, place_of(output), DEFAULT_NAME) for each in (found, finder))
    is_on_disk = means_folder(output) and not is_url(output)  # in a bucket the outputs are looked up together
    jobs = tuple(first) if is_on_disk else ()
    return Batch(jobs, more=MoreJobs(finder, more)) if jobs and not _ignores_case(jobs[0]) else None


def means_folder(output: str) -> bool:
    """Return whether an output is a folder for the outputs of several inputs: one that is there, or by its slash."""
    separators = tuple(filter(None, ("/" if is_url(output) else os.sep, os.altsep)))
    place = place_of(output)
    return is_folder(place) or (output.endswith(separators) and not is_stored_folder(place))


def _jobs_in_folder(
    found: Iterable[Found],
    folder: Place,
    name: str,
    filter_name: str = "",
    form: Format | None = None,
    size_of: SizeOf | None = None,
) -> Iterator[Job]:
    from convcli.jobs.many.naming import Pattern, values_of  # not imported for a single picture

    pattern = Pattern(name)
    for index, (source, relative) in enumerate(found, start=1):
        if source is None:
            raise UsageError("standard input has no name to keep in a folder", "give an output file, or - for stdout")
        suffix = form.suffixes[0] if form else _suffix_of(relative)
        file_name = pattern.name(values_of(source, relative, index, filter_name, suffix, size_of))
        if PurePath(file_name).name != file_name or file_name in ("", "..") or "\0" in file_name:
            raise UsageError(f"--name {name!r} gives {file_name!r}, which is no file name", "leave out slashes")
        if form is None and format_of(file_name) is None and format_of(relative) is not None:
            message = f"--name {name!r} gives {file_name!r}, whose ending stands for no format"
            raise UsageError(message, f"write --name {as_word(f'{name}{{suffix}}')}, or give --format")
        yield Job(source, folder / relative.parent / file_name, form, makes_folder=True)


def _suffix_of(relative: PurePath) -> str:
    """Return the end of an output's name: that of the input, and another one behind it where that is not written.

    So what is made of ``a.cr2`` is ``a.cr2.png``, which is not what is made of ``a.png``.
    """
    given = format_of(relative)
    return relative.suffix if given is None or given.written else relative.suffix + default_format().suffixes[0]


def _refuse_one_file(output: str, count: int) -> NoReturn:
    """Raise UsageError for an output that is one file for the pictures of a folder, or for several."""
    inputs_are = f"there are {count} inputs" if count > 1 else "the input is one"
    folder = output.removesuffix(PurePath(output).suffix) if format_of(output) else output
    made = f"write -o {as_word(f'{folder}/')} to make it one"
    hint = "give an output folder: -o out/" if exists(place_of(output)) else made
    raise UsageError(f"{output} is not a folder, and {inputs_are}", hint)


def _with_known_targets(jobs: tuple[Job, ...], folder: Place) -> tuple[Job, ...]:
    """Return jobs whose outputs in a bucket are known to be there or not."""
    targets = [job.target for job in jobs if isinstance(job.target, Remote)]
    if len(targets) < _WORTH_LISTING or not isinstance(folder, Remote):
        return jobs
    from convcli.places import looked_up  # here, for buckets alone

    return tuple(job._replace(target=place) for job, place in zip(jobs, looked_up(targets, folder), strict=True))


def _refuse_collisions(jobs: Sequence[Job], naming: Callable[[str], tuple[Job, ...]]) -> None:
    first = _first_collision(jobs)
    if first is None:
        return
    job, other = first
    helping = [each for each in _PROPOSALS if _first_collision(naming(each)) is None]
    raise UsageError(
        f"{other.source_name} and {job.source_name} would both become {job.target_name}",
        f'--name "{helping[0]}" names them apart' if helping else "filter them into different folders",
    )


def _first_collision(jobs: Iterable[Job]) -> tuple[Job, Job] | None:
    """Return a job whose output is that of an earlier one, and that one."""
    exact: dict[Place | None, Job] = {}
    folded: dict[str, Job] = {}
    for job in jobs:
        other, like = exact.setdefault(job.target, job), folded.setdefault(str(job.target).casefold(), job)
        if other is not job:
            return job, other
        if like is not job and _ignores_case(job):
            return job, like
    return None


def _ignores_case(job: Job) -> bool:
    """Return whether the file system of a job's output takes upper and lower case for one."""
    assert job.target is not None
    if isinstance(job.target, Remote):
        return False
    folder = next(each for each in job.target.absolute().parents if exists(each))
    swapped = folder.with_name(folder.name.swapcase()) if folder.name else folder
    return swapped != folder and exists(swapped) and swapped.samefile(folder)
