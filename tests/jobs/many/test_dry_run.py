from __future__ import annotations

from pathlib import Path

from convcli.jobs.many.dry_run import predict_outcome
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.work import DRY_RUN, Failed, Job, Skipped
from tests.jobs.many.batches import IDENTITY, tree


def test_predicting_touches_nothing(tmp_path: Path) -> None:
    tree(tmp_path, "a.png", "b.png")
    recipe = Recipe(IDENTITY)
    ahead = predict_outcome(Job(tmp_path / "a.png", tmp_path / "new" / "a.png", makes_folder=True), recipe, Policy())
    assert isinstance(ahead, Skipped)
    assert ahead.reason == DRY_RUN
    assert isinstance(predict_outcome(Job(tmp_path / "none.png", tmp_path / "c.png"), recipe, Policy()), Failed)
    assert isinstance(predict_outcome(Job(tmp_path / "a.png", tmp_path / "b.png"), recipe, Policy()), Failed)
    there = predict_outcome(Job(tmp_path / "a.png", tmp_path / "b.png"), recipe, Policy(existing="skip"))
    assert isinstance(there, Skipped)
    assert there.reason == "the output exists"
    assert isinstance(predict_outcome(Job(None, None), recipe, Policy()), Skipped)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.png", "b.png"]
