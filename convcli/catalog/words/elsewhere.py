"""Names of filters in other programs, the filters that do the same here, and the programs that have others."""

from __future__ import annotations

import re

_TEXTS = {
    "gaussian:2": "smooth smoothing soften lowpass low-pass lens-blur defocus softer gblur gaussianblur",
    "box:3": "ones",
    "box:5": "box-blur boxblur blur-box uniform uniform-filter moving-average",
    "sharpen": "sharp sharper sharpening enhance clarity crisp",
    "unsharp": "unsharp-mask unsharpmask unsharp-masking",
    "highpass": "high-pass",
    "sobel": "edges edge-detect edge-detection edge-detector detect-edges gradient contours edgedetect",
    "gaussian:1.4 | sobel | threshold:0.1": "canny",
    "emboss": "relief bump bumpmap",
    "grayscale": "gray grey gray-scale bw black-and-white black-white mono monochrome desaturate rgb-to-gray b&w",
    "median:3": "denoise despeckle noise-reduction remove-noise salt-and-pepper medianblur median-blur median-filter",
    "median:5": "bilateral bilateral-filter surface-blur",
    "max:3": "dilate dilation maximum-filter",
    "min:3": "erode erosion minimum-filter",
    "min:3 | max:3": "opening morphological-opening",
    "max:3 | min:3": "closing morphological-closing",
    "invert": "negate negative inverted invert-colors",
    "threshold:50%": "binarize binary binarise otsu",
    "normalize": "normalise autocontrast auto-contrast auto-levels stretch equalize equalise",
    "curve:0:0 0.5:0.6 1:1": "brighten brightness lighten brighter exposure gamma",
    "curve:0:0 0.5:0.4 1:1": "darken darker",
    "curve:0:0 0.25:0.2 0.75:0.8 1:1": "contrast levels",
    "pixelate:8": "mosaic pixelize pixelise pixel pixels blocks censor",
    "resize:50%": "scale rescale thumbnail shrink downscale size smaller half",
    "resize:200%": "upscale enlarge double larger",
    "crop:0,0,100,100": "cut trim cutout",
    "turn:90": "rotate rotation rot90 rotate-left rotate90",
    "turn:180": "rotate180",
    "turn:270": "rotate-right rotate270",
    "mirror": "flop hflip flip-horizontal fliplr flip-left-right",
    "mirror:vertical": "flip vflip flip-vertical flipud flip-top-bottom",
}

ELSEWHERE = {name: text for text, names in _TEXTS.items() for name in names.split()}

# What has no filter here, and the option of ImageMagick that does it.
_OTHERS = {
    "-rotate 45": "rotate deskew straighten",
    "-modulate 100,130": "saturate saturation vibrance hue hue-saturation",
    "-modulate 100,70": "desaturation unsaturate",
    "-vignette 0x20": "vignette",
    "-paint 4": "oil oil-paint oil-painting paint watercolor cartoon cartoonize",
    "-charcoal 2": "charcoal sketch pencil pencil-sketch",
    "-fft": "fft fourier dft frequency",
    "-swirl 90": "swirl",
    "-implode 0.5": "implode",
    "-wave 10x50": "wave ripple",
    "-spread 5": "spread scatter",
    "+noise Gaussian": "noise add-noise grain film-grain",
    "-border 20": "frame add-border",
    "-annotate +20+40 text": "text annotate caption watermark",
    "-distort Perspective 0,0,10,10": "perspective warp distort",
    "-white-balance": "white-balance temperature awb",
    "-clahe 25x25%+128+2": "clahe",
}
_OPTIONS = {name: option for option, names in _OTHERS.items() for name in names.split()}
_FILLERS = re.compile(r"-?(?:filter|kernel|effect|operator|matrix)$|^filter-")


# What other programs call a parameter.
PARAMETERS = {
    "amount": ("strength", "intensity", "percent", "factor", "a"),
    "sigma": ("radius", "r", "std", "stddev", "sd", "standard-deviation", "strength", "amount", "intensity", "s"),
    "size": ("ksize", "kernel-size", "kernel", "k", "window", "width", "side", "diameter", "n"),
    "angle": ("direction", "degrees", "deg", "theta", "orientation"),
    "scale": ("factor", "size", "percent", "ratio", "zoom"),
    "level": ("threshold", "value", "t", "limit", "cutoff"),
    "kernel_size": ("size", "ksize", "kernel", "k", "window", "side"),
    "in_channels": ("inputs", "in", "channels-in"),
    "out_channels": ("outputs", "out", "channels-out", "channels", "filters"),
    "out_features": ("outputs", "out", "units", "features", "classes"),
}


def known_elsewhere(name: str) -> str:
    """Return the filter that another program's name stands for; empty where none is known.

    `name` is in the spelling of `convcli.filters.normal_name`. Hyphens may be left out.
    """
    return ELSEWHERE.get(name) or _WITHOUT_HYPHENS.get(name.replace("-", ""), "")


def without_fillers(name: str) -> str:
    """Return a name without words that every filter could have: ``sobel-filter`` is ``sobel``."""
    return _FILLERS.sub("", name) or name


def way_elsewhere(name: str) -> str:
    """Return help for the name of what has no filter here: a line of ImageMagick's; empty where none is known."""
    option = _OPTIONS.get(name) or _OPTIONS.get(name.replace("-", ""))
    return f"no filter of convcli does it; ImageMagick has: magick in.png {option} out.png" if option else ""


_WITHOUT_HYPHENS = {name.replace("-", ""): text for name, text in ELSEWHERE.items()}
