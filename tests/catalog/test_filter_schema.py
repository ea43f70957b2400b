import json
from pathlib import Path

import pytest

from convcli.catalog.problem import Problem
from convcli.catalog.schema import FilterFile, schema, validate

COMMITTED = Path(__file__).parents[2] / "docs" / "filter.schema.json"


def test_the_committed_schema_is_current() -> None:
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert committed == schema(), "python -m convcli.catalog.schema > docs/filter.schema.json"


@pytest.mark.parametrize("key", FilterFile.model_fields)
def test_every_key_has_a_description_and_examples_that_are_valid(key: str) -> None:
    field = FilterFile.model_fields[key]
    assert field.description
    assert field.examples
    for example in field.examples:
        validate({"weights": [[1]], key: example})


@pytest.mark.parametrize(
    ("values", "path", "message", "hint"),
    [
        ({"weigths": [[1]]}, ("weigths",), "unknown key 'weigths'", "did you mean weights? The keys are weights,"),
        ({"name": "x"}, ("weights",), "no weights", "write weights: with rows such as - [0, -1, 0]"),
        ({"weights": {"fil": "x"}}, ("weights", "WeightsFile", "fil"), "unknown key 'fil'", "did you mean file?"),
        ({"weights": {}}, ("weights", "WeightsFile", "file"), "no file", "write weights: {file: weights.npy}"),
        ({"weights": [[1]], "flip": "yes"}, ("flip",), "flip: 'yes', expected true", "write flip: true"),
        ({"weights": [[1]], "name": "a\nb"}, ("name",), "name: 'a\\nb', expected a name", "write name: my-filter"),
        ({"layers": []}, ("layers",), "a pipeline of several filters is not supported by this version", "write one"),
    ],
)
def test_what_is_wrong(values: dict[str, object], path: tuple[str, ...], message: str, hint: str) -> None:
    with pytest.raises(Problem) as caught:
        validate(values)
    assert caught.value.path == path
    assert caught.value.message.startswith(message)
    assert caught.value.hint.startswith(hint)
