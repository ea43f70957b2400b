"""Every filter that has a name, with what there is to say about it in one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from convcli.catalog.families import FAMILIES
from convcli.catalog.folders import builtin_files
from convcli.catalog.yaml_file import load_yaml


@dataclass(frozen=True)
class Entry:
    """A filter as a list shows it.

    Parameters
    ----------
    parameters
        As text, each with its default: ``sigma=1, size``; empty for a fixed kernel.
    origin
        Where it comes from: ``built-in``.
    """

    name: str
    parameters: str
    description: str
    aliases: tuple[str, ...]
    tags: tuple[str, ...]
    origin: str


def list_filters(text: str = "") -> list[Entry]:
    """Return the filters whose name, aliases, description or tags hold `text`, in any case.

    Those whose name or alias holds it come first; otherwise they are sorted by name.
    """
    wanted = text.strip().casefold()

    def named(entry: Entry) -> bool:
        return any(wanted in each.casefold() for each in (entry.name, *entry.aliases))

    def described(entry: Entry) -> bool:
        return any(wanted in each.casefold() for each in (entry.description, *entry.tags))

    found = (entry for entry in _entries() if named(entry) or described(entry))
    return sorted(found, key=lambda entry: (not named(entry), entry.name))


def _entries() -> Iterator[Entry]:
    for family in FAMILIES.values():
        parameters = ", ".join(map(str, family.parameters))
        yield Entry(family.name, parameters, family.description, family.aliases, family.tags, "built-in")
    for name, path in builtin_files().items():
        pipeline = load_yaml(str(path), trusted=True)
        yield Entry(name, "", pipeline.description, pipeline.aliases, pipeline.tags, "built-in")
