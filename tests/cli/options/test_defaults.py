"""The options that are left out stand for the settings' own defaults: each default has one value."""

from __future__ import annotations

from convcli.catalog import load_filter, to_yaml
from convcli.cli.apply.options import EngineOptions, FileOptions, OutputOptions, ValueOptions
from convcli.cli.apply.planning import policy_of, recipe_of
from convcli.cli.learn.options import DescentOptions, ModelOptions, settings_of
from convcli.cli.options.kernel import KernelOptions
from convcli.jobs import Policy, Recipe
from convcli.jobs.many.planning import DEFAULT_NAME
from convcli.learning import LearnSettings


def test_apply_has_the_defaults_of_recipe_and_policy() -> None:
    pipeline = load_filter("sharpen:stride=2,border=wrap")
    assert to_yaml(KernelOptions().applied_to(pipeline)) == to_yaml(pipeline)
    assert recipe_of(pipeline, ValueOptions(), OutputOptions()) == Recipe(pipeline)
    assert policy_of(FileOptions(), EngineOptions()) == Policy()
    assert OutputOptions().name == DEFAULT_NAME


def test_learn_has_the_defaults_of_its_settings() -> None:
    assert settings_of(ModelOptions(), DescentOptions()) == LearnSettings()
