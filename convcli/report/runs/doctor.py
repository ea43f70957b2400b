"""What the command runs on: found out without starting the fast engine, told as lines or as JSON."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from convcli.catalog import filter_folders
from convcli.engine import available_threads, compiled_code, loop_samples, numba_version
from convcli.image import codec_versions, pillow_version
from convcli.version import __version__

_MEGABYTE = 1e6


def findings() -> dict[str, Any]:
    """Return what there is to say, ready for JSON."""
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
        },
        "system": platform.platform(),
        "processor": {"name": _processor(), "count": os.cpu_count() or 1, "threads": available_threads()},
        "cache": _cache(),
        "filters": {"own": _folder(own), "CONVCLI_PATH": [_folder(each) for each in listed]},
        "codecs": codec_versions(),
    }


def lines(found: dict[str, Any]) -> list[str]:
    """Return the findings as aligned lines: what it is, and how it is."""
    processor, cache, filters = found["processor"], found["cache"], found["filters"]
    rows = [(name, text or "missing") for name, text in found["versions"].items()]
    rows += [
        ("system", found["system"]),
        ("processor", f"{processor['name']}, {processor['count']} of them"),
        ("threads", str(processor["threads"])),
        ("compiled", f"{len(cache['compiled'])} of {cache['loops']} loops{_advice(cache)}"),
        ("cache", f"{cache['folder']} ({_state(cache)})"),
        ("own filters", _folder_text(filters["own"])),
    ]
    rows += [("CONVCLI_PATH", _folder_text(each)) for each in filters["CONVCLI_PATH"]] or [("CONVCLI_PATH", "not set")]
    rows += [(name, text or "missing") for name, text in found["codecs"].items()]
    width = max(len(name) for name, _ in rows)
    return [f"{name.ljust(width)}  {text}" for name, text in rows]


def _cache() -> dict[str, Any]:
    kept = compiled_code()
    names = [each.loop for each in loop_samples()]
    return {
        "folder": str(kept.folder),
        "exists": kept.folder.is_dir(),
        "writable": kept.writable,
        "damaged": not kept.whole,
        "bytes": kept.bytes,
        "loops": len(names),
        "compiled": [name for name in names if name in kept.loops],
    }


def _advice(cache: dict[str, Any]) -> str:
    return "" if len(cache["compiled"]) == cache["loops"] else "; convcli warmup compiles the others"


def _state(cache: dict[str, Any]) -> str:
    parts = [f"{cache['bytes'] / _MEGABYTE:.1f} MB" if cache["exists"] else "not there yet"]
    parts += ["writable" if cache["writable"] else "not writable"]
    parts += ["damaged, made anew when it is used"] if cache["damaged"] else []
    return ", ".join(parts)


def _folder(folder: Path) -> dict[str, Any]:
    return {"folder": str(folder), "exists": os.path.isdir(folder)}  # noqa: PTH112 - which raises where it is closed


def _folder_text(folder: dict[str, Any]) -> str:
    return f"{folder['folder']} ({'there' if folder['exists'] else 'not there'})"


def _version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """Return the name of the processor; Python knows it on some systems only."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as stream:
            named = next((line for line in stream if line.startswith("model name")), "")
    except OSError:
        named = ""
    return named.partition(":")[2].strip() or platform.processor() or platform.machine() or "unknown"
