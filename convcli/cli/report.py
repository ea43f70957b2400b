"""``convcli report``: a page on one filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from convcli.cli.options.common import VoiceOptions, loaded_filter
from convcli.cli.options.declared import FilterText, MaxPixels
from convcli.cli.options.kernel import KernelOptions
from convcli.cli.options.pages import PageOptions, check_picture, read_subject
from convcli.image import DEFAULT_MAX_PIXELS

if TYPE_CHECKING:
    from convcli.report import Record

PagePicture = Annotated[
    str,
    typer.Argument(
        metavar="[PICTURE]",
        help="A picture or array to show the filter on, or - for stdin; a test picture unless given.",
        show_default=False,
    ),
]


def report(
    context: typer.Context,
    filter_text: FilterText,
    picture: PagePicture = "",
    *,
    page: PageOptions,
    kernel: KernelOptions,
    max_pixels: MaxPixels = DEFAULT_MAX_PIXELS,
    voice: VoiceOptions,
) -> None:
    """Write a page on a filter: its weights and frequencies, its effect on a picture, its layers, and an editor.

    \b
    convcli report sharpen photo.jpg -o sharpen.html
    convcli report "gaussian:1.4 | sobel | normalize" photo.jpg -o edges.html
    convcli report learned.yaml photo.jpg -o learned.html
    """
    from convcli.engine import COMPILING_LOGGER
    from convcli.report import filter_page

    speaker = voice.voice(context)
    page.check_target("report.html", *filter(None, (picture, filter_text)))
    check_picture(picture)
    pipeline = kernel.applied_to(loaded_filter(filter_text, speaker))
    subject = read_subject(picture, speaker, max_pixels)
    with speaker.relaying(COMPILING_LOGGER, once=True):
        page.write(filter_page(pipeline, subject, _record(filter_text)), speaker)


def _record(filter_text: str) -> Record | None:
    """Return how a filter was learned, where its file tells."""
    from convcli.catalog import text_of_file
    from convcli.report import record_in

    text = text_of_file(filter_text.strip())
    return None if text is None else record_in(text)
