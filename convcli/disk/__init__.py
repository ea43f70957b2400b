"""Files written whole or not at all, and special ones written straight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.disk.atomic import atomic_write, errors_at, write_error
    from convcli.disk.flushing import can_flush_together, flush_file_systems, flush_partial
    from convcli.disk.folders import write_folder
    from convcli.disk.leftovers import Partial, Stays, adopted, remove_partial
    from convcli.disk.special import descriptor_of, is_special, is_stored_folder, refuse_dangling, scheme_in
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "atomic": "atomic_write errors_at write_error",
            "flushing": "can_flush_together flush_file_systems flush_partial",
            "folders": "write_folder",
            "leftovers": "Partial Stays adopted remove_partial",
            "special": "descriptor_of is_special is_stored_folder refuse_dangling scheme_in",
        },
    )
