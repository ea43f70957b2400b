"""Tasks on the workers of a cluster, of which a few are sent ahead.

The scheduler gives the tasks of a lost worker to others, and gives a task up whose workers are lost again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from uuid import uuid4

from convcli.errors import ConvcliError, FileError, unforeseen

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
Call = tuple[Callable[..., Any], tuple[object, ...]]  # a function and its arguments

_AHEAD = 3  # tasks sent for each thread of the cluster: one is at work, the others are on their way
LOSSES = 5  # times that a task is sent again whose workers were lost, each after the three that the scheduler allows

# The error of such a task, and the way out.
DIED = ("its workers died, for want of memory perhaps", "give the workers more memory, or fewer threads")


class LostError(Exception):
    """The workers of a task were lost each time."""


class _Sent(NamedTuple, Generic[T]):
    subject: T
    call: Call
    losses: int  # that are left


class Tasks(Generic[T]):
    """Tasks on a cluster, each with its subject; `hint` says what to do where the scheduler is lost.

    `threads` is their number in the cluster, `most` that of tasks to be sent at a time.
    """

    def __init__(self, client: Client, hint: str) -> None:
        from distributed import as_completed

        self._client, self._hint = client, hint
        self.name = f"convcli-{uuid4().hex}"
        self.threads = sum(client.nthreads().values())
        self.most = _AHEAD * self.threads
        self._sent: dict[Future, _Sent[T]] = {}
        self._ended = as_completed((), client.loop, with_results=False, raise_errors=False)

    def send(self, subject: T, call: Call, losses: int = LOSSES) -> None:
        """Send a task, again up to so many times where its workers are lost."""
        function, arguments = call
        future = self._client.submit(function, *arguments, key=f"{self.name}-{uuid4().hex}")
        self._watch(future, _Sent(subject, call, losses))

    def ended(self) -> Iterator[tuple[T, Any]]:
        """Yield subjects with what their tasks returned, or the error that they raised, as they end.

        The error is LostError where the workers were lost. Raises FileError where the scheduler is lost.
        """
        for future in self._ended:
            sent = self._sent.pop(future)
            if future.status in ("pending", "lost"):  # with the worker that had the result; it is done again
                self._watch(future, sent)
                continue
            result = self._result(future)
            if isinstance(result, LostError) and sent.losses:
                self.send(sent.subject, sent.call, sent.losses - 1)
                continue
            yield sent.subject, result

    def cancel(self) -> None:
        """Give up the tasks that are sent."""
        if self._sent and self._client.status == "running":
            with suppress(Exception):  # it ends all the same: the scheduler forgets the tasks of a lost client
                self._client.cancel(list(self._sent), force=True)

    def _watch(self, future: Future, sent: _Sent[T]) -> None:
        self._sent[future] = sent
        self._ended.add(future)

    def _result(self, future: Future) -> Any:
        from distributed.scheduler import KilledWorker

        lost = FileError("the scheduler is lost", self._hint)
        if future.status == "finished":
            try:
                return future.result()
            except (OSError, CancelledError) as error:
                raise lost from error
        if future.status == "cancelled" or self._client.status != "running":
            raise lost
        raised = future.exception()
        return LostError() if isinstance(raised, KilledWorker) else raised


def results_in_order(client: Client, calls: Iterable[Call], hint: str, most: int | None = None) -> Iterator[Any]:
    """Yield what functions return, in the order of the calls, of which a few more are sent than are at work.

    Of `most`, results are waited for at a time.

    Raises the errors that they raise, and FileError where the scheduler is lost, with the `hint`, or the workers of a
    call are lost each time.
    """
    tasks: Tasks[int] = Tasks(client, hint)
    ahead = enumerate(calls)
    results: dict[int, Any] = {}
    wanted = 0
    try:
        for index, call in islice(ahead, most or tasks.most):
            tasks.send(index, call)
        for number, result in tasks.ended():
            results[number] = result
            while wanted in results:
                yield _checked(results.pop(wanted))
                wanted += 1
                for index, call in islice(ahead, 1):
                    tasks.send(index, call)
    finally:
        tasks.cancel()


def _checked(result: Any) -> Any:
    if isinstance(result, LostError):
        fault, hint = DIED
        raise FileError(f"a part of the work: {fault}", hint)
    if isinstance(result, BaseException):
        raise result if isinstance(result, ConvcliError) else unforeseen(result)  # type: ignore[arg-type]
    return result
