"""AVIF files that libavif does not read as they are. Without NumPy.

Items are told their properties in several boxes, as early writers of alpha have it: the standard allows one box of a
version, and libavif refuses more since 2022. Or colors are stored in a way that it does not undo.
"""

from __future__ import annotations

from convcli.errors import ReadError
from convcli.image.sampled.boxes import box, boxes

_FULL = 4  # bytes of a version and flags
_COUNT = 4  # bytes of a number of entries
_NUMBERED, _MATRIX = b"nclx", 8  # the kind of colors, and the place of their matrix behind it
# By their numbers in ITU-T H.273; those that libavif converts, and what stands for those of constant luminance.
_CONVERTED = (0, 1, 2, 4, 5, 6, 7, 8, 9, 12, 15)
_USUAL = {10: 9, 13: 12}


def with_one_association(file: bytes) -> bytes | None:
    """Return a file with such boxes joined, and all else in its place; None where there is nothing to join.

    Raises ValueError or struct.error on damage.
    """
    meta = _inside(file, b"meta", 0, len(file))
    properties = None if meta is None else _inside(file, b"iprp", meta[0] + _FULL, meta[1])
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


def with_usual_matrix(file: bytes, name: str) -> bytes | None:
    """Return a file whose colors are said to be of usual luminance in place of constant; None where it says neither.

    Both have the same gray, and colors that are a little apart. Raises ReadError for others that libavif does not
    convert, ValueError or struct.error on damage.
    """
    meta = _inside(file, b"meta", 0, len(file))
    properties = None if meta is None else _inside(file, b"iprp", meta[0] + _FULL, meta[1])
    found = None if properties is None else _inside(file, b"ipco", *properties)
    if found is None:
        return None
    changes = {}
    for kind, start, end in boxes(file, *found):
        if kind != b"colr" or file[start : start + 4] != _NUMBERED or end - start < _MATRIX + 2:
            continue
        matrix = int.from_bytes(file[start + _MATRIX : start + _MATRIX + 2], "big")
        if matrix in _CONVERTED:
            continue
        if matrix not in _USUAL:
            what = (
                f"{name} is a kind of AVIF that is not read: colors of matrix {matrix}, which libavif does not convert"
            )
            raise ReadError(what, "save it anew as BT.709 or BT.2020, with a program that knows these colors")
        changes[start + _MATRIX + 1] = _USUAL[matrix]
    if not changes:
        return None
    changed = bytearray(file)
    for place, matrix in changes.items():
        changed[place] = matrix
    return bytes(changed)


def _inside(file: bytes, kind: bytes, start: int, end: int) -> tuple[int, int] | None:
    return next(((first, last) for name, first, last in boxes(file, start, end) if name == kind), None)
