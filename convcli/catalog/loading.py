"""From the text of a filter to the filter."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from convcli.catalog.expression import (
    Expression,
    Inline,
    MagickKernel,
    Named,
    YamlFile,
    is_foreign,
    parse,
)
from convcli.catalog.families import Family
from convcli.catalog.lookup import find
from convcli.catalog.made import family_filter, layer_filter
from convcli.catalog.parameters.arguments import Argument, bind
from convcli.catalog.parameters.conv_layer import with_kernel_settings
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.catalog.parameters.weights import inside, table
from convcli.catalog.scope import Scope
from convcli.catalog.seeds import with_seeds, without_labels
from convcli.catalog.words.excerpt import excerpt
from convcli.catalog.words.limits import Tally
from convcli.catalog.words.names import joined_name
from convcli.catalog.words.problem import Problem, at
from convcli.disk import is_special
from convcli.errors import FilterError, UsageError
from convcli.filters import KERNEL_SETTINGS, Conv, Kernel, Layer, NamedConv, Pipeline, rebuilt, shown
from convcli.lazy import dataclass
from convcli.words import as_word

log = logging.getLogger(__name__)


def load_filter(text: str) -> Pipeline:
    """Return the filter that a text stands for.

    Parameters
    ----------
    text
        A name (``sharpen``), a name with arguments (``gaussian:2``, ``gaussian:sigma=2,size=9``),
        a YAML file (with a slash, or ending in .yaml or .yml), a kernel
        (``"0 -1 0; -1 5 -1; 0 -1 0"``, or lists as NumPy, JSON, MATLAB and C print them), a layer
        (``relu``), or several of these joined by ``|``. One row of 9, 25, 49 … numbers, which may be meant for a
        square, is logged as a warning.

    Raises
    ------
    FilterError
        The text stands for no filter.
    """
    try:
        pipeline = CatalogScope().from_text(text)
        layers = without_labels(pipeline.layers)
        # Of one that is known already, the same is returned: what is known of its layers is kept beside it.
        is_same = all(one is other for one, other in zip(layers, pipeline.layers, strict=False))
        return with_seeds(
            pipeline if is_same and len(layers) == len(pipeline.layers) else replace(pipeline, layers=layers)
        )
    except FilterError as error:
        meant = "" if error.place else _respelled(text)
        if not meant:
            raise
        raise FilterError(error.message, f"write {as_word(meant)}", excerpt=error.excerpt) from error


def meant_filter(text: str) -> str:
    """Return the text of the filter that is meant: the text itself, or another spelling; empty where none is known."""
    return text.strip() if _loads(text) else _respelled(text)


def files_named(text: str) -> list[Path]:
    """Return the user's files that the text of a filter names; raise FilterError where the text is none."""
    files = []
    for each in parse(text):
        if isinstance(each, YamlFile):
            files.append(Path(_path_in(each.file)))
        elif isinstance(each, Named):
            with suppress(Problem):  # of a layer
                found = find(each.name, each.arguments, builtin=False)
                files += [found.source] if isinstance(found.source, Path) and not found.builtin else []
    return files


def _path_in(file: str) -> str:
    """Return the path of a file, behind which may stand what is meant in it."""
    if not is_foreign(file):
        return file
    from convcli.exchange import tensor_in

    return tensor_in(file)[0]


def _respelled(text: str) -> str:
    from convcli.catalog.respelling import respelled  # here, for wrong texts alone

    return respelled(text, _loads)


def _loads(text: str) -> bool:
    try:
        without_labels(CatalogScope().from_text(text).layers)
    except UsageError:
        return False
    return True


def check_file(path: Path) -> Pipeline:
    """Return the filter of a user's file.

    Raises
    ------
    FilterError
        The file is missing or is no filter, with its line and column.
    """
    return with_seeds(CatalogScope().from_file(os.fspath(path)))


def load_builtin(path: Path, done: dict[str, Pipeline] | None = None) -> Pipeline:
    """Return the filter of a built-in file, which names no filter of the user's; `done` is that of `Scope`."""
    from convcli.catalog.yaml.file import load_yaml

    return load_yaml(os.fspath(path), CatalogScope(done={} if done is None else done), builtin=True)


# From Python a filter is named anew for every array; of the same filter, more than its file is known already.
_builtin = lru_cache(maxsize=32)(load_builtin)


