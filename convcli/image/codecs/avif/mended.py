"""AVIF files that libavif does not read as they are. Without NumPy.

Items are told their properties in several boxes, as early writers of alpha have it: the standard allows one box of a
version, and libavif refuses more since 2022. Turns and crops are not marked as essential; a gain map or a group of
pictures is damaged beside a picture that is not. Or colors are stored in a way that libavif does not undo.
"""

from __future__ import annotations

from convcli.errors import ReadError
from convcli.image.codec import Source
from convcli.image.codecs.avif.shared import with_own_cells
from convcli.image.codecs.avif.streams import YCGCO_RE, stored_bits
from convcli.image.sampled.boxes import box, boxes
from convcli.note import Note

_FULL = 4  # bytes of a version and flags
_COUNT = 4  # bytes of a number of entries
_BRANDS = 8  # bytes before those that a file is compatible with
_TURNS = (b"clap", b"irot", b"imir")
_NUMBERED, _MATRIX = b"nclx", 8  # the kind of colors, and the place of their matrix behind it
# By their numbers in ITU-T H.273; those that libavif converts, and what stands for those of constant luminance.
_CONVERTED = (0, 1, 2, 4, 5, 6, 7, 8, 9, 12, 15)
_BITS_OF_RE = 8  # of colors, which libavif converts from that matrix
_USUAL = {10: 9, 13: 12}
_ANEW = "save it anew as BT.709 or BT.2020, with a program that knows these colors"
_HINTS = {14: "FFmpeg converts ICtCp: ffmpeg -i FILE.avif -vf zscale=matrix=gbr,format=gbrp16 FILE.png"}


def next_mend(source: Source) -> tuple[bytes, tuple[Note, ...]] | None:
    """Return a file with one more rule kept, and a note on the rule; None where there is nothing to mend.

    To share cells breaks none. Raises ValueError, struct.error or what `with_own_cells` raises on damage.
    """
    if (changed := with_own_cells(source)) is not None:
        return changed, ()
    file = source.content()
    for mend, broken in _MENDS:
        if (changed := mend(file)) is not None:
            return changed, (Note("damaged", f"it breaks a rule of AVIF: {broken}"),)
    return None


def with_one_association(file: bytes) -> bytes | None:
    """Return a file with such boxes joined, and all else in its place; None where there is nothing to join.

    Raises ValueError or struct.error on damage.
    """
    properties = _place(file, b"meta", b"iprp")
    if properties is None:
        return None
    start, end = properties
    inner = list(boxes(file, start, end))
    found = [file[first:last] for kind, first, last in inner if kind == b"ipma"]
    if len(found) < 2 or len({each[:_FULL] for each in found}) > 1 or inner[-len(found)][0] != b"ipma":
        return None
    count = sum(int.from_bytes(each[_FULL : _FULL + _COUNT], "big") for each in found)
    joined = box(b"ipma", found[0][:_FULL] + count.to_bytes(_COUNT, "big") + b"".join(each[8:] for each in found))
    begin = inner[-len(found)][1] - 8
    whole = box(b"iprp", file[start:begin] + joined)
    spare = end - start + 8 - len(whole)  # offsets of pixels count from the beginning of the file
    return file[: start - 8] + whole + box(b"free", bytes(spare - 8)) + file[end:]


def _with_essential_turns(file: bytes) -> bytes | None:
    """Return a file whose turns and crops are marked as essential; None where they are, or there are none."""
    found = _place(file, b"meta", b"iprp", b"ipco")
    told = _place(file, b"meta", b"iprp", b"ipma")
    if found is None or told is None:
        return None
    turns = {number for number, (kind, _, _) in enumerate(boxes(file, *found), 1) if kind in _TURNS}
    version, flags = file[told[0]], file[told[0] + 3]
    changed, at = bytearray(file), told[0] + _FULL + _COUNT
    size = 2 if flags & 1 else 1  # bytes of the number of a property, of which the first bit marks it
    for _ in range(int.from_bytes(file[told[0] + _FULL : at], "big")):
        at += 4 if version else 2
        if at >= told[1]:
            raise ValueError("a box that is cut off")
        for place in range(at + 1, min(at + 1 + size * file[at], told[1] - size + 1), size):
            number = int.from_bytes(file[place : place + size], "big") & ((1 << 8 * size - 1) - 1)
            if number in turns:
                changed[place] |= 0x80
        at += 1 + size * file[at]
    return bytes(changed) if changed != file else None


