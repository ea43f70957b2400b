import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from convcli.catalog import check_file
from convcli.catalog.loading import CatalogScope
from convcli.catalog.yaml import text as yaml_text
from convcli.catalog.yaml.build import build_pipeline
from convcli.catalog.yaml.keys import KERNEL_KEYS
from convcli.catalog.yaml.schema import schema
from convcli.errors import FilterError
from convcli.filters import Parameter
from tests.support.paths import DOCS, KERNELS

COMMITTED = DOCS / "filter.schema.json"


def test_the_committed_schema_is_current() -> None:
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert committed == schema(), "python -m convcli.catalog.yaml.schema > docs/filter.schema.json"


@pytest.mark.parametrize("key", KERNEL_KEYS, ids=str)
def test_every_key_of_a_kernel_has_examples_that_are_valid(key: Parameter) -> None:
    assert key.examples
    for example in key.examples:
        values = {"weights": [[1]], key.name: example}
        assert editor().is_valid(values)
        build_pipeline(
            {**values, **({"weights": [[[[1]]]] * 3} if key.name == "groups" else {})}, Path("f.yaml"), CatalogScope()
        )


@cache
def editor() -> Any:
    """Return a validator as an editor has one; its regular expressions know letters by another name."""
    jsonschema = pytest.importorskip("jsonschema", reason="schemas are checked where jsonschema is installed")
    text = json.dumps(schema())
    assert r"\\p{L}\\p{N}" in text
    return jsonschema.Draft202012Validator(json.loads(text.replace(r"\\p{L}\\p{N}", r"\\w")))


FILES = [*KERNELS.rglob("*.yaml"), *COMMITTED.parent.rglob("*.yaml")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_editor_accepts_every_file_of_ours(file: Path) -> None:
    values = yaml_text.parse(file.read_text(encoding="utf-8"), file.name).plain()
    editor().validate(values)


@pytest.mark.parametrize(
    ("layers", "accepted"),
    [
        (["relu", {"gaussian": {"sigma": 1.4}}, {"gaussian": 2}, {"gaussian": [2, 5]}, {"relu": None}], True),
        ([{"conv": {"weights": [[1, "1/9"]], "stride": 2, "padding": [1, 2], "border": "wrap"}}], True),
        ([{"conv": {"in_channels": 1, "out_channels": 16, "kernel_size": 5, "bias": False}}], True),
        ([{"linear": {"out_features": 10, "init": "random", "seed": 1}}, {"linear": 10}], True),
        ([{"magnitude": ["sobel-x", {"sobel-y": {"divisor": 4}}, ["relu", "abs"]]}, "magnitude"], True),
        ([{"my-own": {"divisor": 3}}, {"kernel": [[1, 2]]}], True),
        ([], False),
        ([5], False),
        ([["relu"]], False),
        ([{"relu": None, "abs": None}], False),
        ([{}], False),
        ([{"gaussian": {"sigma": 0}}], False),
        ([{"gaussian": {"sgima": 1}}], False),
        ([{"kirsch": "x"}], False),
        ([{"maxpool": 0}], False),
        ([{"maxpool": {"size": 3, "stride": 2, "padding": 1, "dilation": [2, 1], "ceil_mode": True}}], True),
        ([{"avgpool": {"size": 3, "padding": 0, "count_include_pad": False, "divisor": "1/2"}}], True),
        ([{"maxpool": {"size": 3, "count_include_pad": False}}], False),
        ([{"maxpool": {"size": 3, "ceil_mode": 1}}], False),
        ([{"conv": {"weights": [1]}}], False),
        ([{"conv": {"weights": [["50%"]]}}], False),
        ([{"conv": {"weights": [[1]], "bias": ["50%"]}}], True),
        ([{"magnitude": []}], False),
        ([{"magnitude": [{"gaussian": {"sigma": 0}}]}], False),
        ([{"my-own": {"sigma": 3}}], False),
    ],
)
def test_an_editor_knows_layers(layers: list[object], accepted: bool) -> None:
    assert editor().is_valid({"layers": layers}) is accepted


VALUES: list[Any] = [
    0, 1, 2, -1, 0.5, 70_000, True, None, "same", "wrap", "replicate", "scipy:mirror", "mirror", "constant:50%", "50%",
    "1/3", "x", "sum", "a/b", "ä_b+", "", "n" * 65, [1, 2], [0, 1], [1], [], [1, 2, 3], [[1, 2]], ["a", "b"], ["a/b"],
    {"file": "w.npy"}, {}, ["50%", 1],
]  # fmt: skip


@pytest.mark.parametrize("key", [each.name for each in KERNEL_KEYS if each.name not in ("weights", "groups", "anchor")])
def test_an_editor_and_the_loader_agree_on_a_key(key: str, tmp_path: Path) -> None:
    for value in VALUES:
        (tmp_path / "f.yaml").write_text(f"weights: [[[1]], [[1]]]\n{key}: {json.dumps(value)}\n")
        try:
            check_file(tmp_path / "f.yaml")
            is_read = True
        except FilterError as error:
            is_read = "biases for" in error.message and value != []  # as many as outputs: beyond a schema
        assert editor().is_valid({"weights": [[[1]], [[1]]], key: value}) is is_read, value


@pytest.mark.parametrize("file", sorted(KERNELS.rglob("*.yaml")), ids=lambda file: file.stem)
def test_a_kernel_leads_editors_to_the_schema(file: Path) -> None:
    first, *_ = file.read_text(encoding="utf-8").splitlines()
    line, _, schema_file = first.partition("=")
    assert line == "# yaml-language-server: $schema"
    assert (file.parent / schema_file).resolve() == COMMITTED
