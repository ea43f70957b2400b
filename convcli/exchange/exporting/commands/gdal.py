"""Commands of GDAL, which filters rasters through virtual ones: VRT files."""

from __future__ import annotations

from convcli.errors import UsageError
from convcli.exchange.exporting.handed import Handed, number
from convcli.exchange.exporting.kernels import (
    anchor_of,
    bias_of,
    border_note,
    border_of,
    centered,
    layers_for,
    needs_border,
    plane_of,
)
from convcli.filters import Conv, Pipeline

TITLE = "GDAL"
_LEVELS = 255  # of white in rasters of 8 bits


def export(pipeline: Pipeline, ending: str = "") -> Handed:
    """Return a script that makes a VRT per kernel and writes the last one as a raster.

    Raises UsageError where GDAL has nothing that does the same.
    """
    if ending == ".vrt":
        raise UsageError(
            "a VRT holds the name and the size of its raster, which a filter has not",
            "--to gdal without -o prints the commands that make the VRT of any raster",
        )
    layers = layers_for(pipeline, TITLE)
    notes: list[str] = []
    lines: list[str] = []
    before = "input.tif"
    for index, layer in enumerate(layers, start=1):
        assert isinstance(layer, Conv)
        lines += _kernel_lines(layer, before, f"step{index}.vrt", notes)
        before = f"biased-step{index}.vrt" if bias_of(layer) else f"step{index}.vrt"
    lines.append(f"gdal_translate -q -ot Byte {before} output.tif")
    told = "for rasters of 16 bits write UInt16 for Byte; the .vrt stay, and follow input.tif"
    return Handed("\n".join(lines) + "\n", tuple(dict.fromkeys(notes)), (told,))


def _kernel_lines(conv: Conv, before: str, after: str, notes: list[str]) -> list[str]:
    plane = centered(plane_of(conv, TITLE), anchor_of(conv, TITLE), square=True) / conv.kernel.divisor
    border = border_of(conv)
    if needs_border(conv) and border.name != "edge":
        notes.append(border_note(conv, TITLE, "edge, which repeats the outer pixel,"))
    coefficients = " ".join(number(each) for each in plane.ravel().tolist())
    kernel = f'<Kernel normalized="0"><Size>{len(plane)}</Size><Coefs>{coefficients}</Coefs></Kernel>'
    bias, shifted = bias_of(conv), list[str]()
    if bias:
        notes.append(f"the bias for {TITLE} counts levels: {number(_LEVELS * bias)} is for 8 bits")
        level = _LEVELS * bias
        # The offset of a filtered source is added before the kernel.
        shifted = [f"gdal_translate -q -of VRT -scale 0 1 {number(level)} {number(level + 1)} {after} biased-{after}"]
    # Of every band the source, copied as it is, becomes a filtered one.
    edit = (
        "sed -e 's#<\\(Simple\\|Complex\\)Source\\( [^>]*\\)*>#<KernelFilteredSource>#'"
        f" -e 's#</\\(Simple\\|Complex\\)Source>#{kernel}</KernelFilteredSource>#' copied.vrt > {after}"
    )
    return [f"gdal_translate -q -of VRT -ot Float32 {before} copied.vrt", edit, "rm copied.vrt", *shifted]
