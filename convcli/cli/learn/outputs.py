"""Where ``learn`` writes: checked before learning begins, and written when it has ended."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import IO, TYPE_CHECKING

import typer

from convcli.errors import OutputRefused, UsageError, WriteError

if TYPE_CHECKING:
    from convcli.filters import Pipeline
    from convcli.image import Format, Picture
    from convcli.jobs import Opened
    from convcli.learning import Learned
    from convcli.report import Voice

STREAM = "-"
_INPUTS = ("INPUT", "TARGET")
_OTHERWISE = "end it in .tif or .npy; or write the kernel with -o, and apply it with the options that apply has"
_WORSE = 0.01  # a share of clipped values above TARGET's that the user should know of


@dataclass(frozen=True)
class Outputs:
    """What is to be written.

    Parameters
    ----------
    kernel
        The YAML file; ``-`` for standard output, None for no file.
    plot, predict
        The picture of the descent and the kernel, and the kernel applied to INPUT.
    snap
        Whether the exact form is written, where there is one.
    force
        Whether existing files may be replaced.
    """

    kernel: str | None
    plot: Path | None
    predict: Path | None
    snap: bool
    force: bool

    @property
    def files(self) -> dict[str, Path]:
        """The files, by the option that names them."""
        given = {
            "-o": None if self.kernel in (None, STREAM) else Path(str(self.kernel)),
            "--plot": self.plot,
            "--predict": self.predict,
        }
        return {option: path for option, path in given.items() if path is not None}

    def check(self, source: str, target: str) -> None:
        """Refuse what cannot be written, or would destroy something.

        Raises
        ------
        UsageError
            A name stands for no format, or two outputs have one name.
        FileError
            A file exists and was not offered, is INPUT or TARGET, or its folder is missing.
        """
        self._check_names()
        for option, path in self.files.items():
            _check_place(option, path, (source, target), force=self.force)
        for (option, path), (other, same) in combinations(self.files.items(), 2):
            if os.path.realpath(path) == os.path.realpath(same):
                raise UsageError(f"{option} and {other} would both write {path}", "give each a name of its own")

    def _check_names(self) -> None:
        if self.kernel not in (None, STREAM) and Path(str(self.kernel)).suffix.lower() not in (".yaml", ".yml"):
            raise UsageError(f"-o {self.kernel}: a kernel is written as YAML", "end the name in .yaml")
        if self.plot is not None:
            from convcli.report import drawing_format

            drawing_format(self.plot)
        if self.predict is not None:
            self.predict_format()

    def predict_format(self) -> Format:
        """Return the format that the name of --predict stands for."""
        from convcli.image import FORMATS, format_of

        form = format_of(str(self.predict))
        if form is None:
            known = ", ".join(sorted(each.suffixes[0] for each in FORMATS))
            raise UsageError(f"--predict {self.predict}: its ending stands for no format", f"end it in one of {known}")
        return form


def _check_place(option: str, path: Path, inputs: tuple[str, str], *, force: bool) -> None:
    from convcli.disk import write_error
    from convcli.jobs import exists, is_folder

    if is_folder(path):
        raise WriteError(f"{option} {path} is a folder", "name a file in it")
    if exists(path):
        for what, name in zip(_INPUTS, inputs, strict=True):
            if name != STREAM and exists(Path(name)) and Path(name).samefile(path):
                raise OutputRefused(f"{path} is {what} itself", "write to another file or folder")
        if not force:
            raise OutputRefused(f"{path} exists", "--force overwrites it")
    elif not is_folder(path.parent):
        raise write_error(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)), path)
    elif not os.access(path.parent, os.W_OK):
        raise write_error(PermissionError(errno.EACCES, os.strerror(errno.EACCES)), path)


def check_prediction(outputs: Outputs, opened: Opened) -> None:
    """Refuse a format of --predict that cannot hold what will come out of INPUT, whose channels become TARGET's."""
    from convcli.image import check_writable

    if outputs.predict is None or opened.picture is None:
        return
    picture, form = opened.picture, outputs.predict_format()
    bits = 32 if form.array else 8 if picture.is_array else picture.bits
    alpha = _keeps_alpha(picture, form)
    channels = next(iter(opened.pairs)).target.shape[2]
    try:
        check_writable(
            form,
            bits=bits,
            has_alpha=alpha,
            channels=channels + alpha,
            frames=len(picture.frames),
            size=picture.size,
        )
    except WriteError as error:
        raise WriteError(f"--predict {outputs.predict}: {error}", _OTHERWISE) from error


