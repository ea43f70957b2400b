"""Videos of known colors, made by PyAV: a field of one color with a square of another at the upper left, and sound."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 48, 64
FIELD, SQUARE = (200, 50, 20), (10, 200, 90)
HD = (1, 1, 1, 1)  # numbers of the matrix, the range, the primaries and the curve


def scene(number: int, height: int = HEIGHT, width: int = WIDTH) -> NDArray[np.uint8]:
    """Return a frame, whose lower left corner is brighter in each."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:], pixels[: height // 2, : width // 2] = FIELD, SQUARE
    pixels[-8:, :8] = number * 20 % 256
    return pixels


def video(
    frames: int = 6,
    *,
    container: str = "mp4",
    codec: str = "libx264",
    pixels: str = "yuv420p",
    colors: tuple[int, int, int, int] = HD,
    size: tuple[int, int] = (HEIGHT, WIDTH),
    turned: int = 0,
    sound: str = "",
    times: tuple[int, ...] = (),
    params: str = "",
) -> bytes:
    """Return a file of 25 frames a second, or of frames at some of those times, and perhaps sound of a codec.

    `params` are more options of x265, each behind a colon.
    """
    import av

    stream = io.BytesIO()
    file: Any = av.open(stream, "w", format=container)
    options = {"libx264": {"crf": "4"}, "libx265": {"crf": "4", "x265-params": "log-level=none" + params}}
    made: Any = file.add_stream(codec, rate=25, options=options.get(codec, {}))
    made.height, made.width, made.pix_fmt = *size, pixels
    coded = made.codec_context
    coded.colorspace, coded.color_range, coded.color_primaries, coded.color_trc = colors
    if turned:
        made.set_display_rotation(turned)
    heard: Any = file.add_stream(sound, rate=48_000, layout="mono") if sound else None
    file.metadata["title"] = "A title"
    for number in range(frames):
        given = av.VideoFrame.from_ndarray(scene(number, *size), format="rgb24")
        frame = given.reformat(format=pixels, dst_colorspace=colors[0] % 2 or 5, dst_color_range=colors[1])
        frame.pts, frame.time_base = times[number] if times else number, Fraction(1, 25)
        file.mux(made.encode(frame))
    for start in range(0, 48_000 * frames // 25 - 959 if sound else 0, 960):
        wave = np.sin(np.arange(start, start + 960) / 20)[np.newaxis].astype(np.float32)
        tone = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        tone.sample_rate, tone.pts, tone.time_base = 48_000, start, Fraction(1, 48_000)
        file.mux(heard.encode(tone))
    if heard is not None:
        file.mux(heard.encode(None))
    file.mux(made.encode(None))
    file.close()
    return stream.getvalue()
