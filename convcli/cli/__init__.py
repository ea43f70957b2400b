"""The command line: what it takes is told in docs/cli.md, what it does in the rooms below."""

import atexit
import gc

from convcli.cli.application.app import app

# As it ends, Python looks for cycles among all objects: a tenth of the time of a small picture, for memory that the
# system takes back at once. Frozen objects are passed over.
atexit.register(gc.freeze)

__all__ = ["app"]
