"""Names of a package that are imported, and dataclasses that are completed, when they are first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "lazy_names"]


def lazy_names(package: str, names_of: Mapping[str, str]) -> tuple[Callable[[str], object], tuple[str, ...]]:
    """Return the ``__getattr__`` and ``__all__`` of a package whose names live in its modules.

    Parameters
    ----------
    package
        Its full name.
    names_of
        The names that it offers, with blanks between them, by the module below it that defines them; a module without
        names is offered itself.
    """
    modules = {name: module for module, names in names_of.items() for name in names.split()}

    def load(name: str) -> object:
        if names_of.get(name) == "":
            return import_module(f"{package}.{name}")
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{modules[name]}"), name)

    return load, tuple(modules)


if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, **settings):
        """Make a dataclass whose methods are made when it is first used; otherwise as `dataclasses.dataclass`.

        They take Python half a millisecond a class, and of the 70 classes that the start of a command defines it uses
        a third. `slots` is not offered, since it makes a class anew.
        """
        return partial(_lazy_dataclass, settings) if cls is None else _lazy_dataclass(settings, cls)


def _lazy_dataclass(settings: Mapping[str, Any], cls: Any) -> Any:
    new = _New(cls, settings)
    cls.__new__ = new
    for name in ("__dataclass_fields__", "__match_args__"):
        setattr(cls, name, _OnDemand(name, new.complete))
    return cls


_completing = RLock()


class _New:
    """The ``__new__`` of a dataclass, which first makes the methods: instances are also copied and unpickled by it."""

    def __init__(self, cls: Any, settings: Mapping[str, Any]) -> None:
        self._class, self._settings, self._incomplete = cls, settings, True

    def complete(self) -> None:
        with _completing:  # what another thread has begun is not to be used yet
            if self._incomplete:
                import dataclasses  # with `inspect`, a tenth of the time of a small picture

                del self._class.__match_args__
                dataclasses.dataclass(**self._settings)(self._class)
                self._incomplete = False

    def __call__(self, made: Any, *_values: object, **_named: object) -> object:
        if self._incomplete:
            self.complete()
        return super(self._class, made).__new__(made)

    def __get__(self, instance: object, owner: Any) -> _New:
        return self if owner is self._class else _NewOfSubclass(self, owner)

    @property
    def __signature__(self) -> object:
        """The signature of ``__init__``, for `inspect`, which asks for that of ``__new__``."""
        import inspect

        self.complete()
        return inspect.signature(self._class.__init__)


class _NewOfSubclass(_New):
    """The same as a subclass inherits it, whose ``__init__`` may be another."""

    def __init__(self, new: _New, owner: Any) -> None:
        self._class, self.complete, self._call = owner, new.complete, new.__call__  # type: ignore[method-assign]

    def __call__(self, made: Any, *_values: object, **_named: object) -> object:
        return self._call(made)


class _OnDemand:
    """An attribute of a class that is made when it is first asked for."""

    def __init__(self, name: str, complete: Callable[[], None]) -> None:
        self._name, self._complete = name, complete

    def __get__(self, instance: object, owner: type) -> object:
        self._complete()
        return getattr(owner, self._name)
