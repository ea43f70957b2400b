"""Filter families: kernels that follow from a formula and a few parameters.

The formulas are in `convcli.catalog.formulas`; here are their names, parameters and ranges. No
kernel of a family has more than `MAX_KERNEL_SIDE` weights on a side. A fixed matrix is never here but in ``kernels/``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from math import tau

from convcli.catalog.formulas import Plane, Sharpening, blur, detail, edges
from convcli.filters import LARGEST_SIGMA, MAX_KERNEL_SIDE, UNSHARP, Choice, Number, Parameter
from convcli.lazy import dataclass

LARGEST_RADIUS = MAX_KERNEL_SIDE // 2

_SIGMA = UNSHARP[0]


def _side(name: str, default: int | None = None, low: int = 1) -> Number:
    return Number(name, default, low=low, high=MAX_KERNEL_SIDE, whole=True)


_SOBEL = (Number("size", 3, low=3, high=31, whole=True, odd=True),)  # the sizes of OpenCV


@dataclass(frozen=True)
class Family:
    """A formula with its name and parameters.

    Parameters
    ----------
    formula
        Takes the parameters by name, those not given left out.
    joined
        The layer that makes one result of those of several planes.
    source
        The origin of the definition.
    aliases
        Other names of it.
    presets
        Names of one of its kernels, and the parameters of that.
    alternatives
        Groups of parameters of which only one may be given, and that whole.
    """

    name: str
    description: str
    formula: Callable[..., Plane | list[Plane] | Sharpening]
    parameters: tuple[Parameter, ...]
    source: str
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    presets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    alternatives: tuple[tuple[str, ...], ...] = ()
    joined: str = "Maximum"

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that leads here beside its own."""
        return (*self.aliases, *self.presets)


_BLURS = (
    Family(
        "box",
        "Mean of a square of pixels, or of a rectangle",
        blur.box,
        (_side("size", 3), _side("height"), _side("width")),
        source="one over the number of pixels, as scipy.ndimage.uniform_filter",
        aliases=("mean", "average", "blur"),
        tags=("smooth", "lowpass"),
        alternatives=(("size",), ("height", "width")),
    ),
    Family(
        "gaussian",
        "Soft blur, with the weights of a bell curve",
        blur.gaussian,
        (_SIGMA, _side("size"), *(Number(f"sigma_{axis}", low=0, high=LARGEST_SIGMA) for axis in "xy")),
        source="scipy.ndimage.gaussian_filter; a size alone as cv2.getGaussianKernel, an even one by its manual",
        aliases=("gauss", "gaussian-blur"),
        tags=("smooth", "lowpass"),
        alternatives=(("sigma",), ("sigma_x", "sigma_y")),
    ),
    Family(
        "binomial",
        "Soft blur in integers, with the weights of Pascal's triangle",
        blur.binomial,
        # Beyond 29 or so the weights are no longer exact in float64, and a gaussian serves as well.
        (Number("size", 3, low=1, high=29, whole=True),),
        source="a row of Pascal's triangle down times one across",
        tags=("smooth", "lowpass", "integer"),
        presets={"gaussian3": {"size": 3}, "gaussian5": {"size": 5}},
    ),
    Family(
        "disk",
        "Blur of a lens out of focus, over a disk with a smooth rim",
        blur.disk,
        (Number("radius", 3, low=0.1, high=LARGEST_RADIUS),),
        source="the part of each pixel that a circle covers; MATLAB's fspecial('disk')",
        aliases=("pillbox", "bokeh"),
        tags=("smooth", "lowpass"),
    ),
    Family(
        "motion",
        "Blur of a camera that moves along a line",
        blur.motion,
        (Number("length", 9, low=1, high=MAX_KERNEL_SIDE), Number("angle", 0, low=-360, high=360)),
        source="a weight falls off to 0 a pixel beside the line; MATLAB's fspecial('motion')",
        aliases=("motion-blur",),
        tags=("smooth", "lowpass", "direction"),
    ),
)

