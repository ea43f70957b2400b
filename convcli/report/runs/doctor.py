"""The installation: versions, processor, compiled code, codecs; found without importing Numba."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from convcli.catalog import filter_folders
from convcli.engine import available_threads, cache_state, loop_samples, numba_version
from convcli.image import codec_versions, extra_of_codec, pillow_version
from convcli.report.tables import aligned
from convcli.version import __version__


def doctor_facts() -> dict[str, Any]:
    """Return the facts of the installation as values for JSON."""
    *listed, own = filter_folders()
    return {
        "versions": {
            "convcli": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "numba": numba_version() or None,
            "llvmlite": _version_of("llvmlite"),
            "pillow": pillow_version(),
            "imagecodecs": _version_of("imagecodecs"),
            "tifffile": _version_of("tifffile"),
            "obstore": _version_of("obstore"),
            "distributed": _version_of("distributed"),
        },
        "system": platform.platform(),
        "processor": {"name": _processor(), "count": os.cpu_count() or 1, "threads": available_threads()},
        "cache": _cache(),
        "filters": {"own": _folder(own), "CONVCLI_PATH": [_folder(each) for each in listed]},
        "codecs": codec_versions(),
    }


def doctor_lines(facts: dict[str, Any]) -> list[str]:
    """Return `doctor_facts` as aligned lines of a name and a text."""
    processor, cache, filters = facts["processor"], facts["cache"], facts["filters"]
    advice = "" if len(cache["compiled"]) == cache["loops"] else "; convcli warmup compiles the others"
    rows = [
        *facts["versions"].items(),
        ("system", facts["system"]),
        ("processor", f"{processor['name']}, {processor['count']} of them"),
        ("threads", str(processor["threads"])),
        ("compiled", f"{len(cache['compiled'])} of {cache['loops']} loops{advice}"),
        ("cache", f"{cache['folder']} ({_state(cache)})"),
        ("own filters", _folder_text(filters["own"])),
        *([("CONVCLI_PATH", _folder_text(each)) for each in filters["CONVCLI_PATH"]] or [("CONVCLI_PATH", "not set")]),
        *facts["codecs"].items(),
    ]
    return aligned([(name, text or _way_to(name)) for name, text in rows], left=(0, 1))


def _way_to(name: str) -> str:
    extra = extra_of_codec(name)
    return f"not installed: pip install 'convcli[{extra}]'" if extra else "missing"


def _cache() -> dict[str, Any]:
    state = cache_state()
    names = [each.loop for each in loop_samples() if each.is_common]
    return {
        "folder": str(state.folder),
        "exists": state.folder.is_dir(),
        "writable": state.writable,
        "damaged": not state.intact,
        "bytes": state.bytes,
        "loops": len(names),
        "compiled": [name for name in names if name in state.loops],
    }


def _state(cache: dict[str, Any]) -> str:
    size = f"{cache['bytes'] / 1e6:.1f} MB" if cache["exists"] else "not there yet"
    damaged = ", damaged, made anew when it is used" if cache["damaged"] else ""
    return f"{size}, {'writable' if cache['writable'] else 'not writable'}{damaged}"


def _folder(folder: Path) -> dict[str, Any]:
    # Path.is_dir raises where a folder above may not be looked into.
    return {"folder": str(folder), "exists": os.path.isdir(folder)}  # noqa: PTH112


def _folder_text(folder: dict[str, Any]) -> str:
    return f"{folder['folder']} ({'there' if folder['exists'] else 'not there'})"


def _version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """Return the name of the processor; Python has it on some systems only."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as stream:
            line = next((line for line in stream if line.startswith("model name")), "")
    except OSError:
        line = ""
    return line.partition(":")[2].strip() or platform.processor() or platform.machine() or "unknown"
