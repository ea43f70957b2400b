"""Words of the help beyond declarations: groups, formulas, meanings of parameters, and uses."""

from __future__ import annotations

from collections.abc import Iterable

from convcli.catalog.words import networks

# In the order of the list.
GROUPS = ("yours", "smooth", "sharpen", "edges", "stylize", "color", "layers", "networks")

# By name, where the tags say nothing or something else.
_GROUP_OF = {
    name: group
    for group, names in {
        "smooth": "median",
        "stylize": "pixelate",
        "color": "curve invert normalize round threshold clip",
        "networks": "conv conv-transpose kernel linear maxpool avgpool sumpool relu leaky-relu "
        + " ".join(networks.FORMULAS),
    }.items()
    for name in names.split()
}
_GROUP_OF_TAG = {
    "smooth": "smooth",
    "sharpen": "sharpen",
    "edges": "edges",
    "relief": "stylize",
    "color": "color",
}

# σ, λ and the like are those of the parameters; x and y count pixels from the center, to the right and down.
FORMULAS = {
    **networks.FORMULAS,
    "box": "1 / (height · width) for every weight",
    "gaussian": "exp(−x² / 2σx² − y² / 2σy²), scaled to the sum 1; it reaches 4 σ from its center unless it has a size",
    "binomial": "a row of Pascal's triangle down times one across, over 4^(size − 1)",
    "disk": "the part of each pixel that a circle covers, scaled to the sum 1",
    "motion": "max(0, 1 − distance from a line through the center), scaled to the sum 1",
    "sobel-x": "a difference of neighbors across times a row of Pascal's triangle down",
    "sobel-y": "a row of Pascal's triangle across times a difference of neighbors down",
    "sobel": "√((gx² + gy²) / 2) of sobel-x and sobel-y, each over the sum of its positive weights",
    "prewitt": "√((gx² + gy²) / 2) of prewitt-x and prewitt-y, each over the sum of its positive weights",
    "scharr": "√((gx² + gy²) / 2) of scharr-x and scharr-y, each over the sum of its positive weights",
    "farid": "√((gx² + gy²) / 2) of farid-x and farid-y, each over the sum of its positive weights",
    "freichen": "√((gx² + gy²) / 2) of freichen-x and freichen-y, each over the sum of its positive weights",
    "roberts": "√((g1² + g2²) / 2) of roberts-1 and roberts-2",
    "kirsch": "the largest of eight compass kernels, weights 5 toward the light and −3 elsewhere",
    "robinson": "the largest of eight compass kernels, Sobel's weights turned by 45° each",
    "log": "(x² + y² − 2σ²) / σ⁴ · gaussian, less its mean, so that the sum is 0",
    "dog": "gaussian(sigma1) − gaussian(sigma2), whose sum is 0",
    "gabor": "exp(−(x'² + γ² y'²) / 2σ²) · cos(2π x' / λ + ψ), x' and y' being x and y turned by θ",
    "unsharp": "(1 + amount) · picture − amount · gaussian(sigma)",
    "highpass": "picture − gaussian(sigma)",
    "shift": "a 1 beside the center",
    "median": "the middle one of the values of the window, in order of size",
    "min": "the least of the values of the window",
    "max": "the largest of the values of the window",
    "pixelate": "the mean of each block, at each of its pixels",
    "curve": "straight lines from point to point, constant beyond the first and the last",
    "relu": "max(x, 0)",
    "leaky-relu": "x where x > 0, slope · x elsewhere",
    "abs": "|x|",
    "clip": "min(max(x, low), high)",
    "invert": "1 − x, in shares of full scale",
    "normalize": "(x − smallest) / (largest − smallest)",
    "round": "⌊x + 0.5⌋ in levels, from 0 to full scale; x where values are floats",
    "threshold": "1 where x ≥ level, 0 elsewhere, in shares of full scale",
    "magnitude": "√(Σ x²)",
    "maximum": "the largest of the x",
    "conv": "y = Σ weight · x / divisor + bias",
    "kernel": "y = Σ weight · x / divisor + bias",
    "conv-transpose": "every x times the weights, laid a stride apart and added up",
    "linear": "y = Σ weight · x + bias, over the whole input",
    "maxpool": "the largest of the values of every window",
    "avgpool": "the mean of the values of every window",
    "sumpool": "the sum of the values of every window",
    "crop": "out(column, row) = in(x + column, y + row)",
    "mirror": "out(column, row) = in(width − 1 − column, row); vertical: in(column, height − 1 − row)",
    "turn": "out(column, row) = in(width − 1 − row, column) for 90 degrees",
    "resize": "a weighted mean of the pixels near each place, by the weights of the filter",
}

