"""One file: read, filter, write, and what became of it."""

from convcli.jobs.one.channels import names_alpha, parse_channels
from convcli.jobs.one.run import exists, is_folder, no_format, refusal, refuse_terminal, run_job
from convcli.jobs.one.work import DRY_RUN, Artist, Done, Existing, Failed, Job, Outcome, Recipe, Skipped

__all__ = [
    "DRY_RUN",
    "Artist",
    "Done",
    "Existing",
    "Failed",
    "Job",
    "Outcome",
    "Recipe",
    "Skipped",
    "exists",
    "is_folder",
    "names_alpha",
    "no_format",
    "parse_channels",
    "refusal",
    "refuse_terminal",
    "run_job",
]
