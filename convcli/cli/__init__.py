"""The command line, documented in docs/cli.md."""

import atexit
import gc

from convcli.ending import ending_at_once

with ending_at_once():
    from convcli.cli.application.start import app

# At its end Python searches all objects for cycles, a tenth of the time of a small picture. It skips frozen objects.
atexit.register(gc.freeze)

__all__ = ["app"]
