"""The connection to a cluster, or one on this machine, and the versions there."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from warnings import catch_warnings, simplefilter

from convcli.errors import UsageError
from convcli.jobs.cluster import facts
from convcli.jobs.one.recipe import CLUSTER_LOGGER, LOCAL
from convcli.jobs.tracker import start_tracker
from convcli.version import __version__
from convcli.words import counted

if TYPE_CHECKING:
    from distributed import Client

log = logging.getLogger(CLUSTER_LOGGER)

_SECONDS = 30  # to wait for a scheduler, and for its first worker


@contextmanager
def connected(scheduler: str, workers: int | None = None) -> Iterator[Client]:
    """Connect to the cluster at an address; or start one of so many workers on this machine, and end it.

    Raises UsageError where there is no such cluster, or a worker has another version or none.
    """
    try:
        import distributed
    except ImportError as error:
        raise UsageError("--scheduler needs Dask, which is not installed", "pip install 'convcli[cluster]'") from error
    for name in logging.root.manager.loggerDict:  # each has a level of its own; its errors are told in a line each
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)
    with _cluster(scheduler, workers) as address:
        try:
            client = distributed.Client(address, timeout=_SECONDS)
        except (OSError, ValueError, TypeError) as error:
            raise UsageError(
                f"no scheduler answers at {scheduler}", "give its address, such as tcp://host:8786, or local"
            ) from error
        with closing(client):
            _check_workers(client, scheduler)
            yield client


@contextmanager
def _cluster(scheduler: str, workers: int | None) -> Iterator[str]:
    if scheduler != LOCAL:
        yield scheduler
        return
    from distributed import LocalCluster

    from convcli.engine import available_threads

    count = workers or available_threads()
    start_tracker()
    with _without_interrupts(), catch_warnings():
        simplefilter("ignore")  # such as that another cluster has the usual port, where the address is told anyway
        cluster = LocalCluster(n_workers=count, threads_per_worker=1, silence_logs=logging.CRITICAL)
    with closing(cluster):
        yield cluster.scheduler_address


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Have threads and processes that are started ignore Ctrl-C, which goes to all processes of a terminal."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGHUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _check_workers(client: Client, scheduler: str) -> None:
    """Wait for the first worker, and refuse a cluster with another version of convcli."""
    import cloudpickle

    try:
        client.wait_for_workers(1, timeout=_SECONDS)
    except TimeoutError as error:
        raise UsageError(f"the scheduler at {scheduler} has no workers", "start some: dask worker") from error
    cloudpickle.register_pickle_by_value(facts)  # a worker without convcli says so
    try:
        found = client.run(facts.version_there)
    finally:
        cloudpickle.unregister_pickle_by_value(facts)
    for worker, version in found.items():
        if version != __version__:
            has = f"convcli {version}" if version else "no convcli"
            raise UsageError(f"the worker {worker} has {has}, this is {__version__}", "install the same version there")
    link = f"; {client.dashboard_link}" if client.dashboard_link else ""
    log.info("%s on the cluster at %s%s", counted(len(found), "worker"), client.scheduler.address, link)
