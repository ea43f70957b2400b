"""Arguments for every public function of the package, right and wrong ones."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import convcli
from convcli import filters

SHAPE = (9, 10)
_GENERATOR = np.random.default_rng(0)
_BYTES = _GENERATOR.integers(0, 256, SHAPE, np.uint8)
_COLORS = _GENERATOR.integers(0, 256, (*SHAPE, 4), np.uint8)
_FLOATS = _GENERATOR.random(SHAPE)


def _masked() -> Any:
    return np.ma.masked_less(_BYTES.copy(), 100)


def _closed() -> Image.Image:
    image = Image.open("gray.png")
    image.close()
    return image


# Functions that make a value, each time a new one, as some can be used up.
WRONG: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "true": lambda: True,
    "negative": lambda: -1,
    "zero": lambda: 0,
    "fraction of one": lambda: 1.5,
    "an integer beyond 64 bits": lambda: 2**70,
    "an integer beyond floats": lambda: 10**400,
    "an integer of too many digits": lambda: 10**6000,
    "nan": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "minus infinity": lambda: float("-inf"),
    "complex": lambda: 1j,
    "no text": lambda: "",
    "text": lambda: "bogus",
    "digits": lambda: "2",
    "text with a NUL": lambda: "a\0b",
    "text with a line end": lambda: "a\nb.yaml",
    "half a character": lambda: "\ud800.png",
    "bytes": lambda: b"2",
    "bytearray": lambda: bytearray(b"sharpen"),
    "no list": list,
    "list of one": lambda: [1],
    "list of two": lambda: [1, 0],
    "tuple of texts": lambda: ("1", "2"),
    "ragged": lambda: [[1], [2, 3]],
    "list of none": lambda: [[None]],
    "rows of digits": lambda: [["1", "2"]],
    "rows of huge integers": lambda: [[10**400]],
    "rows of complex": lambda: [[1j, 2]],
    "set": lambda: {1, 2},
    "mapping": lambda: {"a": 1},
    "object": object,
    "a type": lambda: int,
    "ellipsis": lambda: ...,
    "range": lambda: range(3),
    "generator": lambda: (each for each in (1, 2)),
    "function": lambda: print,
    "fraction": lambda: Fraction(1, 3),
    "fraction beyond floats": lambda: Fraction(10**400),
    "decimal": lambda: Decimal("0.5"),
    "integer of NumPy": lambda: np.int64(-3),
    "float of NumPy": lambda: np.float32(2.5),
    "truth of NumPy": lambda: np.True_,
    "nan of NumPy": lambda: np.float64("nan"),
    "array without axes": lambda: np.array(3),
    "array without values": lambda: np.zeros((0, 3)),
    "array of five axes": lambda: np.zeros((1, 2, 2, 2, 2)),
    "array of objects": lambda: np.array([[object()]]),
    "array of complex": lambda: np.ones((3, 3), complex),
    "array of texts": lambda: np.array([["1", "2"]]),
    "array of dates": lambda: np.array([["2020", "2021"]], dtype="M8[Y]"),
    "array of records": lambda: np.zeros((2, 2), dtype="i4,f4"),
    "masked array": _masked,
    "missing file": lambda: Path("missing.png"),
    "folder": Path,
    "no picture": lambda: Path("text.png"),
    "no filter": lambda: Path("wrong.yaml"),
    "closed image": _closed,
}


_KERNELS = ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.ones((3, 3), np.float32), np.ones((1, 1, 3, 1)))
_ARRAYS = (
    _BYTES,
    _COLORS,
    _COLORS[..., :3].astype(np.uint16),
    _FLOATS,
    np.full(SHAPE, 1e300),
    np.where(_FLOATS > 0.9, np.nan, np.where(_FLOATS < 0.1, np.inf, _FLOATS)).astype(np.float32),
    _BYTES.tolist(),
    _BYTES > 100,
    _BYTES.astype(">i8"),
    Image.fromarray(_COLORS),
    Path("gray.png"),
    "gray.png",
)
# Right values of every parameter of a public function, by its name.
RIGHT: dict[str, tuple[Any, ...]] = {
    "filter": ("sharpen", Path("mine.yaml"), convcli.Kernel([[1, 2]]), convcli.load_filter("box | relu"), *_KERNELS),
    "array": _ARRAYS,
    "weights": (*_KERNELS, convcli.Kernel([[1, 2]], divisor=3)),
    "text": ("gaussian:2", "mine.yaml", Path("mine.yaml"), "1 2; 3 4"),
    "a": _ARRAYS,
    "b": _ARRAYS,
    "x": _ARRAYS,
    "y": _ARRAYS,
    "mask": (None, np.ones(SHAPE), _BYTES > 100, _BYTES, Image.fromarray(_BYTES), "gray.png"),
    "layers": (convcli.load_filter("box | relu").layers, list(convcli.load_filter("box").layers)),
    "name": ("mine",),
    "description": ("",),
    "tags": (("a",), []),
    "aliases": ((), ["b"]),
    "source": ("",),
    "border": ("wrap", "constant:0.5", None),
    "padding": ("same", "valid", "full", 1, (1, 2), [1, 0], None),
    "stride": (1, (2, 1), np.int64(2), None),
    "dilation": (2, [1, 2], None),
    "offset": (0, (1, 2)),
    "groups": (1, 2, None),
    "divisor": (9, -0.5, "1/9", None),
    "bias": (0.5, "50%", [0.1], True, False, None),
    "anchor": ((0, 0), [1, 1], None),
    "flip": (True, False, None),
    "normalize": ("none", "sum", "l1", None),
    "engine": ("auto", "numpy"),
    "threads": (1, 2, None),
    "dtype": ("uint8", np.float32, "float64", None),
    "range": ("clip", "abs", "stretch", "center"),
    "channels": ("all", "luma", "r,g", "a"),
    "alpha": ("keep", "filter", "drop", None),
    "linear": (True, False),
    "size": (1, 3, (1, 3), "auto", None),
    "model": ("auto", "shared", "depthwise", "full"),
    "geometry": ("auto", "none"),
    "curve": ("auto", "none"),
    "holdout": (0, 0.2, None),
    "learn.layers": (None,),
    "epochs": (1, np.int64(2)),
    "batch": (1, 4),
    "patch": (8, None),
    "schedule": ("cosine", "constant"),
    "weight_decay": (0, 0.1),
    "augment": ("none", "turns"),
    "patience": (1, None),
    "optimizer": ("gd", "dct", "adam"),
    "learning_rate": (0.01, "auto", None),
    "steps": (1, 5),
    "tolerance": (1e-3,),
    "loss": ("mean", "sum"),
    "init": ("zeros", "random", "identity", "box", convcli.Kernel([[1, 2]]), [[1, 2]]),
    "seed": (0, 7),
    "by": ("sum", "l1", "none"),
    "shape": ((3, 9, 10), [1, 1, 1]),
    "kernel": (convcli.Kernel([[1, 2]]), [[1, 2]]),
    "approximate": ("none", "tanh"),
    "beta": (0.5, "1/3"),
    **dict.fromkeys(("top", "right", "bottom", "left"), (1, np.int64(0))),
    "mode": ("nearest", "bilinear"),
    "align_corners": (False,),
    "factor": (1, np.int64(1)),
    "order": ("crd", "dcr"),
    **dict.fromkeys(("mean", "variance", "weight", "PReLU.weights"), (0.5, [1], np.ones(1), "1/3")),
    "eps": (1e-5, 1),
    "p": (1, 0.5),
    "k": (1, 2.5),
    "slope": (0.1, -1, "50%"),
    "low": (0, "-50%"),
    "high": (1, 0.5),
    "level": (0.5, "128/255"),
    "ceil_mode": (True, False),
    "trained": (True, False),
    "count_include_pad": (True, False),
    "out_features": (2, np.int64(3)),
    "has_bias": (True, False),
    "branches": ((), (convcli.load_filter("box").layers, convcli.load_filter("sobel-x").layers)),
    "centered": (True, False),
    "bias_is_setting": (True, False),
    "path": ("gray.png", Path("gray.png"), "new.yaml", "new.tif", "new.png", "new.jpg", "new.npy"),
    "frame": (0, None),
    "max_pixels": (10**6,),
    "strict": (True, False),
    "format": (None, "png", "tiff", "npy"),
    "depth": (8, 16, "float", None),
    "quality": (90, None),
    "png_effort": ("fast", "balanced"),
    "background": ("red", "#8090a0", "1,2,3"),
    "force": (True, False),
    "points": ([(0, 0), (1, "50%")], "0:1 1:0", np.array([[0.1, 0.2], [0.3, 0.4]])),
    "degrees": (90, np.int64(270)),
    "axis": ("horizontal", "vertical"),
    "sigma": (1, 2.5),
    "amount": (-1, 2),
    "threshold": (0, "10%"),
    "scale": (0.5, "200%", None),
    "width": (5, np.int64(1), None),
    "height": (4, None),
    # Other functions have parameters of the same names.
    "Crop.x": (0, np.int64(2)),
    "Crop.y": (0, 3),
    **dict.fromkeys(("ELU.alpha", "CELU.alpha", "HardSigmoid.alpha"), (0.5, "1/3", np.float32(2))),
    "Curve.channels": ("all", "gb"),
    "Resize.filter": ("lanczos", "nearest"),
    "declared": (None, (3, 8, 8), (1, None, None)),
}


def right_values(function: str, parameter: str) -> tuple[Any, ...]:
    """Return right values of a parameter of a public function."""
    return RIGHT.get(f"{function}.{parameter}") or RIGHT[parameter]


_METHODS = {
    "Kernel.load": convcli.Kernel.load,
    "Kernel.save": convcli.Kernel([[1, 2]]).save,
    "Kernel.normalized": convcli.Kernel([[1, 2]]).normalized,
    "Pipeline.save": convcli.load_filter("box | relu").save,
    "Pipeline.with_settings": convcli.load_filter("box").with_settings,
    "Pipeline.output_shape": convcli.load_filter("box | maxpool:2").output_shape,
    "Pipeline.table": convcli.load_filter("box | maxpool:2").table,
}


def _applied(layer: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of a layer's arguments that applies the layer."""

    @wraps(layer)
    def apply(*arguments: Any, **keywords: Any) -> Any:
        return convcli.apply(layer(*arguments, **keywords), _COLORS)

    return apply


