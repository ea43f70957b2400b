"""Pictures through filters: one file, many files, pairs to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.jobs.cluster.learning import readers_on
    from convcli.jobs.comparing.alike import Alike
    from convcli.jobs.comparing.files import Compared, Comparison, compare_files, compare_pictures, find_compared
    from convcli.jobs.comparing.measures import Figures
    from convcli.jobs.labels import Labeled, labeled, open_labeled
    from convcli.jobs.many.dry_run import predict_outcome, refuse_levels
    from convcli.jobs.many.earlier import Earlier
    from convcli.jobs.many.finding import Finder, PassedOver
    from convcli.jobs.many.in_place import Scope, plan_anew, plan_rest, record_in_place
    from convcli.jobs.many.overwriting import refuse_overwritten_inputs
    from convcli.jobs.many.planning import DEFAULT_NAME, Batch, means_folder, plan_batch, plan_in_place
    from convcli.jobs.many.record import Record, record_of, resume
    from convcli.jobs.many.running import run_batch, until_failure
    from convcli.jobs.many.watching import Due, WatchedInputs
    from convcli.jobs.masks import Masks
    from convcli.jobs.one.channels import alpha_of, parse_channels
    from convcli.jobs.one.identity import identity_of
    from convcli.jobs.one.looks import in_light, laid_on_background, with_profile_of
    from convcli.jobs.one.outputs import no_format, refuse_terminal
    from convcli.jobs.one.recipe import CLUSTER_LOGGER, FRAMES_LOGGER, LOCAL, STRIPS_LOGGER, Artist, Policy, Recipe
    from convcli.jobs.one.rows_of_values import FilteredRows
    from convcli.jobs.one.run import filtered, output_size
    from convcli.jobs.one.strips.facts import Facts, Wanted, joined
    from convcli.jobs.one.treatment import Given, decide
    from convcli.jobs.one.values import filter_values
    from convcli.jobs.one.work import DRY_RUN, Done, Failed, Job, OnOutput, Outcome, Skipped
    from convcli.jobs.pairs import Opened, open_pairs, pairs_of
    from convcli.jobs.paths import STREAM, exists, is_folder
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "cluster.learning": "readers_on",
            "comparing.alike": "Alike",
            "comparing.files": "Compared Comparison compare_files compare_pictures find_compared",
            "comparing.measures": "Figures",
            "many.dry_run": "predict_outcome refuse_levels",
            "many.earlier": "Earlier",
            "many.finding": "Finder PassedOver",
            "many.in_place": "Scope plan_anew plan_rest record_in_place",
            "many.overwriting": "refuse_overwritten_inputs",
            "many.planning": "Batch DEFAULT_NAME means_folder plan_batch plan_in_place",
            "many.running": "run_batch until_failure",
            "many.watching": "Due WatchedInputs",
            "one.channels": "alpha_of parse_channels",
            "one.strips.facts": "Facts Wanted joined",
            "one.identity": "identity_of",
            "one.looks": "in_light laid_on_background with_profile_of",
            "one.outputs": "no_format refuse_terminal",
            "one.recipe": "CLUSTER_LOGGER FRAMES_LOGGER LOCAL STRIPS_LOGGER Artist Policy Recipe",
            "many.record": "Record record_of resume",
            "one.rows_of_values": "FilteredRows",
            "one.run": "filtered output_size",
            "one.treatment": "Given decide",
            "one.values": "filter_values",
            "one.work": "DRY_RUN Done Failed Job OnOutput Outcome Skipped",
            "labels": "Labeled labeled open_labeled",
            "masks": "Masks",
            "pairs": "Opened open_pairs pairs_of",
            "paths": "STREAM exists is_folder",
        },
    )
