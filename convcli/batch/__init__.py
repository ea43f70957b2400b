"""Which files go where, and many of them at once."""

from convcli.batch.dry_run import look_ahead
from convcli.batch.finding import STREAM, files_below
from convcli.batch.overwriting import refuse_overwritten_inputs
from convcli.batch.planning import Batch, plan_batch
from convcli.batch.running import run_batch, until_failure

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