def _without_gain_map(file: bytes) -> bytes | None:
    """Return a file that does not say that it has a picture for bright screens; None where it says nothing of one."""
    found = _place(file, b"ftyp")
    brands = range(found[0] + _BRANDS, found[1] - 3, 4) if found is not None else ()
    at = next((each for each in brands if file[each : each + 4] == b"tmap"), None)
    return None if at is None else file[:at] + b"mif1" + file[at + 4 :]


def _without_exif(file: bytes) -> bytes | None:
    """Return a file whose EXIF data is an item of a kind that nobody knows; None where it has none."""
    found = _place(file, b"meta", b"iinf")
    if found is None:
        return None
    for kind, start, end in boxes(file, found[0] + _FULL + (4 if file[found[0]] else 2), found[1]):
        at = start + _FULL + (6 if file[start] > 2 else 4)
        if kind == b"infe" and end >= at + 4 and file[at : at + 4] == b"Exif":
            return file[:at] + b"free" + file[at + 4 :]
    return None


def _without_groups(file: bytes) -> bytes | None:
    """Return a file whose groups of pictures are free space; None where it has none."""
    found = _place(file, b"meta", b"grpl")
    return None if found is None else file[: found[0] - 4] + b"free" + file[found[0] :]


# With the words for the rule.
_MENDS = (
    (with_one_association, "boxes that are to be one are joined"),
    (_with_essential_turns, "its turns and crops are not marked as such that have to be applied"),
    (_without_gain_map, "the gain map is none, and is left out"),
    (_without_exif, "the EXIF data is none, and is left out"),
    (_without_groups, "the groups of its pictures are none, and are left out"),
)


def with_usual_matrix(file: bytes, name: str) -> bytes | None:
    """Return a file whose colors are said to be of usual luminance in place of constant; None where it says neither.

    Both have the same gray, and colors that are a little apart. Raises ReadError for others that libavif does not
    convert, ValueError or struct.error on damage.
    """
    found = _place(file, b"meta", b"iprp", b"ipco")
    if found is None:
        return None
    changes = {}
    for kind, start, end in boxes(file, *found):
        if kind != b"colr" or file[start : start + 4] != _NUMBERED or end - start < _MATRIX + 2:
            continue
        matrix = int.from_bytes(file[start + _MATRIX : start + _MATRIX + 2], "big")
        if matrix in _CONVERTED or (matrix == YCGCO_RE and stored_bits(memoryview(file)) == _BITS_OF_RE):
            continue
        if matrix not in _USUAL:
            what = (
                f"{name} is a kind of AVIF that is not read: colors of matrix {matrix}, which libavif does not convert"
            )
            raise ReadError(what, _HINTS.get(matrix, _ANEW))
        changes[start + _MATRIX + 1] = _USUAL[matrix]
    if not changes:
        return None
    changed = bytearray(file)
    for place, matrix in changes.items():
        changed[place] = matrix
    return bytes(changed)


def _place(file: bytes, *kinds: bytes) -> tuple[int, int] | None:
    """Return where the content of a box in boxes begins and ends, behind a version where the outer one has that."""
    start, end = 0, len(file)
    for kind in kinds:
        found = next(((first, last) for name, first, last in boxes(file, start, end) if name == kind), None)
        if found is None:
            return None
        start, end = found[0] + _FULL * (kind == b"meta"), found[1]
    return start, end
