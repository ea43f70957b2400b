"""The text of a network that is to be trained: its convolutions take the channels that they are given.

In it ``conv:16,5`` has 16 output channels and a kernel of 5×5, keeps the size (padding same) and continues the picture
beyond its border as filters do (reflect). What a file has under ``layers:`` means there what it always means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from convcli.catalog.expression import Expression, Inline, Named, parse
from convcli.catalog.loading import CatalogScope
from convcli.catalog.parameters.arguments import Argument
from convcli.catalog.seeds import with_seeds, without_labels
from convcli.catalog.words.excerpt import excerpt
from convcli.catalog.words.limits import Tally
from convcli.catalog.words.problem import Problem, at
from convcli.errors import FilterError
from convcli.filters import Layer, Pipeline, Shape, shape_after

_SEEDS_APART = 1000  # from the weights of one seed to those of the next
# What positions name, in PyTorch's order without the input channels.
_POSITIONS = {
    "conv": ("out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias"),
    "conv-transpose": ("out_channels", "kernel_size", "stride", "padding", "output_padding", "groups", "bias"),
}
_HINT = 'write "conv:16,5 | relu | conv:3,3": output channels and the size of the kernel, and bars between layers'


def load_network(text: str, shape: Shape, *, seed: int = 0) -> Pipeline:
    """Return the network that a text stands for, for input of `shape` (channels, height, width).

    Parameters
    ----------
    text
        Layers joined by bars (``conv:16,5 | relu | conv:3,3``), or a YAML file; anything that `load_filter` takes.
    shape
        That of the input, by which layers know their input channels.
    seed
        Of the weights that are drawn at random and name none.

    Raises
    ------
    FilterError
        The text stands for no network.
    ShapeError
        A layer does not fit what the layers before it make.
    """
    layers: tuple[Layer, ...] = ()
    tally = Tally()
    for expression in _parsed(text):
        try:
            with at():
                step = _layers(expression, layers, shape)
                tally.add(step)
        except Problem as problem:
            span = expression.span_of(problem.path, on_key=problem.on_key)
            if isinstance(expression, Inline) and text[span[0]].isalpha():
                problem.hint = _HINT  # no kernel is meant
            raise problem.error(excerpt=excerpt(text, *span)) from problem
        layers += step
    pipeline = Pipeline(without_labels(layers), name="network")
    pipeline.output_shape(shape)
    return with_seeds(pipeline, first=seed * _SEEDS_APART)


def _parsed(text: str) -> Sequence[Expression]:
    if not text.strip():
        raise FilterError("--layers is empty", _HINT)
    try:
        return parse(text)
    except FilterError as error:
        raise FilterError(error.message, _HINT, excerpt=error.excerpt) from error


def _layers(expression: Expression, before: tuple[Layer, ...], shape: Shape) -> tuple[Layer, ...]:
    scope = CatalogScope(keeps=True)
    if not isinstance(expression, Named) or expression.name not in _POSITIONS:
        return scope.of(expression).layers
    names = _POSITIONS[expression.name]
    given = []
    for position, each in enumerate(expression.arguments):
        if not each.name and position >= len(names):
            raise Problem(
                each.path, f"{expression.name} takes {len(names)} values in a network", f"they are {', '.join(names)}"
            )
        given.append(each if each.name else replace(each, name=names[position]))
    known = {each.name.replace("-", "_"): each.value for each in given}
    missing = [] if "weights" in known else [name for name in names[:2] if name not in known]
    if missing:
        raise Problem((), f"{expression.name} has no {missing[0]}", _HINT)
    if "weights" not in known and "in_channels" not in known:
        made = without_labels(before)
        given.append(Argument("in_channels", shape_after(made, shape)[0] if made else shape[0]))
    if expression.name == "conv":
        if "padding" not in known:
            is_one = known.get("stride", "1") in ("1", "1x1")
            given.append(Argument("padding", "same" if is_one else "same-upper"))
        if "border" not in known:
            given.append(Argument("border", "reflect"))
    return scope.named(expression.name, given).layers
