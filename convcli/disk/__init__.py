"""Files written whole or not at all, and special ones written straight."""

from convcli.disk.atomic import atomic_write, write_error
from convcli.disk.special import descriptor_of, is_special, scheme_in

__all__ = ["atomic_write", "descriptor_of", "is_special", "scheme_in", "write_error"]
