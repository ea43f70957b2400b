"""Filter pictures with convolution kernels, from the command line or from Python.

>>> import convcli
>>> sharp = convcli.apply("sharpen", "photo.jpg")                 # doctest: +SKIP
>>> blurred = convcli.apply("gaussian:2", array)                  # doctest: +SKIP
>>> edges = convcli.correlate(array, [[1, -1]], padding="valid")  # doctest: +SKIP
>>> found = convcli.learn(before, after, size=3).kernel           # doctest: +SKIP

The names below are loaded when they are first used: ``import convcli`` is quick.
"""

import sys

if sys.orig_argv[1:3] == ["-m", "convcli"] or sys.argv[0].rpartition("/")[2] == "convcli":
    # Of the command's own process: a signal ends it from here on, where Python would print a traceback; silently while
    # the module with the words is looked for.
    _signals = __import__("_signal")
    if _signals.getsignal(2) is _signals.default_int_handler:
        _signals.signal(2, _signals.SIG_DFL)
    from convcli import early as early

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names
from convcli.version import __version__

if TYPE_CHECKING:
    from convcli import errors
    from convcli.api import apply, compare, correlate, learn, load_filter, read_picture, save_filter, write_picture
    from convcli.filters import Kernel, Pipeline
else:
    __getattr__, _ = lazy_names(
        __name__,
        {
            "filters": "Kernel Pipeline",
            "api": "apply compare correlate learn load_filter read_picture save_filter write_picture",
            "errors": "",
        },
    )

__all__ = [
    "Kernel",
    "Pipeline",
    "__version__",
    "apply",
    "compare",
    "correlate",
    "errors",
    "learn",
    "load_filter",
    "read_picture",
    "save_filter",
    "write_picture",
]


def __dir__() -> list[str]:
    return __all__