_LAYERS = (
    *("Conv", "MaxPool", "AvgPool", "SumPool", "LeakyReLU", "Clip", "Threshold", "Linear", "Magnitude", "Maximum"),
    *("ELU", "CELU", "GELU", "Softplus", "HardSigmoid", "PReLU", "Pad", "LpPool", "AdaptiveAvgPool"),
    *("AdaptiveMaxPool", "Upsample", "PixelShuffle", "PixelUnshuffle", "BatchNorm", "InstanceNorm", "GroupNorm"),
    *("LayerNorm", "LocalResponseNorm", "Dropout"),
    *("Median", "Min", "Max", "Pixelate", "Curve", "Crop", "Mirror", "Turn", "Resize", "Unsharp"),
)
_METHODS |= {name: _applied(getattr(filters, name)) for name in _LAYERS}


def public_functions() -> list[str]:
    """Return the name of everything public that can be called, and of the methods that take arguments of their own."""
    return [*(name for name in convcli.__all__ if callable(getattr(convcli, name))), *_METHODS]


def function_of(name: str) -> Any:
    """Return a function by one of these names."""
    return _METHODS.get(name) or getattr(convcli, name)


def parameters_of(name: str) -> Iterator[tuple[str, bool]]:
    """Yield the parameters of a public function, those of its keywords included, and whether each must be given."""
    function = function_of(name)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            settings = vars(inspect.getmodule(function))[parameter.annotation.removeprefix("Unpack[").removesuffix("]")]
            yield from ((each, False) for each in settings.__annotations__)
        else:
            yield parameter.name, parameter.default is parameter.empty


def prepare(folder: Path) -> None:
    """Write the files that the arguments name."""
    Image.fromarray(_BYTES).save(folder / "gray.png")
    (folder / "text.png").write_text("no picture")
    (folder / "mine.yaml").write_text("weights: [[1, 2, 1]]\nnormalize: sum\n")
    (folder / "wrong.yaml").write_text("weights: [[1, 2], [3]]\n")
