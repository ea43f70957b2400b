"""Files written whole or not at all, and special ones written straight."""

from convcli.disk.atomic import atomic_write, write_error
from convcli.disk.flushing import can_flush_together, flush_file_systems
from convcli.disk.special import descriptor_of, is_special, scheme_in

__all__ = [
    "atomic_write",
    "can_flush_together",
    "descriptor_of",
    "flush_file_systems",
    "is_special",
    "scheme_in",
    "write_error",
]
