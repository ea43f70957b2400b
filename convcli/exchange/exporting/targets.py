"""The table of the programs and formats that a filter is exported to. Nothing large is imported, for completion."""

from __future__ import annotations

from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING

from convcli.errors import UsageError
from convcli.filters import shown
from convcli.lazy import dataclass
from convcli.words import did_you_mean, listed

if TYPE_CHECKING:
    from convcli.exchange.exporting.handed import Handed
    from convcli.filters import Pipeline


@dataclass(frozen=True)
class Target:
    """A program or a format.

    Parameters
    ----------
    name
        Its name for ``--to``.
    title
        Its name in sentences.
    module
        The module below `convcli.exchange` whose function ``export`` takes a pipeline and the ending of the file, empty
        for stdout, and returns a `Handed`.
    endings
        Endings of files, with their dot, by which the target is known without ``--to``.
    is_binary
        Whether it is written as bytes that no terminal shows.
    """

    name: str
    title: str
    module: str
    endings: tuple[str, ...] = ()
    is_binary: bool = False

    def export(self, pipeline: Pipeline, ending: str = "") -> Handed:
        """Return the filter for the program, for a file with an ending such as ``.mat``, empty for stdout.

        Raises UsageError where the program has nothing that does the same.
        """
        exporter = import_module(f"convcli.exchange.{self.module}")
        handed: Handed = exporter.export(pipeline, ending)
        return handed


TARGETS = {
    each.name: each
    for each in (
        Target("imagemagick", "ImageMagick", "exporting.commands.magick"),
        Target("graphicsmagick", "GraphicsMagick", "exporting.commands.graphics_magick"),
        Target("vips", "libvips", "exporting.commands.vips", (".mat",)),
        Target("gdal", "GDAL", "exporting.commands.gdal", (".vrt",)),
        Target("gmic", "G'MIC", "exporting.commands.gmic"),
        Target("ffmpeg", "ffmpeg", "exporting.commands.ffmpeg"),
        Target("opencv", "OpenCV", "exporting.python.opencv"),
        Target("scipy", "SciPy", "exporting.python.scipy"),
        Target("torch", "PyTorch", "exporting.python.torch"),
        Target("pillow", "Pillow", "exporting.python.pillow"),
        Target("svg", "SVG", "exporting.svg", (".svg",)),
        Target("glsl", "a shader in GLSL", "exporting.glsl", (".glsl", ".frag")),
        Target("onnx", "ONNX", "onnx.writing", (".onnx",), is_binary=True),
        Target("safetensors", "safetensors", "exporting.tables.safetensors", (".safetensors",), is_binary=True),
        Target("csv", "a CSV", "exporting.tables.csv", (".csv",)),
        Target("npy", "an array of NumPy", "exporting.tables.npy", (".npy",), is_binary=True),
        Target("png", "a picture", "exporting.tables.picture", (".png",), is_binary=True),
    )
}

# Names by which others call them.
_OTHER_NAMES = {
    "imagemagick": "magick convert im image-magick",
    "graphicsmagick": "gm graphics-magick",
    "vips": "libvips pyvips mat matrix",
    "opencv": "cv2 open-cv cv opencv-python",
    "scipy": "ndimage python py",
    "torch": "pytorch pt pth",
    "onnx": "keras tensorflow tf jax onnxruntime tflite coreml",
    "npy": "numpy np npz array",
    "pillow": "pil",
    "svg": "feconvolvematrix html css",
    "glsl": "shader webgl opengl frag",
    "gdal": "vrt",
    "gmic": "g'mic gimp",
    "ffmpeg": "video convolution",
    "png": "picture image",
    "csv": "excel spreadsheet text",
}
_MEANT = {word: name for name, words in _OTHER_NAMES.items() for word in words.split()}


def target_named(name: str) -> Target:
    """Return the target of a name; raise UsageError where there is none."""
    spelled = name.strip().lower().replace("_", "-")
    if spelled in TARGETS:
        return TARGETS[spelled]
    meant = _MEANT.get(spelled, "")
    near = f"did you mean {meant}?" if meant in TARGETS else did_you_mean(spelled, TARGETS)
    raise UsageError(f"unknown target {shown(name)}", f"{near} The targets are {', '.join(TARGETS)}".strip())


def target_of_file(file: str) -> Target:
    """Return the target that the ending of a file names; raise UsageError where it names none."""
    ending = PurePath(file).suffix.lower()
    found = next((each for each in TARGETS.values() if ending in each.endings), None)
    if found is not None:
        return found
    if ending in (".yaml", ".yml"):
        raise UsageError(f"{file} would be a filter file of convcli", f"convcli show FILTER --yaml > {file} writes it")
    if ending == ".py":
        in_python = [name for name in ("opencv", "scipy", "torch", "pillow") if name in TARGETS]
        raise UsageError(f"{file} does not tell the library", f"give --to {listed(in_python, 'or')}")
    raise UsageError(
        f"{file} does not tell the target" if ending else f"{file} has no ending that tells the target",
        f"give --to {listed(list(TARGETS), 'or')}",
    )


def known_endings() -> list[str]:
    """Return every ending that tells a target."""
    return [ending for each in TARGETS.values() for ending in each.endings]
