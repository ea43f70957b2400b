"""Where compiled code is kept from one run to the next."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

import numba
import platformdirs

from convcli.version import __version__

log = logging.getLogger(__name__)


def prepare() -> bool:
    """Point Numba to a folder of the user's for compiled code, and say whether it can be written.

    Numba looks beside the source by default, where an installed package may not write, and
    raises at import when it finds no place at all. The folder is named by our version
    and Numba's: neither sees a change in the other's code. A folder set by NUMBA_CACHE_DIR
    is used as it is.
    """
    own = Path(platformdirs.user_cache_path("convcli")) / f"{__version__}-numba-{numba.__version__}"
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or own)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        log.info("compiled code is not kept: %s", error)
        return False
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]  # Numba fills its config at run time
    return True


def clear(folder: Path) -> None:
    """Remove the compiled code in `folder`."""
    log.info("compiled code in %s is damaged and made anew", folder)
    for file in (*folder.glob("*.nbi"), *folder.glob("*.nbc")):
        file.unlink(missing_ok=True)
