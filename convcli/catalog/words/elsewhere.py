"""Names of filters in other programs, and the filters that do the same here."""

from __future__ import annotations

_TEXTS = {
    "gaussian:2": "smooth smoothing soften lowpass low-pass lens-blur defocus softer gblur gaussianblur",
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
