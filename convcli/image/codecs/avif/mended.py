"""AVIF files whose items are told their properties in several boxes, as early writers of alpha have it.

The standard allows one box of a version, and libavif refuses more since 2022. Without NumPy.
"""

from __future__ import annotations

from convcli.image.sampled.boxes import box, boxes

_FULL = 4  # bytes of a version and flags
_COUNT = 4  # bytes of a number of entries


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


def _inside(file: bytes, kind: bytes, start: int, end: int) -> tuple[int, int] | None:
    return next(((first, last) for name, first, last in boxes(file, start, end) if name == kind), None)
