"""AVIF of 10 and 12 bits, of a part that is shown, and of early writers."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from convcli.image import count_frames, read_picture
from convcli.image.codecs.avif.mended import with_one_association
from tests.support.avif_files import NEEDS_AVIF, Item, avif, stream_of
from tests.support.console import run
from tests.support.encoding import by_pillow
from tests.support.reading import failure

pytestmark = NEEDS_AVIF

HEIGHT, WIDTH = 20, 24


def ramp(bits: int, channels: int) -> Any:
    down, right = np.mgrid[0:HEIGHT, 0:WIDTH]
    levels = (down * WIDTH + right) / (HEIGHT * WIDTH) * (2**bits - 1)
    planes = [levels, levels[::-1], levels[:, ::-1], np.full_like(levels, 2**bits // 2)][:channels]
    return np.stack(planes, axis=2).astype(np.uint16)


def deep(bits: int, channels: int) -> bytes:
    return bytes(imagecodecs.avif_encode(ramp(bits, channels), level=98, bitspersample=bits, pixelformat="444"))


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("channels", [3, 4])
def test_ten_and_twelve_bits_become_sixteen_where_the_output_holds_them(
    bits: int, channels: int, tmp_path: Path
) -> None:
    data = deep(bits, channels)
    decoded = imagecodecs.avif_decode(data)
    picture = read_picture(io.BytesIO(data), deep=True)
    assert picture.has_alpha == (channels == 4)
    assert np.array_equal(picture.frames[0], np.floor(decoded / (2**bits - 1) * 65_535 + 0.5))
    assert [note.code for note in picture.notes] == ["scaled"]
    (tmp_path / "in.avif").write_bytes(data)
    assert run("apply", "identity", tmp_path / "in.avif", "-o", tmp_path / "out.png").code == 0
    assert np.array_equal(imagecodecs.png_decode((tmp_path / "out.png").read_bytes()), picture.frames[0])


@pytest.mark.parametrize("name", ["out.jpg", "out.avif", "out.webp"])
def test_a_format_of_eight_bits_gets_eight_and_a_word(name: str, tmp_path: Path) -> None:
    (tmp_path / "in.avif").write_bytes(deep(10, 3))
    answer = run("apply", "identity", tmp_path / "in.avif", "-o", tmp_path / name)
    assert answer.code == 0
    assert "its 10 bits a channel are read as 8" in answer.stderr
    with Image.open(tmp_path / name) as image:
        assert np.abs(np.asarray(image).astype(int) - (ramp(10, 3) >> 2)).max() < 16


def with_part(file: bytes, box: tuple[int, int, int, int]) -> bytes:
    """Return an AVIF with a clap property: width, height, and how far its middle is from that of the whole."""
    numbers = b"".join(struct.pack(">iI", each, 1) for each in box)
    clap = struct.pack(">I", 8 + len(numbers)) + b"clap" + numbers
    changed = bytearray(file)
    for name in (b"meta", b"iprp", b"ipco"):
        at = file.index(name) - 4
        changed[at : at + 4] = struct.pack(">I", struct.unpack_from(">I", file, at)[0] + len(clap))
    offset = file.index(b"mdat") + 4
    place = file.index(struct.pack(">I", offset), file.index(b"iloc"))
    changed[place : place + 4] = struct.pack(">I", offset + len(clap))
    ipco = file.index(b"ipco")
    (length,) = struct.unpack_from(">I", file, ipco - 4)
    end = ipco - 4 + length
    return bytes(changed[:end]) + clap + bytes(changed[end:])


def test_the_part_that_a_file_says_to_show_is_what_is_filtered() -> None:
    file = by_pillow(Image.fromarray((ramp(8, 3)).astype(np.uint8)), "AVIF", quality=95)
    whole = read_picture(io.BytesIO(file)).frames[0]
    # 10×8 pixels, whose middle is 3 to the left of the middle and 2 below.
    part = read_picture(io.BytesIO(with_part(file, (10, 8, -3, 2)))).frames[0]
    assert np.array_equal(part, whole[8:16, 4:14])
    for wrong in ((10, 8, -30, 2), (11, 8, 0, 0), (0, 8, 0, 0), (-4, 8, 0, 0)):
        assert read_picture(io.BytesIO(with_part(file, wrong))).size == (HEIGHT, WIDTH)


def without_size_of_alpha(file: bytes) -> bytes:
    """Return an AVIF whose second item has another property in the place of its size."""
    changed = bytearray(file)
    at = file.index(b"ipma") + 8
    (count,) = struct.unpack_from(">I", file, at)
    at += 4
    sizes = [number for number in range(1, 9) if properties(file)[number - 1 : number] == [b"ispe"]]
    for _ in range(count):
        item, own = struct.unpack_from(">HB", file, at)
        for place in range(at + 3, at + 3 + own):
            if item == 2 and file[place] & 127 in sizes:
                changed[place] = file[place + 1] if place + 1 < at + 3 + own else file[place - 1]
        at += 3 + own
    return bytes(changed)


def properties(file: bytes) -> list[bytes]:
    at = file.index(b"ipco") + 4
    end, found = at - 8 + struct.unpack_from(">I", file, at - 8)[0], []
    while at < end:
        found.append(file[at + 4 : at + 8])
        at += struct.unpack_from(">I", file, at)[0]
    return found


def test_a_file_that_breaks_a_rule_is_read_with_a_warning_and_refused_by_strict() -> None:
    image = Image.fromarray(ramp(8, 4).astype(np.uint8), "RGBA")
    file = by_pillow(image, "AVIF", quality=95)
    broken = without_size_of_alpha(file)
    with pytest.raises(Exception, match=r"BMFF|decode|identify|AVIF"):
        Image.open(io.BytesIO(broken)).load()
    picture = read_picture(io.BytesIO(broken))
    assert np.array_equal(picture.frames[0], imagecodecs.avif_decode(broken))
    assert [note.code for note in picture.damage] == ["damaged"]
    assert "breaks a rule" in failure(broken, strict=True).message
    assert "truncated or damaged" in failure(file[:-40]).message


def with_two_associations(file: bytes) -> bytes:
    """Return a file whose pixels are in a box, and whose two items have their properties in a box each."""
    at = file.index(b"ipma") - 4
    (length,) = struct.unpack_from(">I", file, at)
    head, entries = file[at + 8 : at + 12], file[at + 16 : at + length]
    own = 3 + entries[2]
    parts = [
        struct.pack(">I4s", 16 + len(each), b"ipma") + head + struct.pack(">I", 1) + each
        for each in (entries[:own], entries[own:])
    ]
    changed = bytearray(file[:at] + b"".join(parts) + file[at + length :])
    for kind in (b"iprp", b"meta"):
        place = changed.index(kind) - 4
        struct.pack_into(">I", changed, place, struct.unpack_from(">I", changed, place)[0] + 16)
    return bytes(changed)


def test_properties_in_several_boxes_are_joined(tmp_path: Path) -> None:
    color, alpha = Image.new("RGB", (24, 20), (200, 50, 20)), Image.linear_gradient("L").resize((24, 20))
    whole = avif(Item(stream_of(color)), Item(stream_of(alpha), gray=True, alpha_of=1), in_box=True)
    early = with_two_associations(whole)
    with pytest.raises(Exception, match=r"BMFF|decode|identify|AVIF"):
        Image.open(io.BytesIO(early)).load()
    wanted, picture = read_picture(io.BytesIO(whole)), read_picture(io.BytesIO(early))
    np.testing.assert_array_equal(picture.frames[0], wanted.frames[0])
    assert picture.has_alpha
    assert [note.code for note in picture.damage] == ["damaged"]
    assert "boxes that are to be one" in failure(early, strict=True).message
    (tmp_path / "a.avif").write_bytes(early)
    assert count_frames(tmp_path / "a.avif", 10_000) == 1
    joined = with_one_association(early)
    assert joined is not None
    assert len(joined) == len(early)
    assert with_one_association(joined) is None
    assert with_one_association(whole) is None


def with_box(file: bytes, inside: bytes) -> bytes:
    """Return a file whose pixels are in a box, with one more box at the end of the outer one."""
    start, length = file.index(b"meta") - 4, len(inside)
    (size,) = struct.unpack_from(">I", file, start)
    changed = file[: start + size] + inside + file[start + size :]
    return changed[:start] + struct.pack(">I", size + length) + changed[start + 4 :]


def with_turn(file: bytes, *, essential: bool) -> bytes:
    """Return a file of one picture whose pixels are in a box, with a quarter turn among its properties."""
    turn = struct.pack(">I4sB", 9, b"irot", 1)
    at = file.index(b"ipco") - 4
    (length,) = struct.unpack_from(">I", file, at)
    file = file[:at] + struct.pack(">I", length + 9) + file[at + 4 : at + length] + turn + file[at + length :]
    at = file.index(b"ipma") - 4
    (size,) = struct.unpack_from(">I", file, at)
    own = file[at + 16 : at + size]
    number = own[2] + 1
    own = own[:2] + bytes([number]) + own[3:] + bytes([number | (0x80 if essential else 0)])
    file = file[:at] + struct.pack(">I", size + 1) + file[at + 4 : at + 16] + own + file[at + size :]
    for kind in (b"iprp", b"meta"):
        place = file.index(kind) - 4
        file = file[:place] + struct.pack(">I", struct.unpack_from(">I", file, place)[0] + 10) + file[place + 4 :]
    return file


def mended(file: bytes, words: str, wanted: bytes) -> None:
    """Check that libavif refuses a file, which is read as another one, with a warning in these words."""
    with pytest.raises(Exception, match=r"BMFF|decode|identify|AVIF"):
        Image.open(io.BytesIO(file)).load()
    picture = read_picture(io.BytesIO(file))
    np.testing.assert_array_equal(picture.frames[0], read_picture(io.BytesIO(wanted)).frames[0])
    assert [(note.code, words in note) for note in picture.damage] == [("damaged", True)]
    assert words in failure(file, strict=True).message


def test_a_turn_that_is_not_marked_as_essential_is_applied() -> None:
    whole = avif(Item(stream_of(Image.linear_gradient("L").resize((24, 20)).convert("RGB"))), in_box=True)
    wanted = with_turn(whole, essential=True)
    assert read_picture(io.BytesIO(wanted)).size == (24, 20)  # height and width
    mended(with_turn(whole, essential=False), "turns and crops", wanted)


def test_groups_of_pictures_that_are_cut_off_are_left_out() -> None:
    whole = avif(Item(stream_of(Image.linear_gradient("L").resize((24, 20)).convert("RGB"))), in_box=True)
    mended(with_box(whole, struct.pack(">I4sI4s", 16, b"grpl", 99, b"altr")), "groups", whole)


def test_a_gain_map_that_is_none_is_left_out() -> None:
    color = stream_of(Image.linear_gradient("L").resize((24, 20)).convert("RGB"))
    whole = avif(Item(color), Item(color), in_box=True)
    # The second picture becomes one that is made of the first by numbers which are none.
    broken = whole.replace(b"avifmif1miaf", b"avifmif1tmap", 1)
    at = broken.rindex(b"av01", 0, broken.index(b"iprp"))
    broken = broken[:at] + b"tmap" + broken[at + 4 :]
    reference = struct.pack(">I4s", 14, b"dimg") + struct.pack(">HHH", 2, 1, 1)
    broken = with_box(broken, struct.pack(">I4sI", 12 + len(reference), b"iref", 0) + reference)
    group = struct.pack(">I4sIIIII", 28, b"altr", 0, 9, 2, 2, 1)
    mended(with_box(broken, struct.pack(">I4s", 8 + len(group), b"grpl") + group), "gain map", whole)


def test_exif_data_that_is_none_is_left_out() -> None:
    whole = by_pillow(
        Image.linear_gradient("L").resize((24, 20)).convert("RGB"), "AVIF", exif=b"II*\0\x08\0\0\0" + bytes(6)
    )
    at = whole.index(b"II*\0\x08\0\0\0")
    broken = whole[: at - 4] + b"\xff\xff\xff\xff" + whole[at:]  # the place of the header in it
    mended(broken, "EXIF data", whole)