def _keeps_alpha(picture: Picture, form: Format) -> bool:
    return picture.has_alpha and (form.alpha or form.array)


def filter_of(learned: Learned, outputs: Outputs, opened: Opened) -> Pipeline:
    """Return the filter that was learned, as it is written and applied."""
    from convcli.filters import Conv, Pipeline
    from convcli.report import learned_description

    exact = learned.exact if outputs.snap else None
    border = learned.border.border if learned.border else learned.given_border
    conv = Conv(exact.kernel if exact else learned.kernel, padding=learned.padding, border=border)
    name = "learned" if outputs.kernel in (None, STREAM) else Path(str(outputs.kernel)).stem
    count = len(opened.pairs) if opened.matched else 0
    return Pipeline(
        (conv,), name=name, description=learned_description(learned, opened.titles, count, exact=exact is not None)
    )


def write_outputs(learned: Learned, outputs: Outputs, opened: Opened, voice: Voice) -> None:
    """Write what was asked for, and say so; each file whole or not at all."""
    pipeline = filter_of(learned, outputs, opened)
    if outputs.snap and learned.exact is None:
        written = "the learned weights are written" if outputs.kernel else "the weights stay as they are learned"
        voice.warn(f"no exact form is certain within the errors of the weights; {written}")
    for line in _written(learned, pipeline, outputs, opened, voice):
        voice.say(line)


def _written(learned: Learned, pipeline: Pipeline, outputs: Outputs, opened: Opened, voice: Voice) -> Iterator[str]:
    if outputs.kernel is not None:
        yield from _write_kernel(pipeline, outputs)
    if outputs.predict is not None and opened.picture is not None:
        yield _write_prediction(pipeline, opened.picture, outputs, opened.names[0], learned.clipped, voice)
    if outputs.plot is not None:
        from convcli.report import draw_learning, learned_description, write_drawing

        count = len(opened.pairs) if opened.matched else 0
        drawn = draw_learning(learned, pipeline.name, learned_description(learned, opened.titles, count))
        height, width = write_drawing(drawn, outputs.plot, overwrite=outputs.force)
        yield f"loss and kernel → {outputs.plot} ({width}×{height})"


def _write_kernel(pipeline: Pipeline, outputs: Outputs) -> Iterator[str]:
    from convcli.catalog import to_yaml
    from convcli.disk import atomic_write

    text = to_yaml(pipeline)

    def write(stream: IO[bytes]) -> None:
        stream.write(text.encode())

    if outputs.kernel == STREAM:
        typer.echo(text, nl=False)
        return
    target = outputs.files["-o"]
    atomic_write(target, write, overwrite=outputs.force)
    yield f"kernel → {target}"


def _write_prediction(
    pipeline: Pipeline, picture: Picture, outputs: Outputs, name: str, clipped: float, voice: Voice
) -> str:
    """Apply the filter to INPUT as `apply` does, and write it."""
    from convcli.image import losses, write_picture
    from convcli.jobs import Job, Recipe, filtered

    target = outputs.files["--predict"]
    form = outputs.predict_format()
    alpha = _keeps_alpha(picture, form)
    recipe = Recipe(pipeline, alpha="keep" if alpha else "drop")
    result = filtered(picture, recipe, form, Job(None, target))
    if picture.has_alpha and not alpha:
        voice.warn(f"{target}: {form.title} holds no alpha channel, which is left out")
    # What reading INPUT had to say is said already, and what TARGET lost by clipping is no news here.
    for note in losses(result.pictures[0], form):
        voice.warn(f"{target}: {note}")
    if result.clipped > clipped + _WORSE:
        voice.warn(
            f"{target}: {100 * result.clipped:.1f} % of the values were clipped, {100 * clipped:.1f} % of TARGET's"
        )
    write_picture(result.pictures[0], target, form, overwrite=outputs.force)
    height, width = result.pictures[0].size
    return f"{name} → {target} ({width}×{height})"
