"""One large picture on the workers of a Dask cluster: a block of its rows a task, written here in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from math import lcm
from typing import TYPE_CHECKING, Any, NamedTuple

from convcli.errors import ConvcliError, unforeseen
from convcli.image import Format, Frames, Picture, RowReader, codec_of, opened_rows
from convcli.jobs.cluster.tasks import Call, results_in_order
from convcli.jobs.cluster.worker import check_seen, check_version
from convcli.jobs.one.finishing import Tally, shown_page
from convcli.jobs.one.memory import bound_of
from convcli.jobs.one.outputs import output_format, refusal
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.strips.facts import Facts, FrameOfFacts, Wanted, joined
from convcli.jobs.one.strips.finished import FinishedStrips
from convcli.jobs.one.strips.frame import NotInStripsError
from convcli.jobs.one.strips.progress import Reached
from convcli.jobs.one.strips.running import run_in_strips
from convcli.jobs.one.treatment import Treatment, treat
from convcli.jobs.one.work import Failed, Job, OnOutput, Outcome
from convcli.jobs.paths import whole
from convcli.note import Note
from convcli.version import __version__

if TYPE_CHECKING:
    from distributed import Client

_BLOCK = 32 << 20  # bytes of the rows of a block, at most
_SEGMENTS = 4  # of a block, at least where memory allows: those at its ends are decoded for its neighbors, too
_FEWEST = 4  # blocks: a smaller picture is done by one worker
_HINT = "start it again, and repeat the command"


def run_in_blocks(
    client: Client, job: Job, recipe: Recipe, policy: Policy, on_output: OnOutput | None
) -> Outcome | None:
    """Filter one picture on all workers; return None where one of them does as well, or has to."""
    finish = partial(_Blocks, client, job, recipe, policy)
    if not _is_read_in_any_order(job, recipe, policy):
        return None
    try:
        if refused := refusal(job, policy.existing):
            return refused
        return run_in_strips(job, recipe, policy, on_output, bound_of(policy), finish)
    except NotInStripsError:
        return None
    except ConvcliError as error:
        if job.source is not None:
            error.message = error.message.replace(str(whole(job.source)), job.source_name)
        return Failed(job, error)
    except Exception as error:  # as in `run_job`
        return Failed(job, unforeseen(error, job.source_name))


def _is_read_in_any_order(job: Job, recipe: Recipe, policy: Policy) -> bool:
    """Return whether the rows of a file are, by its header; False where it cannot be read, which a worker tells."""
    assert job.source is not None

    def admit(name: str, _: object) -> None:
        raise NotInStripsError(f"{name} is decoded whole")

    frames: Frames = "all" if recipe.frame is None else recipe.frame
    with (
        suppress(ConvcliError),
        opened_rows(job.source, max_pixels=policy.max_pixels, frames=frames, admit=admit) as reader,
    ):
        return reader is not None and reader.in_any_order and len(reader.picture.frames) == 1
    return False


class _Task(NamedTuple):
    """A picture, and what becomes of it, as a worker has it."""

    job: Job
    recipe: Recipe
    policy: Policy
    version: str
    facts: Facts


class _Block(NamedTuple):
    """Some rows of the output, and the facts about them."""

    picture: Picture
    tally: Tally
    notes: tuple[Note, ...]


class _Blocks(FinishedStrips):
    """The rows of the output, finished by workers in blocks."""

    def __init__(
        self,
        client: Client,
        job: Job,
        recipe: Recipe,
        policy: Policy,
        reader: RowReader,
        treatment: Treatment,
        form: Format,
        bound: int,
        reached: Reached | None,
    ) -> None:
        if not codec_of(form).in_rows:
            raise NotInStripsError("the output is encoded whole")
        self._client, self._threads = client, sum(client.nthreads().values())
        settings = replace(policy.settings.settled(), threads=policy.settings.threads or 1)
        shared = policy._replace(scheduler=None, workers=None, memory=None, bound=None, settings=settings)
        assert job.source is not None
        assert job.target is not None
        sent = job._replace(source=whole(job.source), target=whole(job.target), own=frozenset())
        self._task = _Task(sent, recipe, shared, __version__, {})
        self._blocks: Iterator[_Block] | None = None
        super().__init__(reader, treatment, form, bound, reached)

    def _turn_to(self, number: int) -> None:
        super()._turn_to(number)
        planned = FrameOfFacts(self._reader, self._treatment, {})
        planned.plan()
        self._frame.rows_at_once = self._rows(planned.main.unit)
        self._frame.end_with(codec_of(self._form).rows_together_for(self._reader.picture))
        for wanted in planned.asked:
            spans = _spans(planned.rows_of(wanted), self._frame.rows_at_once)
            parts = self._results(_part, [(self._task, wanted, *span) for span in spans])
            self._task = self._task._replace(facts={**self._task.facts, wanted: joined(wanted, parts)})

    def _finished(self, number: int, first: int, last: int) -> Picture:
        if self._blocks is None:  # they are asked for from the first one on
            self._blocks = self._results(_block, [(self._task, *span) for span in self._spans(first)])
        block = next(self._blocks)
        self.tallies.append(block.tally)
        self.ends.append((number, last))
        self._notes.update(dict.fromkeys(block.notes))
        return block.picture

    def _rows(self, unit: int) -> int:
        """Return the rows of a block: as many as fit into the bound with others; raise where there are few blocks."""
        reader, treatment = self._reader, self._treatment
        outputs, height, width = treatment.shape
        line = width * (outputs + treatment.keeps_alpha) * treatment.dtype.itemsize
        most = min(self._bound // (self._threads + 2), max(_BLOCK, _SEGMENTS * reader.at_once * line)) // line
        both = lcm(unit, reader.at_once)
        step = both if both <= most else unit
        rows = int(max(most // step, 1) * step)
        if height < _FEWEST * rows or rows < reader.at_once:
            raise NotInStripsError("one worker does it as well")
        return rows

    def _results(self, function: Callable[..., Any], arguments: Iterable[tuple[object, ...]]) -> Iterator[Any]:
        calls: Iterator[Call] = ((function, each) for each in arguments)
        return results_in_order(self._client, calls, _HINT, most=self._threads + 1)


def _spans(height: int, rows: int) -> list[tuple[int, int]]:
    return [(first, min(first + rows, height)) for first in range(0, height, rows)]


def _part(task: _Task, wanted: Wanted, first: int, last: int) -> Any:
    with _opened(task) as (frame, _):
        return frame.part_of(wanted, first, last)


def _block(task: _Task, first: int, last: int) -> _Block:
    with _opened(task) as (frame, form):
        computed = frame.computed(first, last)
        tally = Tally.of(computed, frame.treatment)
        shown, notes = shown_page(frame.picture, [computed.values], frame.treatment, form)
        return _Block(shown, tally, notes)


@contextmanager
def _opened(task: _Task) -> Iterator[tuple[FrameOfFacts, Format]]:
    """Open the picture on a worker, and yield a frame that knows what is known, and the format of the output."""
    job, recipe, policy, version, facts = task
    assert job.source is not None
    check_version(version, f"{job.source_name}: ")
    check_seen(job.source)
    frames: Frames = "all" if recipe.frame is None else recipe.frame
    with opened_rows(job.source, max_pixels=policy.max_pixels, frames=frames, strict=policy.strict) as reader:
        assert reader is not None
        form = output_format(job, recipe, is_array=reader.picture.is_array)
        assert form is not None
        (treatment,) = treat(reader.picture, recipe, form, job, policy.settings)
        frame = FrameOfFacts(reader, treatment, facts)
        frame.plan()
        yield frame, form
