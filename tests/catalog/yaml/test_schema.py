import json
from pathlib import Path
from typing import Any

import pytest

from convcli.catalog.words.problem import Problem
from convcli.catalog.yaml import text as yaml_text
from convcli.catalog.yaml.schema import KernelFile, schema, validate
from tests.support.paths import DOCS, KERNELS

COMMITTED = DOCS / "filter.schema.json"


def test_the_committed_schema_is_current() -> None:
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert committed == schema(), "python -m convcli.catalog.yaml.schema > docs/filter.schema.json"


@pytest.mark.parametrize("key", KernelFile.model_fields)
def test_every_key_has_a_description_and_examples_that_are_valid(key: str) -> None:
    field = KernelFile.model_fields[key]
    assert field.description
    assert field.examples
    for example in field.examples:
        validate({"weights": [[1]], key: example})


@pytest.mark.parametrize(
    ("values", "path", "message", "hint"),
    [
        (
            {"weigths": [[1]]},
            ("weigths",),
            "unknown key 'weigths'",
            "did you mean weights? The keys are weights, layers,",
        ),
        ({"name": "x"}, ("weights",), "no weights", "write weights: with rows such as - [0, -1, 0]"),
        ({"weights": {"fil": "x"}}, ("weights", "WeightsFile", "fil"), "unknown key 'fil'", "did you mean file?"),
        ({"weights": {}}, ("weights", "WeightsFile", "file"), "no file", "write weights: {file: weights.npy}"),
        ({"weights": [[1]], "flip": "yes"}, ("flip",), "flip: 'yes', expected true", "write flip: true"),
        ({"weights": [[1]], "name": "a\nb"}, ("name",), "name: 'a\\nb', expected a name", "write name: my-filter"),
        ({"layers": 1}, ("layers",), "layers: 1, expected layers, one after each dash", "write layers: [{"),
        ({"layers": [], "weigths": 1}, ("weigths",), "unknown key 'weigths'", "The keys are layers, name,"),
        (
            {"layers": [], "stride": 1},
            ("stride",),
            "stride beside layers, and it belongs to one kernel",
            "write stride",
        ),
        ({"layers": [], "weights": [[1]]}, ("weights",), "weights beside layers, and it belongs to", "write weights"),
    ],
)
def test_what_is_wrong(values: dict[str, object], path: tuple[str, ...], message: str, hint: str) -> None:
    with pytest.raises(Problem) as caught:
        validate(values)
    assert caught.value.path == path
    assert caught.value.message.startswith(message)
    assert caught.value.hint.startswith(hint)


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
        ([{"conv": {"weights": [1]}}], False),
        ([{"magnitude": []}], False),
        ([{"magnitude": [{"gaussian": {"sigma": 0}}]}], False),
        ([{"my-own": {"sigma": 3}}], False),
    ],
)
def test_an_editor_knows_layers(layers: list[object], accepted: bool) -> None:
    assert editor().is_valid({"layers": layers}) is accepted
