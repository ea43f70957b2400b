"""Linking an object file of LLVM into an image: one piece of memory that runs wherever it is put.

The compiler emits position-independent code with its constants; what is left to a linker is to lay them out and to fill
in the distances between them. See the ABI documents "System V ABI, AMD64 supplement" and "ELF for the Arm 64-bit
architecture".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_ALLOCATED, _WRITABLE = 2, 1
_PROGRAM_BITS, _SYMBOLS, _RELOCATIONS, _NO_BITS = 1, 2, 4, 8
_X86, _ARM = 62, 183
_PAGE = 4096
# What finds frames while an exception passes: none does.
_LEFT_OUT = (b".eh_frame",)


class LinkError(Exception):
    """The object file needs something from outside, or a relocation that is not known here."""


@dataclass
class _Section:
    name: bytes
    kind: int
    flags: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int


def link(elf: bytes, entry: str) -> bytes:
    """Return the image of an object file; its first byte is the function `entry`'s."""
    sections = _sections(elf)
    image, places = _laid_out(elf, sections)
    symbols = next(each for each in sections if each.kind == _SYMBOLS)
    names = sections[symbols.link]
    machine = struct.unpack_from("<H", elf, 18)[0]
    for section in sections:
        if section.kind != _RELOCATIONS or section.info not in places:
            continue
        for position in range(section.offset, section.offset + section.size, 24):
            offset, info, addend = struct.unpack_from("<QQq", elf, position)
            name, within, value = _symbol(elf, symbols, names, info >> 32)
            if within not in places:
                raise LinkError(f"the loop needs {name.decode() or 'an absolute address'}")
            target, at = places[within] + value + addend, places[section.info] + offset
            (_fill_x86 if machine == _X86 else _fill_arm)(image, at, info & 0xFFFFFFFF, target)
    found = (_symbol(elf, symbols, names, index) for index in range(symbols.size // 24))
    if not any(name == entry.encode() and places.get(within) == 0 == value for name, within, value in found):
        raise LinkError("the image does not begin with the loop")
    return bytes(image)


def _sections(elf: bytes) -> list[_Section]:
    (start,) = struct.unpack_from("<Q", elf, 40)
    size, count, names = struct.unpack_from("<HHH", elf, 58)
    found = []
    for index in range(count):
        name, kind, flags, _, offset, length, linked, info, alignment, _ = struct.unpack_from(
            "<IIQQQQIIQQ", elf, start + index * size
        )
        found.append((name, _Section(b"", kind, flags, offset, length, linked, info, alignment)))
    for name, section in found:
        section.name = _text(elf, found[names][1].offset + name)
    return [section for _, section in found]


def _laid_out(elf: bytes, sections: list[_Section]) -> tuple[bytearray, dict[int, int]]:
    """Return the contents of the sections that are needed, and where in them each begins, by its number."""
    image, places = bytearray(), {}
    for index, section in enumerate(sections):
        if not section.flags & _ALLOCATED or not section.size or section.name in _LEFT_OUT:
            continue
        if section.kind not in (_PROGRAM_BITS,) or section.flags & _WRITABLE:
            raise LinkError(f"the loop needs memory of its own: {section.name.decode()}")
        image += bytes(-len(image) % section.alignment)
        places[index] = len(image)
        image += elf[section.offset : section.offset + section.size]
    return image, places


def _symbol(elf: bytes, symbols: _Section, names: _Section, index: int) -> tuple[bytes, int, int]:
    """Return name, section and value of a symbol."""
    name, _, _, section, value, _ = struct.unpack_from("<IBBHQQ", elf, symbols.offset + 24 * index)
    return _text(elf, names.offset + name), section, value


def _text(elf: bytes, start: int) -> bytes:
    return elf[start : elf.index(0, start)]


def _fill_x86(image: bytearray, at: int, kind: int, target: int) -> None:
    if kind not in (2, 4):  # R_X86_64_PC32 and PLT32: a distance of 32 bits
        raise LinkError(f"relocation {kind} is not known")
    struct.pack_into("<i", image, at, target - at)


# Scales of R_AARCH64_LDST8/16/32/64/128_ABS_LO12_NC, whose offsets count values, and of ADD_ABS_LO12_NC.
_LOW_12 = {277: 0, 278: 0, 284: 1, 285: 2, 286: 3, 299: 4}


def _fill_arm(image: bytearray, at: int, kind: int, target: int) -> None:
    (word,) = struct.unpack_from("<I", image, at)
    if kind in (282, 283):  # R_AARCH64_JUMP26 and CALL26
        word |= (target - at) >> 2 & 0x3FFFFFF
    elif kind == 275:  # R_AARCH64_ADR_PREL_PG_HI21: the image begins with a page
        pages = target // _PAGE - at // _PAGE
        word |= (pages & 3) << 29 | (pages >> 2 & 0x7FFFF) << 5
    elif kind in _LOW_12:
        word |= target % _PAGE >> _LOW_12[kind] << 10
    elif kind == 261:  # R_AARCH64_PREL32
        word = target - at & 0xFFFFFFFF
    else:
        raise LinkError(f"relocation {kind} is not known")
    struct.pack_into("<I", image, at, word)
