"""A matrix of libvips, or a script with the matrices and the commands of `vips`."""

from __future__ import annotations

from convcli.array_types import Floats
from convcli.exchange.exporting.handed import Handed, number, rows_of
from convcli.exchange.exporting.kernels import (
    anchor_of,
    bias_of,
    border_note,
    border_of,
    centered,
    color_matrix_of,
    layers_for,
    needs_border,
    only_kernel,
    plane_of,
)
from convcli.exchange.exporting.ranks import rank_number
from convcli.filters import Abs, Conv, Invert, Pipeline, Rank

TITLE = "libvips"
_EXTEND = {"constant": "black", "edge": "copy", "reflect": "mirror", "symmetric": "mirror", "wrap": "repeat"}
_LEVELS = 255  # of white, in the pictures of 8 bits that offsets are for


def export(pipeline: Pipeline, ending: str = "") -> Handed:
    """Return the matrix of a kernel for a file ending in .mat, else a script of all steps.

    Raises UsageError where libvips has nothing that does the same.
    """
    return _matrix_file(pipeline) if ending == ".mat" else _script(pipeline)


def _matrix_file(pipeline: Pipeline) -> Handed:
    conv = only_kernel(pipeline, "a matrix of libvips")
    notes = _offset_notes(conv)
    if needs_border(conv) and border_of(conv).name != "edge":
        notes.append(border_note(conv, "vips conv", "copy, which repeats the outer pixel,"))
    command = (
        "vips conv input.png step.v FILE && vips linear step.v half.v 1 0.5"
        " && vips round half.v whole.v floor && vips cast whole.v output.png uchar"
    )
    return Handed(_matrix(conv), tuple(notes), (command,))


def _script(pipeline: Pipeline) -> Handed:
    layers = layers_for(pipeline, TITLE, Abs, Invert, Rank)
    notes: list[str] = []
    lines = ["steps=$(mktemp -d)", "vips copy input.png $steps/0.v"]
    for index, layer in enumerate(layers):
        before, after = f"$steps/{index}.v", f"$steps/{index + 1}.v"
        if isinstance(layer, Conv):
            notes += _offset_notes(layer) if color_matrix_of(layer) is None else []
            lines += _kernel_lines(layer, before, after, notes)
        elif isinstance(layer, Rank):
            lines += _rank_lines(layer, before, after, notes)
        elif isinstance(layer, Abs):
            lines.append(f"vips abs {before} {after}")
        else:
            lines.append(f"vips linear {before} {after} -- -1 {_LEVELS}")
    lines += [
        f"vips linear $steps/{len(layers)}.v $steps/half.v 1 0.5",
        "vips round $steps/half.v $steps/whole.v floor",
        "vips cast $steps/whole.v output.png uchar",
        'rm -r "$steps"',
    ]
    return Handed(
        "\n".join(lines) + "\n", tuple(dict.fromkeys(notes)), ("for pictures of 16 bits write ushort for uchar",)
    )


def _kernel_lines(conv: Conv, before: str, after: str, notes: list[str]) -> list[str]:
    matrix = f"{after.removesuffix('.v')}.mat"
    mix = color_matrix_of(conv)
    if mix is not None and not any(conv.kernel.bias):
        rows = mix if len(conv.kernel.weights) > 1 else mix[:1]
        return [
            f"cat > {matrix} <<'END'",
            f"{rows.shape[1]} {rows.shape[0]} 1 0",
            *rows_of(rows, " "),
            "END",
            f"vips recomb {before} {after} {matrix}",
        ]
    lines = [f"cat > {matrix} <<'END'", *_matrix(conv).splitlines(), "END"]
    reach = max(_plane(conv).shape) // 2
    return lines + _with_border(conv, f"vips conv {{}} {{}} {matrix}", (before, after), reach, notes)


def _rank_lines(rank: Rank, before: str, after: str, notes: list[str]) -> list[str]:
    height, width = rank.size
    command = f"vips rank {{}} {{}} {width} {height} {rank_number(rank)}"
    # 8.14 has other values of 8 bits, of windows that are no squares.
    return [
        f"vips cast {before} $steps/floats.v float",
        *_with_border(rank, command, ("$steps/floats.v", after), max(rank.size) // 2, notes),
    ]


def _with_border(layer: Conv | Rank, command: str, files: tuple[str, str], reach: int, notes: list[str]) -> list[str]:
    """Return the command for two files, with a border of so many pixels around the first where it needs one."""
    before, after = files
    border = border_of(layer)
    if not needs_border(layer) or border.name == "edge":  # which is what it does
        return [command.format(before, after)]
    if border.name == "reflect":
        notes.append(border_note(layer, TITLE, "mirror, which repeats the outer pixel,"))
    extend = f"--extend {_EXTEND[border.name]}"
    if border.value:
        level = number(_LEVELS * border.value)
        extend = f"--extend background --background {level}"
    return [
        f"w=$(vipsheader -f width {before}) h=$(vipsheader -f height {before})",
        f"vips embed {before} $steps/padded.v {reach} {reach} $((w + {2 * reach})) $((h + {2 * reach})) {extend}",
        command.format("$steps/padded.v", "$steps/made.v"),
        f"vips extract_area $steps/made.v {after} {reach} {reach} $w $h",
    ]


def _plane(conv: Conv) -> Floats:
    return centered(plane_of(conv, TITLE), anchor_of(conv, TITLE))


def _matrix(conv: Conv) -> str:
    plane = _plane(conv)
    height, width = plane.shape
    offset = _LEVELS * bias_of(conv)
    head = f"{width} {height} {number(conv.kernel.divisor)} {number(offset)}"
    return "\n".join([head, *rows_of(plane, " ")]) + "\n"


def _offset_notes(conv: Conv) -> list[str]:
    if not bias_of(conv):
        return []
    return [f"the offset of {TITLE} counts levels: {number(_LEVELS * conv.kernel.bias[0])} is for 8 bits"]