# Meanings of parameters that have no sentence of their own: by filter and name, or by name.
_MEANINGS = {
    **networks.MEANINGS,
    "sigma": "standard deviation in pixels; more is softer",
    "unsharp.sigma": "standard deviation of the blur, in pixels; more takes in coarser detail",
    "highpass.sigma": "standard deviation of the blur, in pixels; more takes in coarser detail",
    "log.sigma": "standard deviation in pixels: the scale of the edges",
    "gabor.sigma": "standard deviation of the bell in pixels",
    "sigma_x": "standard deviation across alone, with sigma_y",
    "sigma_y": "standard deviation down alone, with sigma_x",
    "sigma1": "standard deviation of the narrow one, in pixels",
    "sigma2": "that of the wide one; 1.6 times sigma1 unless given",
    "amount": "share of the detail that is added; more is sharper",
    "threshold": "smaller differences are left alone, a share of full scale",
    "radius": "in pixels",
    "length": "of the line, in pixels",
    "angle": "in degrees, counter-clockwise from the right",
    "theta": "direction across the stripes, in radians",
    "lambda": "wavelength in pixels",
    "gamma": "width of the bell across the wave over that along the stripes",
    "psi": "phase of the wave at the center, in radians",
    "size": "on a side, in pixels",
    "height": "in pixels",
    "width": "in pixels",
    "box.height": "with width, in place of size",
    "box.width": "with height, in place of size",
    "dx": "to the right, in pixels",
    "dy": "down, in pixels",
    "direction": "to the light: north is up; without it, the strongest of all",
    "stride": "from one window to the next, in pixels; the size unless given",
    "conv.stride": "pixels from one output to the next",
    "conv.padding": "how much is added around the picture",
    "conv-transpose.stride": "pixels from the weights of one pixel to those of the next",
    "conv-transpose.padding": "pixels that are left out around the sum",
    "output_padding": "pixels more, below and to the right",
    "padding": "pixels around the picture that no value comes from",
    "dilation": "pixels from one value to the next",
    "ceil_mode": "take an incomplete window at the end too",
    "count_include_pad": "count the padding in the mean",
    "divisor": "divides the sum, in place of the count",
    "slope": "of what is negative",
    "low": "the least value that is left",
    "high": "the largest value that is left",
    "level": "from which on it is full scale",
    "points": "x:y, in shares of full scale, x increasing, blanks between them",
    "channels": "of the colors that are changed",
    "x": "first column",
    "y": "first row",
    "axis": "horizontal exchanges left and right",
    "degrees": "counter-clockwise",
    "scale": "factor of both sides",
    "filter": "the weights; lanczos is the sharpest",
    "offset": "from the upper left corner to the first whole block",
    "in_channels": "channels of the input",
    "out_channels": "channels of the output",
    "kernel_size": "height and width of the weights",
    "out_features": "number of outputs",
    "weights": "the numbers of the kernel, or a file of them",
    "bias": "added to every output",
    "groups": "parts of the channels that are filtered apart",
}

# Filters and pipelines that show a use, where the name alone does not.
_USES = {
    **networks.USES,
    "box": ("box:5",),
    "gaussian": ("gaussian:2", "gaussian:sigma=2,size=9"),
    "binomial": ("binomial:5",),
    "disk": ("disk:4",),
    "motion": ("motion:15,angle=30",),
    "sobel": ("sobel", "gaussian:1.4 | sobel | normalize"),
    "sobel-x": ("sobel-x --bias 50%", "sobel-x | abs"),
    "sobel-y": ("sobel-y --bias 50%", "sobel-y | abs"),
    "log": ("log:2 --range center",),
    "dog": ("dog:1,sigma2=2 --range center",),
    "gabor": ("gabor:lambda=8,theta=0.8 --range center",),
    "unsharp": ("unsharp:2", "unsharp:sigma=1,amount=150%"),
    "highpass": ("highpass:3 --range center",),
    "shift": ("shift:10,5",),
    "kirsch": ("kirsch", "kirsch:n --range abs"),
    "robinson": ("robinson", "robinson:n --range abs"),
    "median": ("median:5",),
    "min": ("min:3", "min:3 | max:3"),
    "max": ("max:3", "max:3 | min:3"),
    "pixelate": ("pixelate:16",),
    "curve": ("curve:0:0 0.5:0.7 1:1",),
    "crop": ("crop:10,10,200,100",),
    "mirror": ("mirror", "mirror:vertical"),
    "turn": ("turn:90",),
    "resize": ("resize:50%", "resize:width=640"),
    "clip": ("sharpen | clip:0.1,0.9",),
    "round": ("sharpen | round | gaussian:2",),
    "threshold": ("grayscale | threshold:50%",),
    "invert": ("outline | invert",),
    "normalize": ("gaussian:1.4 | sobel | normalize",),
    "relu": ("sobel-x | relu",),
    "leaky-relu": ("sobel-x | leaky-relu:0.1",),
    "abs": ("sobel-x | abs",),
    "magnitude": ("magnitude",),
    "maximum": ("maximum",),
    "maxpool": ("maxpool:2",),
    "avgpool": ("avgpool:2",),
    "conv": ("network.yaml",),
    "kernel": ("network.yaml",),
    "linear": ("network.yaml",),
    "conv-transpose": ("conv-transpose:3,3,2,stride=2", "network.yaml"),
    "sumpool": ("avgpool:2 | sumpool:1",),
}


def group_of(name: str, tags: Iterable[str]) -> str:
    """Return the group of a built-in filter in the list."""
    found = [_GROUP_OF_TAG[tag] for tag in tags if tag in _GROUP_OF_TAG]
    return _GROUP_OF.get(name) or (found[0] if found else "layers")


def meaning_of(filter_name: str, parameter: str) -> str:
    """Return the meaning of a parameter; empty where it says nothing beyond its name."""
    return _MEANINGS.get(f"{filter_name}.{parameter}", _MEANINGS.get(parameter, ""))


def uses_of(name: str) -> tuple[str, ...]:
    """Return texts of FILTER, perhaps with options behind, that show a use."""
    return _USES.get(name, (name,))
