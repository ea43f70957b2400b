"""Files to pictures and back: formats, modes, depth, alpha, metadata.

The names load on first use: listing a folder and completing a file name need `formats` alone, without NumPy and Pillow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.image.ahead import reading_ahead
    from convcli.image.background import WHITE, Color, parse_color
    from convcli.image.codec import Frames, RowReader, codec_of
    from convcli.image.codecs.tiff.foreign import Placement, placed
    from convcli.image.codecs.tiff.stacks import stack_of
    from convcli.image.codecs.video.streaming import Video, opened_video, write_video
    from convcli.image.color_profile import in_space_of, in_srgb, light_profile
    from convcli.image.formats import (
        FORMATS,
        READABLE_SUFFIXES,
        WRITTEN,
        Format,
        PngEffort,
        default_format,
        format_named,
        format_of,
    )
    from convcli.image.limit import DEFAULT_MAX_PIXELS, over_limit
    from convcli.image.memory import LARGE, Outline, free_memory, in_words, require_memory
    from convcli.image.metadata import Metadata
    from convcli.image.picture import Picture
    from convcli.image.pillow.images import PillowImage, image_of_picture, picture_of_image, upright
    from convcli.image.pillow.versions import codec_versions, extra_of_codec, pillow_version
    from convcli.image.read import count_frames, held, near_name, pipes_kept, read_picture
    from convcli.image.strips.reading import opened_rows
    from convcli.image.strips.writing import write_rows
    from convcli.image.write import check_writable, losses, write_picture
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "color_profile": "in_space_of in_srgb light_profile",
            "formats": "FORMATS Format PngEffort READABLE_SUFFIXES WRITTEN default_format format_named format_of",
            "limit": "DEFAULT_MAX_PIXELS over_limit",
            "memory": "LARGE Outline free_memory in_words require_memory",
            "metadata": "Metadata",
            "picture": "Picture",
            "pillow.images": "PillowImage image_of_picture picture_of_image upright",
            "pillow.versions": "codec_versions extra_of_codec pillow_version",
            "codec": "Frames RowReader codec_of",
            "codecs.tiff.foreign": "Placement placed",
            "codecs.tiff.stacks": "stack_of",
            "codecs.video.streaming": "Video opened_video write_video",
            "ahead": "reading_ahead",
            "background": "Color WHITE parse_color",
            "read": "count_frames held near_name pipes_kept read_picture",
            "strips.reading": "opened_rows",
            "strips.writing": "write_rows",
            "write": "check_writable losses write_picture",
        },
    )
