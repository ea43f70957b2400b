"""The build of a wheel with compiled loops, where CONVCLI_LOOPS asks for it: it takes some minutes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LoopsHook(BuildHookInterface):  # type: ignore[type-arg,misc]
    """Adds the folder ``convcli/_loops`` to the wheel."""

    def dependencies(self) -> list[str]:
        """Return what compiles: the package and all that it needs."""
        return list(self.metadata.core.dependencies) if self._is_wanted else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and add the files."""
        if not self._is_wanted or version == "editable":
            return
        folder = Path(tempfile.mkdtemp())
        words = [sys.executable, "-m", "convcli.engine.compiled.shipping", str(folder)]
        subprocess.run(words, cwd=self.root, env={**os.environ, "NUMBA_OPT": "0"}, check=True)
        build_data["force_include"][str(folder)] = "convcli/_loops"

    @property
    def _is_wanted(self) -> bool:
        return self.target_name == "wheel" and os.environ.get("CONVCLI_LOOPS", "0") not in ("", "0")
