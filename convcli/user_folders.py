"""The user's own folders: for settings, for what can be made again, and for notes on what was done."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

# Of the XDG Base Directory specification.
_USUAL = {"config": ".config", "cache": ".cache", "state": ".local/state"}


def user_folder(kind: Literal["config", "cache", "state"]) -> Path:
    """Return the folder of this program, as `platformdirs` has it for the system; it may not exist yet."""
    home = os.environ.get("HOME", "")
    base = os.environ.get(f"XDG_{kind.upper()}_HOME", "").strip() or (home and f"{home}/{_USUAL[kind]}")
    if sys.platform == "linux" and os.path.isabs(base) and "ANDROID_DATA" not in os.environ:  # noqa: PTH117 - a text
        return Path(base, "convcli")
    import platformdirs  # a thirtieth of the time of a small picture, with what it imports

    if kind == "cache":
        return platformdirs.user_cache_path("convcli")
    of_kind = {"config": platformdirs.user_config_path, "state": platformdirs.user_state_path}
    return of_kind[kind]("convcli", appauthor=False)
