"""The resampling filter that made TARGET of INPUT at another size."""

from __future__ import annotations

FILTERS = ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")
_PLAIN = 1.5 / 255  # rms up to which a filter alone explains the target
_EITHER = 1.01  # the ratio of errors below which two filters fit alike
