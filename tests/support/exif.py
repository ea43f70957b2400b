"""EXIF data with a camera's and a GPS directory."""

from __future__ import annotations

from PIL import Image


def exif() -> bytes:
    made = Image.Exif()
    made[0x010E] = "a description"
    camera = made.get_ifd(0x8769)
    camera[0x9003] = "2020:01:02 03:04:05"
    camera[0xA002], camera[0xA003] = 1, 1
    camera[0xA005] = {1: "R98"}
    made.get_ifd(0x8825)[1] = "N"
    return made.tobytes()


def parsed(data: bytes) -> Image.Exif:
    read = Image.Exif()
    read.load(data)
    return read
