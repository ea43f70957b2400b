"""Pictures through filters: one file, many files, pairs to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.jobs.many.dry_run import look_ahead as look_ahead
    from convcli.jobs.many.overwriting import refuse_overwritten_inputs as refuse_overwritten_inputs
    from convcli.jobs.many.planning import Batch as Batch, plan_batch as plan_batch
    from convcli.jobs.many.running import run_batch as run_batch, until_failure as until_failure
    from convcli.jobs.one.channels import names_alpha as names_alpha, parse_channels as parse_channels
    from convcli.jobs.one.filtering import filtered as filtered
    from convcli.jobs.one.record import record_of as record_of, resume as resume
    from convcli.jobs.one.run import exists as exists, is_folder as is_folder, refuse_terminal as refuse_terminal
    from convcli.jobs.one.work import (
        DRY_RUN as DRY_RUN,
        Artist as Artist,
        Done as Done,
        Failed as Failed,
        Job as Job,
        Outcome as Outcome,
        Recipe as Recipe,
        Skipped as Skipped,
    )
    from convcli.jobs.pairs import Opened as Opened, open_pairs as open_pairs
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "many.dry_run": ("look_ahead",),
            "many.overwriting": ("refuse_overwritten_inputs",),
            "many.planning": (
                "Batch",
                "plan_batch",
            ),
            "many.running": (
                "run_batch",
                "until_failure",
            ),
            "one.channels": (
                "names_alpha",
                "parse_channels",
            ),
            "one.filtering": ("filtered",),
            "one.record": (
                "record_of",
                "resume",
            ),
            "one.run": (
                "exists",
                "is_folder",
                "refuse_terminal",
            ),
            "one.work": (
                "Artist",
                "DRY_RUN",
                "Done",
                "Failed",
                "Job",
                "Outcome",
                "Recipe",
                "Skipped",
            ),
            "pairs": (
                "Opened",
                "open_pairs",
            ),
        },
    )
