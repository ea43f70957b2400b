"""The frames of an animation to the bytes of a format that holds them."""

from __future__ import annotations

from typing import IO, Any

from convcli.image.animation import CLOCKS
from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.formats import Format, PngEffort
from convcli.image.picture import Picture
from convcli.image.pillow.conversion import to_pillow
from convcli.image.pillow.plugins import load_plugin, save_animation


def encode_animation(
    picture: Picture,
    stream: IO[bytes],
    target: Format,
    along: CarriedMetadata,
    options: dict[str, Any],
    png_effort: PngEffort,
) -> None:
    """Write all frames of a picture that has an animation.

    Parameters
    ----------
    picture, stream, target, png_effort
        As in `encode`.
    along
        What of the metadata is written.
    options
        Keywords with which Pillow writes a single frame.
    """
    assert picture.animation is not None  # the caller has asked
    load_plugin(target.pillow)
    if target.name == "gif":
        from convcli.image.codecs.gif.write import write_gif_animation

        write_gif_animation(picture.frames, picture.animation, stream, options.get("comment", b""))
    elif target.name == "png":
        from convcli.image.codecs.png.animation import write_apng

        write_apng(picture.frames, picture.animation, stream, png_effort, options)
    elif target.name == "webp":
        from convcli.image.codecs.webp import write_webp_animation

        beside = ("icc_profile", "exif", "xmp")
        settings = {name: value for name, value in options.items() if name not in beside}
        write_webp_animation(picture.frames, picture.animation, stream, along, settings)
    else:
        durations = picture.animation.in_units_of(CLOCKS[target.name].unit)
        save_animation([to_pillow(frame) for frame in picture.frames], stream, target.pillow, durations, options)
