"""Names of a package that are imported when they are first used, so that importing the package costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


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
