"""The keys of a filter file: those of any filter, of one kernel, and of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.catalog.words.names import LONGEST_NAME, NAME_PATTERN, is_name
from convcli.catalog.words.problem import Problem
from convcli.filters import Parameter, shown
from convcli.lazy import dataclass
from convcli.words import did_you_mean


@dataclass(eq=False, repr=False)
class Text(Parameter):
    """A text, of at most `longest` characters where that is given, and of those of names where `named`."""

    range: str = "text"
    longest: int | None = None
    named: bool = False

    def read(self, value: object, *path: int) -> Any:
        """Return the text, which lies at `path` in the value given."""
        fits = isinstance(value, str) and (self.longest is None or len(value) <= self.longest)
        if not isinstance(value, str) or not fits or (self.named and not is_name(value)):
            raise self.refusal(value, *path)
        return value

    def schema(self) -> dict[str, Any]:
        longest = {} if self.longest is None else {"maxLength": self.longest}
        return {"type": "string", **longest, **({"pattern": NAME_PATTERN} if self.named else {})}


class Texts(Text):
    """A list of texts."""

    def read(self, value: object, *path: int) -> Any:
        if not isinstance(value, list):
            raise self.refusal(value, *path)
        return tuple(Text.read(self, each, *path, index) for index, each in enumerate(value))

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": super().schema()}


class LayerList(Parameter):
    """A list of layers, which `convcli.catalog.yaml.layers` reads."""

    range = "layers, one after each dash"

    def read(self, value: object) -> Any:
        if not isinstance(value, list):
            raise self.refusal(value)
        return value

    def schema(self) -> dict[str, Any]:
        """Return the schema of the list; that of a layer is `convcli.catalog.yaml.schema`'s."""
        return {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Layer"}}


_ABOUT = (
    Text(
        "name",
        help="The filter's name.",
        examples=("my-filter",),
        range=f"a name of at most {LONGEST_NAME} letters, digits, blanks and - _ . + ( ), as text",
        longest=LONGEST_NAME,
        named=True,
    ),
    Text("description", help="What it does.", examples=("Stronger edges, same brightness",), range="one line of text"),
    Texts("tags", help="Words to find it by.", examples=(["edges"],), range="a list of words", longest=LONGEST_NAME),
    Texts(
        "aliases",
        help="Its other names.",
        examples=(["find-edges"],),
        range="a list of other names, as text",
        longest=LONGEST_NAME,
        named=True,
    ),
    Text(
        "source",
        help="The origin of its definition.",
        examples=("OpenCV's Sobel",),
        range="text: where the definition comes from",
    ),
)
_WEIGHTS, *_ = LAYERS["kernel"].parameters
_EXAMPLE = [{"gaussian": {"sigma": 1.4}}, "sobel", "normalize"]
_LAYERS = LayerList("layers", help="Applied one after the other.", examples=(_EXAMPLE,))
KERNEL_KEYS: tuple[Parameter, ...] = (_WEIGHTS, *_ABOUT, *LAYERS["kernel"].settings)
PIPELINE_KEYS: tuple[Parameter, ...] = (_LAYERS, *_ABOUT)


def keys_of(values: Mapping[str, object]) -> Sequence[Parameter]:
    """Return the keys that a file may have, whose values are still to be read.

    Raises Problem where it has another key, or neither weights nor layers.
    """
    keys = PIPELINE_KEYS if "layers" in values else KERNEL_KEYS
    names = [each.name for each in keys]
    for key in values:
        if key in names:
            continue
        if any(key == each.name for each in KERNEL_KEYS):
            raise Problem(
                (key,),
                f"{key} beside layers, and it belongs to one kernel",
                f"write {key} in the layer that it is meant for",
                on_key=True,
            )
        known = names if "layers" in names else [names[0], "layers", *names[1:]]
        hint = f"{did_you_mean(key, known)} The keys are {', '.join(known)}".strip()
        raise Problem((key,), f"unknown key {shown(key)}", hint, on_key=True)
    if keys is KERNEL_KEYS and "weights" not in values:
        raise Problem(("weights",), "no weights", "write weights: with rows such as - [0, -1, 0]")
    return keys