_EDGES = (
    Family(
        "sobel-x",
        "Gradient from left to right, smoothed along the columns",
        edges.sobel_x,
        _SOBEL,
        source="Sobel and Feldman 1968; cv2.Sobel, scipy.ndimage.sobel (scikit-image divides by 4)",
        tags=("edges", "gradient", "zero-sum"),
    ),
    Family(
        "sobel-y",
        "Gradient from top to bottom, smoothed along the rows",
        edges.sobel_y,
        _SOBEL,
        source="sobel-x transposed",
        tags=("edges", "gradient", "zero-sum"),
    ),
    Family(
        "sobel",
        "Edge strength in any direction, with Sobel's weights",
        edges.sobel,
        _SOBEL,
        source="skimage.filters.sobel; the root of the mean of squares of sobel-x and sobel-y, "
        "each divided by the sum of its positive weights",
        tags=("edges", "gradient"),
        joined="Magnitude",
    ),
    Family(
        "kirsch",
        "Edges in one direction, or the strongest of all eight",
        edges.kirsch,
        (Choice("direction", choices=edges.DIRECTIONS),),
        source="Kirsch 1971, Computer determination of the constituent structure of biological images",
        tags=("edges", "compass", "direction"),
    ),
    Family(
        "robinson",
        "Sobel's edges in one direction, or the strongest of all eight",
        edges.robinson,
        (Choice("direction", choices=edges.DIRECTIONS),),
        source="Robinson 1977, Edge detection by compass gradient masks",
        tags=("edges", "compass", "direction"),
    ),
    Family(
        "log",
        "Laplacian of a Gaussian: crosses zero at edges of one scale",
        edges.log,
        # Below an eighth the kernel is a single weight, which the zero sum makes zero.
        (Number("sigma", 1, low=0.125, high=LARGEST_SIGMA), _side("size", low=2)),
        source="Marr and Hildreth 1980, Theory of edge detection; scipy.ndimage.gaussian_laplace, its sum made zero",
        aliases=("mexican-hat",),
        tags=("edges", "bandpass"),
    ),
    Family(
        "dog",
        "Difference of two Gaussians, narrow minus wide",
        edges.dog,
        # A wide one of 1.6 · sigma1 must fit.
        (Number("sigma1", 1, low=0.01, high=79), Number("sigma2", low=0.01, high=LARGEST_SIGMA)),
        source="Marr and Hildreth 1980, Theory of edge detection; skimage.filters.difference_of_gaussians",
        aliases=("difference-of-gaussians",),
        tags=("edges", "bandpass"),
    ),
    Family(
        "gabor",
        "A wave in a Gaussian window: stripes of one width and angle",
        edges.gabor,
        # The kernel reaches 3 · sigma across the wave and 3 · sigma / gamma along it: at most 510 pixels.
        (
            Number("sigma", 2, low=0.1, high=34),
            Number("theta", 0, low=-tau, high=tau),
            Number("lambda", 4, low=0.1, high=MAX_KERNEL_SIDE),
            Number("gamma", 0.5, low=0.2, high=10),
            Number("psi", 0, low=-tau, high=tau),
            Number("size", low=1, high=MAX_KERNEL_SIDE, whole=True, odd=True),
        ),
        source="cv2.getGaborKernel, whose psi is π/2 by default, and whose ksize is size; angles in radians",
        tags=("edges", "texture", "direction"),
    ),
)

_DETAILS = (
    Family(
        "unsharp",
        "Sharper, by the detail that a soft blur removes",
        detail.unsharp,
        UNSHARP,
        source="(1 + amount) · identity − amount · gaussian; skimage.filters.unsharp_mask; a threshold as in"
        " PIL.ImageFilter.UnsharpMask, whose levels are 255 times ours",
        aliases=("usm",),
        tags=("sharpen",),
    ),
    Family(
        "highpass",
        "The detail that a soft blur removes",
        detail.highpass,
        (_SIGMA,),
        source="identity minus gaussian",
        aliases=("high-boost",),
        tags=("sharpen", "edges"),
    ),
    Family(
        "shift",
        "The picture moved by whole pixels, right and down",
        detail.shift,
        (
            Number("dx", 1, low=-LARGEST_RADIUS, high=LARGEST_RADIUS, whole=True),
            Number("dy", 0, low=-LARGEST_RADIUS, high=LARGEST_RADIUS, whole=True),
        ),
        source="an identity beside the center",
        aliases=("translate",),
        tags=("basic",),
    ),
)

FAMILIES = {family.name: family for family in (*_BLURS, *_EDGES, *_DETAILS)}
