"""Which files go where, and many of them at once."""

from convcli.jobs.many.dry_run import look_ahead
from convcli.jobs.many.finding import STREAM, files_below
from convcli.jobs.many.overwriting import refuse_overwritten_inputs
from convcli.jobs.many.planning import Batch, plan_batch
from convcli.jobs.many.running import run_batch, until_failure

__all__ = [
    "STREAM",
    "Batch",
    "files_below",
    "look_ahead",
    "plan_batch",
    "refuse_overwritten_inputs",
    "run_batch",
    "until_failure",
]
