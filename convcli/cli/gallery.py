"""``convcli gallery``: a picture under many filters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convcli.cli.options.common import VoiceOptions, loaded_filter
from convcli.cli.options.declared import MaxPixels, complete_filter, complete_group
from convcli.cli.options.pages import PageOptions, check_picture, read_subject
from convcli.errors import ConvcliError, FileError, UsageError
from convcli.image import DEFAULT_MAX_PIXELS
from convcli.words import as_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convcli.report import Subject, Tile, Voice

Picture = Annotated[
    str, typer.Argument(metavar="PICTURE", help="A picture or array, or - for stdin.", show_default=False)
]
Filters = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILTER...]",
        help="Filters as apply takes them (default: all of convcli list but layers).",
        autocompletion=complete_filter,
        show_default=False,
    ),
]
Group = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        help="The filters that convcli list TEXT finds, such as edges.",
        autocompletion=complete_group,
        show_default=False,
    ),
]


_LAYERS = ("layers", "networks")


class GalleryOptions(PageOptions):
    """The file of a gallery."""

    output: Annotated[
        str,
        typer.Option(
            *("-o", "--output"),
            metavar="FILE",
            help="A page, ending in .html, or a picture; - writes the page to stdout.",
            show_default=False,
        ),
    ]


def gallery(
    context: typer.Context,
    picture: Picture,
    filters: Filters = None,
    *,
    page: GalleryOptions,
    group: Group = None,
    max_pixels: MaxPixels = DEFAULT_MAX_PIXELS,
    voice: VoiceOptions,
) -> None:
    """Show a picture under many filters, on a page or as one picture.

    \b
    convcli gallery photo.jpg -o gallery.html
    convcli gallery photo.jpg --group edges -o edges.png
    convcli gallery photo.jpg sharpen unsharp:2 "gaussian:1 | sobel" -o mine.html
    """
    from convcli.engine import COMPILING_LOGGER
    from convcli.report import draw_gallery, drawing_format, gallery_page, reduced, write_drawing

    speaker = voice.voice(context)
    if not page.is_page:
        try:
            drawing_format(Path(page.output))
        except UsageError as error:
            raise UsageError(f"{page.output} is no name for a page or a picture", f"{error.hint}, or .html") from error
    check_picture(picture, *(filters or ()))
    page.check_existing(picture, *(filters or ()))
    texts = _texts(filters, group)
    subject = reduced(read_subject(picture, speaker, max_pixels))
    with speaker.relaying(COMPILING_LOGGER, once=True):
        tiles = _tiles(texts, subject, speaker, is_named=bool(filters))
    if page.is_page:
        page.write(gallery_page(tiles, subject), speaker)
        return
    target = Path(page.output)
    height, width = write_drawing(draw_gallery(tiles, subject), target, overwrite=page.force)
    speaker.say(f"{len(tiles)} filters → {target} ({width}×{height})")


def _texts(filters: Sequence[str] | None, group: str | None) -> list[tuple[str, str]]:
    """Return the filters that are named, those that are found, or all that are no layers; with their groups."""
    from convcli.catalog import GROUPS, list_filters, near_text

    if filters and group is not None:
        raise UsageError("FILTER and --group would both name the filters", "give one of them")
    if filters:
        return [(each.strip(), "") for each in filters]
    found = [each for each in list_filters(group or "") if group or each.group not in _LAYERS]
    if group in GROUPS:  # not those too in whose description the word stands
        found = [each for each in found if each.group == group]
    if not found:
        near = near_text(group or "")
        way = f"did you mean --group {as_word(near)}?" if near else "convcli list shows all"
        raise UsageError(f"no filter with {group!r} in it", way)
    return [(each.name, each.group) for name in GROUPS for each in found if each.group == name and not each.problem]


def _tiles(texts: Sequence[tuple[str, str]], subject: Subject, voice: Voice, *, is_named: bool) -> list[Tile]:
    """Return a tile for each filter that makes a picture of a picture; say which do not."""
    from convcli.report import tile_of

    tiles = []
    for text, group in voice.progress(texts, len(texts), "filtering"):
        try:
            tiles.append(tile_of(text, loaded_filter(text, voice), subject, group))
        except ConvcliError as error:
            if is_named:
                raise
            voice.detail(f"left out: {error.headline}")
    if not tiles:
        raise FileError(f"none of the filters makes a picture of {subject.name}", "convcli list shows others")
    return tiles
