"""Write the outputs of ``learn``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import typer

from convcli.disk import atomic_write
from convcli.errors import WriteError
from convcli.image import check_writable, losses, write_picture
from convcli.jobs import STREAM, Job, Recipe, filtered
from convcli.report import LearnedFrom, learned_description, record_comment, takes_unicode
from convcli.words import clipped_note

if TYPE_CHECKING:
    from convcli.cli.learn.outputs import Outputs
    from convcli.detective import Detected
    from convcli.filters import Pipeline
    from convcli.image import Format, Picture
    from convcli.jobs import Opened
    from convcli.report import Voice

_OTHERWISE = "end it in .tif or .npy; or write the kernel with -o, and apply it with the options that apply has"
_WORSE = 0.01  # a share of clipped values above TARGET's that the user should know of


def check_prediction(outputs: Outputs, opened: Opened) -> None:
    """Refuse a format of --predict that cannot hold INPUT with the channels of TARGET."""
    if outputs.predict is None or opened.picture is None:
        return
    picture, form = opened.picture, outputs.predict_format()
    bits = 32 if form.array else 8 if picture.is_array else picture.bits
    alpha = _keeps_alpha(picture, form)
    channels = next(iter(opened.pairs)).target.shape[2]
    try:
        check_writable(
            form, bits=bits, has_alpha=alpha, channels=channels + alpha, frames=len(picture.frames), size=picture.size
        )
    except WriteError as error:
        raise WriteError(f"--predict {outputs.predict}: {error.message}", _OTHERWISE) from error


def _keeps_alpha(picture: Picture, form: Format) -> bool:
    return picture.has_alpha and (form.alpha or form.array)


def filter_of(learned: Detected, outputs: Outputs, opened: Opened) -> Pipeline:
    """Return the filter that was learned, as it is written and applied."""
    exact, named = (learned.exact, learned.named) if outputs.snap else (None, None)
    if exact and named and learned.nearest and " | " in learned.nearest.text:
        exact = None  # the weights of two filters are many numbers, whole or not
    named = None if exact else named
    name = "learned" if outputs.kernel in (None, STREAM) else Path(str(outputs.kernel)).stem
    count = len(opened.pairs) if opened.matched else 0
    return replace(
        named or (replace(learned, kernel=exact.kernel) if exact else learned).pipeline,
        name=name,
        description=learned_description(
            learned, opened.titles, count, exact=exact is not None, named=named is not None
        ),
    )


def write_outputs(learned: Detected, outputs: Outputs, opened: Opened, voice: Voice) -> None:
    """Write the outputs, each file whole or not at all, and say so."""
    pipeline = filter_of(learned, outputs, opened)
    if outputs.snap and learned.exact is None and learned.named is None:
        written = "the learned weights are written" if outputs.kernel else "the weights stay as they are learned"
        voice.warn(f"no exact form and no name is certain within the errors of the weights; {written}")
    if outputs.kernel not in (None, STREAM):
        comment = record_comment(learned, LearnedFrom(opened.titles, len(opened.pairs), levels=opened.levels), pipeline)
        _write_kernel(pipeline, comment, outputs, voice)
    if outputs.predict is not None and opened.picture is not None:
        write_prediction(pipeline, opened.picture, outputs, opened.names[0], learned.clipped, voice)
    if outputs.plot is not None:
        from convcli.report import draw_learning, write_drawing

        count = len(opened.pairs) if opened.matched else 0
        drawn = draw_learning(learned, pipeline.name, learned_description(learned, opened.titles, count))
        height, width = write_drawing(drawn, outputs.plot, overwrite=outputs.force)
        voice.say(f"loss and kernel → {outputs.plot} ({width}×{height})")
    if outputs.kernel == STREAM:  # after the files, which do not depend on who reads it
        from convcli.catalog import to_yaml

        typer.echo(to_yaml(pipeline, in_ascii=not takes_unicode()), nl=False)


def _write_kernel(pipeline: Pipeline, comment: str, outputs: Outputs, voice: Voice) -> None:
    from convcli.catalog import to_yaml  # 40 ms, with ruamel.yaml

    text = to_yaml(pipeline) + comment

    def write(stream: IO[bytes]) -> None:
        stream.write(text.encode())

    target = outputs.files["-o"]
    atomic_write(target, write, overwrite=outputs.force)
    voice.say(f"kernel → {target}")


def write_prediction(
    pipeline: Pipeline, picture: Picture, outputs: Outputs, name: str, clipped: float, voice: Voice
) -> None:
    """Apply the filter to INPUT as `apply` does, and write it."""
    target = outputs.files["--predict"]
    form = outputs.predict_format()
    alpha = _keeps_alpha(picture, form)
    recipe = Recipe(pipeline, alpha="keep" if alpha else "drop")
    result = filtered(picture, recipe, form, Job(None, target))
    if picture.has_alpha and not alpha:
        voice.warn(f"{target}: {form.title} holds no alpha channel, which is left out")
    # Without the notes of reading INPUT, which are printed already, and without the clipping that TARGET has too.
    for note in losses(result.pictures[0], form):
        voice.warn(f"{target}: {note}")
    if result.clipped > clipped + _WORSE:
        voice.warn(f"{target}: {clipped_note(result.clipped)}, {100 * clipped:.1f} % of TARGET's")
    write_picture(result.pictures[0], target, form, overwrite=outputs.force)
    height, width = result.pictures[0].size
    voice.say(f"{name} → {target} ({width}×{height})")
