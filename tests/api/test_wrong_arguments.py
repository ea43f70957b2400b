"""Wrong arguments of every public function end in one kind of error, whose text holds its hint."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import convcli
from convcli.api.keywords import keywords
from tests.api.arguments import WRONG, function_of, parameters_of, prepare, public_functions, right_values
from tests.support.sweeps import repeats

FUNCTIONS = public_functions()


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working folder with the files that arguments name, and that wrong names may be written to."""
    path = tmp_path_factory.mktemp("arguments")
    prepare(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path)
        yield path


def state_of(value: Any) -> Any:
    """Return what a call could change of a value."""
    if isinstance(value, np.ndarray):
        return value.dtype, value.shape, value.tobytes(), value.flags.writeable
    if isinstance(value, Image.Image):
        return value.mode, value.size, dict(value.info)
    if isinstance(value, list | tuple):
        return [state_of(each) for each in value]
    return repr(value) if isinstance(value, dict | set | bytearray) else id(value)


@contextmanager
def judging() -> Iterator[None]:
    """Suppress an error of the package, if it is as it should be."""
    caught = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about what a file does not hold
            yield
    except convcli.errors.ConvcliError as error:
        caught = error
    if caught is not None:
        assert caught.hint, caught
        assert caught.message in str(caught)
        assert str(caught).endswith(f"\nhelp: {caught.hint}")
        assert "\n" not in caught.message
        named = re.findall(r"--([a-z-]+)", str(caught))
        assert not keywords().intersection(each.replace("-", "_") for each in named), caught


def call(name: str, arguments: dict[str, Any]) -> None:
    """Call a public function; it must return, or raise an error whose text holds its hint."""
    before = {each: state_of(value) for each, value in arguments.items()}
    positional = [arguments[each] for each, needed in parameters_of(name) if needed]
    named = {each: arguments[each] for each, needed in parameters_of(name) if not needed and each in arguments}
    with judging():
        function_of(name)(*positional, **named)
    assert {each: state_of(value) for each, value in arguments.items()} == before


EVERY_ARGUMENT = [(name, each) for name in FUNCTIONS for each, _ in parameters_of(name)]


@pytest.mark.parametrize(("name", "wrong"), EVERY_ARGUMENT, ids=lambda each: each)
def test_every_wrong_value_of_every_argument(name: str, wrong: str) -> None:
    right = {each: right_values(name, each)[0] for each, needed in parameters_of(name) if needed}
    for make in WRONG.values():
        call(name, {**right, wrong: make()})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_right_and_wrong_arguments_together(name: str) -> None:
    parameters = list(parameters_of(name))

    def values(parameter: str) -> st.SearchStrategy[Any]:
        right = st.sampled_from(right_values(name, parameter))
        return right | right | right | st.sampled_from(sorted(WRONG)).map(lambda key: WRONG[key]())

    @settings(max_examples=repeats(500), deadline=None)
    @given(
        st.fixed_dictionaries(
            {each: values(each) for each, needed in parameters if needed},
            optional={each: values(each) for each, needed in parameters if not needed},
        )
    )
    def property_holds(arguments: dict[str, Any]) -> None:
        call(name, arguments)

    property_holds()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_mistyped_keyword_is_named(name: str) -> None:
    right = [right_values(name, each)[0] for each, needed in parameters_of(name) if needed]
    optional = [each for each, needed in parameters_of(name) if not needed]
    for each in optional:
        with pytest.raises((convcli.errors.UsageError, TypeError), match=f"{each}x") as caught:
            function_of(name)(*right, **{f"{each}x": 1})
        if isinstance(caught.value, convcli.errors.UsageError):
            assert f"did you mean {each}?" in str(caught.value)
        else:
            assert "unexpected keyword argument" in str(caught.value)


def test_the_keywords_that_errors_name_are_those_of_the_functions() -> None:
    assert keywords() <= {each for name in FUNCTIONS for each, needed in parameters_of(name) if not needed}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"stride": (1,)}, "stride a list is not a whole number"),
        ({"stride": 1.9}, "stride 1.9 is not a whole number"),
        ({"divisor": "a"}, "divisor 'a' is not a number"),
        ({"divisor": float("nan")}, "divisor 'nan' is not a finite number"),
        ({"border": 3}, "border 3 is not constant"),
        ({"dtype": "bogus"}, "dtype 'bogus' is not uint8, uint16, float32 or float64"),
        ({"threads": 1.5}, "threads 1.5 is not a whole number from 1"),
        ({"threads": "2"}, "threads '2' is not a whole number from 1"),
        ({"engine": "cuda"}, "engine 'cuda' is not one of auto, numpy, numba"),
        ({"padding": "some"}, "padding 'some' is not same, valid, full"),
    ],
)
def test_the_keyword_and_its_range_are_named(wrong: dict[str, Any], words: str) -> None:
    untyped: Any = convcli
    for function, first, second in ((untyped.apply, "box", np.eye(9)), (untyped.correlate, np.eye(9), [[1]])):
        with pytest.raises(convcli.errors.UsageError, match=re.escape(words)) as caught:
            function(first, second, **wrong)
        assert "\nhelp: " in str(caught.value)


def test_a_list_of_two_is_a_size() -> None:
    untyped: Any = convcli
    result = untyped.correlate(np.ones((2, 2)), [[1]], padding=[1, 0], border="constant")
    np.testing.assert_array_equal(result, [[0, 0], [1, 1], [1, 1], [0, 0]])