@dataclass(frozen=True)
class CatalogScope(Scope):
    """A scope that loads from the catalog."""

    def from_text(self, text: str) -> Pipeline:
        """Load the filters that bars join, and join them."""
        pipelines = []
        tally = Tally()
        for expression in parse(text):
            try:
                with at():
                    pipeline = self.of(expression)
                    tally.add(pipeline.layers)
            except Problem as problem:
                if isinstance(expression, Named):  # as it was typed
                    typed = shown(text[slice(*expression.span)])
                    problem.message = problem.message.replace(f"filter {shown(expression.name)}", f"filter {typed}")
                span = expression.span_of(problem.path, on_key=problem.on_key)
                raise problem.error(excerpt=excerpt(text, *span)) from problem
            pipelines.append(pipeline)
        if len(pipelines) == 1:
            return pipelines[0]
        layers = tuple(layer for pipeline in pipelines for layer in pipeline.layers)
        names = [each.name for each in pipelines if each.name != "as"]
        return Pipeline(layers, name=joined_name(names))

    def from_file(self, file: str) -> Pipeline:
        """Load a file, inside the folder where there is one."""
        if self.folder is None:
            return self._loaded(file)
        try:
            inside(_path_in(file), self.folder)
        except Problem as problem:
            raise problem.error() from problem
        return self._loaded(str(self.folder / file))

    def _loaded(self, file: str) -> Pipeline:
        """Load a file by its ending."""
        if file.lower().endswith(".onnx"):
            from convcli.exchange import read_onnx

            return read_onnx(file)
        if is_foreign(file):
            from convcli.exchange import read_kernel_file

            return read_kernel_file(file)
        from convcli.catalog.yaml.file import load_yaml

        return load_yaml(file, self)

    def named(self, name: str, arguments: Sequence[Argument]) -> Pipeline:
        """Make the layer or the family's kernel, or load the file; ``as=NAME`` among the arguments names its values."""
        label = next((each for each in arguments if each.name == "as"), None)
        if label is not None:
            made = self.named(name, [each for each in arguments if each.name != "as"])
            named = layer_filter(LAYERS["as"], (replace(label, name=""),), self.folder)
            return replace(made, layers=(*made.layers, *named.layers))
        if name in LAYERS:
            return layer_filter(LAYERS[name], arguments, self.folder)
        source, rest, builtin = find(name, arguments, builtin=self.builtin)
        if isinstance(source, Family):
            return self._kept(family_filter(source, name, rest))
        if builtin and not rest:
            return self._kept(_builtin(source))
        from convcli.catalog.yaml.file import load_yaml

        pipeline = load_yaml(str(source), self, builtin=builtin)
        pipeline = with_kernel_settings(pipeline, bind(pipeline.name, (), rest, KERNEL_SETTINGS))
        return self._kept(pipeline) if builtin else pipeline

    def _kept(self, pipeline: Pipeline) -> Pipeline:
        """Return a built-in filter, whose kernels stay as they are in training where that is asked for."""
        if not self.keeps:
            return pipeline

        def kept(layer: Layer) -> Layer:
            return NamedConv.of(layer, "") if isinstance(layer, Conv) else layer

        return replace(pipeline, layers=rebuilt(pipeline.layers, kept, {}))

    def of(self, expression: Expression) -> Pipeline:
        """Load what one expression stands for."""
        match expression:
            case YamlFile(file):
                return self.from_file(file)
            case Inline(rows, square=square):
                if square and self.folder is None:
                    size = len(rows[0])
                    side = math.isqrt(size)
                    log.warning(
                        f'{size} numbers in one row are a kernel of 1×{size}; for one of {side}×{side} write "{square}"'
                    )
                return Pipeline((Conv(Kernel(table(rows))),), name="kernel")
            case MagickKernel(kernel):
                return _of_magick(kernel)
            case Named(name, arguments):
                return self.named(name, arguments)


def _of_magick(text: str) -> Pipeline:
    """Return the kernel of a text of ImageMagick's, as its Correlate has it."""
    from convcli.exchange import magick_kernel

    try:
        conv = magick_kernel(text, "kernel")
    except UsageError as error:
        raise Problem((), error.message.removeprefix("kernel: "), error.hint) from error
    log.warning("a kernel of ImageMagick is taken as by -morphology Correlate; Convolve turns it, as --flip does")
    return Pipeline((conv,), name="kernel")


def text_of_file(text: str) -> str | None:
    """Return the text of the one YAML file of the user's that a text stands for; None for any other filter.

    Raises FilterError where the file cannot be read.
    """
    from convcli.catalog.folders import user_files
    from convcli.catalog.yaml.source import read_text

    first, *others = parse(text)
    if others or isinstance(first, Inline | MagickKernel):
        return None
    file = first.file if isinstance(first, YamlFile) else user_files().get(first.name) if not first.arguments else None
    if file is None or is_special(Path(file)) or is_foreign(os.fspath(file)):
        return None
    return read_text(os.fspath(file))
