"""Every filter that has a name, in a line each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from convcli.catalog.families import FAMILIES, Family
from convcli.catalog.folders import builtin_files, can_be_named, user_files
from convcli.catalog.loading import check_file, load_builtin
from convcli.catalog.lookup import known_names
from convcli.catalog.parameters.layer_kinds import LAYERS, LayerKind
from convcli.catalog.words.about import group_of
from convcli.errors import FilterError
from convcli.filters import Pipeline
from convcli.lazy import dataclass
from convcli.words import did_you_mean

BUILT_IN = "built-in"
_ENDINGS = ("ring", "ing", "ers", "er", "ed")
_SHORT = 2  # letters that too many texts have


@dataclass(frozen=True)
class Entry:
    """A filter or a layer as a list shows it.

    Parameters
    ----------
    parameters
        As text, each with its default: ``sigma=1, size``; empty for a fixed kernel.
    tags
        Words to find it by; ``layer`` for a layer.
    origin
        ``built-in``, or the user's folder.
    source
        The origin of its definition.
    hides
        It is the user's, and replaces a built-in filter of the same name.
    problem
        The error of the user's file; empty where it is a filter.
    group
        Its place in the list: ``yours``, ``smooth``, ``sharpen``, ``edges``, ``stylize``, ``color``, ``layers`` or
        ``networks``.
    """

    name: str
    parameters: str
    description: str
    aliases: tuple[str, ...]
    tags: tuple[str, ...]
    origin: str
    source: str = ""
    hides: bool = False
    problem: str = ""
    group: str = "yours"


def list_filters(text: str = "", *, builtin: bool = False) -> list[Entry]:
    """Return the filters and layers whose name, aliases, description, tags or group hold `text`, in any case.

    Those whose name or alias holds it come first; otherwise they are sorted by name. A built-in
    filter that a file of the user's hides is left out, unless only the built-ins are asked for.
    """
    wanted = text.strip().casefold()

    def named(entry: Entry) -> bool:
        return any(wanted in each.casefold() for each in (entry.name, *entry.aliases))

    def described(entry: Entry) -> bool:
        return any(wanted in each.casefold() for each in (entry.description, *entry.tags, entry.group))

    found = (entry for entry in (_built_in() if builtin else _entries()) if named(entry) or described(entry))
    return sorted(found, key=lambda entry: (not named(entry), entry.name))


def near_text(text: str) -> str:
    """Return the text that was meant where `list_filters` finds none: its stem, or the nearest name, alias or group."""
    word = text.strip().casefold()
    stems = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
    found = next((stem for stem in stems if len(stem) > _SHORT and list_filters(stem)), "")
    parts = (part for part in word.split() if len(part) > _SHORT and part != word)
    found = found or next((part for part in parts if list_filters(part)), "")
    if found:
        return found
    groups = {entry.group for entry in _entries()}
    return did_you_mean(word, [*groups, *known_names()]).removeprefix("did you mean ").removesuffix("?")


def _entries() -> Iterator[Entry]:
    users = user_files()
    for name, path in users.items():
        yield _of_user(name, path)
    # A layer's name means the layer, whatever files there are.
    yield from (entry for entry in _built_in() if entry.name not in users or entry.name in LAYERS)


def _built_in() -> Iterator[Entry]:
    declared: tuple[LayerKind | Family, ...] = (*LAYERS.values(), *FAMILIES.values())
    for each in declared:
        aliases, tags = (each.names, each.tags) if isinstance(each, Family) else ((), ("layer",))
        parameters = ", ".join(map(str, each.parameters))
        group = group_of(each.name, tags)
        yield Entry(each.name, parameters, each.description, aliases, tags, BUILT_IN, each.source, group=group)
    done: dict[str, Pipeline] = {}
    for name, path in builtin_files().items():
        pipeline = load_builtin(path, done)
        facts = pipeline.description, pipeline.aliases, pipeline.tags, BUILT_IN, pipeline.source
        yield Entry(name, "", *facts, group=group_of(name, pipeline.tags))


def _of_user(name: str, path: Path) -> Entry:
    origin = str(path.parent)
    if name in LAYERS:
        return Entry(name, "", "", (), (), origin, problem=f"{name} is the name of a layer: rename {path.name}")
    if not can_be_named(name):
        return Entry(name, "", "", (), (), origin, problem=f"no text can name it: rename {path.name}")
    hides = name in FAMILIES or name in builtin_files()
    try:
        pipeline = check_file(path)
    except FilterError as error:
        return Entry(name, "", "", (), (), origin, hides=hides, problem=error.headline)
    return Entry(
        name, "", pipeline.description, pipeline.aliases, pipeline.tags, origin, source=pipeline.source, hides=hides
    )
