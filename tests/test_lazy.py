"""Dataclasses that are completed on first use are those of the standard library, whatever uses them first."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import pkgutil
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import field, fields, replace
from functools import partial
from importlib import import_module
from typing import Any, ClassVar

import pytest

import convcli
from convcli import lazy
from convcli.filters import Border

Make = Callable[..., Any]


def family(make: Make) -> tuple[type, ...]:
    """Return classes of every kind, made by a decorator."""

    @make(frozen=True)
    class Point:
        """A point."""

        kind: ClassVar[str] = "point"
        x: float
        y: float = 2.0
        notes: list[str] = field(default_factory=list, compare=False)

    @make(frozen=True)
    class Solid(Point):
        z: float = 3.0

        def __post_init__(self) -> None:
            object.__setattr__(self, "z", float(self.z))

        def __repr__(self) -> str:
            return "a solid"

    @make
    class Open:
        a: int = 1
        b: tuple[int, ...] = ()

    class Plain(Solid):
        def __init__(self, x: float) -> None:
            super().__init__(x, z=7)  # type: ignore[call-arg]  # of the decorator, whichever it is

    @make(frozen=True, eq=False, kw_only=True)
    class Same(ABC):
        a: int

        @abstractmethod
        def value(self) -> int: ...

    @make(frozen=True, eq=False, kw_only=True)
    class Below(Same):
        b: int = 4

        def value(self) -> int:
            return self.a + self.b

    return Point, Solid, Open, Plain, Below


USES: dict[str, Callable[[tuple[Any, ...]], object]] = {
    "made": lambda family: [repr(cls(**dict.fromkeys(["a"], 1))) for cls in family[2::2]],
    "positions": lambda family: [repr(cls(1)) for cls in family[:4]],
    "equal": lambda family: [cls(1) == cls(1.0) for cls in family[:4]],
    "unequal": lambda family: [cls(1) == cls(2) for cls in family[:4]],
    "hash": lambda family: [hash(cls(1)) for cls in family[:2]],
    "no hash": lambda family: refused(lambda: hash(family[2]())),
    "frozen": lambda family: [refused(partial(setattr, cls(1), "x", 2)) for cls in family[:2]],
    "fields": lambda family: [[(each.name, each.type, each.default) for each in fields(cls)] for cls in family],
    "replace": lambda family: repr([replace(cls(1), y=8) for cls in family[:2]]),
    "copy": lambda family: repr([copy.copy(cls(1)) for cls in family[:4]]),
    "asdict": lambda family: [dataclasses.asdict(cls(1)) for cls in family[:4]],
    "is dataclass": lambda family: list(map(dataclasses.is_dataclass, family)),
    "places": lambda family: [cls.__match_args__ for cls in family],
    "signature": lambda family: [str(inspect.signature(cls)) for cls in family],
    "wrong": lambda family: [refused(partial(cls, nothing=1)) for cls in family],
    "doc": lambda family: [cls.__doc__ for cls in family[:1]],
    "method": lambda family: family[4](a=3).value(),
    "last first": lambda family: [repr(cls(1)) for cls in reversed(family[:4])],
}


def refused(call: Callable[[], object]) -> str:
    with pytest.raises((TypeError, AttributeError)) as caught:
        call()
    return f"{type(caught.value).__name__}: {caught.value}"


@pytest.mark.parametrize("use", USES)
def test_a_lazy_dataclass_is_a_dataclass(use: str) -> None:
    assert USES[use](family(lazy.dataclass)) == USES[use](family(dataclasses.dataclass))


def test_a_class_has_no_methods_until_it_is_used() -> None:
    point, solid, *_ = family(lazy.dataclass)
    assert "__init__" not in vars(point)
    solid(1)
    assert "__init__" in vars(point)  # a base is completed first


def test_threads_that_use_a_class_at_once_wait_for_its_methods() -> None:
    wrong: list[BaseException] = []

    def make(cls: Any, together: threading.Barrier) -> None:
        together.wait()
        try:
            assert cls(1).x == 1
        except BaseException as error:  # reported below
            wrong.append(error)

    for _ in range(50):
        together = threading.Barrier(4)
        point, solid, *_ = family(lazy.dataclass)
        threads = [threading.Thread(target=make, args=(cls, together)) for cls in (point, solid) * 2]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert not wrong


def test_what_is_unpickled_first_compares_and_prints() -> None:
    border = Border("edge")
    code = f"""
import pickle
first, second = pickle.loads({pickle.dumps([border, copy.copy(border)])!r})
assert first == second and hash(first) == hash(second)
print(repr(first))
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == f"{border!r}\n"


def test_every_dataclass_of_the_package_can_be_completed() -> None:
    modules = [each.name for each in pkgutil.walk_packages(convcli.__path__, "convcli.") if "__main__" not in each.name]
    classes = {
        cls
        for module in map(import_module, modules)
        for cls in vars(module).values()
        if isinstance(cls, type) and cls.__module__.startswith("convcli.") and dataclasses.is_dataclass(cls)
    }
    assert len(classes) > 150
    assert all("__init__" in dir(cls) for cls in classes)
