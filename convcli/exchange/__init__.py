"""Filters as other programs write them, both ways: networks, kernels as text, code and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.exchange.exporting.handed import Handed, script_of
    from convcli.exchange.exporting.targets import TARGETS, Target, known_endings, target_named, target_of_file
    from convcli.exchange.importing.matrices import magick_kernel
    from convcli.exchange.importing.pixels import kernel_of_levels
    from convcli.exchange.importing.reading import KERNEL_ENDINGS, is_kernel_file, read_kernel_file, tensor_in
    from convcli.exchange.onnx.reading import read_onnx
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "exporting.handed": "Handed script_of",
            "exporting.targets": "TARGETS Target known_endings target_named target_of_file",
            "importing.matrices": "magick_kernel",
            "importing.pixels": "kernel_of_levels",
            "importing.reading": "KERNEL_ENDINGS is_kernel_file read_kernel_file tensor_in",
            "onnx.reading": "read_onnx",
        },
    )
